/* modeldir_disks.c - what the disks of an instance are like right now.  No state, any thread. */
#include "export/fstype.h"
#include "export/modeldir.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

static int device_bytes(const char *path, uint64_t *ret)
{
    CLEANUP_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

    if (fd < 0 || ioctl(fd, BLKGETSIZE64, ret) < 0)
        return -errno;
    return 0;
}

/* Fills what comes from looking; -errno when this is no disk that could be read. */
static int look(struct model_disk *d)
{
    struct statfs fs;
    struct stat st;

    if (stat(d->path, &st) < 0 || statfs(d->path, &fs) < 0)
        return -errno;
    d->dev = S_ISBLK(st.st_mode) ? st.st_rdev : st.st_dev;
    d->ino = st.st_ino;
    d->mtime = st.st_mtim;
    d->ctime = st.st_ctim;
    d->is_block = S_ISBLK(st.st_mode);
    if (d->is_block) {
        int r = device_bytes(d->path, &d->bytes);

        d->blocks512 = d->bytes / 512 + !!(d->bytes % 512);
        return r;
    }
    if (!S_ISREG(st.st_mode))
        return S_ISDIR(st.st_mode) ? -EISDIR : -ENOTBLK;
    d->bytes = (uint64_t)st.st_size;
    d->blocks512 = (uint64_t)st.st_blocks;
    d->can_snapshot = fstype_can_reflink(&fs);
    return faccessat(AT_FDCWD, d->path, R_OK, AT_EACCESS) < 0 ? -errno : 0;
}

static void look_again(struct model_disk *d)
{
    d->dev = 0;
    d->ino = 0;
    d->bytes = d->blocks512 = 0;
    d->mtime = d->ctime = (struct timespec){0};
    d->is_block = d->can_snapshot = false;
    d->look_error = look(d);
    if (d->look_error)
        d->bytes = d->size_given ? d->size_mib * MODEL_MIB : 0;
    else if (!d->size_given)
        d->size_mib = d->bytes / MODEL_MIB + !!(d->bytes % MODEL_MIB);
}

void modeldir_look_at_disks(struct model_instance *inst)
{
    for (unsigned j = 0; j < inst->ndisks; j++)
        look_again(&inst->disks[j]);
}

static bool same_time(struct timespec a, struct timespec b)
{
    return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

bool modeldir_disks_changed(const struct model_instance *inst, bool strict)
{
    for (unsigned j = 0; j < inst->ndisks; j++) {
        const struct model_disk *was = &inst->disks[j];
        struct model_disk now = *was;

        look_again(&now);
        if (now.bytes != was->bytes || now.look_error != was->look_error || now.dev != was->dev ||
            now.ino != was->ino || now.is_block != was->is_block ||
            now.can_snapshot != was->can_snapshot)
            return true;
        if (strict && (now.blocks512 != was->blocks512 || !same_time(now.mtime, was->mtime) ||
                       !same_time(now.ctime, was->ctime)))
            return true;
    }
    return false;
}
