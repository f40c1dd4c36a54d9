/* published.c - see published.h.
 *
 * A file is added as publication does it: written aside under a hidden name, synced, renamed over.
 * The directory's mtime, which tells when the export was published, is put back afterwards.
 */
#include "export/published.h"

#include "export/names.h"
#include "export/node_ident.h"
#include "export/nodedir.h"
#include "export/rmtree.h"
#include "export/stage.h"
#include "lock/fullio.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

/* Opens EXPORT_DIR and the export, which must be `only` unless that is NULL. */
static int open_same(const struct model_node *node, const char *name,
                     const struct node_export_id *only, int *ret_exports_fd, int *ret_fd,
                     struct err *err)
{
    CLEANUP_CLOSE int exports_fd = -1, fd = -1;
    int r = nodedir_open(node, false, &exports_fd, err);

    if (r == 0)
        r = nodedir_open_export(node, exports_fd, name, &fd, err);
    if (r < 0)
        return r;
    r = only ? node_ident_verify(fd, only) : 0;
    if (r == -ESTALE)
        return err_set(err, ERR_EXEC, ECODE_NONE, ESTALE, "%s/%s is another export now",
                       node->export_dir, name);
    if (r < 0)
        return err_sys(err, nodedir_errno(r), "Cannot read the export %s/%s", node->export_dir,
                       name);
    *ret_exports_fd = STEAL_FD(exports_fd);
    *ret_fd = STEAL_FD(fd);
    return 0;
}

static int write_aside(int dirfd, const char *aside, const void *data, size_t len, int64_t t)
{
    const struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, {.tv_sec = t}};
    CLEANUP_CLOSE int fd =
        openat(dirfd, aside, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    int r;

    if (fd < 0)
        return -errno;
    r = fullio_write(fd, data, len);
    if (r == 0 && futimens(fd, times) < 0)
        r = -errno;
    return r < 0 ? r : nodedir_sync(fd);
}

/* Whoever adds that file holds the export's lock: what lies aside is a dead one's. */
static int sweep_aside(int dirfd, const char *file)
{
    CLEANUP_STRVEC struct strvec left = {0};
    int r = nodedir_find_fresh(dirfd, file, NODEDIR_NEW, &left);

    for (size_t i = 0; r == 0 && i < left.n; i++)
        if (unlinkat(dirfd, left.v[i], 0) < 0 && errno != EISDIR)
            r = -errno;
    return r == 0 && left.n ? nodedir_sync(dirfd) : r;
}

static int replace_file(int dirfd, const char *file, const void *data, size_t len, int64_t t)
{
    char aside[NAME_MAX + 1];
    struct stat before;
    int r = nodedir_fresh_name(aside, file, NODEDIR_NEW);

    if (r < 0)
        return r;
    if (fstat(dirfd, &before) < 0)
        return -errno;

    const struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, before.st_mtim};

    r = sweep_aside(dirfd, file);
    if (r == 0)
        r = write_aside(dirfd, aside, data, len, t);
    if (r == 0 && renameat(dirfd, aside, dirfd, file) < 0)
        r = -errno;
    if (r < 0)
        unlinkat(dirfd, aside, 0);
    if (futimens(dirfd, times) < 0 && r == 0)
        r = -errno;
    return r < 0 ? r : nodedir_sync(dirfd);
}

int published_add_file(const struct model_node *node, const char *name,
                       const struct node_export_id *id, const char *file, const void *data,
                       size_t len, int64_t t, struct err *err)
{
    CLEANUP_CLOSE int exports_fd = -1, fd = -1;
    int r;

    if (!names_valid_file(file) || file[0] == '.')
        return err_set(err, ERR_EXEC, ECODE_INVAL, EINVAL, "Bad file name '%s' for an export",
                       file);
    r = open_same(node, name, id, &exports_fd, &fd, err);
    if (r < 0)
        return r;
    r = replace_file(fd, file, data, len, t);
    if (r < 0)
        return err_sys(err, nodedir_errno(r), "Cannot write %s/%s/%s", node->export_dir, name,
                       file);
    return 0;
}

int published_remove(const struct model_node *node, const char *name,
                     const struct node_export_id *only, struct err *err)
{
    CLEANUP_CLOSE int exports_fd = -1, fd = -1;
    char gone[NAME_MAX + 1];
    int r = open_same(node, name, only, &exports_fd, &fd, err);

    if (r < 0)
        return r;
    /* an older export still set aside would be put back once NAME is gone */
    r = stage_sweep(exports_fd, name);
    if (r == 0)
        r = nodedir_fresh_name(gone, name, NODEDIR_GONE);
    if (r == 0)
        r = nodedir_rename_new(exports_fd, name, gone);
    if (r == 0)
        r = nodedir_sync(exports_fd);
    if (r < 0)
        return err_sys(err, nodedir_errno(r), "Cannot remove the export %s/%s", node->export_dir,
                       name);
    r = rmtree(exports_fd, gone);
    if (r == 0)
        r = nodedir_sync(exports_fd);
    if (r < 0)
        return err_sys(err, nodedir_errno(r),
                       "The export %s/%s is removed, but not all of %s could be deleted",
                       node->export_dir, name, gone);
    return 0;
}
