/* catalog_scanner.c - the scanner as a whole: its nodes, the monitor, the catalog in place.
 *
 * One thread per online node (catalog_scan.c), and the monitor, which notices nodes that stopped
 * answering and is the only one that calls changed().  The list of scans changes under `life` and
 * `m`, so either is enough to read it.
 */
#include "export/catalog_scan.h"
#include "export/names.h"
#include "export/relay.h"
#include "lock/clock.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>

/* --- the catalog in place --- */

static int fill_node(const struct catalog_scan *scan, struct catalog_node *n)
{
    const char *error = scan->node.error ? scan->node.error : scan->error;

    n->name = strdup(scan->node.name);
    n->error = error ? strdup(error) : NULL;
    n->exports = calloc(scan->listing.n + 1, sizeof *n->exports);
    n->unfinished = calloc(scan->listing.n + 1, sizeof *n->unfinished);
    if (!n->name || !n->exports || !n->unfinished || (error && !n->error))
        return -ENOMEM;
    n->state = scan->node.offline   ? NODE_OFFLINE
               : scan->error        ? NODE_UNREACHABLE
               : scan->node.drained ? NODE_DRAINED
                                    : NODE_ONLINE;
    n->space = scan->listing.space;
    for (size_t i = 0; i < scan->listing.n; i++) {
        struct catalog_export *e = scan->listing.v[i].exp;

        if (names_unfinished(e->name))
            n->unfinished[n->nunfinished++] = catalog_export_ref(e);
        else if (!catalog_scan_hides(scan, e))
            n->exports[n->n++] = catalog_export_ref(e);
    }
    return 0;
}

void catalog_scan_rebuild(struct catalog_scanner *s, bool news)
{
    struct catalog *c = calloc(1, sizeof *c);

    if (!c)
        return;
    atomic_init(&c->refs, 1);
    c->generation = s->catalog ? s->catalog->generation + 1 : 1;
    c->nodes = calloc(s->n + 1, sizeof *c->nodes);
    for (; c->nodes && c->n < s->n; c->n++) {
        if (fill_node(s->scans[c->n], &c->nodes[c->n]) < 0) {
            c->n++;
            catalog_unref(c);
            return;
        }
    }
    if (!c->nodes) {
        catalog_unref(c);
        return;
    }
    catalog_unref(s->catalog);
    s->catalog = c;
    if (news)
        catalog_scan_kick(s->news);
}

struct catalog *catalog_get(struct catalog_scanner *s)
{
    LOCK_SCOPE(&s->m);
    return catalog_ref(s->catalog);
}

/* --- the monitor --- */

/* With m held: nodes that have not answered for too long. */
static void find_stalled(struct catalog_scanner *s)
{
    int64_t now = clock_ms();
    char text[96];
    bool news = false;

    snprintf(text, sizeof text, "no answer from its export directory for %u s", s->stall_s);
    for (size_t i = 0; i < s->n; i++) {
        struct catalog_scan *scan = s->scans[i];
        int64_t asked = atomic_load(&scan->asked);

        if (scan->error || !asked || now - asked < (int64_t)s->stall_s * 1000)
            continue;
        catalog_scan_fail(scan, text);
        news = true;
    }
    if (news)
        catalog_scan_rebuild(s, true);
}

static void monitor(struct worker *worker, void *data)
{
    struct catalog_scanner *s = data;

    while (!worker_stopping(worker)) {
        struct pollfd fds[] = {{worker_fd(worker), POLLIN, 0}, {s->news, POLLIN, 0}};
        uint64_t count;

        poll(fds, 2, s->stall_s > 3 ? 1000 : 250);
        pthread_mutex_lock(&s->m);
        find_stalled(s);
        pthread_mutex_unlock(&s->m);
        if (read(s->news, &count, sizeof count) > 0)
            worker_call(worker, s->changed, s->arg);
    }
}

static void release(void *data)
{
    catalog_scanner_unref(data);
}

/* --- nodes come and go --- */

