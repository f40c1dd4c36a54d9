/* gmodel.c - keeps the model of a running Ganeti cluster current (gmodel.h).
 *
 * Thread:
 *
 *              refresh_s are over, or longer           answered: put()
 *     WAITING ---------------------------> ASKING ----------------------+
 *       ^  |                                   | failed: put(), with an error
 *       |  | a refresh of somebody else has    v                        |
 *       |  | put a model in place: `news`    next try later             |
 *       |  +------------------> TELLING <-------+-----------------------+
 *       +--------------------------+
 *
 * Instances are asked for before nodes: so the node of an instance that was made in between is
 * there.  Who wants a refresh and finds that one which began later than it came has succeeded takes
 * that.
 *
 * Lock order: `ask` (held over requests, so that nothing older takes the place of what was found
 * later; jobs wait for it) before `m` (guards all that changes; a leaf, never held over a request).
 * changed() is called without either.
 */
#include "export/ganeti/gmodel_parts.h"

#include "export/names.h"
#include "export/thread.h"
#include "lock/clock.h"

#include <string.h>

#define DEFAULT_REFRESH_S 5
#define SHARE             19            /* for each second of asking so many of not */
#define RETRY_MAX_MS      (15 * 1000LL) /* while it cannot be asked */
#define SLOW_MAX_MS       (60 * 1000LL) /* the same, when it is slow */

struct gmodel {
    struct rapi *rapi;
    struct gmodel_options opt; /* owned */
    struct gmodel_cluster cluster;
    void (*changed)(void *arg);
    void *arg;
    pthread_t thread;
    bool started;

    pthread_mutex_t ask, m;
    pthread_cond_t wake; /* news, stop */
    struct model *model;
    bool news, stop;
    int failed;      /* the errno that the model's error tells of; 0: none */
    uint64_t begun;  /* refreshes */
    uint64_t good;   /* the latest of them that succeeded */
    int64_t cost_ms; /* of the last one or the one before, which was less */
    int64_t last_cost_ms;
    int64_t retry_ms; /* until the next try, while it fails */
};

struct model *gmodel_get(struct gmodel *g)
{
    LOCK_SCOPE(&g->m);
    return model_ref(g->model);
}

const struct gmodel_cluster *gmodel_cluster(struct gmodel *g)
{
    return &g->cluster;
}

/* Puts m (owned) in place unless it says the same as what is there. */
static void put(struct gmodel *g, struct model *m)
{
    pthread_mutex_lock(&g->m);
    if (!g->model || !model_same(g->model, m)) {
        struct model *old = g->model;

        m->generation = old ? old->generation + 1 : 1;
        g->model = m;
        m = old;
        g->news = true;
        pthread_cond_signal(&g->wake);
    }
    pthread_mutex_unlock(&g->m);
    model_unref(m);
}

/* --- one refresh --- */

static int ask_all(struct gmodel *g, const struct model *was, struct model **ret, struct err *err)
{
    CLEANUP_JSON json_t *nodes = NULL, *instances = NULL;
    int r = rapi_query(g->rapi, "instance", gmodel_instance_fields, NULL, &instances, err);

    if (r == 0)
        r = rapi_query(g->rapi, "node", gmodel_node_fields, NULL, &nodes, err);
    if (r == 0)
        r = gmodel_build(&g->cluster, &g->opt, nodes, instances, was, ret, err);
    return r;
}

