/* catalog.c - the immutable catalog and how to find things in it (catalog.h).  Any thread. */
#include "export/catalog.h"

#include <string.h>
#include <xxhash.h>

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
    free(atomic_load(&c->index));
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

uint64_t catalog_version(const struct catalog_export *e)
{
    const struct node_export_id *id = &e->info->id;
    uint64_t parts[] = {id->dev, id->ino, (uint64_t)id->t, id->size, id->hash};

    return XXH3_64bits(parts, sizeof parts);
}

uint64_t catalog_content(const struct catalog_node *of, int64_t *newest)
{
    struct catalog_node *n = (struct catalog_node *)of; /* what is kept says nothing new */
    uint64_t content = atomic_load(&n->content);
    int64_t last = 0;

    if (content) {
        *newest = atomic_load(&n->newest);
        return content;
    }
    for (size_t k = 0; k < n->n; k++) {
        const struct catalog_export *e = n->exports[k];

        content = XXH3_64bits_withSeed(e->name, strlen(e->name) + 1, content);
        if (!e->info)
            continue;
        content ^= catalog_version(e);
        if (e->info->published > last)
            last = e->info->published;
    }
    content |= 1;
    atomic_store(&n->newest, last);
    atomic_store(&n->content, content);
    *newest = last;
    return content;
}

int catalog_tar_size(const struct catalog_export *of, const struct tarmap_member *members, size_t n,
                     uint64_t *ret)
{
    struct catalog_export *e = (struct catalog_export *)of;
    uint64_t size = atomic_load(&e->tar_size);
    int r = size ? 0 : tarmap_size(e->name, members, n, &size);

    if (r < 0)
        return r;
    atomic_store(&e->tar_size, size);
    *ret = size;
    return 0;
}

static bool newer(const struct catalog_export *a, const struct catalog_export *b)
{
    if (a->info->id.t != b->info->id.t)
        return a->info->id.t > b->info->id.t;
    return a->info->published > b->info->published;
}

/* Sorted by name; of one name the current export is the first. */
struct catalog_index {
    size_t n;
    struct catalog_place {
        const struct catalog_export *e;
        const struct catalog_node *node;
    } places[];
};

static int place_cmp(const void *x, const void *y)
{
    const struct catalog_place *a = x, *b = y;
    int c = strcmp(a->e->name, b->e->name);

    if (c)
        return c;
    if (newer(a->e, b->e))
        return -1;
    if (newer(b->e, a->e))
        return 1;
    return a->node < b->node ? -1 : a->node > b->node;
}

static bool is_readable(const struct catalog_node *n)
{
    return n->state == NODE_ONLINE || n->state == NODE_DRAINED;
}

static struct catalog_index *make_index(const struct catalog *c)
{
    struct catalog_index *x;
    size_t n = 0;

    for (size_t i = 0; i < c->n; i++)
        n += c->nodes[i].n;
    x = malloc(sizeof *x + n * sizeof *x->places);
    if (!x)
        return NULL;
    x->n = 0;
    for (size_t i = 0; i < c->n; i++)
        for (size_t k = 0; is_readable(&c->nodes[i]) && k < c->nodes[i].n; k++)
            if (c->nodes[i].exports[k]->complete)
                x->places[x->n++] = (struct catalog_place){c->nodes[i].exports[k], &c->nodes[i]};
    qsort(x->places, x->n, sizeof *x->places, place_cmp);
    n = 0;
    for (size_t i = 0; i < x->n; i++)
        if (!n || strcmp(x->places[n - 1].e->name, x->places[i].e->name) != 0)
            x->places[n++] = x->places[i];
    x->n = n;
    return x;
}

/* NULL: there is no memory for it. */
static const struct catalog_index *index_of(const struct catalog *of)
{
    struct catalog *c = (struct catalog *)of; /* what is kept says nothing new */
    struct catalog_index *x = atomic_load(&c->index), *none = NULL;

    if (x)
        return x;
    x = make_index(c);
    if (!x || atomic_compare_exchange_strong(&c->index, &none, x))
        return x;
    free(x);
    return none;
}

static int by_name(const void *name, const void *place)
{
    return strcmp(name, ((const struct catalog_place *)place)->e->name);
}

static struct catalog_place find_indexed(const struct catalog_index *x, const char *name)
{
    const struct catalog_place *found = bsearch(name, x->places, x->n, sizeof *x->places, by_name);

    return found ? *found : (struct catalog_place){0};
}

/* "None" would have an export that is there promised anew. */
static struct catalog_place find_without_memory(const struct catalog *c, const char *name)
{
    struct catalog_place best = {0};

    for (size_t i = 0; i < c->n; i++) {
        const struct catalog_node *n = &c->nodes[i];
        const struct catalog_export *e = is_readable(n) ? find_in(n, name) : NULL;

        if (e && e->complete && (!best.e || newer(e, best.e)))
            best = (struct catalog_place){e, n};
    }
    return best;
}

const struct catalog_export *catalog_current(const struct catalog *c, const char *name,
                                             const struct catalog_node **ret_node)
{
    const struct catalog_index *x = index_of(c);
    struct catalog_place found = x ? find_indexed(x, name) : find_without_memory(c, name);

    if (found.e && ret_node)
        *ret_node = found.node;
    return found.e;
}
