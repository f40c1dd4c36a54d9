/* gjob.c - the life of a job, from an opcode to its end (gjob.h).
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
 * QUEUED ... ENDED are what poll() is told, and may be skipped: the last poll may have been long
 * ago.  ENDED, of a job that was joined and did nothing: submit() after all (run_joined()).  At the
 * first sight of RUNNING, or of an end that is none of those before it, commit() is asked, once.
 *
 * All is one thread's, the run's; nothing is locked.  It never waits but in a request, which has
 * its limit, and in cancel_sleep(), which is a sign of life.
 */
#include "export/ganeti/gjob_parts.h"
#include "lock/clock.h"

#include <string.h>

#define POLL_PART     25 /* of the time that a state has lasted */
#define POLL_LEAST_MS 250
#define POLL_MOST_MS  1000
#define LATE_PART     720 /* likewise, of a long one */
#define LATE_MOST_MS  5000
#define RETRY_MS      1000
#define GRACE_MS      10000 /* within which a job appears whose submission got no answer */
#define GONE_POLLS    3

struct gjob {
    struct rapi *rapi;
    const struct gjob_options *opt;
    const struct lu_run *run;
    const struct opcode *op;
    int64_t stall_ms;

    struct gjob_id job;
    bool joined, export, dry_run;
    bool begun; /* commit() was asked */
    enum gjob_state state;
    int64_t since;    /* monotonic: it is in this state */
    int64_t answered; /* monotonic: when the master was heard of last */
    bool failing;     /* since then it was not */
    unsigned gone;    /* polls in a row that found no such job */
    struct gjob_log log;
    struct gjob_end end;
};

static const char *const phases[] = {
    [GJOB_UNKNOWN] = "",
    [GJOB_QUEUED] = "in Ganeti's queue",
    [GJOB_WAITING] = "waiting for locks",
    [GJOB_CANCELING] = "is being canceled",
    [GJOB_RUNNING] = "begins",
    [GJOB_SUCCESS] = "ended",
    [GJOB_ERROR] = "failed",
    [GJOB_CANCELED] = "canceled",
};

static bool is_end(enum gjob_state s)
{
    return s == GJOB_SUCCESS || s == GJOB_ERROR || s == GJOB_CANCELED;
}

static void tell_state(struct gjob *g, enum gjob_state state)
{
    char phase[100];

    if (state == g->state)
        return;
    g->state = state;
    g->since = clock_ms();
    snprintf(phase, sizeof phase, "job %lld: %s", (long long)g->job.id, phases[g->state]);
    if (g->run->phase)
        g->run->phase(g->run->arg, phase);
}

static void follow_from_here(struct gjob *g, bool joined)
{
    g->joined = joined;
    g->answered = clock_ms();
    g->failing = false;
    g->gone = 0;
    gjob_log_init(&g->log, g->run, g->opt, g->job.id);
    g->end = (struct gjob_end){.id = g->job.id, .joined = joined};
    g->state = GJOB_UNKNOWN;
    tell_state(g, GJOB_QUEUED);
}

/* --- to go --- */

static int canceled(struct err *err)
{
    return err_set(err, ERR_CANCELED, ECODE_NONE, ECANCELED, "canceled");
}

/* One request, and what it says of the job.  *job owns what *v points at. */
static int look_at(struct gjob *g, json_t **job, struct gjob_view *v, struct err *err)
{
    char path[64];

    snprintf(path, sizeof path, "/2/jobs/%lld", (long long)g->job.id);

    int r = rapi_request(g->rapi, "GET", path, NULL, job, err);

    if (r < 0)
        return r;
    r = gjob_view(*job, &g->job, opcode_description(g->op)->op_id, v);
    return r < 0 ? err_set(err, ERR_EXEC, ECODE_NONE, -r, "%s: job %lld: %s", rapi_url(g->rapi),
                           (long long)g->job.id,
                           r == -ENOENT ? "not there" : "what is answered is no such job")
                 : 0;
}

static bool was_canceled(struct gjob *g)
{
    CLEANUP_JSON json_t *job = NULL;
    struct gjob_view v;
    struct err ignored;

    return look_at(g, &job, &v, &ignored) == 0 &&
           (v.state == GJOB_CANCELED || v.state == GJOB_CANCELING);
}

static void cancel_job(struct gjob *g)
{
    CLEANUP_JSON json_t *answer = NULL;
    struct err err = {0};
    char path[64];

    snprintf(path, sizeof path, "/2/jobs/%lld", (long long)g->job.id);

    int r = rapi_request(g->rapi, "DELETE", path, NULL, &answer, &err);
    const char *why = r < 0 ? err.text : json_string_value(json_array_get(answer, 1));

    if (json_is_true(json_array_get(answer, 0)) || was_canceled(g))
        gjob_say(g->run, "Job %lld is canceled", (long long)g->job.id);
    else
        gjob_say(g->run, "Job %lld could not be canceled (%s): it goes on without us",
                 (long long)g->job.id, why ? why : "no reason given");
}

static int leave(struct gjob *g, struct err *err)
{
    long long id = g->job.id;

    if (is_end(g->state))
        gjob_say(g->run, "Job %lld has ended already", id);
    else if (g->joined)
        gjob_say(g->run, "Job %lld is somebody else's: it goes on without us", id);
    else if (g->state == GJOB_RUNNING)
        gjob_say(g->run, "Job %lld runs and cannot be canceled any more: it goes on without us",
                 id);
    else
        cancel_job(g);
    return canceled(err);
}