struct catalog_scan *catalog_scan_find(const struct catalog_scanner *s, const char *name)
{
    for (size_t i = 0; i < s->n; i++)
        if (!strcmp(s->scans[i]->node.name, name))
            return s->scans[i];
    return NULL;
}

/* Can it go on for this node, or is another scan needed?  A scan that was made for a node offline
 * has no thread, and one for another directory would bring the old one's exports. */
static bool fits(const struct catalog_scan *scan, const struct model_node *node)
{
    const struct model_node *was = &scan->node;

    return was->offline == node->offline && !strcmp(was->export_dir, node->export_dir) &&
           !was->address == !node->address &&
           (!was->address || !strcmp(was->address, node->address));
}

/* What else may have changed is taken over; true if it had. */
static bool update(struct catalog_scan *scan, const struct model_node *node)
{
    struct model_node copy;
    const char *was = scan->node.error ? scan->node.error : "";

    if (scan->node.drained == node->drained && !strcmp(was, node->error ? node->error : ""))
        return false;
    if (model_node_copy(node, &copy) < 0)
        return false;
    model_node_clear(&scan->node);
    scan->node = copy;
    return true;
}

/* The list for this model: scans that fit are taken over from s, others made.  news: it differs. */
static int make_list(struct catalog_scanner *s, const struct model *m, struct catalog_scan **list,
                     bool *news)
{
    LOCK_SCOPE(&s->m);
    for (size_t i = 0; i < m->nnodes; i++) {
        struct catalog_scan *scan = catalog_scan_find(s, m->nodes[i].name);

        if (scan && fits(scan, &m->nodes[i])) {
            *news |= update(scan, &m->nodes[i]);
            list[i] = scan;
            continue;
        }

        int r = catalog_scan_new(s, &m->nodes[i], &list[i]);

        if (r < 0)
            return r;
        *news = true;
    }
    *news |= s->n != m->nnodes;
    return 0;
}

static bool is_in(struct catalog_scan *const *list, size_t n, const struct catalog_scan *scan)
{
    for (size_t i = 0; i < n; i++)
        if (list[i] == scan)
            return true;
    return false;
}

/* Puts a list (owned) in place; scans that are not in it any more are dropped. */
static void put_list(struct catalog_scanner *s, struct catalog_scan **list, size_t n, bool news)
{
    pthread_mutex_lock(&s->m);

    CLEANUP_FREE struct catalog_scan **old = s->scans;
    size_t nold = s->n;

    s->scans = list;
    s->n = n;
    if (news)
        catalog_scan_rebuild(s, true);
    pthread_mutex_unlock(&s->m);
    for (size_t i = 0; i < nold; i++)
        if (!is_in(list, n, old[i]))
            s->left_behind |= !catalog_scan_drop(old[i]);
}

static int take_model(struct catalog_scanner *s)
{
    CLEANUP_MODEL struct model *m = s->model(s->arg);
    struct catalog_scan **list = calloc(m->nnodes + 1, sizeof *list);
    bool news = false;
    int r = list ? make_list(s, m, list, &news) : -ENOMEM;

    if (r == 0) {
        put_list(s, list, m->nnodes, news);
        return 0;
    }
    for (size_t i = 0; list && i < m->nnodes; i++)
        if (list[i] && !is_in(s->scans, s->n, list[i]))
            catalog_scan_drop(list[i]);
    free(list);
    return r;
}

/* Starts the threads that are not running.  One that cannot be started leaves its node unreachable
 * until the model changes again. */
static void start_scans(struct catalog_scanner *s, bool watching)
{
    for (size_t i = 0; i < s->n; i++) {
        struct catalog_scan *scan = s->scans[i];
        int r = scan->worker || scan->node.offline ? 0 : catalog_scan_start(scan, watching);

        if (r == 0)
            continue;
        LOCK_SCOPE(&s->m);
        catalog_scan_fail(scan, "its scanner cannot be started");
        catalog_scan_rebuild(s, true);
    }
}

void catalog_model_changed(struct catalog_scanner *s)
{
    LOCK_SCOPE(&s->life);
    if (take_model(s) == 0 && s->started)
        start_scans(s, true);
}

/* --- life --- */

