/* modelwatch.c - keeps the model current (modeldir.h).
 *
 * Watcher thread:
 *
 *            event, kick                 delay is over
 *     IDLE ---------------> GATHERING -----------------> LOOKING --> IDLE
 *       | poll interval is over                            ^
 *       +--------------------------------------------------+
 *
 * A look costs one lstat per instance when nothing has changed.  The delays grow with what the last
 * look cost, so that a big cluster costs no more of a processor than a small one.  Of the disks
 * only some are looked at per poll, in turns; through the relay, so that file systems that hang
 * hold up a look, and `load`, for seconds at most.
 *
 * Lock order: `load` (held over a look at the directory or at one instance's disks, so that nothing
 * older takes the place of what was found later; jobs wait for it) before `m` (guards `model`; a
 * leaf, never held over I/O).  changed() is called without either.  The thread may hang in the file
 * system, so the struct is the worker's once that is started (worker.h).
 */
#include "export/modeldir_load.h"
#include "export/watchset.h"
#include "export/worker.h"
#include "lock/clock.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>

#define GATHER_MS  50
#define POLL_MS    5000
#define GRACE_MS   2000
#define DISK_BATCH 1000 /* disks looked at per poll */

struct modelwatch {
    char *dir;
    void (*changed)(void *arg);
    void *arg;
    struct relay *relay; /* of loads */
    struct relay *looks; /* of modelwatch_look(), whose limits are the caller's: what is late there
                          * is not late for a load */
    struct worker *worker; /* NULL until started */
    struct watchset watches;
    int kick; /* eventfd: a refresh has put a new model in place */

    pthread_mutex_t load, m;
    struct model *model;

    /* the watcher's own */
    size_t disk_cursor;
    unsigned cost_ms; /* of the last look */
};

/* --- one look --- */

struct model *modelwatch_get(struct modelwatch *w)
{
    LOCK_SCOPE(&w->m);
    return model_ref(w->model);
}

/* Puts m (owned) in place unless it says the same as what is there; true if it did. */
static bool put(struct modelwatch *w, struct model *m)
{
    bool news = false;

    pthread_mutex_lock(&w->m);
    if (!model_same(w->model, m)) {
        struct model *old = w->model;

        m->generation = old->generation + 1;
        w->model = m;
        m = old;
        news = true;
    }
    pthread_mutex_unlock(&w->m);
    model_unref(m);
    return news;
}

struct turn {
    struct relay *relay;
    size_t skip, left; /* disks */
    size_t seen;
    bool all;
};

/* modeldir_how.stale: whose disks are to be looked at in this turn, and are not as they were? */
static bool disks_stale(void *arg, const struct model_instance *inst)
{
    struct turn *t = arg;

    if (t->all)
        return modeldir_disks_changed(t->relay, MODELDIR_DISKS_LIMIT_MS, inst, true);
    t->seen += inst->ndisks;
    if (t->seen <= t->skip || !t->left)
        return false;
    t->left -= inst->ndisks < t->left ? inst->ndisks : t->left;
    t->skip = t->seen;
    return modeldir_disks_changed(t->relay, MODELDIR_DISKS_LIMIT_MS, inst,
                                  inst->admin_state != ADMIN_UP);
}

/* Looks at the directory.  A failure leaves the last good data and says so in model->error. */
static int look(struct modelwatch *w, struct turn *turn, bool *news, struct err *err)
{
    LOCK_SCOPE(&w->load);
    CLEANUP_MODEL struct model *was = modelwatch_get(w);
    struct modeldir_how how = {was, w->relay, turn ? disks_stale : NULL, turn};
    struct model *m = NULL;
    int r = modeldir_load_how(w->dir, &how, &m, err);

    *news = false;
    if (r == 0)
        *news = put(w, m);
    else if (model_copy_with_error(was, err->text, &m) == 0)
        *news = put(w, m);
    return r;
}

/* So that it calls changed(). */
static void tell_watcher(struct modelwatch *w)
{
    uint64_t one = 1;

    (void)!write(w->kick, &one, sizeof one); /* fails only when it is readable already */
}

int modelwatch_refresh(struct modelwatch *w, struct model **ret, struct err *err)
{
    struct turn all = {.relay = w->relay, .all = true};
    bool news;
    int r = look(w, &all, &news, err);

    if (news)
        tell_watcher(w);
    if (r == 0)
        *ret = modelwatch_get(w);
    return r;
}

/* With `load` held. */
static int look_at_one(struct modelwatch *w, const char *name, unsigned limit_ms)
{
    CLEANUP_MODEL struct model *m = modelwatch_get(w);
    const struct model_instance *was = model_find_instance(m, name);
    struct model_instance *now;
    struct model *next;
    int r;

    if (!was)
        return -ENOENT;
    r = model_instance_copy((struct model_instance *)was, &now);
    if (r < 0)
        return r;
    r = modeldir_look_at_disks(w->looks, limit_ms, now);
    if (r == 0 && !modeldir_same_disks(was, now, true)) {
        r = model_copy_with_instance(m, now, &next);
        if (r == 0 && put(w, next))
            tell_watcher(w);
    }
    model_instance_unref(now);
    return r;
}

/* Takes `load`, by the clock that pthread_mutex_timedlock() knows: one that is set back makes this
 * wait for no longer than a load takes. */
