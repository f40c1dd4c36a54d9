/* publish.c - the publication of an export.
 *
 *      settle        every file: mtime = T, fsync; the directory: mtime = now, fsync
 *        |
 *      switch_in     RENAME_EXCHANGE with the old export, or a plain rename when there is none
 *        |
 *      fsync         of EXPORT_DIR: from here on a crash of the machine leaves the new one, too
 *        |
 *      stage_abort   removes what has the staging name now: the old export
 *
 * A crash before the exchange leaves the old export and a left-over stage, one after it the new
 * export and a left-over old one under the staging name; stage_sweep() removes either.
 *
 * Some file systems (NFS, SFTP) have no exchange.  There the old export is set aside and the new
 * one takes its place in a second rename, with EXPORT_DIR synced in between.  A crash between the
 * two leaves no NAME, but the whole old export as .NAME.old-xxxxxx and the whole new one as
 * .NAME.new-xxxxxx: stage_sweep() puts the old one back.  That name is given up (set to
 * .NAME.gone-xxxxxx) before anything in the old export is deleted, so only a whole export is ever
 * put back.
 */
#include "export/publish.h"

#include "export/node_ident.h"
#include "export/nodedir.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

/* Mtime and contents of one file are on disk afterwards. */
static int settle_file(int dirfd, const char *file, int64_t t)
{
    const struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, {.tv_sec = t}};
    CLEANUP_CLOSE int fd = -1;
    int r = nodedir_open_file(dirfd, file, &fd);

    if (r < 0)
        return r;
    return futimens(fd, times) < 0 ? -errno : nodedir_sync(fd);
}

static int settle(const struct node_stage *stage, int64_t t, struct err *err)
{
    CLEANUP_CLOSE int fd = openat(stage->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    CLEANUP_CLOSEDIR DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    struct dirent *e;

    if (!dir)
        return err_sys(err, -errno, "Cannot read the staging directory of %s", stage->path);
    fd = -1; /* the stream's now */
    while ((errno = 0, e = readdir(dir))) {
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
            continue;

        int r = settle_file(stage->fd, e->d_name, t);

        if (r < 0)
            return err_sys(err, r, "Cannot complete %s of the export %s", e->d_name, stage->path);
    }

    int r = errno || futimens(stage->fd, NULL) < 0 ? -errno : nodedir_sync(stage->fd);

    return r < 0 ? err_sys(err, r, "Cannot complete the export %s", stage->path) : 0;
}

/* The exchange in two steps, see above. */
static int set_aside(struct node_stage *stage)
{
    char old[NAME_MAX + 1];
    int r = nodedir_fresh_name(old, stage->name, NODEDIR_OLD);

    if (r == 0)
        r = nodedir_rename_new(stage->exports_fd, stage->name, old);
    if (r < 0)
        return r;
    r = nodedir_sync(stage->exports_fd);
    if (r == 0)
        r = nodedir_rename_new(stage->exports_fd, stage->dir, stage->name);
    if (r < 0) {
        /* if this fails, too, stage_sweep() will do it */
        if (nodedir_rename_new(stage->exports_fd, old, stage->name) == 0)
            nodedir_sync(stage->exports_fd);
        return r;
    }
    memcpy(stage->dir, old, sizeof old); /* published */
    return 0;
}

/* The old export is not to be put back any more.  What fails is left to stage_sweep(). */
static void give_up_old(struct node_stage *stage)
{
    char gone[NAME_MAX + 1];

    if (!nodedir_is_fresh_name(stage->dir, stage->name, NODEDIR_OLD))
        return;
    if (nodedir_fresh_name(gone, stage->name, NODEDIR_GONE) == 0 &&
        nodedir_rename_new(stage->exports_fd, stage->dir, gone) == 0)
        memcpy(stage->dir, gone, sizeof gone);
    else
        stage->dir[0] = '\0';
}

/* A rename over a network may be done and fail all the same: then the old export has the staging
 * name, and EXPORT_DIR is not synced.  It is left to stage_sweep(), which does that first. */
static void keep_what_is_not_ours(struct node_stage *stage)
{
    struct stat ours, there;

    if (fstat(stage->fd, &ours) < 0 ||
        fstatat(stage->exports_fd, stage->dir, &there, AT_SYMLINK_NOFOLLOW) < 0 ||
        ours.st_dev != there.st_dev || ours.st_ino != there.st_ino)
        stage->dir[0] = '\0';
}

/* Puts the stage in the place of NAME; stage->dir names the old export afterwards, if any. */
static int switch_in(struct node_stage *stage)
{
    int r;

    do {
        r = renameat2(stage->exports_fd, stage->dir, stage->exports_fd, stage->name,
                      RENAME_EXCHANGE) < 0
                ? -errno
                : 0;
        if (r == -EINVAL || r == -ENOSYS)
            r = set_aside(stage);
        if (r == -ENOENT) {
            r = nodedir_rename_new(stage->exports_fd, stage->dir, stage->name);
            if (r == 0)
                stage->dir[0] = '\0';
        }
    } while (r == -EEXIST); /* it came back since the first look */
    return r;
}

int publish(struct node_stage *stage_owned, int64_t t, struct node_export_id *ret, struct err *err)
{
    CLEANUP_STAGE struct node_stage *stage = stage_owned;
    CLEANUP_IDENT_CONFIG struct node_ident_config config = {0};
    struct node_export_id id;
    int r = settle(stage, t, err);

    if (r < 0)
        return r;
    r = node_ident_read(stage->fd, &id, &config);
    if (r == 0 && config.error != -ENOENT)
        r = config.error; /* by its identity alone is it known again on shared storage */
    if (r < 0)
        return err_sys(err, r, "Cannot read back the export %s", stage->path);
    r = stage_check_target(stage, err);
    if (r < 0)
        return r;
    r = switch_in(stage);
    if (r < 0) {
        keep_what_is_not_ours(stage);
        return err_sys(err, nodedir_errno(r), "Cannot publish the export %s", stage->path);
    }
    r = nodedir_sync(stage->exports_fd);
    if (r < 0) {
        /* nobody knows which of the two a crash would leave: both must stay, until a sweep has
         * synced EXPORT_DIR */
        stage->dir[0] = '\0';
        return err_sys(err, r, "The export %s is published, but may not survive a crash",
                       stage->path);
    }
    give_up_old(stage);
    *ret = id;
    return 0;
}