static int64_t min(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t max(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* Who is not there is not kept from work by being asked; who is slow is. */
static void note_end(struct gmodel *g, uint64_t number, int64_t start, int r)
{
    int64_t cost = clock_ms() - start;

    LOCK_SCOPE(&g->m);
    /* once is no rule: while another becomes master an answer may take its time */
    g->cost_ms = min(cost, g->last_cost_ms);
    g->last_cost_ms = cost;
    if (r == 0) {
        g->good = number;
        g->retry_ms = 0;
        g->failed = 0;
        return;
    }
    g->retry_ms = g->retry_ms ? 2 * g->retry_ms : (int64_t)g->opt.refresh_s * 1000;
    g->retry_ms = min(g->retry_ms, RETRY_MAX_MS);
    if (r != -EHOSTUNREACH)
        g->retry_ms = max(g->retry_ms, min(SHARE * g->cost_ms, SLOW_MAX_MS));
}

/* The last data stay, and say so.  What is said of the same failure may differ in how many
 * milliseconds it took: the first stands. */
static void put_failure(struct gmodel *g, struct model *was, const struct err *err)
{
    CLEANUP_FREE char *text = NULL;
    struct model *m;

    pthread_mutex_lock(&g->m);

    bool known = g->failed == err->errnum;

    g->failed = err->errnum;
    pthread_mutex_unlock(&g->m);
    if (known)
        return;
    if (asprintf(&text, "cannot ask the cluster: %s", err->text) < 0)
        text = NULL;
    else if (model_copy_with_error(was, text, &m) == 0)
        put(g, m);
}

/* With `ask` held. */
static int refresh(struct gmodel *g, struct err *err)
{
    CLEANUP_MODEL struct model *was = g->model ? gmodel_get(g) : NULL;
    int64_t start = clock_ms();
    struct model *m;
    uint64_t number;

    pthread_mutex_lock(&g->m);
    number = ++g->begun;
    pthread_mutex_unlock(&g->m);

    int r = ask_all(g, was, &m, err);

    note_end(g, number, start, r);
    if (r == 0)
        put(g, m);
    else if (was)
        put_failure(g, was, err);
    return r;
}

int gmodel_refresh(struct gmodel *g, struct model **ret, struct err *err)
{
    int r = 0;

    pthread_mutex_lock(&g->m);

    uint64_t begun = g->begun;

    pthread_mutex_unlock(&g->m);

    LOCK_SCOPE(&g->ask);
    pthread_mutex_lock(&g->m);

    bool done = g->good > begun;

    pthread_mutex_unlock(&g->m);
    if (!done)
        r = refresh(g, err);
    if (r == 0 && ret)
        *ret = gmodel_get(g);
    return r;
}

int gmodel_asked(struct gmodel *g, struct err *err)
{
    LOCK_SCOPE(&g->m);
    return g->failed ? err_set(err, ERR_PREREQ, ECODE_ENVIRON, g->failed, "%s",
                               g->model->error ? g->model->error : "the cluster cannot be asked")
                     : 0;
}

/* It answers after all: the thread need not wait any longer. */
static void note_answer(struct gmodel *g)
{
    LOCK_SCOPE(&g->m);
    if (!g->failed)
        return;
    g->failed = 0;
    g->retry_ms = 0;
    pthread_cond_signal(&g->wake);
}

/* --- one instance --- */

/* With `ask` held. */
static int look(struct gmodel *g, const char *name, int64_t limit_ms)
{
    CLEANUP_JSON json_t *filter = json_pack("[sss]", "=", "name", name), *rows = NULL;
    CLEANUP_MODEL struct model *m = gmodel_get(g);
    const struct model_instance *was = model_find_instance(m, name);
    struct model_instance *now = NULL;
    struct model *next;
    struct err err;
    int r;

    if (!was)
        return -ENOENT;
    if (!filter)
        return -ENOMEM;
    r = rapi_query_within(g->rapi, limit_ms, "instance", gmodel_instance_fields, filter, &rows,
                          &err);
    if (r < 0)
        return r;

    note_answer(g);

    json_t *row = json_array_get(rows, 0);
    const char *found = json_string_value(json_array_get(row, I_NAME));

    if (!found || strcmp(found, name) != 0 || !gmodel_row_exists(row))
        return -ENOENT;
    r = gmodel_instance(m, row, was, &now);
    if (r == 0 && now != was)
        r = model_copy_with_instance(m, now, &next);
    if (r == 0 && now != was)
        put(g, next);
    model_instance_unref(now);
    return r;
}

/* Takes `ask`, by the clock that pthread_mutex_timedlock() knows: one that is set back makes this
 * wait for no longer than a refresh takes. */
static bool lock_ask(struct gmodel *g, unsigned timeout_ms)
{
    struct timespec until;

    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += timeout_ms / 1000;
    until.tv_nsec += (long)(timeout_ms % 1000) * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_nsec -= 1000000000;
        until.tv_sec++;
    }
    return pthread_mutex_timedlock(&g->ask, &until) == 0;
}

int gmodel_look(struct gmodel *g, const char *instance, unsigned timeout_ms)
{
    int64_t end = clock_ms() + timeout_ms;

    if (!lock_ask(g, timeout_ms))
        return -ETIMEDOUT;

    int64_t left = end - clock_ms();
    int r = look(g, instance, left > 0 ? left : 1);

    pthread_mutex_unlock(&g->ask);
    return r;
}

/* --- the thread --- */

/* With `m` held: how long until the cluster is asked again. */
static int64_t pause_ms(const struct gmodel *g)
{
    return g->retry_ms ? g->retry_ms : max((int64_t)g->opt.refresh_s * 1000, SHARE * g->cost_ms);
}

/* Waits until it is time to ask (true), or there is something else to do. */
static bool wait_for_time(struct gmodel *g, int64_t since)
{
    LOCK_SCOPE(&g->m);
    while (!g->stop && !g->news) {
        int64_t until = since + pause_ms(g);
        const struct timespec t = {(time_t)(until / 1000), (long)(until % 1000) * 1000000};

        if (clock_ms() >= until)
            return true;
        pthread_cond_clockwait(&g->wake, &g->m, CLOCK_MONOTONIC, &t);
    }
    return false;
}

static bool take_news(struct gmodel *g)
{
    LOCK_SCOPE(&g->m);

    bool news = g->news;

    g->news = false;
    return news;
}

static bool stopping(struct gmodel *g)
{
    LOCK_SCOPE(&g->m);
    return g->stop;
}

static void *follow(void *arg)
{
    struct gmodel *g = arg;
    int64_t since = clock_ms();
    struct err err;

    while (!stopping(g)) {
        if (wait_for_time(g, since)) {
            gmodel_refresh(g, NULL, &err);
            since = clock_ms();
        }
        if (!stopping(g) && take_news(g))
            g->changed(g->arg);
    }
    return NULL;
}

/* --- life --- */

static int no_memory(struct err *err)
{
    return err_sys(err, -ENOMEM, "the cluster's data");
}

static int copy_options(struct gmodel *g, const struct gmodel_options *opt, struct err *err)
{
    char **dirs = calloc(opt->nnodedirs + 1, sizeof *dirs);

    g->opt.nodedirs = (const char *const *)dirs;
    g->opt.refresh_s = opt->refresh_s ? opt->refresh_s : DEFAULT_REFRESH_S;
    g->opt.export_dir = strdup(opt->export_dir);
    if (!dirs || !g->opt.export_dir)
        return no_memory(err);
    for (; g->opt.nnodedirs < opt->nnodedirs; g->opt.nnodedirs++) {
        dirs[g->opt.nnodedirs] = strdup(opt->nodedirs[g->opt.nnodedirs]);
        if (!dirs[g->opt.nnodedirs])
            return no_memory(err);
    }
    return 0;
}

static int ask_info(struct gmodel *g, struct err *err)
{
    CLEANUP_JSON json_t *info = NULL;
    struct gmodel_cluster *c = &g->cluster;
    int r = rapi_request(g->rapi, "GET", "/2/info", NULL, &info, err);

    if (r < 0)
        return r;

    const char *name = json_string_value(json_object_get(info, "name"));
    const char *master = json_string_value(json_object_get(info, "master"));
    const char *version = json_string_value(json_object_get(info, "software_version"));

    if (!name || !names_valid(name) || !master || !names_valid(master) || !version ||
        sscanf(version, "%u.%u.%u", &c->major, &c->minor, &c->micro) < 2)
        return err_set(err, ERR_EXEC, ECODE_NONE, EBADMSG,
                       "%s: GET /2/info: no cluster's name, master and version in the answer",
                       rapi_url(g->rapi));
    c->name = strdup(name);
    c->master = strdup(master);
    return c->name && c->master ? 0 : no_memory(err);
}

static int check_nodedirs(struct gmodel *g, struct err *err)
{
    for (size_t i = 0; i < g->opt.nnodedirs; i++) {
        const char *dir = g->opt.nodedirs[i], *colon = strchr(dir, ':');
        CLEANUP_FREE char *key = strndup(dir, colon ? (size_t)(colon - dir) : strlen(dir));

        if (!key)
            return no_memory(err);
        if (!colon || colon[1] != '/')
            return err_prereq(err, ECODE_INVAL,
                              "nodedir %.512s: not NODE:PATH, with an absolute path", dir);
        if (!model_expand_node(g->model, key))
            return err_prereq(err, ECODE_INVAL, "nodedir %.512s: '%.128s' is not a node of %s", dir,
                              key, g->cluster.name);
    }
    return 0;
}

int gmodel_open(struct rapi *rapi, const struct gmodel_options *opt, void (*changed)(void *arg),
                void *arg, struct gmodel **ret, struct err *err)
{
    struct gmodel *g = calloc(1, sizeof *g);
    int r;

    if (!g)
        return no_memory(err);
    pthread_mutex_init(&g->ask, NULL);
    pthread_mutex_init(&g->m, NULL);
    pthread_cond_init(&g->wake, NULL);
    g->rapi = rapi;
    g->changed = changed;
    g->arg = arg;
    r = copy_options(g, opt, err);
    if (r == 0)
        r = ask_info(g, err);
    if (r == 0)
        r = refresh(g, err);
    if (r == 0)
        r = check_nodedirs(g, err);
    if (r < 0) {
        gmodel_close(g);
        return r;
    }
    g->news = false; /* the first is none */
    *ret = g;
    return 0;
}

int gmodel_start(struct gmodel *g)
{
    int r = thread_start(&g->thread, follow, g);

    g->started = r == 0;
    return r;
}

void gmodel_close(struct gmodel *g)
{
    if (!g)
        return;
    pthread_mutex_lock(&g->m);
    g->stop = true;
    pthread_cond_signal(&g->wake);
    pthread_mutex_unlock(&g->m);
    if (g->started)
        pthread_join(g->thread, NULL);
    model_unref(g->model);
    for (size_t i = 0; i < g->opt.nnodedirs; i++)
        free((char *)g->opt.nodedirs[i]);
    free((void *)g->opt.nodedirs);
    free((char *)g->opt.export_dir);
    free(g->cluster.name);
    free(g->cluster.master);
    pthread_cond_destroy(&g->wake);
    pthread_mutex_destroy(&g->m);
    pthread_mutex_destroy(&g->ask);
    free(g);
}
