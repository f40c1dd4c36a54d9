/* gjob_follow.c - a job followed to its end, or left (gjob.c has the states).
 *
 * What state it is in is what poll_job() was told last; states may be skipped, for the last poll
 * may have been long ago.  At the first sight of RUNNING, or of SUCCESS without it, commit() is
 * asked, once.  A master that does not answer is asked on; a job that it does not know has to be
 * unknown several times in a row.
 *
 * Load: a state of T seconds costs 25 * (1 + ln(T / 6)) polls until T is 25, then one a second, and
 * after twelve minutes ever fewer.
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
#define GONE_POLLS    3

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

void gjob_follow_from_here(struct gjob *g, bool joined)
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

int gjob_canceled(struct err *err)
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
    return gjob_canceled(err);
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

int gjob_follow(struct gjob *g, struct err *err)
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
