/* glive.c - see glive.h.
 *
 * One thread asks; what was answered is kept in two tables that are replaced whole under `mu`, a
 * leaf.  glive_look() asks in its caller's thread and changes one row.
 */
#include "export/ganeti/glive.h"

#include "export/cancel.h"
#include "export/names.h"
#include "lock/clock.h"

#include <pthread.h>
#include <string.h>

#define RUNNING_MS 60000
#define KICKED_MS  10000 /* the same, when something has changed */
#define SHARE      20    /* at most a twentieth of the time */

struct state {
    char *name;
    bool running;
};

struct glive {
    struct rapi *rapi;
    unsigned refresh_ms;
    struct cancel cancel;
    pthread_t thread;
    bool started;
    atomic_bool kicked;

    pthread_mutex_t mu;
    struct state *states; /* sorted by name */
    size_t nstates;
    struct glive_job *jobs;
    size_t njobs;
};

int glive_open(struct rapi *rapi, unsigned refresh_s, struct glive **ret)
{
    struct glive *g = calloc(1, sizeof *g);

    if (!g || cancel_init(&g->cancel) < 0) {
        free(g);
        return -ENOMEM;
    }
    g->rapi = rapi;
    g->refresh_ms = (refresh_s ? refresh_s : 5) * 1000;
    pthread_mutex_init(&g->mu, NULL);
    *ret = g;
    return 0;
}

static void free_states(struct state *v, size_t n)
{
    for (size_t i = 0; i < n; i++)
        free(v[i].name);
    free(v);
}

static void free_jobs(struct glive_job *v, size_t n)
{
    for (size_t i = 0; i < n; i++)
        free(v[i].instance);
    free(v);
}

/* --- which instances run --- */

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct state *)a)->name, ((const struct state *)b)->name);
}

static struct state *find(struct glive *g, const char *name)
{
    struct state key = {.name = (char *)name};

    return g->nstates ? bsearch(&key, g->states, g->nstates, sizeof key, by_name) : NULL;
}

static const char *const state_fields[] = {"name", "oper_state", NULL};

/* A row of state_fields; false: it says nothing. */
static bool read_state(const json_t *row, const char **name, bool *running)
{
    const json_t *up = json_array_get(row, 1);

    *name = json_string_value(json_array_get(row, 0));
    *running = json_is_true(up);
    return *name && json_is_boolean(up);
}

static void put_states(struct glive *g, json_t *rows)
{
    size_t n = 0, most = rows ? json_array_size(rows) : 0;
    struct state *v = calloc(most + 1, sizeof *v);
    const char *name;

    for (size_t i = 0; v && i < most; i++)
        if (read_state(json_array_get(rows, i), &name, &v[n].running) && (v[n].name = strdup(name)))
            n++;
    if (v)
        qsort(v, n, sizeof *v, by_name);
    pthread_mutex_lock(&g->mu);
    struct state *old = g->states;
    size_t nold = g->nstates;
    g->states = v;
    g->nstates = n;
    pthread_mutex_unlock(&g->mu);
    free_states(old, nold);
}

int glive_running(struct glive *g, const char *instance)
{
    LOCK_SCOPE(&g->mu);

    const struct state *s = find(g, instance);

    return s ? s->running : -ENOENT;
}

int glive_look(struct glive *g, const char *instance, struct err *err)
{
    CLEANUP_JSON json_t *filter = json_pack("[s,s,s]", "=", "name", instance), *rows = NULL;
    const char *name;
    bool running;
    int r = filter ? rapi_query(g->rapi, "instance", state_fields, filter, &rows, err)
                   : err_sys(err, -ENOMEM, "%s", instance);

    if (r < 0)
        return r;
    if (!read_state(json_array_get(rows, 0), &name, &running) || strcmp(name, instance) != 0)
        return err_set(err, ERR_EXEC, ECODE_NONE, ENOENT, "whether %s runs is not known", instance);
    LOCK_SCOPE(&g->mu);

    struct state *s = find(g, instance);

    if (s)
        s->running = running;
    return 0;
}

/* --- which exports are under way --- */

static const char *const job_fields[] = {"id", "status", "summary", NULL};

/* "BACKUP_EXPORT(web1)" -> web1, not ended; NULL: another job. */
static const char *instance_of(const json_t *summary, size_t *len)
{
    static const char what[] = "BACKUP_EXPORT(";
    const char *text = json_string_value(json_array_get(summary, 0));
    const char *end = text ? strrchr(text, ')') : NULL;

    if (!end || strncmp(text, what, sizeof what - 1) != 0)
        return NULL;
    text += sizeof what - 1;
    *len = (size_t)(end - text);
    return text;
}

