/* fstype.c - see fstype.h. */
#include "export/fstype.h"

#include "lock/cleanup.h"

#include <linux/magic.h>
#include <stdint.h>
#include <string.h>
#include <sys/sysmacros.h>

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

bool fstype_fd_is_remote(int fd)
{
    struct statfs fs;

    return fd >= 0 && fstatfs(fd, &fs) == 0 && fstype_is_remote(&fs);
}

/* A line of mountinfo: "ID PARENT MAJOR:MINOR ROOT POINT OPTIONS ... - TYPE SOURCE SUPEROPTIONS".
 */
static bool is_mount_of(const char *line, dev_t dev)
{
    unsigned major, minor;

    return sscanf(line, "%*d %*d %u:%u ", &major, &minor) == 2 && makedev(major, minor) == dev;
}

bool fstype_is_emergency_ro(const struct statfs *fs, dev_t dev)
{
    CLEANUP_FCLOSE FILE *f = NULL;
    CLEANUP_FREE char *line = NULL;
    size_t size = 0;

    if ((uint32_t)fs->f_type != EXT4_SUPER_MAGIC)
        return false;
    f = fopen("/proc/self/mountinfo", "re");
    while (f && getline(&line, &size, f) > 0) {
        const char *options = strstr(line, " - ");

        if (options && is_mount_of(line, dev))
            return strstr(options, ",emergency_ro");
    }
    return false;
}
