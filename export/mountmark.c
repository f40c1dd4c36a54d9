/* mountmark.c - see mountmark.h.
 *
 * Only a mount point between the top of the cluster's file system and EXPORT_DIR says anything: one
 * that is the cluster's own, or above it, goes and comes with the cluster.  Any thread; two that
 * remember at once remember the same.
 */
#include "export/mountmark.h"

#include "export/statefile.h"
#include "lock/cleanup.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#define AREA "mounted"

/* Cuts the last component off; false when there is none left. */
static bool cut(char *path)
{
    char *slash = strrchr(path, '/');

    if (!slash || strcmp(path, "/") == 0)
        return false;
    slash[slash == path ? 1 : 0] = '\0';
    return true;
}

/* The mount point that path, or what there is of it, lies on: path is shortened to it. */
static int mount_point(char *path)
{
    struct statx st;

    do {
        if (statx(AT_FDCWD, path, AT_NO_AUTOMOUNT, 0, &st) < 0) {
            if (errno != ENOENT)
                return -errno;
        } else if (!(st.stx_attributes_mask & STATX_ATTR_MOUNT_ROOT)) {
            return -EOPNOTSUPP; /* before Linux 5.8 */
        } else if (st.stx_attributes & STATX_ATTR_MOUNT_ROOT) {
            return 0;
        }
    } while (cut(path));
    return 0;
}

/* Is dir an ancestor of path, or path itself? */
static bool is_above(const char *dir, const char *path)
{
    size_t len = strlen(dir);

    if (len && dir[len - 1] == '/')
        len--;
    return strncmp(dir, path, len) == 0 && (path[len] == '\0' || path[len] == '/');
}

/* The real path of a directory, or of the nearest one above it that there is. */
static int real_path(const char *dir, char ret[PATH_MAX])
{
    CLEANUP_FREE char *copy = strdup(dir);

    if (!copy)
        return -ENOMEM;
    while (!realpath(copy, ret))
        if (errno != ENOENT || !cut(copy))
            return -errno;
    return 0;
}

static int not_mounted(const struct model_node *node, const char *state_dir, const char *point,
                       struct err *err)
{
    return err_set(err, ERR_EXEC, ECODE_NONE, EHOSTUNREACH,
                   "%s is not mounted, and the exports of node %s lay on it (if that is over, "
                   "remove %s/" AREA "/%s)",
                   point, node->name, state_dir, node->name);
}

int mountmark_check(const char *state_dir, const struct model_node *node, struct err *err)
{
    CLEANUP_FREE char *seen = NULL;
    char real[PATH_MAX], now[PATH_MAX], ours[PATH_MAX];
    size_t len;

    if (node->address || !node->export_dir || real_path(node->export_dir, real) < 0 ||
        real_path(state_dir, ours) < 0)
        return 0;
    strcpy(now, real);
    if (mount_point(now) < 0 || mount_point(ours) < 0)
        return 0;
    if (statefile_read(state_dir, AREA, node->name, PATH_MAX, &seen, &len) < 0)
        seen = NULL;
    if (seen && strcmp(seen, now) == 0)
        return 0;
    if (seen && strlen(seen) > strlen(now) && is_above(now, seen) &&
        is_above(seen, node->export_dir))
        return not_mounted(node, state_dir, seen, err);
    if (!is_above(now, ours))
        statefile_write(state_dir, AREA, node->name, now, strlen(now));
    else if (seen)
        statefile_remove(state_dir, AREA, node->name);
    return 0;
}
