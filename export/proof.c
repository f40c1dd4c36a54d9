/* proof.c - see proof.h.
 *
 * A write that comes after the data was taken gets a ctime of about then.  So if all ctimes were
 * older than that by more than their grain, equal times mean that nothing was written.  The mtime
 * is compared too, but proves nothing by itself: anybody can set it.
 */
#include "export/proof.h"

#include "export/exportini.h"
#include "lock/cleanup.h"

#include <xxhash.h>

#define GRAIN_S 2 /* of the coarsest file systems */

bool proof_of(const struct model_instance *inst, struct proof *ret)
{
    CLEANUP_FREE char *config = NULL;
    struct disk_facts {
        uint64_t dev, ino, bytes;
        int64_t mtime, mtime_ns, ctime, ctime_ns;
    } facts[MODEL_MAX_DISKS] = {0};
    struct err ignored;
    size_t len;

    if (inst->error || inst->admin_state == ADMIN_UP)
        return false;
    for (unsigned j = 0; j < inst->ndisks; j++) {
        const struct model_disk *d = &inst->disks[j];

        if (d->is_block || d->look_error || !d->ino)
            return false;
        facts[j] =
            (struct disk_facts){d->dev,           d->ino,          d->bytes,        d->mtime.tv_sec,
                                d->mtime.tv_nsec, d->ctime.tv_sec, d->ctime.tv_nsec};
    }
    if (exportini_render(inst, 0, &config, &len, &ignored) < 0)
        return false;

    XXH128_hash_t text = XXH3_128bits(config, len);
    XXH128_hash_t all = XXH3_128bits_withSeed(facts, sizeof facts, text.low64 ^ text.high64);

    *ret = (struct proof){all.high64, all.low64};
    return true;
}

bool proof_holds(const struct model_instance *inst, int64_t since)
{
    for (unsigned j = 0; j < inst->ndisks; j++)
        if (inst->disks[j].ctime.tv_sec + GRAIN_S > since)
            return false;
    return true;
}
