/* fstype.c - see fstype.h. */
#include "export/fstype.h"

#include <linux/magic.h>
#include <stdint.h>

#ifndef XFS_SUPER_MAGIC
#define XFS_SUPER_MAGIC 0x58465342
#endif
#ifndef BCACHEFS_SUPER_MAGIC
#define BCACHEFS_SUPER_MAGIC 0xca451a4e
#endif

bool fstype_can_reflink(const struct statfs *fs)
{
    /* f_type is signed and as wide as a long: compared as the 32 bits that it is */
    switch ((uint32_t)fs->f_type) {
    case XFS_SUPER_MAGIC:
    case BTRFS_SUPER_MAGIC:
    case BCACHEFS_SUPER_MAGIC:
        return true;
    default:
        return false;
    }
}
