/* params.c - see params.h.  Pure text work, no state.
 *
 * The text stands for a whole: what a line does not set has its default.  Each value is checked
 * against its type as it is read, so that the error can name the line; what only shows between
 * parameters (long_sleep without shutdown) is the LU's to refuse.
 */
#include "export/params.h"

#include "lock/cleanup.h"

#include <string.h>

static bool hidden(const char *name)
{
    return strcmp(name, "instance_name") == 0 || strcmp(name, "instance_uuid") == 0;
}

static char *trim(char *s)
{
    size_t n;

    s += strspn(s, " \t\r");
    for (n = strlen(s); n > 0 && strchr(" \t\r", s[n - 1]); n--)
        s[n - 1] = '\0';
    return s;
}

/* Index in the table of a name that may stand in the text, or -1. */
static long known(const struct opcode *op, const char *name)
{
    const struct opcode_desc *d = opcode_description(op);

    for (size_t i = 0; !hidden(name) && i < d->n; i++)
        if (strcmp(d->params[i].name, name) == 0)
            return (long)i;
    return -1;
}

/* A null for a parameter that must have a value means that it is to be chosen later. */
static int apply(struct opcode *op, const struct opcode_param *p, const char *text, struct err *err)
{
    int r = opcode_set_text(op, p->name, text, err);

    if (r < 0)
        return r;
    if (p->required && opcode_get(op, p->name)->kind == VAL_NULL)
        return opcode_unset(op, p->name);
    r = opcode_validate_param(op, p->name, err);
    return r < 0 ? r : opcode_check_supported(op, p->name, err);
}

static int parse_line(char *line,
                      int (*each)(void *arg, const char *name, const char *value, struct err *err),
                      void *arg, struct err *err)
{
    char *eq = strchr(line, '=');

    if (!eq)
        return err_prereq(err, ECODE_INVAL, "'name = value' expected");
    *eq = '\0';
    return each(arg, trim(line), trim(eq + 1), err);
}

int params_lines(const char *text, size_t len,
                 int (*each)(void *arg, const char *name, const char *value, struct err *err),
                 void *arg, struct err *err)
{
    CLEANUP_FREE char *copy = NULL;
    unsigned number = 0;
    char *next;

    if (len > PARAMS_MAX_BYTES)
        return err_set(err, ERR_PREREQ, ECODE_INVAL, EFBIG, "more than %d bytes", PARAMS_MAX_BYTES);
    copy = strndup(text, len);
    if (!copy)
        return err_sys(err, -ENOMEM, "parameters");
    if (strlen(copy) != len)
        return err_prereq(err, ECODE_INVAL, "line 1: the text has a NUL byte in it");
    for (char *line = copy; line; line = next) {
        next = strchr(line, '\n');
        if (next)
            *next++ = '\0';
        number++;
        line = trim(line);
        if (!*line || *line == '#' || *line == ';')
            continue;
        if (parse_line(line, each, arg, err) < 0)
            return err_prefix(err, "line %u", number);
    }
    return 0;
}

struct parsing {
    struct opcode *op;
    bool *seen;
};

static int set(void *arg, const char *name, const char *value, struct err *err)
{
    const struct parsing *p = arg;
    long i = known(p->op, name);

    if (i < 0)
        return err_prereq(err, ECODE_INVAL, "unknown parameter '%s'", name);
    p->seen[i] = true;
    return apply(p->op, &opcode_description(p->op)->params[i], value, err);
}

int params_parse(const char *text, size_t len, bool shutdown_default, struct opcode *op,
                 struct err *err)
{
    CLEANUP_FREE bool *seen = calloc(opcode_description(op)->n, sizeof *seen);
    struct parsing p = {op, seen};
    int r;

    if (!seen)
        return err_sys(err, -ENOMEM, "parameters");
    r = params_lines(text, len, set, &p, err);
    if (r < 0)
        return r;
    if (!seen[known(op, "shutdown")] && opcode_set_bool(op, "shutdown", shutdown_default) < 0)
        return err_sys(err, -ENOMEM, "parameters");
    return 0;
}

static int write_param(FILE *f, const struct opcode *op, const struct opcode_param *p)
{
    CLEANUP_FREE char *value = NULL;
    int r = opcode_value_format(opcode_get(op, p->name), &value);

    if (r < 0)
        return r;
    fprintf(f, "# %s (%s)\n%s = %s\n", p->help, p->type_text, p->name, value);
    return 0;
}

int params_format(const struct opcode *op, char **text, size_t *len)
{
    const struct opcode_desc *d = opcode_description(op);
    CLEANUP_FREE char *buf = NULL;
    size_t n;
    FILE *f = open_memstream(&buf, &n);
    int r = 0;

    if (!f)
        return -ENOMEM;
    for (size_t i = 0; r == 0 && i < d->n; i++)
        if (!hidden(d->params[i].name))
            r = write_param(f, op, &d->params[i]);
    if (fclose(f) != 0)
        r = -ENOMEM;
    if (r < 0)
        return r;
    *text = STEAL(buf);
    *len = n;
    return 0;
}
