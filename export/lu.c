/* lu.c - what all LUs share: their lines in the job's log, and what they give back.
 *
 * Feedback lines have the reference's form (spec §3): " - WARNING: m", " - INFO: m".  A line is cut
 * at LINE_MAX_BYTES and holds no control characters, whatever was put into it.
 */
#include "export/lu.h"

#include <inttypes.h>
#include <string.h>

enum { LINE_MAX_BYTES = 2048 };

static void tell(void (*to)(void *, const char *), void *arg, const char *prefix, const char *fmt,
                 va_list ap) __attribute__((format(printf, 4, 0)));

static void tell(void (*to)(void *, const char *), void *arg, const char *prefix, const char *fmt,
                 va_list ap)
{
    char line[LINE_MAX_BYTES];
    int n;

    if (!to)
        return;
    n = snprintf(line, sizeof line, "%s", prefix);
    vsnprintf(line + n, sizeof line - (size_t)n, fmt, ap);
    for (char *p = line; *p; p++)
        if ((unsigned char)*p < 0x20 || *p == 0x7f)
            *p = '?';
    to(arg, line);
}

void lu_feedback(struct lu *lu, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    tell(lu->run->feedback, lu->run->arg, "", fmt, ap);
    va_end(ap);
}

void lu_warning(struct lu *lu, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    tell(lu->run->feedback, lu->run->arg, " - WARNING: ", fmt, ap);
    va_end(ap);
}

void lu_info(struct lu *lu, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    tell(lu->run->feedback, lu->run->arg, " - INFO: ", fmt, ap);
    va_end(ap);
}

void lu_phase(struct lu *lu, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    tell(lu->run->phase, lu->run->arg, "", fmt, ap);
    va_end(ap);
}

static int canceled(struct err *err)
{
    return err_set(err, ERR_CANCELED, ECODE_NONE, ECANCELED, "canceled by request");
}

int lu_canceled(struct lu *lu, struct err *err)
{
    cancel_alive(lu->run->cancel);
    return cancel_requested(lu->run->cancel) ? canceled(err) : 0;
}

int lu_commit(struct lu *lu, struct err *err)
{
    if (lu->run->commit && !lu->run->commit(lu->run->arg))
        return canceled(err);
    return lu_canceled(lu, err);
}

int lu_failed(int r, struct err *err)
{
    return r == -ECANCELED && err->class != ERR_CANCELED ? canceled(err) : r;
}

int lu_known_node(struct lu *lu, const char *name, const struct model_node **ret, struct err *err)
{
    const struct model_node *node = model_find_node(lu->model, name);

    if (!node)
        return err_prereq(err, ECODE_NOENT, "Node '%s' not known", name);
    *ret = node;
    return 0;
}

bool lu_node_offline(const struct model_node *node)
{
    return node->offline || node->error;
}

void lu_result_clear(struct lu_result *r)
{
    for (size_t i = 0; i < r->nnodes; i++) {
        free(r->nodes[i].node);
        strvec_clear(&r->nodes[i].exports);
    }
    free(r->nodes);
    *r = (struct lu_result){0};
}

/* A string as Python's repr() shows it, as far as names go. */
static void write_repr(FILE *f, const char *s)
{
    char quote = strchr(s, '\'') && !strchr(s, '"') ? '"' : '\'';

    putc(quote, f);
    for (; *s; s++) {
        if (*s == quote || *s == '\\')
            fprintf(f, "\\%c", *s);
        else if ((unsigned char)*s < 0x20 || *s == 0x7f)
            fprintf(f, "\\x%02x", (unsigned char)*s);
        else
            putc(*s, f);
    }
    putc(quote, f);
}

static void write_nodes(FILE *f, const struct lu_result *r)
{
    putc('{', f);
    for (size_t i = 0; i < r->nnodes; i++) {
        const struct lu_result_node *n = &r->nodes[i];

        fputs(i ? ", " : "", f);
        write_repr(f, n->node);
        fputs(n->failed ? ": False" : ": [", f);
        for (size_t j = 0; !n->failed && j < n->exports.n; j++) {
            fputs(j ? ", " : "", f);
            write_repr(f, n->exports.v[j]);
        }
        fputs(n->failed ? "" : "]", f);
    }
    putc('}', f);
}

static void write_disks(FILE *f, const struct lu_result *r)
{
    fprintf(f, "(%s, [", r->fin_resu ? "True" : "False");
    for (unsigned i = 0; i < r->ndisks; i++)
        fprintf(f, "%s%s", i ? ", " : "", r->disks[i] ? "True" : "False");
    fputs("])", f);
}

int lu_result_format(const struct lu_result *r, char **ret)
{
    char *text = NULL;
    size_t len;
    FILE *f = open_memstream(&text, &len);

    if (!f)
        return -ENOMEM;
    if (r->nothing)
        fputs("None", f);
    else if (r->nodes)
        write_nodes(f, r);
    else
        write_disks(f, r);
    if (fclose(f) != 0) {
        free(text);
        return -ENOMEM;
    }
    *ret = text;
    return 0;
}
