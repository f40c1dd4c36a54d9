/* hook_script.c - see hook_script.h.  No state, any thread. */
#include "export/hook_script.h"

#include "export/child.h"
#include "export/hook_output.h"

#include <string.h>

/* What is to be said of its end, in note; returns the code. */
static enum node_hook_code judge(const struct child_result *end, unsigned stall_s, char *note,
                                 size_t size)
{
    if (end->how != CHILD_ENDED)
        snprintf(note, size, "(killed: no output and no end for %u seconds)", stall_s);
    else if (end->lost)
        snprintf(note, size, "(its exit status is lost: %s)", strerrordesc_np(end->lost));
    else if (end->signal)
        snprintf(note, size, "(killed by signal %d)", end->signal);
    else if (end->exit_status != 0)
        snprintf(note, size, "(exit status %d)", end->exit_status);
    else
        return HKR_SUCCESS;
    return HKR_FAIL;
}

static int cannot_execute(int error, struct node_hook_result *ret)
{
    char *text;

    if (asprintf(&text, "Hook script execution error: %s", strerrordesc_np(error)) < 0)
        return -ENOMEM;
    ret->code = HKR_FAIL;
    ret->output = text;
    return 0;
}

static int take(void *arg, int stream, int fd, size_t max)
{
    (void)stream;
    return child_drain(fd, max, hook_output_add, arg);
}

int hook_script_run(const char *path, const char *const *env, unsigned stall_s,
                    struct cancel *cancel, struct node_hook_result *ret)
{
    CLEANUP(hook_output_clear) struct hook_output output = {0};
    const char *const argv[] = {path, NULL};
    const struct child_watch watch = {.stall_ms = stall_s ? (int64_t)stall_s * 1000 : -1,
                                      .limit_ms = -1,
                                      .cancel = cancel,
                                      .take = take,
                                      .arg = &output};
    struct child_result end;
    char note[128] = "", *text;
    struct child child;
    int r;

    if (cancel_requested(cancel))
        return -ECANCELED;
    r = hook_output_init(&output);
    if (r == 0)
        r = child_spawn(&child, &(struct child_start){path, argv, env, true, -1, 0});
    if (r)
        return r < 0 ? r : cannot_execute(r, ret);
    child_wait(&child, &watch, &end);
    if (end.how == CHILD_CANCELED)
        return -ECANCELED;

    enum node_hook_code code = judge(&end, stall_s, note, sizeof note);

    text = hook_output_text(&output, note[0] ? note : NULL);
    if (!text)
        return -ENOMEM;
    ret->code = code;
    ret->output = text;
    return 0;
}
