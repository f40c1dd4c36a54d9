/* readahead.c - see readahead.h.
 *
 * FUSE's usual 128 KiB is one small request at a time: a disk below waits between two of them.
 * What the kernel allows is a number of the mount's backing device info, which INIT can only lower.
 */
#include "fs/readahead.h"

#include "lock/cleanup.h"

#include <fcntl.h>
#include <sys/stat.h>

#define KIB "4096"

void readahead_set(const char *mountpoint)
{
    char path[64];
    struct statx st;

    /* the device only: for anything else the kernel would ask us, who do not listen yet */
    if (statx(AT_FDCWD, mountpoint, AT_STATX_DONT_SYNC, 0, &st) < 0)
        return;
    snprintf(path, sizeof(path), "/sys/class/bdi/%u:%u/read_ahead_kb", st.stx_dev_major,
             st.stx_dev_minor);
    CLEANUP_CLOSE int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd >= 0 && write(fd, KIB, sizeof(KIB) - 1) < 0)
        return;
}
