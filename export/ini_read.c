/* ini_read.c - ini_parse() and ini_read_file() of ini.h.
 *
 * Line by line, as Python's strict ConfigParser does it.  A line that is indented deeper than the
 * option line before it continues that option's value, whatever it looks like; comments in between
 * are skipped, empty lines belong to the value unless they end it.  The value is collected in
 * `value`, which is as long as the whole text and so never overflows, and is given to its entry
 * when the next section or option begins.  Duplicates are looked for at the end by sorting, since
 * the text is not trusted to have few keys.
 */
#include "export/ini.h"

#include "export/ini_parts.h"
#include "export/slurp.h"
#include "export/utf8.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>

struct parser {
    struct ini *ini;
    struct ini_section *section; /* the last one, NULL before the first */
    struct ini_entry *entry;     /* the option whose value is being collected, or NULL */
    size_t indent;               /* of the last section or option line, characters */
    char *value;
    size_t used;
    unsigned line;
    struct err *err;
};

static int bad(struct parser *p, unsigned line, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static int bad(struct parser *p, unsigned line, const char *fmt, ...)
{
    char why[512];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(why, sizeof why, fmt, ap);
    va_end(ap);
    return err_prereq(p->err, ECODE_INVAL, "line %u: %s", line, why);
}

static int no_memory(struct err *err)
{
    return err_sys(err, -ENOMEM, "Reading an ini file");
}

static void collect(struct parser *p, const char *s, size_t len)
{
    memcpy(p->value + p->used, s, len);
    p->used += len;
}

/* "%%" -> "%", in place. */
static int undo_percent(struct parser *p)
{
    size_t to = 0;

    for (size_t from = 0; from < p->used; from++) {
        char next = from + 1 < p->used ? p->value[from + 1] : '\0';

        if (p->value[from] == '%' && next == '(')
            return bad(p, p->entry->line,
                       "'%%(' in the value of '%s': interpolation is not supported", p->entry->key);
        if (p->value[from] == '%' && next == '%')
            from++;
        p->value[to++] = p->value[from];
    }
    p->used = to;
    return 0;
}

static int end_option(struct parser *p)
{
    if (!p->entry)
        return 0;
    while (p->used && p->value[p->used - 1] == '\n')
        p->used--;

    int r = undo_percent(p);

    if (r < 0)
        return r;
    p->entry->value = strndup(p->value, p->used);
    if (!p->entry->value)
        return no_memory(p->err);
    p->entry = NULL;
    return 0;
}

static int section_line(struct parser *p, const char *s, size_t len)
{
    if (s[len - 1] != ']')
        return bad(p, p->line, "A section's line must end with ']'");
    p->section = ini_push_section(p->ini, s + 1, len - 2, p->line);
    if (!p->section)
        return no_memory(p->err);
    if (!ini_section_ok(p->section->name))
        return bad(p, p->line, "'%s' is not allowed as a section's name", p->section->name);
    return 0;
}

static int option_line(struct parser *p, const char *s, size_t len)
{
    size_t klen = 0, vlen;
    const char *value;

    if (!p->section)
        return bad(p, p->line, "Text before the first section");
    while (klen < len && s[klen] != '=' && s[klen] != ':')
        klen++;
    if (klen == len)
        return bad(p, p->line, "Neither 'key = value' nor '[section]'");
    value = s + klen + 1;
    vlen = len - klen - 1;
    ini_strip(&s, &klen);
    ini_strip(&value, &vlen);

    p->entry = ini_push_entry(p->section, s, klen, p->line);
    if (!p->entry)
        return no_memory(p->err);
    if (!ini_key_ok(p->entry->key))
        return bad(p, p->line, "'%s' is not allowed as a key", p->entry->key);
    p->used = 0;
    collect(p, value, vlen);
    return 0;
}

static size_t indent_of(const char *s, const char *end)
{
    size_t chars = 0;
    uint32_t c;

    for (; s < end; chars++)
        s += utf8_next(s, (size_t)(end - s), &c);
    return chars;
}

static int one_line(struct parser *p, const char *line, size_t len)
{
    const char *s = line;
    size_t n = len, indent;

    if (!ini_text_ok(line, len))
        return bad(p, p->line, "Control character, or not UTF-8");
    ini_strip(&s, &n);
    if (n == 0) {
        if (p->entry)
            collect(p, "\n", 1);
        return 0;
    }
    if (*s == '#' || *s == ';')
        return 0;
    indent = indent_of(line, s);
    if (p->entry && indent > p->indent) {
        collect(p, "\n", 1);
        collect(p, s, n);
        return 0;
    }
    p->indent = indent;

    int r = end_option(p);

    if (r < 0)
        return r;
    return *s == '[' ? section_line(p, s, n) : option_line(p, s, n);
}

static int all_lines(struct parser *p, const char *text, size_t len)
{
    const char *end = text + len;

    while (text < end) {
        const char *nl = memchr(text, '\n', (size_t)(end - text));
        const char *eol = nl ? nl : end;
        size_t n = (size_t)(eol - text);

        p->line++;
        if (n && text[n - 1] == '\r')
            n--;

        int r = one_line(p, text, n);

        if (r < 0)
            return r;
        text = nl ? nl + 1 : end;
    }
    return end_option(p);
}

struct named {
    const char *name;
    unsigned line;
};

static int by_name(const void *a, const void *b)
{
    const struct named *x = a, *y = b;
    int c = strcmp(x->name, y->name);

    return c ? c : (x->line > y->line) - (x->line < y->line);
}

static int by_name_nocase(const void *a, const void *b)
{
    const struct named *x = a, *y = b;
    int c = strcasecmp(x->name, y->name);

    return c ? c : (x->line > y->line) - (x->line < y->line);
}

/* The first line that repeats a name, or NULL. */
static const struct named *first_repeated(struct named *v, size_t n, bool nocase)
{
    const struct named *found = NULL;

    if (n < 2)
        return NULL;
    qsort(v, n, sizeof *v, nocase ? by_name_nocase : by_name);
    for (size_t i = 1; i < n; i++) {
        bool same =
            nocase ? !strcasecmp(v[i].name, v[i - 1].name) : !strcmp(v[i].name, v[i - 1].name);

        if (same && (!found || v[i].line < found->line))
            found = &v[i];
    }
    return found;
}

static int check_sections(struct parser *p)
{
    CLEANUP_FREE struct named *v = calloc(p->ini->n + 1, sizeof *v);
    const struct named *twice;

    if (!v)
        return no_memory(p->err);
    for (size_t i = 0; i < p->ini->n; i++)
        v[i] = (struct named){p->ini->sections[i].name, p->ini->sections[i].line};
    twice = first_repeated(v, p->ini->n, false);
    return twice ? bad(p, twice->line, "Section '%s' occurs twice", twice->name) : 0;
}

static int check_keys(struct parser *p, const struct ini_section *s)
{
    CLEANUP_FREE struct named *v = calloc(s->n + 1, sizeof *v);
    const struct named *twice;

    if (!v)
        return no_memory(p->err);
    for (size_t i = 0; i < s->n; i++)
        v[i] = (struct named){s->entries[i].key, s->entries[i].line};
    twice = first_repeated(v, s->n, true);
    return twice
               ? bad(p, twice->line, "Key '%s' occurs twice in section '%s'", twice->name, s->name)
               : 0;
}

int ini_parse(const char *text, size_t len, struct ini **ret, struct err *err)
{
    CLEANUP_INI struct ini *ini = NULL;
    CLEANUP_FREE char *value = NULL;

    if (len > INI_MAX_BYTES)
        return err_set(err, ERR_PREREQ, ECODE_INVAL, EFBIG, "Larger than %d bytes", INI_MAX_BYTES);
    /* one more than the text: a last line without newline may follow the '\n' of its own joining */
    value = malloc(len + 1);
    if (!value || ini_new(&ini) < 0)
        return no_memory(err);

    struct parser p = {.ini = ini, .value = value, .err = err};
    int r = all_lines(&p, text, len);

    if (r == 0)
        r = check_sections(&p);
    for (size_t i = 0; r == 0 && i < ini->n; i++)
        r = check_keys(&p, &ini->sections[i]);
    if (r < 0)
        return r;
    *ret = STEAL(ini);
    return 0;
}

int ini_read_file(int dirfd, const char *path, struct ini **ret, struct err *err)
{
    /* O_NONBLOCK: a FIFO planted in its place must not hang us */
    CLEANUP_CLOSE int fd =
        openat(dirfd, path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    CLEANUP_FREE char *text = NULL;
    struct stat st;
    size_t len;

    if (fd < 0 || fstat(fd, &st) < 0)
        return err_sys(err, -errno, "%s", path);
    if (!S_ISREG(st.st_mode))
        return err_prereq(err, ECODE_INVAL, "%s: not a regular file", path);

    int r = slurp_fd(fd, INI_MAX_BYTES, &text, &len);

    if (r < 0)
        return err_sys(err, r, "%s", path);
    r = ini_parse(text, len, ret, err);
    return r < 0 ? (err_prefix(err, "%s", path), r) : 0;
}
