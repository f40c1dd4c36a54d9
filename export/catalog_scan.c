/* catalog_scan.c - the thread that looks at one node (catalog_scan.h).
 *
 *            event, kick                 delay is over
 *     IDLE ---------------> GATHERING -----------------> LOOKING --> IDLE
 *       | poll interval is over                            ^  |
 *       +--------------------------------------------------+  | stall_s without an answer: the
 *                                                             | monitor shows the node as
 *                                                             | unreachable; the answer heals it
 *
 * A look takes a copy of the node and of the last listing, works without any lock, and puts its
 * result in place unless the scan was dropped meanwhile.  Threads may hang in the node for ever.
 */
#include "export/catalog_scan.h"

#include "export/relay.h"
#include "export/watchset.h"
#include "lock/clock.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>

#define GATHER_MS 50
#define POLL_MS   5000
#define AFAR_MS   1000 /* where nothing can be watched */
#define GRACE_MS  2000

/* Export directories watched per node: the kernel's number is limited and shared with others.  What
 * is beyond is seen by the poll. */
#define MAX_WATCHED 2048

void catalog_scanner_unref(struct catalog_scanner *s)
{
    if (atomic_fetch_sub_explicit(&s->refs, 1, memory_order_acq_rel) != 1)
        return;
    catalog_unref(s->catalog);
    catalog_scan_free_hidden(s);
    free(s->scans);
    relay_close(s->asks);
    if (s->news >= 0)
        close(s->news);
    pthread_cond_destroy(&s->looked);
    pthread_mutex_destroy(&s->life);
    pthread_mutex_destroy(&s->m);
    free(s);
}

void catalog_scan_unref(struct catalog_scan *scan)
{
    if (!scan || atomic_fetch_sub_explicit(&scan->refs, 1, memory_order_acq_rel) != 1)
        return;
    catalog_listing_clear(&scan->listing);
    model_node_clear(&scan->node);
    free(scan->error);
    if (scan->kick >= 0)
        close(scan->kick);
    catalog_scanner_unref(scan->s);
    free(scan);
}

int catalog_scan_new(struct catalog_scanner *s, const struct model_node *node,
                     struct catalog_scan **ret)
{
    struct catalog_scan *scan = calloc(1, sizeof *scan);

    if (!scan)
        return -ENOMEM;
    atomic_init(&scan->refs, 1);
    atomic_fetch_add(&s->refs, 1);
    scan->s = s;
    scan->kick = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

    int r = scan->kick < 0 ? -errno : model_node_copy(node, &scan->node);

    if (r < 0) {
        catalog_scan_unref(scan);
        return r;
    }
    *ret = scan;
    return 0;
}

void catalog_scan_fail(struct catalog_scan *scan, const char *text)
{
    free(scan->error);
    scan->error = text ? strdup(text) : NULL;
    if (!text)
        return;
    catalog_listing_clear(&scan->listing);
    if (!scan->error) /* no memory for the story: unreachable all the same */
        scan->error = calloc(1, 1);
}

/* --- one look --- */

static void answered(void *arg)
{
    struct catalog_scan *scan = arg;

    atomic_store(&scan->asked, clock_ms());
}

static int begin(struct catalog_scan *scan, struct model_node *node, struct catalog_listing *old,
                 uint64_t *epoch)
{
    LOCK_SCOPE(&scan->s->m);
    int r = model_node_copy(&scan->node, node);

    if (r < 0)
        return r;
    r = catalog_listing_copy(&scan->listing, old);
    if (r < 0) {
        model_node_clear(node);
        return r;
    }
    *epoch = scan->epoch;
    atomic_store(&scan->asked, clock_ms());
    return 0;
}

static bool same_space(const struct node_space *a, const struct node_space *b)
{
    return a->free == b->free && a->total == b->total && a->dev == b->dev &&
           a->can_reflink == b->can_reflink && a->read_only == b->read_only &&
           a->remote == b->remote;
}

/* With m held.  result is taken. */
static void put(struct catalog_scan *scan, struct catalog_listing *result, const char *error)
{
    /* free bytes come and go; what waits for a node waits for it to be writable again */
    bool news = !scan->looked || !scan->error != !error ||
                scan->listing.space.read_only != result->space.read_only;
    bool space = !same_space(&scan->listing.space, &result->space);

    if (error)
        news |= !scan->error || strcmp(scan->error, error) != 0;
    else
        news |= !catalog_listing_same(&scan->listing, result);
    catalog_listing_clear(&scan->listing);
    scan->listing = *result;
    catalog_scan_fail(scan, error);
    scan->looked = true;
    if (news || space)
        catalog_scan_rebuild(scan->s, news);
    pthread_cond_broadcast(&scan->s->looked);
}

