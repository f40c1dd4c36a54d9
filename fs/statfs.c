/* statfs.c - sums over the nodes that can be reached, from memory. */
#include "fs/statfs.h"

#include <limits.h>

#define BLOCK 4096

static bool reachable(const struct catalog_node *n)
{
    return n->state == NODE_ONLINE || n->state == NODE_DRAINED;
}

/* Several nodes may export into one file system; one that is far away (dev 0) does not tell. */
static bool counted_before(const struct catalog *c, size_t k)
{
    for (size_t e = 0; e < k; e++)
        if (c->nodes[k].space.dev && reachable(&c->nodes[e]) &&
            c->nodes[e].space.dev == c->nodes[k].space.dev)
            return true;
    return false;
}

void statfs_fill(struct fs *fs, struct statvfs *ret)
{
    CLEANUP_MODEL struct model *m = fs->cluster->ops->model(fs->cluster);
    struct catalog *c = fs->cluster->ops->catalog(fs->cluster);
    *ret = (struct statvfs){.f_bsize = BLOCK, .f_frsize = BLOCK, .f_namemax = NAME_MAX};
    for (size_t k = 0; k < c->n; k++) {
        if (!reachable(&c->nodes[k]) || counted_before(c, k))
            continue;
        ret->f_blocks += c->nodes[k].space.total / BLOCK;
        ret->f_bfree += c->nodes[k].space.free / BLOCK;
    }
    ret->f_bavail = ret->f_bfree;
    for (size_t k = 0; k < m->ninstances; k++)
        ret->f_files += !m->instances[k]->error;
    catalog_unref(c);
}
