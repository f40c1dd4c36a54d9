/* stage.c - the life of a staging directory.
 *
 *                    stage_begin
 *        (nothing) ---------------> staged ---- publish() ----> published as NAME (publish.c)
 *            ^                       |   |
 *            |      stage_abort      |   | process dies
 *            +-----------------------+   v
 *            ^                         left over
 *            +----- stage_sweep ---------+        (the next stage_begin or removal of that NAME)
 *
 * What is left over may be an old export whose exchange (or removal) is not on disk yet: a loss of
 * power would bring its name back.  So nothing is deleted before EXPORT_DIR is synced, and an
 * export set aside (.old-) is renamed first: half deleted it must never be put back.
 *
 * A removal is on disk, too, before it is done: who noted it (journal.h) forgets it then, and
 * nobody would look for what a loss of power brings back.
 *
 * A stage that lives is told from one left over by a lock (flock) on the directory itself, which
 * the kernel drops with the process.  Where directories cannot be locked (NFS) the export lock of
 * NAME, which every caller holds, is the only proof: whoever has it knows that no one else stages.
 */
#include "export/stage.h"

#include "export/names.h"
#include "export/nodedir.h"
#include "export/rmtree.h"

#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

static bool is_alive(int exports_fd, const char *dir)
{
    CLEANUP_CLOSE int fd =
        openat(exports_fd, dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

    return fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK;
}

static bool is_dead_dir(int exports_fd, const char *dir)
{
    struct stat st;

    return fstatat(exports_fd, dir, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode) &&
           !is_alive(exports_fd, dir);
}

/* What was set aside has a successor: adds it to the dead under a name that is not put back. */
static int give_up(int exports_fd, const char *name, const struct strvec *aside,
                   struct strvec *dead)
{
    char gone[NAME_MAX + 1];
    int r = 0;

    for (size_t i = 0; r == 0 && i < aside->n; i++) {
        if (!is_dead_dir(exports_fd, aside->v[i]))
            continue;
        r = nodedir_fresh_name(gone, name, NODEDIR_GONE);
        if (r == 0)
            r = nodedir_rename_new(exports_fd, aside->v[i], gone);
        if (r == 0)
            r = strvec_add(dead, gone);
    }
    return r;
}

static int remove_dead(int exports_fd, const struct strvec *dirs)
{
    int r = dirs->n ? nodedir_sync(exports_fd) : 0;

    for (size_t i = 0; r == 0 && i < dirs->n; i++)
        if (is_dead_dir(exports_fd, dirs->v[i]))
            rmtree(exports_fd, dirs->v[i]);
    return r;
}

/* The export published last of those set aside. */
static const char *newest(int exports_fd, const struct strvec *dirs)
{
    const char *best = NULL;
    struct timespec best_time = {0};
    struct stat st;

    for (size_t i = 0; i < dirs->n; i++) {
        if (fstatat(exports_fd, dirs->v[i], &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISDIR(st.st_mode))
            continue;
        if (!best || st.st_mtim.tv_sec > best_time.tv_sec ||
            (st.st_mtim.tv_sec == best_time.tv_sec && st.st_mtim.tv_nsec > best_time.tv_nsec)) {
            best = dirs->v[i];
            best_time = st.st_mtim;
        }
    }
    return best;
}

/* Brings NAME back if it was set aside and its successor never came.  0: NAME is there now, or
 * there is nothing to bring back. */
static int put_back(int exports_fd, const char *name, const struct strvec *aside)
{
    struct stat st;
    const char *best;
    int r;

    if (fstatat(exports_fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0)
        return 0;
    if (errno != ENOENT)
        return -errno;
    best = newest(exports_fd, aside);
    if (!best)
        return 0;
    r = nodedir_rename_new(exports_fd, best, name);
    if (r < 0)
        return r;
    return nodedir_sync(exports_fd);
}

int stage_sweep(int exports_fd, const char *name)
{
    CLEANUP_STRVEC struct strvec aside = {0}, dead = {0};
    int r = nodedir_find_fresh(exports_fd, name, NODEDIR_OLD, &aside);

    if (r == 0)
        r = put_back(exports_fd, name, &aside);
    if (r == 0)
        r = nodedir_find_fresh(exports_fd, name, NODEDIR_NEW, &dead);
    if (r == 0)
        r = nodedir_find_fresh(exports_fd, name, NODEDIR_GONE, &dead);
    if (r == 0 && aside.n)
        r = nodedir_sync(exports_fd); /* their successor stays before they go */
    if (r == 0)
        r = give_up(exports_fd, name, &aside, &dead); /* the one put back has another name now */
    return r < 0 ? r : remove_dead(exports_fd, &dead);
}

/* A file that was being added to NAME is there for good, or not at all (published.c). */
static int sync_export(int exports_fd, const char *name)
{
    CLEANUP_CLOSE int fd =
        openat(exports_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

    if (fd >= 0)
        return nodedir_sync(fd);
    return errno == ENOENT || errno == ENOTDIR || errno == ELOOP ? 0 : -errno;
}

int stage_sweep_node(const struct model_node *node, const char *name, struct err *err)
{
    CLEANUP_CLOSE int exports_fd = -1;
    int r;

    if (!names_valid(name))
        return err_set(err, ERR_EXEC, ECODE_INVAL, EINVAL, "Bad export name '%s'", name);
    r = nodedir_open(node, false, &exports_fd, err);
    if (r < 0)
        return r == -ENOENT ? 0 : r;
    r = stage_sweep(exports_fd, name);
    if (r == 0)
        r = nodedir_sync(exports_fd); /* also what somebody else removed, and died */
    if (r == 0)
        r = sync_export(exports_fd, name);
    return r < 0 ? err_sys(err, nodedir_errno(r), "Cannot clear up %s", node->export_dir) : 0;
}

int stage_check_target(const struct node_stage *stage, struct err *err)
{
    struct stat st;

    if (fstatat(stage->exports_fd, stage->name, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return errno == ENOENT ? 0 : err_sys(err, nodedir_errno(-errno), "%s", stage->path);
    if (!S_ISDIR(st.st_mode))
        return err_set(err, ERR_EXEC, ECODE_NONE, ENOTDIR,
                       "%s is in the way: it exists and is not a directory", stage->path);
    return 0;
}

static int make_stage_dir(struct node_stage *stage)
{
    char dir[NAME_MAX + 1];
    int r;

    do {
        r = nodedir_fresh_name(dir, stage->name, NODEDIR_NEW);
        if (r == 0 && mkdirat(stage->exports_fd, dir, 0700) < 0)
            r = -errno;
    } while (r == -EEXIST);
    if (r < 0)
        return r;
    memcpy(stage->dir, dir, sizeof dir); /* from now on stage_abort removes it */
    stage->fd = openat(stage->exports_fd, dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (stage->fd < 0)
        return -errno;
    /* without locks on directories there is less proof, not less staging: see above */
    while (flock(stage->fd, LOCK_EX | LOCK_NB) < 0 && errno == EINTR)
        ;
    return 0;
}

static struct node_stage *stage_new(const struct model_node *node, const char *name)
{
    struct node_stage *stage = calloc(1, sizeof *stage);

    if (!stage)
        return NULL;
    stage->exports_fd = stage->fd = -1;
    stage->name = strdup(name);
    if (!stage->name || asprintf(&stage->path, "%s/%s", node->export_dir, name) < 0) {
        free(stage->name);
        free(stage);
        return NULL;
    }
    return stage;
}

int stage_begin(const struct model_node *node, const char *name, struct node_stage **ret,
                struct err *err)
{
    CLEANUP_CLOSE int exports_fd = -1;
    CLEANUP_STAGE struct node_stage *stage = NULL;
    int r;

    if (!names_valid(name))
        return err_set(err, ERR_EXEC, ECODE_INVAL, EINVAL, "Bad export name '%s'", name);
    r = nodedir_open(node, true, &exports_fd, err);
    if (r < 0)
        return r;
    stage = stage_new(node, name);
    if (!stage)
        return err_sys(err, -ENOMEM, "Cannot stage an export of %s", name);
    stage->exports_fd = STEAL_FD(exports_fd);
    r = stage_check_target(stage, err);
    if (r < 0)
        return r;
    r = stage_sweep(stage->exports_fd, name);
    if (r < 0)
        return err_sys(err, nodedir_errno(r), "Cannot clear up %s", node->export_dir);
    r = make_stage_dir(stage);
    if (r < 0)
        return err_sys(err, nodedir_errno(r), "Cannot make a staging directory in %s",
                       node->export_dir);
    *ret = STEAL(stage);
    return 0;
}

int stage_create(struct node_stage *stage, const char *file, int *ret_fd, struct err *err)
{
    if (!names_valid_file(file) || file[0] == '.')
        return err_set(err, ERR_EXEC, ECODE_INVAL, EINVAL, "Bad file name '%s' for the export %s",
                       file, stage->path);

    int fd = openat(stage->fd, file, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

    if (fd < 0)
        return err_sys(err, nodedir_errno(-errno), "Cannot create %s for the export %s", file,
                       stage->path);
    *ret_fd = fd;
    return 0;
}

void stage_abort(struct node_stage *stage)
{
    if (!stage)
        return;
    if (stage->dir[0]) {
        rmtree(stage->exports_fd, stage->dir); /* what stays is swept the next time */
        nodedir_sync(stage->exports_fd);
    }
    if (stage->fd >= 0)
        close(stage->fd);
    if (stage->exports_fd >= 0)
        close(stage->exports_fd);
    free(stage->path);
    free(stage->name);
    free(stage);
}