static bool read_job(const json_t *row, struct glive_job *job)
{
    const json_t *id = json_array_get(row, 0);
    const char *status = json_string_value(json_array_get(row, 1)), *name;
    size_t len = 0;

    name = instance_of(json_array_get(row, 2), &len);
    if (!json_is_integer(id) || !status || !name)
        return false;
    job->id = json_integer_value(id);
    snprintf(job->status, sizeof job->status, "%s", status);
    job->instance = strndup(name, len);
    if (job->instance && names_valid(job->instance))
        return true;
    free(STEAL(job->instance));
    return false;
}

static void put_jobs(struct glive *g, json_t *rows)
{
    size_t n = 0, most = rows ? json_array_size(rows) : 0;
    struct glive_job *v = calloc(most + 1, sizeof *v);

    for (size_t i = 0; v && i < most; i++)
        n += read_job(json_array_get(rows, i), &v[n]);
    pthread_mutex_lock(&g->mu);
    struct glive_job *old = g->jobs;
    size_t nold = g->njobs;
    g->jobs = v;
    g->njobs = n;
    pthread_mutex_unlock(&g->mu);
    free_jobs(old, nold);
}

void glive_jobs(struct glive *g, void (*row)(const struct glive_job *job, void *arg), void *arg)
{
    LOCK_SCOPE(&g->mu);
    for (size_t i = 0; i < g->njobs; i++)
        row(&g->jobs[i], arg);
}

bool glive_exporting(struct glive *g, const char *instance)
{
    LOCK_SCOPE(&g->mu);
    for (size_t i = 0; i < g->njobs; i++)
        if (!strcmp(g->jobs[i].instance, instance))
            return true;
    return false;
}

/* --- the thread --- */

static void ask_jobs(struct glive *g)
{
    CLEANUP_JSON json_t *filter =
        json_pack("[s,[s,s,s],[s,s,s],[s,s,s],[s,s,s]]", "|", "=", "status", "queued", "=",
                  "status", "waiting", "=", "status", "canceling", "=", "status", "running");
    CLEANUP_JSON json_t *rows = NULL;
    struct err ignored; /* the model says why the cluster cannot be asked */

    if (!filter || rapi_query(g->rapi, "job", job_fields, filter, &rows, &ignored) < 0)
        rows = NULL;
    put_jobs(g, rows);
}

static void ask_states(struct glive *g)
{
    CLEANUP_JSON json_t *rows = NULL;
    struct err ignored;

    if (rapi_query(g->rapi, "instance", state_fields, NULL, &rows, &ignored) < 0)
        rows = NULL;
    put_states(g, rows);
}

void glive_kick(struct glive *g)
{
    atomic_store(&g->kicked, true);
}

/* Is it time to ask which instances run, so many milliseconds after the last time, which took
 * `cost`?  It keeps all nodes busy. */
static bool is_time(struct glive *g, int64_t age, int64_t cost)
{
    if (age < SHARE * cost || (age < RUNNING_MS && (age < KICKED_MS || !atomic_load(&g->kicked))))
        return false;
    atomic_store(&g->kicked, false);
    return true;
}

static void *run(void *arg)
{
    struct glive *g = arg;
    int64_t asked_at = clock_ms() - RUNNING_MS, cost = 0, last = 0;

    while (!cancel_requested(&g->cancel)) {
        if (is_time(g, clock_ms() - asked_at, cost)) {
            asked_at = clock_ms();
            ask_states(g);
            /* once is no rule (gmodel.c) */
            cost = clock_ms() - asked_at < last ? clock_ms() - asked_at : last;
            last = clock_ms() - asked_at;
        }
        ask_jobs(g);
        cancel_sleep(&g->cancel, (int)g->refresh_ms);
    }
    return NULL;
}

int glive_start(struct glive *g)
{
    int r = pthread_create(&g->thread, NULL, run, g);

    g->started = r == 0;
    return -r;
}

void glive_close(struct glive *g)
{
    if (!g)
        return;
    cancel_request(&g->cancel);
    if (g->started)
        pthread_join(g->thread, NULL);
    free_states(g->states, g->nstates);
    free_jobs(g->jobs, g->njobs);
    cancel_destroy(&g->cancel);
    pthread_mutex_destroy(&g->mu);
    free(g);
}