/* --- to follow --- */

static int failed_to_ask(struct gjob *g, struct err *err)
{
    int64_t silent = clock_ms() - g->answered;

    if (silent >= g->stall_ms)
        return err_set(err, ERR_EXEC, ECODE_NONE, ETIMEDOUT,
                       "nothing is heard of job %lld for %lld s, which goes on without us: %s",
                       (long long)g->job.id, (long long)silent / 1000, err->text);
    if (!g->failing)
        gjob_say(g->run, "Nothing is heard of job %lld, trying on: %s", (long long)g->job.id,
                 err->text);
    g->failing = true;
    return 0;
}

static int is_gone(struct gjob *g, struct err *err)
{
    g->answered = clock_ms();
    if (++g->gone < GONE_POLLS)
        return 0;
    return err_set(err, ERR_EXEC, ECODE_NONE, EIO,
                   "job %lld is not in the queue any more (archived?): how it ended is not known",
                   (long long)g->job.id);
}

static void note_target(struct gjob *g, const struct gjob_view *v)
{
    const char *target = json_string_value(json_object_get(v->op, "target_node"));

    if (g->export && target && strlen(target) < sizeof g->end.target)
        strcpy(g->end.target, target);
}

static void note(struct gjob *g, const struct gjob_view *v)
{
    g->answered = clock_ms();
    g->gone = 0;
    if (g->failing)
        gjob_say(g->run, "Job %lld is heard of again", (long long)g->job.id);
    g->failing = false;
    if (!is_end(v->state))
        tell_state(g, v->state);
    gjob_log_read(&g->log, v->log);
    tell_state(g, v->state);
    note_target(g, v);
    g->end.started = g->log.first ? g->log.first : v->start;
}

static int begin(struct gjob *g, struct err *err)
{
    if (g->begun || !g->export || g->dry_run)
        return 0;
    g->begun = true;
    if (g->run->commit && !g->run->commit(g->run->arg))
        return leave(g, err);
    return 0;
}

/* What its state means for us: 1, it has ended well; 0, it goes on. */
static int judge(struct gjob *g, const struct gjob_view *v, struct err *err)
{
    int r;

    switch (v->state) {
    case GJOB_RUNNING:
        return begin(g, err);
    case GJOB_SUCCESS:
        r = begin(g, err);
        if (r == 0)
            r = gjob_check_result(g->op, v->result, g->log.failure, err);
        return r < 0 ? r : 1;
    case GJOB_ERROR:
        return gjob_error(v->result, g->log.failure, err);
    case GJOB_CANCELED:
        return err_set(err, ERR_EXEC, ECODE_NONE, ECANCELED, "job %lld was canceled by somebody",
                       (long long)g->job.id);
    default:
        return 0;
    }
}

static int poll_job(struct gjob *g, struct err *err)
{
    CLEANUP_JSON json_t *job = NULL;
    struct gjob_view v;
    int r = look_at(g, &job, &v, err);

    if (r == -ENOENT)
        return is_gone(g, err);
    if (r < 0)
        return failed_to_ask(g, err);
    note(g, &v);
    return judge(g, &v, err);
}

static int pause_ms(const struct gjob *g)
{
    int64_t lasts = clock_ms() - g->since, ms = lasts / POLL_PART, late = lasts / LATE_PART;

    if (g->failing)
        return RETRY_MS;
    if (ms < POLL_LEAST_MS)
        ms = POLL_LEAST_MS;
    if (ms > POLL_MOST_MS)
        ms = POLL_MOST_MS;
    if (late > LATE_MOST_MS)
        late = LATE_MOST_MS;
    return (int)(late > ms ? late : ms);
}

static int follow(struct gjob *g, struct err *err)
{
    int r;

    for (;;) {
        if (cancel_requested(g->run->cancel))
            return leave(g, err);
        r = poll_job(g, err);
        if (r != 0)
            return r < 0 ? r : 0;
        cancel_sleep(g->run->cancel, pause_ms(g));
    }
}

/* --- to become a job --- */

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
            return canceled(err);
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
        return canceled(err);
    g->job = (struct gjob_id){0};
    r = gjob_submit(g->rapi, g->op, reason, &g->job.id, err);
    if (r == -ENODATA)
        r = search(g, reason, err);
    if (r < 0)
        return r;
    follow_from_here(g, false);
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
    follow_from_here(g, true);
    gjob_say(g->run, "Joined job %lld, an export of this instance that is under way",
             (long long)g->job.id);

    int r = follow(g, err);

    if (r == 0 || err->class == ERR_CANCELED || !says_nothing_of_ours(g, err))
        return r;
    gjob_say(g->run, "Job %lld ended before it did anything: %s", (long long)g->job.id, err->text);
    return 1;
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
    int r = gjob_check_version(op, opt->major, opt->minor, err), found = 0;

    if (r == 0)
        r = found = look(&g, err);
    if (r < 0)
        return r;
    /* after the look: an export that had ended by then is seen now */
    if (run->superseded && run->superseded(run->arg))
        return err_set(err, ERR_NONE, ECODE_NONE, EALREADY, "superseded");
    if (found)
        r = run_joined(&g, err);
    if (!found || r == 1) {
        r = submit(&g, err);
        if (r == 0)
            r = follow(&g, err);
    }
    if (r < 0)
        return r;
    *ret = g.end;
    return 0;
}
