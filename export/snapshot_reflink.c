/* snapshot_reflink.c - see snapshot_reflink.h.  No state, any thread.
 *
 * The check clones one block and not the disk: a clone holds back the guest's writes for as long as
 * it walks the disk's extents (0.1 to 0.4 s for 20000 of them on XFS, against about a millisecond
 * for one block), and the LU checks every disk before it touches anything.  What one block cannot
 * tell (space for the extents' bookkeeping) the snapshot itself reports.
 */
#include "export/snapshot_reflink.h"

#include "lock/cleanup.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/fs.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/vfs.h>

/* Opens the disk if it is of a kind that can be read as one; *st is of what was opened. */
static int open_disk(const struct model_disk *disk, struct stat *st, int *ret_fd, struct err *err)
{
    /* looked at before it is opened, for opening some devices has effects; and again after */
    if (stat(disk->path, st) < 0)
        return err_sys(err, -errno, "Cannot open disk %s", disk->path);
    if (!S_ISREG(st->st_mode) && !S_ISBLK(st->st_mode))
        return err_set(err, ERR_EXEC, ECODE_INVAL, EINVAL,
                       "Disk %s is neither a regular file nor a block device", disk->path);

    CLEANUP_CLOSE int fd = open(disk->path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

    if (fd < 0 || fstat(fd, st) < 0)
        return err_sys(err, -errno, "Cannot open disk %s", disk->path);
    if (!S_ISREG(st->st_mode) && !S_ISBLK(st->st_mode))
        return err_set(err, ERR_EXEC, ECODE_INVAL, EINVAL,
                       "Disk %s is neither a regular file nor a block device", disk->path);
    *ret_fd = STEAL_FD(fd);
    return 0;
}

/* Where O_TMPFILE is not known: a file that has a name for a moment. */
static int create_unlinked(int dirfd)
{
    char name[] = ".snap-0123456789abcdef";
    uint64_t random;

    if (getrandom(&random, sizeof random, 0) != (ssize_t)sizeof random)
        return -errno;
    snprintf(name, sizeof name, ".snap-%016llx", (unsigned long long)random);

    int fd = openat(dirfd, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

    if (fd < 0)
        return -errno;
    unlinkat(dirfd, name, 0);
    return fd;
}

/* A file without a name in the directory that really holds the disk. */
static int open_nameless(const char *disk_path)
{
    CLEANUP_FREE char *real = realpath(disk_path, NULL);
    CLEANUP_CLOSE int dirfd = -1;
    char *slash = real ? strrchr(real, '/') : NULL;
    int fd;

    if (!slash)
        return -errno;
    slash[slash == real ? 1 : 0] = '\0';
    dirfd = open(real, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dirfd < 0)
        return -errno;
    fd = openat(dirfd, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL))
        return create_unlinked(dirfd);
    return fd < 0 ? -errno : fd;
}

static int clone_failed(const struct model_disk *disk, int r, struct err *err)
{
    switch (-r) {
    case EOPNOTSUPP:
    case ENOTTY:
    case EXDEV:
    case EINVAL:
    case ENOSYS:
        return err_set(err, ERR_EXEC, ECODE_NONE, EOPNOTSUPP,
                       "Cannot snapshot %s: its file system has no reflinks", disk->path);
    default:
        return err_sys(err, r, "Cannot snapshot %s", disk->path);
    }
}

/* Opens the disk and an empty nameless file beside it. */
static int prepare(const struct model_disk *disk, struct stat *st, int *ret_disk, int *ret_snap,
                   struct err *err)
{
    CLEANUP_CLOSE int fd = -1;
    int r = open_disk(disk, st, &fd, err);

    if (r < 0)
        return r;
    if (S_ISBLK(st->st_mode))
        return err_set(err, ERR_EXEC, ECODE_NONE, EOPNOTSUPP, "Cannot snapshot block device %s",
                       disk->path);
    r = open_nameless(disk->path);
    if (r < 0)
        return err_sys(err, r, "Cannot snapshot %s: no file can be made beside it", disk->path);
    *ret_disk = STEAL_FD(fd);
    *ret_snap = r;
    return 0;
}

int snapshot_reflink_check(const struct model_disk *disk, struct err *err)
{
    CLEANUP_CLOSE int fd = -1, snap = -1;
    struct file_clone_range range = {0};
    struct statfs fs;
    struct stat st;
    int r = prepare(disk, &st, &fd, &snap, err);

    if (r < 0)
        return r;
    if (fstatfs(fd, &fs) < 0)
        return err_sys(err, -errno, "Cannot snapshot %s", disk->path);
    range.src_fd = fd;
    /* whole blocks only, unless it is all of the file, which 0 says */
    range.src_length = st.st_size > fs.f_bsize ? (uint64_t)fs.f_bsize : 0;
    return ioctl(snap, FICLONERANGE, &range) < 0 ? clone_failed(disk, -errno, err) : 0;
}

int snapshot_reflink_take(const struct model_disk *disk, struct node_snapshot *ret, struct err *err)
{
    CLEANUP_CLOSE int fd = -1, snap = -1;
    struct stat st;
    char *label;
    int r = prepare(disk, &st, &fd, &snap, err);

    if (r < 0)
        return r;
    while (ioctl(snap, FICLONE, fd) < 0)
        if (errno != EINTR)
            return clone_failed(disk, -errno, err);
    if (asprintf(&label, "reflink of %s", disk->path) < 0)
        return err_sys(err, -ENOMEM, "Cannot snapshot %s", disk->path);
    *ret = (struct node_snapshot){.fd = STEAL_FD(snap), .label = label};
    return 0;
}

void snapshot_reflink_release(struct node_snapshot *snap)
{
    if (snap->fd >= 0)
        close(snap->fd);
    free(snap->label);
    *snap = (struct node_snapshot){.fd = -1};
}

int snapshot_disk_open(const struct model_disk *disk, int *ret_fd, struct err *err)
{
    struct stat st;

    return open_disk(disk, &st, ret_fd, err);
}

int snapshot_disk_remove(const struct model_disk *disk, struct err *err)
{
    CLEANUP_FREE char *parent = strdup(disk->path);
    CLEANUP_CLOSE int dirfd = -1;
    char *slash = parent ? strrchr(parent, '/') : NULL;
    struct stat st;

    if (!slash)
        return err_sys(err, parent ? -EINVAL : -ENOMEM, "Cannot remove disk %s", disk->path);
    if (lstat(disk->path, &st) < 0)
        return err_sys(err, -errno, "Cannot remove disk %s", disk->path);
    if (S_ISBLK(st.st_mode))
        return err_set(err, ERR_EXEC, ECODE_NONE, EOPNOTSUPP,
                       "Cannot remove disk %s: block devices are not wiped", disk->path);
    if (!S_ISREG(st.st_mode))
        return err_set(err, ERR_EXEC, ECODE_NONE, EINVAL,
                       "Cannot remove disk %s: not a regular file", disk->path);
    slash[slash == parent ? 1 : 0] = '\0';
    dirfd = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dirfd < 0 || unlink(disk->path) < 0 || fsync(dirfd) < 0)
        return err_sys(err, -errno, "Cannot remove disk %s", disk->path);
    return 0;
}
