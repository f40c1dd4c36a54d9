/* opcode_text.c - values of parameters as text, both ways.
 *
 *     value := None | null | True | False (any case) | number | 'text' | "text" | [value, ...] |
 * bare
 *
 * A recursive descent parser over a NUL-ended string; lists nest at most MAX_DEPTH deep, so input
 * cannot exhaust the stack.  What formats is read back as the same value.
 */
#include "export/opcode.h"

#include "lock/cleanup.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>
#include <strings.h>

enum { MAX_DEPTH = 8 };

struct reader {
    const char *p;
    unsigned depth; /* of lists around p */
    struct err *err;
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void skip_blanks(struct reader *rd)
{
    while (is_blank(*rd->p))
        rd->p++;
}

static int nomem(struct reader *rd)
{
    return err_sys(rd->err, -ENOMEM, "value");
}

static int read_quoted(struct reader *rd, struct opcode_value *ret)
{
    char quote = *rd->p++;
    CLEANUP_FREE char *buf = malloc(strlen(rd->p) + 1);
    size_t n = 0;

    if (!buf)
        return nomem(rd);
    for (; *rd->p && *rd->p != quote; rd->p++) {
        char c = *rd->p;

        if (c == '\\' && rd->p[1]) {
            c = *++rd->p;
            if (c == 'n')
                c = '\n';
        }
        buf[n++] = c;
    }
    if (!*rd->p)
        return err_prereq(rd->err, ECODE_INVAL, "unclosed quote");
    rd->p++;
    buf[n] = '\0';
    *ret = (struct opcode_value){.kind = VAL_STRING, .s = STEAL(buf)};
    return 0;
}

/* A number if all of s is one that fits its type. */
static bool read_number(const char *s, struct opcode_value *ret)
{
    char *end;

    if (!*s || strspn(s, "0123456789+-.eE") != strlen(s) || !strpbrk(s, "0123456789"))
        return false;
    errno = 0;
    long long i = strtoll(s, &end, 10);

    if (!*end && errno == 0) {
        *ret = (struct opcode_value){.kind = VAL_INT, .i = i};
        return true;
    }
    double f = strtod(s, &end);

    if (*end || !isfinite(f) || !strpbrk(s, ".eE"))
        return false;
    *ret = (struct opcode_value){.kind = VAL_FLOAT, .f = f};
    return true;
}

static int read_bare(struct reader *rd, struct opcode_value *ret)
{
    size_t n = rd->depth ? strcspn(rd->p, ",]") : strlen(rd->p);
    const char *start = rd->p;

    rd->p += n;
    while (n > 0 && is_blank(start[n - 1]))
        n--;

    CLEANUP_FREE char *word = strndup(start, n);

    if (!word)
        return nomem(rd);
    if (strcmp(word, "None") == 0 || strcmp(word, "null") == 0)
        *ret = (struct opcode_value){.kind = VAL_NULL};
    else if (strcasecmp(word, "true") == 0 || strcasecmp(word, "false") == 0)
        *ret = (struct opcode_value){.kind = VAL_BOOL, .b = strcasecmp(word, "true") == 0};
    else if (!read_number(word, ret))
        *ret = (struct opcode_value){.kind = VAL_STRING, .s = STEAL(word)};
    return 0;
}

static int read_value(struct reader *rd, struct opcode_value *ret);

static int list_push(struct opcode_value *list, const struct opcode_value *item)
{
    struct opcode_value *v = reallocarray(list->list.v, list->list.n + 1, sizeof *v);

    if (!v)
        return -ENOMEM;
    list->list.v = v;
    v[list->list.n++] = *item;
    return 0;
}

static int read_item(struct reader *rd, struct opcode_value *list)
{
    struct opcode_value item;
    int r = read_value(rd, &item);

    if (r < 0)
        return r;
    if (list_push(list, &item) < 0) {
        opcode_value_clear(&item);
        return nomem(rd);
    }
    skip_blanks(rd);
    if (*rd->p == ',')
        rd->p++;
    else if (*rd->p != ']')
        return err_prereq(rd->err, ECODE_INVAL, *rd->p ? "',' or ']' expected" : "unclosed list");
    return 0;
}

static int read_list(struct reader *rd, struct opcode_value *ret)
{
    CLEANUP(opcode_value_clear) struct opcode_value list = {.kind = VAL_LIST};

    rd->p++;
    if (++rd->depth > MAX_DEPTH)
        return err_prereq(rd->err, ECODE_INVAL, "lists nested too deeply");
    for (skip_blanks(rd); *rd->p != ']'; skip_blanks(rd)) {
        int r = read_item(rd, &list);

        if (r < 0)
            return r;
    }
    rd->p++;
    rd->depth--;
    *ret = list;
    list = (struct opcode_value){.kind = VAL_NULL};
    return 0;
}

static int read_value(struct reader *rd, struct opcode_value *ret)
{
    skip_blanks(rd);
    if (!*rd->p && rd->depth)
        return err_prereq(rd->err, ECODE_INVAL, "unclosed list");
    if (*rd->p == '\'' || *rd->p == '"')
        return read_quoted(rd, ret);
    if (*rd->p == '[')
        return read_list(rd, ret);
    return read_bare(rd, ret);
}

int opcode_value_parse(const char *text, struct opcode_value *ret, struct err *err)
{
    struct reader rd = {.p = text, .err = err};
    struct opcode_value v;
    int r = read_value(&rd, &v);

    if (r < 0)
        return r;
    skip_blanks(&rd);
    if (*rd.p) {
        opcode_value_clear(&v);
        return err_prereq(err, ECODE_INVAL, "text after the end of the value: %s", rd.p);
    }
    *ret = v;
    return 0;
}

/* Would s, written without quotes, be read as this very string? */
static bool reads_bare(const char *s)
{
    CLEANUP(opcode_value_clear) struct opcode_value v = {.kind = VAL_NULL};
    struct err err;

    return !strchr(s, '\n') && opcode_value_parse(s, &v, &err) == 0 && v.kind == VAL_STRING && *s &&
           strcmp(v.s, s) == 0;
}

static void write_quoted(FILE *f, const char *s)
{
    putc('\'', f);
    for (; *s; s++) {
        if (*s == '\'' || *s == '\\')
            putc('\\', f);
        if (*s == '\n')
            fputs("\\n", f);
        else
            putc(*s, f);
    }
    putc('\'', f);
}

/* The shortest digits that give the same number back, always with a sign of being a float. */
static void write_float(FILE *f, double d)
{
    char buf[40];

    for (int digits = 15; digits <= 17; digits++) {
        snprintf(buf, sizeof buf, "%.*g", digits, d);
        if (strtod(buf, NULL) == d)
            break;
    }
    fprintf(f, "%s%s", buf, strpbrk(buf, ".e") ? "" : ".0");
}

static void write_value(FILE *f, const struct opcode_value *v, bool in_list)
{
    switch (v->kind) {
    case VAL_NULL:
        fputs("None", f);
        break;
    case VAL_BOOL:
        fputs(v->b ? "True" : "False", f);
        break;
    case VAL_INT:
        fprintf(f, "%" PRId64, v->i);
        break;
    case VAL_FLOAT:
        write_float(f, v->f);
        break;
    case VAL_STRING:
        if (!in_list && reads_bare(v->s))
            fputs(v->s, f);
        else
            write_quoted(f, v->s);
        break;
    case VAL_LIST:
        putc('[', f);
        for (size_t i = 0; i < v->list.n; i++) {
            fputs(i ? ", " : "", f);
            write_value(f, &v->list.v[i], true);
        }
        putc(']', f);
        break;
    }
}

int opcode_value_format(const struct opcode_value *v, char **ret)
{
    char *text = NULL;
    size_t len;
    FILE *f = open_memstream(&text, &len);

    if (!f)
        return -ENOMEM;
    write_value(f, v, false);
    if (fclose(f) != 0) {
        free(text);
        return -ENOMEM;
    }
    *ret = text;
    return 0;
}
