/* gnode_conn.c - see gnode_conn.h.
 *
 * A connection is in the table while its node has that address and is asked now and then; it ends
 * when it is in there no more and nobody holds it.  Nothing tells of a node that left the cluster:
 * it is not asked any more.  g->m guards the list; connections are ended without it.
 */
#include "export/ganeti/gnode_conn.h"

#include "export/ganeti/gnode_ssh.h"
#include "lock/clock.h"

#include <string.h>

#define UNUSED_MS (5 * 60 * 1000) /* the slowest poll is once a minute */

static void conn_free(struct gnode_conn *c)
{
    if (c->s)
        sftp_free(c->s);
    gnode_cache_destroy(&c->cache);
    gnode_left_destroy(&c->left);
    free(c->node);
    free(c->address);
    gnode_unref(c->g);
    free(c);
}

void gnode_conn_ref(struct gnode_conn *c)
{
    atomic_fetch_add_explicit(&c->refs, 1, memory_order_relaxed);
}

void gnode_conn_put(struct gnode_conn *c)
{
    if (!c || atomic_fetch_sub_explicit(&c->refs, 1, memory_order_acq_rel) != 1)
        return;
    pthread_mutex_lock(&c->g->m);
    for (struct gnode_conn **at = &c->g->conns; *at; at = &(*at)->next) {
        if (*at == c) {
            *at = c->next;
            break;
        }
    }
    pthread_mutex_unlock(&c->g->m);
    conn_free(c);
}

static int start(const struct gnode *g, const struct model_node *node, struct gnode_conn *c)
{
    CLEANUP_STRVEC struct strvec argv = {0};
    struct sftp_options opt = {.name = node->name, .argv = (const char *const *)g->command};

    if (!g->command) {
        int r = gnode_ssh_argv(g, node->address, &argv);

        if (r < 0)
            return r;
        opt.argv = (const char *const *)argv.v;
    }
    return sftp_new(&opt, &c->s);
}

static int conn_new(struct gnode *g, const struct model_node *node, struct gnode_conn **ret,
                    struct err *err)
{
    struct gnode_conn *c = calloc(1, sizeof *c);
    int r;

    if (!c)
        return err_sys(err, -ENOMEM, "Node %s", node->name);
    atomic_init(&c->refs, 1);
    atomic_fetch_add(&g->refs, 1);
    c->g = g;
    gnode_cache_init(&c->cache);
    gnode_left_init(&c->left);
    c->node = strdup(node->name);
    c->address = strdup(node->address);
    r = c->node && c->address ? start(g, node, c) : -ENOMEM;
    if (r == 0) {
        *ret = c;
        return 0;
    }
    conn_free(c);
    return r == -EINVAL
               ? err_set(err, ERR_EXEC, ECODE_NONE, EHOSTUNREACH,
                         "Node %s cannot be used: bad address '%s'", node->name, node->address)
               : err_sys(err, r, "Node %s", node->name);
}

/* With m held: takes those out of the table that are of no use any more, at most max; the table's
 * count of each becomes the caller's. */
static size_t take_out(struct gnode *g, const struct model_node *node, struct gnode_conn **ret,
                       size_t max)
{
    int64_t now = clock_ms();
    size_t n = 0;

    for (struct gnode_conn *c = g->conns; c && n < max; c = c->next) {
        bool same = !strcmp(c->node, node->name);

        if (!c->in_table ||
            (same ? !strcmp(c->address, node->address) : now - c->used_ms < UNUSED_MS))
            continue;
        c->in_table = false;
        ret[n++] = c;
    }
    return n;
}

static struct gnode_conn *find(struct gnode *g, const char *node)
{
    for (struct gnode_conn *c = g->conns; c; c = c->next)
        if (c->in_table && !strcmp(c->node, node))
            return c;
    return NULL;
}

/* With m held: the one in the table, counted for the caller; fresh, if not NULL, becomes it. */
static struct gnode_conn *find_or_add(struct gnode *g, const char *node, struct gnode_conn **fresh)
{
    struct gnode_conn *c = find(g, node);

    if (!c && *fresh) {
        c = STEAL(*fresh);
        c->in_table = true;
        c->next = g->conns;
        g->conns = c;
    }
    if (c) {
        gnode_conn_ref(c);
        c->used_ms = clock_ms();
    }
    return c;
}

int gnode_conn_get(struct gnode *g, const struct model_node *node, struct gnode_conn **ret,
                   struct err *err)
{
    CLEANUP_GNODE_CONN struct gnode_conn *fresh = NULL;
    struct gnode_conn *out[16], *c;
    size_t n;
    int r = 0;

    if (node->error || !node->export_dir)
        return err_set(err, ERR_EXEC, ECODE_NONE, EHOSTUNREACH, "Node %s cannot be used: %s",
                       node->name, node->error ? node->error : "no export directory configured");
    pthread_mutex_lock(&g->m);
    n = take_out(g, node, out, sizeof out / sizeof *out);
    c = find_or_add(g, node->name, &fresh);
    pthread_mutex_unlock(&g->m);
    for (size_t i = 0; i < n; i++)
        gnode_conn_put(out[i]);
    if (!c)
        r = conn_new(g, node, &fresh, err);
    if (r < 0)
        return r;
    if (!c) {
        pthread_mutex_lock(&g->m);
        c = find_or_add(g, node->name, &fresh); /* another thread may have been faster */
        pthread_mutex_unlock(&g->m);
    }
    *ret = c;
    return 0;
}

void gnode_conn_end_all(struct gnode *g)
{
    struct gnode_conn *c;

    do {
        pthread_mutex_lock(&g->m);
        for (c = g->conns; c && !c->in_table; c = c->next)
            atomic_store(&c->ended, true);
        if (c) {
            atomic_store(&c->ended, true);
            c->in_table = false;
        }
        pthread_mutex_unlock(&g->m);
        gnode_conn_put(c);
    } while (c);
}

/* --- for others --- */

struct sftp *gnode_sftp_get(struct gnode *g, const struct model_node *node)
{
    struct gnode_conn *c = NULL;
    struct err ignored;

    return node->address && gnode_conn_get(g, node, &c, &ignored) == 0 ? c->s : NULL;
}

void gnode_sftp_put(struct gnode *g, struct sftp *s)
{
    struct gnode_conn *c;

    if (!s)
        return;
    pthread_mutex_lock(&g->m);
    for (c = g->conns; c && c->s != s; c = c->next)
        ;
    pthread_mutex_unlock(&g->m);
    gnode_conn_put(c); /* the caller's own count has kept it in the list */
}