static bool all_looked(const struct catalog_scanner *s)
{
    for (size_t i = 0; i < s->n; i++)
        if (!s->scans[i]->node.offline && !s->scans[i]->looked && !s->scans[i]->error)
            return false;
    return true;
}

/* The first look, by threads that end: whoever opens may fork before catalog_start(). */
static void first_look(struct catalog_scanner *s)
{
    int64_t until = clock_ms() + (int64_t)s->stall_s * 1000;
    struct timespec ts = {until / 1000, until % 1000 * 1000000};

    start_scans(s, false);
    pthread_mutex_lock(&s->m);
    while (!all_looked(s) && pthread_cond_timedwait(&s->looked, &s->m, &ts) != ETIMEDOUT)
        ;
    pthread_mutex_unlock(&s->m);
    for (size_t i = 0; i < s->n; i++) {
        struct catalog_scan *scan = s->scans[i], *fresh;

        if (!scan->worker || worker_stop(STEAL(scan->worker), scan->looked ? 2000 : 0))
            continue;
        /* its thread was left behind and may still bring something: not into this list */
        s->left_behind = true;
        pthread_mutex_lock(&s->m);
        if (catalog_scan_new(s, &scan->node, &fresh) == 0) {
            s->scans[i] = fresh;
            scan->dropped = true;
            catalog_scan_unref(scan);
            scan = fresh;
        }
        catalog_scan_fail(scan, "no answer from its export directory");
        pthread_mutex_unlock(&s->m);
    }
    LOCK_SCOPE(&s->m);
    catalog_scan_rebuild(s, false);
}

static int new_scanner(struct catalog_scanner **ret)
{
    struct catalog_scanner *s = calloc(1, sizeof *s);
    pthread_condattr_t attr;

    if (!s)
        return -ENOMEM;
    atomic_init(&s->refs, 1);
    pthread_mutex_init(&s->life, NULL);
    pthread_mutex_init(&s->m, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&s->looked, &attr);
    pthread_condattr_destroy(&attr);
    s->news = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

    int r = s->news < 0 ? -errno : relay_open(&s->asks);

    if (r < 0) {

        catalog_scanner_unref(s);
        return r;
    }
    *ret = s;
    return 0;
}

int catalog_open(const struct node_ops *ops, void *node_ctx, struct model *(*model)(void *arg),
                 unsigned stall_s, void (*changed)(void *arg), void *arg,
                 struct catalog_scanner **ret, struct err *err)
{
    struct catalog_scanner *s = NULL;
    int r = new_scanner(&s);

    if (r < 0)
        return err_sys(err, r, "catalog");
    s->ops = ops;
    s->ctx = node_ctx;
    s->model = model;
    s->stall_s = stall_s;
    s->changed = changed;
    s->arg = arg;
    r = take_model(s);
    if (r == 0)
        first_look(s);
    if (r == 0 && !s->catalog)
        r = -ENOMEM;
    if (r < 0) {
        catalog_close(s);
        return err_sys(err, r, "catalog");
    }
    *ret = s;
    return 0;
}

int catalog_start(struct catalog_scanner *s)
{
    atomic_fetch_add(&s->refs, 1);

    int r = worker_start(monitor, s, release, &s->monitor);

    if (r < 0) {
        atomic_fetch_sub(&s->refs, 1);
        return r;
    }
    LOCK_SCOPE(&s->life);
    s->started = true;
    start_scans(s, true);
    return 0;
}

bool catalog_close(struct catalog_scanner *s)
{
    struct catalog_scan **scans;
    bool left_behind;
    size_t n;

    if (!s)
        return true;
    left_behind = !worker_stop(s->monitor, 2000) || s->left_behind;
    left_behind |= relay_hangs(s->asks);
    pthread_mutex_lock(&s->m);
    scans = STEAL(s->scans);
    n = s->n;
    s->n = 0;
    pthread_mutex_unlock(&s->m);
    for (size_t i = 0; i < n; i++)
        left_behind |= !catalog_scan_drop(scans[i]);
    free(scans);
    catalog_scanner_unref(s);
    return !left_behind;
}
