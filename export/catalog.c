/* catalog.c - the immutable catalog and how to find things in it (catalog.h).  Any thread. */
#include "export/catalog.h"

#include <string.h>

struct catalog *catalog_ref(struct catalog *c)
{
    atomic_fetch_add_explicit(&c->refs, 1, memory_order_relaxed);
    return c;
}

static void node_clear(struct catalog_node *n)
{
    for (size_t i = 0; i < n->n; i++)
        catalog_export_unref(n->exports[i]);
    free(n->exports);
    for (size_t i = 0; i < n->nunfinished; i++)
        catalog_export_unref(n->unfinished[i]);
    free(n->unfinished);
    free(n->name);
    free(n->error);
}

void catalog_unref(struct catalog *c)
{
    if (!c || atomic_fetch_sub_explicit(&c->refs, 1, memory_order_acq_rel) != 1)
        return;
    for (size_t i = 0; i < c->n; i++)
        node_clear(&c->nodes[i]);
    free(c->nodes);
    free(c);
}

static int node_cmp(const void *key, const void *elem)
{
    return strcmp(key, ((const struct catalog_node *)elem)->name);
}

static int export_cmp(const void *key, const void *elem)
{
    return strcmp(key, (*(struct catalog_export *const *)elem)->name);
}

const struct catalog_node *catalog_find_node(const struct catalog *c, const char *node)
{
    return c->n ? bsearch(node, c->nodes, c->n, sizeof *c->nodes, node_cmp) : NULL;
}

static const struct catalog_export *find_in(const struct catalog_node *n, const char *name)
{
    struct catalog_export *const *found =
        n->n ? bsearch(name, n->exports, n->n, sizeof *n->exports, export_cmp) : NULL;

    return found ? *found : NULL;
}

const struct catalog_export *catalog_find(const struct catalog *c, const char *node,
                                          const char *name)
{
    const struct catalog_node *n = catalog_find_node(c, node);

    return n ? find_in(n, name) : NULL;
}

static bool newer(const struct catalog_export *a, const struct catalog_export *b)
{
    if (a->info->id.t != b->info->id.t)
        return a->info->id.t > b->info->id.t;
    return a->info->published > b->info->published;
}

const struct catalog_export *catalog_current(const struct catalog *c, const char *name,
                                             const struct catalog_node **ret_node)
{
    const struct catalog_export *best = NULL;

    for (size_t i = 0; i < c->n; i++) {
        const struct catalog_node *n = &c->nodes[i];
        const struct catalog_export *e =
            n->state == NODE_ONLINE || n->state == NODE_DRAINED ? find_in(n, name) : NULL;

        if (!e || !e->complete || (best && !newer(e, best)))
            continue;
        best = e;
        if (ret_node)
            *ret_node = n;
    }
    return best;
}
