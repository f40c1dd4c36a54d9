/* fstype.c - see fstype.h. */
#include "export/fstype.h"

#include <linux/magic.h>
#include <stdint.h>

#ifndef XFS_SUPER_MAGIC
#define XFS_SUPER_MAGIC 0x58465342
#endif
/* not in linux/magic.h of Debian 12 */
#define GFS2_SUPER_MAGIC   0x01161970
#define LUSTRE_SUPER_MAGIC 0x0bd00bd0
#define VBOXSF_SUPER_MAGIC 0x786f4256
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

bool fstype_is_remote(const struct statfs *fs)
{
    switch ((uint32_t)fs->f_type) {
    case NFS_SUPER_MAGIC:
    case SMB_SUPER_MAGIC:
    case SMB2_SUPER_MAGIC:
    case CEPH_SUPER_MAGIC:
    case FUSE_SUPER_MAGIC:
    case V9FS_MAGIC:
    case AFS_SUPER_MAGIC:
    case AFS_FS_MAGIC:
    case CODA_SUPER_MAGIC:
    case OCFS2_SUPER_MAGIC:
    case GFS2_SUPER_MAGIC:
    case LUSTRE_SUPER_MAGIC:
    case VBOXSF_SUPER_MAGIC:
        return true;
    default:
        return false;
    }
}
