/* command.c - see command.h.  No state, any thread.
 *
 * Of stdout the beginning is kept, of stderr the end: what is too long is no answer, but the reason
 * of a failure comes last.  What is not kept is read all the same, so that nobody hangs in a write.
 */
#include "export/command.h"

#include "export/child.h"
#include "lock/cleanup.h"

#include <limits.h>
#include <string.h>

#define REASON_MAX 4096

struct output {
    char *text;
    size_t n, size;
    bool too_long;
    char reason[REASON_MAX + 1];
    size_t reason_n;
};

int command_find(const char *name, char **ret)
{
    const char *path = getenv("PATH");
    CLEANUP_FREE char *all = NULL;
    char *rest, *dir;

    if (asprintf(&all, "%s:/usr/sbin:/usr/bin:/sbin:/bin", path ? path : "") < 0) {
        all = NULL;
        return -ENOMEM;
    }
    rest = all;
    while ((dir = strsep(&rest, ":"))) {
        CLEANUP_FREE char *file = NULL;

        if (*dir != '/')
            continue;
        if (asprintf(&file, "%s/%s", dir, name) < 0) {
            file = NULL;
            return -ENOMEM;
        }
        if (access(file, X_OK) == 0) {
            *ret = STEAL(file);
            return 0;
        }
    }
    return -ENOENT;
}

static int grow(struct output *o, size_t n)
{
    size_t size = o->size ? o->size : 4096;
    char *text;

    while (size < o->n + n + 1)
        size *= 2;
    if (size == o->size)
        return 0;
    text = realloc(o->text, size);
    if (!text)
        return -ENOMEM;
    o->text = text;
    o->size = size;
    return 0;
}

static void keep_answer(void *arg, const char *data, size_t n)
{
    struct output *o = arg;

    if (o->too_long || n > COMMAND_OUT_MAX - o->n || grow(o, n) < 0) {
        o->too_long = true;
        return;
    }
    memcpy(o->text + o->n, data, n);
    o->n += n;
    o->text[o->n] = '\0';
}

static void keep_reason(void *arg, const char *data, size_t n)
{
    struct output *o = arg;

    if (n > REASON_MAX) {
        data += n - REASON_MAX;
        n = REASON_MAX;
    }
    if (n > REASON_MAX - o->reason_n) {
        size_t lost = n - (REASON_MAX - o->reason_n);

        memmove(o->reason, o->reason + lost, o->reason_n - lost);
        o->reason_n -= lost;
    }
    memcpy(o->reason + o->reason_n, data, n);
    o->reason_n += n;
}

static int take(void *arg, int stream, int fd, size_t max)
{
    return child_drain(fd, max, stream == 0 ? keep_answer : keep_reason, arg);
}

/* The last line that says something. */
static const char *last_line(struct output *o)
{
    char *line = o->reason;
    size_t n = o->reason_n;

    while (n > 0 && strchr(" \t\n", line[n - 1]))
        n--;
    line[n] = '\0';
    if (strrchr(line, '\n'))
        line = strrchr(line, '\n') + 1;
    while (*line == ' ' || *line == '\t')
        line++;
    return line;
}

static int judge(const struct command *c, const struct child_result *end, struct output *o,
                 struct err *err)
{
    const char *name = c->argv[0];

    if (end->how == CHILD_CANCELED)
        return err_set(err, ERR_CANCELED, ECODE_NONE, ECANCELED, "%s: canceled", name);
    if (end->how != CHILD_ENDED)
        return err_set(err, ERR_EXEC, ECODE_NONE, ETIMEDOUT, "%s: no end after %u seconds", name,
                       c->limit_s);
    if (end->exit_status < 0)
        return err_exec(err, "%s: killed by signal %d", name, end->signal);
    if (end->exit_status > 0) {
        const char *line = last_line(o);

        err_exec(err, "%s: %.300s (exit status %d)", name, *line ? line : "failed",
                 end->exit_status);
        return end->exit_status;
    }
    return 0;
}

static void output_clear(struct output *o)
{
    free(o->text);
}

int command_run(const struct command *c, char **out, struct err *err)
{
    CLEANUP(output_clear) struct output o = {0};
    const struct child_watch watch = {.stall_ms = -1,
                                      .limit_ms = (int64_t)c->limit_s * 1000,
                                      .cancel = c->cancel,
                                      .take = take,
                                      .arg = &o};
    /* LVM's commands tell of every descriptor that they did not open, and close it; but not one
     * that they may write a report to, of which those that are asked for none have nothing to write
     */
    const char *const env[] = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C",
                               "LVM_SUPPRESS_FD_WARNINGS=1",
                               c->keep >= 0 ? "LVM_REPORT_FD=3" : NULL, NULL};
    CLEANUP_FREE char *path = NULL;
    struct child_result end;
    struct child child;
    int r = command_find(c->argv[0], &path);

    if (r == 0)
        r = grow(&o, 0);
    if (r == 0)
        r = child_spawn(&child, &(struct child_start){path, c->argv, env, false, c->keep, 0});
    if (r)
        return err_sys(err, r < 0 ? r : -r, "Cannot run %s", c->argv[0]);
    o.text[0] = '\0';
    child_wait(&child, &watch, &end);
    r = judge(c, &end, &o, err);
    if (r < 0)
        return r;
    if (o.too_long)
        return err_set(err, ERR_EXEC, ECODE_NONE, EFBIG, "%s: says too much", c->argv[0]);
    if (strlen(o.text) != o.n)
        return err_set(err, ERR_EXEC, ECODE_NONE, EBADMSG, "%s: says no text", c->argv[0]);
    *out = STEAL(o.text);
    return r;
}