static bool lock_load(struct modelwatch *w, unsigned timeout_ms)
{
    int64_t end = clock_ns_of(CLOCK_REALTIME) / 1000000 + timeout_ms;
    const struct timespec until = {(time_t)(end / 1000), (long)(end % 1000) * 1000000};

    return pthread_mutex_timedlock(&w->load, &until) == 0;
}

int modelwatch_look(struct modelwatch *w, const char *instance, unsigned timeout_ms)
{
    int64_t now, end = clock_ms() + timeout_ms;
    int r;

    if (!lock_load(w, timeout_ms))
        return -ETIMEDOUT;
    now = clock_ms();
    r = look_at_one(w, instance, now < end ? (unsigned)(end - now) : 1);
    pthread_mutex_unlock(&w->load);
    return r;
}

/* --- the watcher --- */

/* True when a directory was not watched before: what happened in it until now was not seen. */
static bool renew_watches(struct modelwatch *w)
{
    static const char *const dirs[] = {"", "/nodes", "/instances"};
    CLEANUP_MODEL struct model *m = modelwatch_get(w);
    CLEANUP_FREE char *path = NULL;
    bool news = false;

    watchset_begin(&w->watches);
    for (size_t i = 0; i < sizeof dirs / sizeof *dirs; i++) {
        if (asprintf(&path, "%s%s", w->dir, dirs[i]) < 0)
            path = NULL;
        else
            news |= watchset_add(&w->watches, path);
        free(STEAL(path));
    }
    /* inotify sees nothing on network file systems, and asking them may hang: they are polled */
    for (size_t i = 0; i < m->nnodes; i++) {
        if (!m->nodes[i].same_fs)
            continue;
        if (asprintf(&path, "%s/nodes/%s", w->dir, m->nodes[i].name) < 0)
            path = NULL;
        else
            news |= watchset_add(&w->watches, path);
        free(STEAL(path));
    }
    watchset_end(&w->watches);
    return news;
}

static unsigned clamp(unsigned n, unsigned min, unsigned max)
{
    return n < min ? min : n > max ? max : n;
}

/* Returns true when another look should follow at once. */
static bool watcher_look(struct modelwatch *w, struct worker *worker, bool with_disks, bool kicked)
{
    struct turn turn = {.relay = w->relay, .skip = w->disk_cursor, .left = DISK_BATCH};
    int64_t start = clock_cpu_ms();
    struct err err;
    bool news;

    look(w, with_disks ? &turn : NULL, &news, &err);
    if (with_disks)
        w->disk_cursor = turn.left ? 0 : turn.skip;

    bool again = renew_watches(w);

    w->cost_ms = clamp((unsigned)(clock_cpu_ms() - start), 0, 10000);
    if (news || kicked)
        worker_call(worker, w->changed, w->arg);
    return again;
}

static void watch(struct worker *worker, void *data)
{
    struct modelwatch *w = data;
    bool again = true;

    while (!worker_stopping(worker)) {
        struct pollfd fds[] = {
            {worker_fd(worker), POLLIN, 0}, {w->kick, POLLIN, 0}, {w->watches.fd, POLLIN, 0}};
        unsigned poll_ms = clamp(400 * w->cost_ms, POLL_MS, 60000);
        int n = again ? 1 : poll(fds, 3, (int)poll_ms);

        if (n > 0 && poll(fds, 1, (int)clamp(5 * w->cost_ms, GATHER_MS, 500)) > 0)
            break;
        if (n < 0 && errno != EINTR)
            break;

        uint64_t count;
        bool kicked = read(w->kick, &count, sizeof count) > 0;

        watchset_drain(&w->watches);
        again = watcher_look(w, worker, n == 0, kicked);
    }
}

/* --- life --- */

static void destroy(void *data)
{
    struct modelwatch *w = data;

    watchset_destroy(&w->watches);
    relay_close(w->relay);
    relay_close(w->looks);
    model_unref(w->model);
    if (w->kick >= 0)
        close(w->kick);
    pthread_mutex_destroy(&w->load);
    pthread_mutex_destroy(&w->m);
    free(w->dir);
    free(w);
}

int modelwatch_open(const char *cluster_dir, void (*changed)(void *arg), void *arg,
                    struct modelwatch **ret, struct err *err)
{
    struct modelwatch *w = calloc(1, sizeof *w);

    if (!w)
        return err_sys(err, -ENOMEM, "%.512s", cluster_dir);
    pthread_mutex_init(&w->load, NULL);
    pthread_mutex_init(&w->m, NULL);
    w->changed = changed;
    w->arg = arg;
    w->watches.fd = -1;
    w->kick = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    w->dir = realpath(cluster_dir, NULL); /* daemons change their directory */

    int r = w->kick < 0 ? -errno : relay_open(&w->relay);

    if (r == 0)
        r = relay_open(&w->looks);

    struct modeldir_how how = {.relay = w->relay};

    if (r < 0)
        err_sys(err, r, "%.512s", cluster_dir);
    else
        r = modeldir_load_how(w->dir ? w->dir : cluster_dir, &how, &w->model, err);
    if (r < 0) {
        destroy(w);
        return r;
    }
    *ret = w;
    return 0;
}

int modelwatch_start(struct modelwatch *w)
{
    watchset_init(&w->watches);
    return worker_start(watch, w, destroy, &w->worker);
}

void modelwatch_close(struct modelwatch *w)
{
    if (!w)
        return;
    if (w->worker)
        worker_stop(w->worker, GRACE_MS);
    else
        destroy(w);
}