bool catalog_scan_look(struct catalog_scan *scan)
{
    struct catalog_scanner *s = scan->s;
    struct catalog_reader rd = {s->ops, s->ctx, answered, scan};
    struct catalog_listing old, result = {0};
    struct model_node node;
    struct err err;
    uint64_t epoch;

    if (begin(scan, &node, &old, &epoch) < 0)
        return true;

    int r = catalog_read_node(&rd, &node, &old, &result, &err);

    catalog_listing_clear(&old);
    model_node_clear(&node);

    LOCK_SCOPE(&s->m);
    atomic_store(&scan->asked, 0);
    if (scan->dropped || r == -ENOMEM || epoch != scan->epoch) {
        catalog_listing_clear(&result);
        return scan->dropped || r == -ENOMEM;
    }
    put(scan, &result, r < 0 ? err.text : NULL);
    return true;
}

/* --- the thread --- */

/* True when a directory was not watched before: what happened in it until now was not seen. */
static bool renew_watches(struct catalog_scan *scan, struct watchset *ws)
{
    struct catalog_listing now = {0};
    CLEANUP_FREE char *dir = NULL;
    bool news;

    pthread_mutex_lock(&scan->s->m);
    dir = scan->node.address ? NULL : strdup(scan->node.export_dir);
    if (dir && catalog_listing_copy(&scan->listing, &now) < 0)
        free(STEAL(dir));
    pthread_mutex_unlock(&scan->s->m);
    if (!dir)
        return false;

    watchset_begin(ws);
    news = watchset_add(ws, dir);
    for (size_t i = 0; i < now.n && i < MAX_WATCHED; i++) {
        char *path;

        if (asprintf(&path, "%s/%s", dir, now.v[i].exp->name) < 0)
            continue;
        news |= watchset_add(ws, path);
        free(path);
    }
    watchset_end(ws);
    catalog_listing_clear(&now);
    return news;
}

static int clamp(int64_t n, int min, int max)
{
    return n < min ? min : n > max ? max : (int)n;
}

/* How long until the next look, if nothing happens; cost: CPU time of the last one.  All nodes
 * together shall take half a percent of a processor for it. */
static int poll_ms(struct catalog_scan *scan, int64_t cost)
{
    LOCK_SCOPE(&scan->s->m);
    return clamp(200 * cost * (int64_t)scan->s->n, scan->node.address ? AFAR_MS : POLL_MS, 60000);
}

/* Returns true when it must look again at once. */
static bool look_and_watch(struct catalog_scan *scan, struct watchset *ws, int64_t *cost)
{
    int64_t start = clock_cpu_ms();
    bool again = !catalog_scan_look(scan);

    /* asking a hung node to be watched hangs, too: the monitor's business as well */
    answered(scan);
    again |= renew_watches(scan, ws);
    atomic_store(&scan->asked, 0);
    *cost = clock_cpu_ms() - start;
    return again;
}

static void watch(struct worker *worker, void *data)
{
    struct catalog_scan *scan = data;
    struct watchset ws;
    int64_t cost = 0;
    bool again = true;

    watchset_init(&ws);
    while (!worker_stopping(worker)) {
        struct pollfd fds[] = {
            {worker_fd(worker), POLLIN, 0}, {scan->kick, POLLIN, 0}, {ws.fd, POLLIN, 0}};
        int n = again ? 1 : poll(fds, 3, poll_ms(scan, cost));

        if (n > 0 && poll(fds, 1, clamp(5 * cost, GATHER_MS, 500)) > 0)
            break;
        if (n < 0 && errno != EINTR)
            break;

        uint64_t count;

        (void)!read(scan->kick, &count, sizeof count);
        watchset_drain(&ws);
        again = look_and_watch(scan, &ws, &cost);
    }
    watchset_destroy(&ws);
}

static void look_once(struct worker *worker, void *data)
{
    while (!catalog_scan_look(data) && !worker_stopping(worker))
        ;
}

static void release(void *data)
{
    catalog_scan_unref(data);
}

int catalog_scan_start(struct catalog_scan *scan, bool watching)
{
    atomic_fetch_add(&scan->refs, 1);

    int r = worker_start(watching ? watch : look_once, scan, release, &scan->worker);

    if (r < 0)
        atomic_fetch_sub(&scan->refs, 1);
    return r;
}

bool catalog_scan_drop(struct catalog_scan *scan)
{
    pthread_mutex_lock(&scan->s->m);
    scan->dropped = true;

    bool hung = scan->error && atomic_load(&scan->asked);

    pthread_mutex_unlock(&scan->s->m);

    bool ended = worker_stop(STEAL(scan->worker), hung ? 0 : GRACE_MS);

    catalog_scan_unref(scan);
    return ended;
}
