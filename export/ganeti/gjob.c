/* gjob.c - the life of a job: how an opcode becomes one (gjob.h).
 *
 *   LOOKING --------------------------------> JOINED ------+
 *      | look()   an export is under way                   |
 *      |                                                   |
 *      | submit()                                          v
 *      +--------------------------------> SUBMITTED --> QUEUED <-> WAITING --> RUNNING --> ENDED
 *      |                                      ^            |          |           |
 *      | no answer                            |            +----------+           |
 *      v                                      |            | leave(): DELETE      | leave()
 *   SEARCHING --------------------------------+            v                      v
 *      | search()   its reason is found                 canceled           goes on without us
 *      v
 *   given up
 *
 * From QUEUED on it is gjob_follow.c's.  A job that was joined and ended without having done
 * anything leads to submit() after all (run_joined()).
 *
 * All is one thread's, the run's; nothing is locked.  It never waits but in a request, which has
 * its limit, and in cancel_sleep(), which is a sign of life.
 */
#include "export/ganeti/gjob_parts.h"
#include "lock/clock.h"

#include <fcntl.h>
#include <string.h>
#include <sys/file.h>

#define RETRY_MS 1000
#define LOCK_MS  100
#define GRACE_MS 10000 /* within which a job appears whose submission got no answer */

/* Nobody who reads or writes a file expects "try again". */
static int not_now(int r, struct err *err)
{
    return r == -EAGAIN ? err_set(err, err->class, err->ecode, EBUSY, "%s", err->text) : r;
}

/* 1: joined. */
static int look(struct gjob *g, struct err *err)
{
    if (!g->opt->may_be_shared || !g->export || g->dry_run)
        return 0;
    return not_now(gjob_find(g->rapi, opcode_get_string(g->op, "instance_name"), &g->job, err),
                   err);
}

static int give_up(const struct err *lost, const char *reason, struct err *err)
{
    return err_set(err, ERR_EXEC, ECODE_NONE, ETIMEDOUT,
                   "%s; nothing is known of a job with the reason '%s'", lost->text, reason);
}

/* err has what became of the answer. */
static int search(struct gjob *g, const char *reason, struct err *err)
{
    CLEANUP_FREE char *summary = NULL;
    struct err lost = *err, failed;
    int64_t since = clock_ms(), answered = 0;

    if (opcode_summary(g->op, &summary) < 0)
        return err_sys(err, -ENOMEM, "job query");
    gjob_say(g->run, "Is there a job? Looking for the reason '%s': %s", reason, lost.text);
    for (;;) {
        int r = gjob_find_reason(g->rapi, summary, reason, &g->job, &failed);
        int64_t now = clock_ms();

        if (r > 0)
            return 0;
        if (r == 0 && lost.errnum == EAGAIN)
            return not_now(-EAGAIN, err);
        if (r == 0 && answered == 0)
            answered = now;
        if ((r == 0 && now - answered >= GRACE_MS) || (r < 0 && now - since >= g->stall_ms))
            return give_up(&lost, reason, err);
        if (cancel_sleep(g->run->cancel, RETRY_MS) < 0) {
            gjob_say(g->run, "There may yet be a job with the reason '%s'", reason);
            return gjob_canceled(err);
        }
    }
}

static int submit(struct gjob *g, struct err *err)
{
    CLEANUP_FREE char *reason = NULL;
    int r = gjob_reason(g->op, &reason);

    if (r < 0)
        return err_sys(err, r, "reason of a job");
    if (cancel_requested(g->run->cancel))
        return gjob_canceled(err);
    g->job = (struct gjob_id){0};
    r = gjob_submit(g->rapi, g->op, reason, &g->job.id, err);
    if (r == -ENODATA)
        r = search(g, reason, err);
    if (r < 0)
        return r;
    gjob_follow_from_here(g, false);
    gjob_say(g->run, "Submitted as job %lld", (long long)g->job.id);
    return 0;
}

/* Has it ended before it did anything?  Then that is its own affair.  (A job runs for Ganeti as
 * soon as it has its locks, and looks at its prerequisites then.) */
static bool says_nothing_of_ours(const struct gjob *g, const struct err *err)
{
    return (g->state == GJOB_ERROR && err->class == ERR_PREREQ) || g->state == GJOB_CANCELED;
}

/* 1: another one is needed. */
static int run_joined(struct gjob *g, struct err *err)
{
    gjob_follow_from_here(g, true);
    gjob_say(g->run, "Joined job %lld, an export of this instance that is under way",
             (long long)g->job.id);

    int r = gjob_follow(g, err);

    if (r == 0 || err->class == ERR_CANCELED || !says_nothing_of_ours(g, err))
        return r;
    gjob_say(g->run, "Job %lld ended before it did anything: %s", (long long)g->job.id, err->text);
    return 1;
}

/* Waits for who else decides, which takes as long as a submission. */
static int take_lock(struct gjob *g, int *ret_fd, struct err *err)
{
    CLEANUP_CLOSE int fd = g->opt->lock && g->export
                               ? open(g->opt->lock, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600)
                               : -1;

    if (fd < 0)
        return g->opt->lock && g->export ? err_sys(err, -errno, "%s", g->opt->lock) : 0;
    while (flock(fd, LOCK_EX | LOCK_NB) < 0) {
        if (errno != EWOULDBLOCK && errno != EINTR)
            return err_sys(err, -errno, "%s", g->opt->lock);
        if (cancel_sleep(g->run->cancel, LOCK_MS) < 0)
            return gjob_canceled(err);
    }
    *ret_fd = STEAL_FD(fd);
    return 0;
}

/* 1: follows a job that was joined, 0: one of ours; -EALREADY: there is no need. */
static int decide(struct gjob *g, struct err *err)
{
    CLEANUP_CLOSE int lock = -1;
    int r = take_lock(g, &lock, err), found = 0;

    if (r == 0)
        r = found = look(g, err);
    if (r < 0)
        return r;
    /* after the look: an export that had ended by then is seen now */
    if (g->run->superseded && g->run->superseded(g->run->arg))
        return err_set(err, ERR_NONE, ECODE_NONE, EALREADY, "superseded");
    return found ? 1 : submit(g, err);
}

int gjob_run(struct rapi *rapi, const struct gjob_options *opt, const struct lu_run *run,
             const struct opcode *op, unsigned stall_s, struct gjob_end *ret, struct err *err)
{
    struct gjob g = {
        .rapi = rapi,
        .opt = opt,
        .run = run,
        .op = op,
        .stall_ms = (int64_t)stall_s * 1000,
        .export = strcmp(opcode_description(op)->op_id, "OP_BACKUP_EXPORT") == 0,
        .dry_run = opcode_get_bool(op, "dry_run"),
    };
    int r = gjob_check_version(op, opt->major, opt->minor, err);

    if (r == 0)
        r = decide(&g, err);
    if (r == 0)
        r = gjob_follow(&g, err);
    else if (r == 1 && (r = run_joined(&g, err)) == 1 && (r = submit(&g, err)) == 0)
        r = gjob_follow(&g, err);
    if (r < 0)
        return r;
    *ret = g.end;
    return 0;
}
