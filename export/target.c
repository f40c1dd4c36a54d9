/* target.c - see target.h.  Pure functions of model, catalog and reservations. */
#include "export/target.h"

#include <string.h>

uint64_t target_disk_need(const struct model_disk *disk)
{
    uint64_t allocated;

    if (__builtin_mul_overflow(disk->blocks512, (uint64_t)512, &allocated))
        return disk->bytes;
    return allocated < disk->bytes ? allocated : disk->bytes;
}

uint64_t target_need(const struct model_instance *inst, const struct node_space *sp)
{
    uint64_t sum = 0;

    for (unsigned j = 0; j < inst->ndisks; j++) {
        const struct model_disk *d = &inst->disks[j];

        if (!d->is_block && sp->can_reflink && sp->dev == d->dev)
            continue;
        if (__builtin_add_overflow(sum, target_disk_need(d), &sum))
            return UINT64_MAX;
    }
    return sum;
}

uint64_t target_written_need(const struct written *w, const struct node_space *sp)
{
    return w->clones && sp->can_reflink && sp->dev == w->dev ? 0 : w->need;
}

static uint64_t unreserved(const struct catalog_node *cn, struct share *share)
{
    uint64_t reserved = share_reserved(share, cn->name, NULL);

    return cn->space.free > reserved ? cn->space.free - reserved : 0;
}

static bool takes_exports(const struct model *model, const struct catalog_node *cn)
{
    return cn->state == NODE_ONLINE && !cn->space.read_only && model_find_node(model, cn->name);
}

const char *target_choose(const struct model *model, const struct catalog *catalog,
                          struct share *share, const char *name, const char *primary_node,
                          const char *preferred, struct err *err)
{
    const struct catalog_node *holder = NULL, *best = NULL, *primary = NULL;

    if (preferred)
        return preferred;
    catalog_current(catalog, name, &holder);
    if (holder && takes_exports(model, holder))
        return model_find_node(model, holder->name)->name;

    for (size_t i = 0; i < catalog->n; i++) {
        const struct catalog_node *cn = &catalog->nodes[i];

        if (!takes_exports(model, cn))
            continue;
        if (primary_node && strcmp(cn->name, primary_node) == 0)
            primary = cn;
        else if (!best || unreserved(cn, share) > unreserved(best, share))
            best = cn;
    }
    if (!best)
        best = primary;
    if (!best) {
        err_set(err, ERR_PREREQ, ECODE_STATE, EHOSTDOWN,
                "No node is online and writable to take the export");
        return NULL;
    }
    return model_find_node(model, best->name)->name;
}
