/* gnode_remove.c - see gnode_remove.h.
 *
 *     NAME --verified, renamed--> .NAME.gone-xxxxxx --emptied--> (nothing)
 *                                        |  ^
 *                                        +--+ lost on the way: swept by the next one
 *
 * Under the export lock of NAME (ours; Ganeti's own jobs do not know it, which is why the copy is
 * verified right before).  Two sweeps at once do no harm.
 */
#include "export/ganeti/gnode_remove.h"

#include "export/ganeti/gfile_handle.h"
#include "export/names.h"
#include "export/nodedir.h"

#include <string.h>
#include <sys/stat.h>

static int join(const char *dir, const char *name, char **ret, struct err *err)
{
    if (asprintf(ret, "%s/%s", dir, name) >= 0)
        return 0;
    *ret = NULL;
    return err_sys(err, -ENOMEM, "%s", name);
}

/* Whoever else is deleting it, too, is welcome. */
static int delete_entry(struct sftp *s, const char *dir, const struct sftp_entry *e,
                        struct err *err)
{
    CLEANUP_FREE char *path = NULL;
    int r = strchr(e->name, '/') ? err_set(err, ERR_EXEC, ECODE_NONE, EIO, "Bad name in %s", dir)
                                 : join(dir, e->name, &path, err);

    if (r == 0)
        r = S_ISDIR(e->attrs.mode) ? sftp_rmdir(s, path, err) : sftp_unlink(s, path, err);
    return r == -ENOENT ? 0 : r;
}

/* Goes on after a failure unless the node is gone. */
int gnode_remove_dir(struct sftp *s, const char *dir, struct err *err)
{
    struct sftp_entries entries = {0};
    struct err later;
    int first = sftp_list(s, dir, &entries, err), r;

    if (first == -ENOENT)
        return 0;
    for (size_t i = 0; i < entries.n && !gfile_handle_lost(first); i++) {
        r = delete_entry(s, dir, &entries.v[i], &later);
        if (r < 0 && first == 0) {
            *err = later;
            first = r;
        }
    }
    sftp_entries_clear(&entries);
    if (first < 0)
        return first;
    r = sftp_rmdir(s, dir, err);
    return r == -ENOENT ? 0 : r;
}

/* What cannot be deleted now is left for the next time. */
int gnode_remove_sweep(struct gnode_conn *c, const struct model_node *node, const char *name,
                       struct err *err)
{
    struct sftp_entries entries = {0};
    int r;

    if (!names_valid(name))
        return err_set(err, ERR_EXEC, ECODE_INVAL, EINVAL, "Bad export name '%s'", name);
    r = sftp_list(c->s, node->export_dir, &entries, err);
    if (r < 0)
        return r == -ENOENT ? 0 : r;
    for (size_t i = 0; r == 0 && i < entries.n; i++) {
        const struct sftp_entry *e = &entries.v[i];
        CLEANUP_FREE char *path = NULL;

        if (!S_ISDIR(e->attrs.mode) || !nodedir_is_fresh_name(e->name, name, NODEDIR_GONE))
            continue;
        r = join(node->export_dir, e->name, &path, err);
        if (r == 0)
            r = gnode_remove_dir(c->s, path, err);
        if (!gfile_handle_lost(r) && r != -ENOMEM)
            r = 0;
    }
    sftp_entries_clear(&entries);
    return r;
}

static bool is_absent(int error)
{
    return error == 0 || error == -ENOENT || error == -ELOOP || error == -EINVAL || error == -EFBIG;
}

static int verify(struct gnode_conn *c, const struct model_node *node, const char *name,
                  const struct node_export_id *only, struct err *err)
{
    CLEANUP_GNODE_RAW struct gnode_raw *raw = NULL;
    int r = only ? gnode_raw_read(c->s, node, name, &raw, err)
                 : gnode_raw_look(c->s, node, name, NULL, err);

    if (r < 0 || !only)
        return r;
    if (!is_absent(raw->config_errno)) /* nobody knows then which export this is */
        return err_sys(err, raw->config_errno, "Cannot read the export %s/%s", node->export_dir,
                       name);
    if (!gnode_raw_is(raw, only))
        return err_set(err, ERR_EXEC, ECODE_NONE, ESTALE, "%s/%s is another export now",
                       node->export_dir, name);
    return 0;
}

int gnode_remove(struct gnode_conn *c, const struct model_node *node, const char *name,
                 const struct node_export_id *only, struct err *err)
{
    CLEANUP_FREE char *from = NULL, *to = NULL;
    char gone[NAME_MAX + 1];
    int r = gnode_remove_sweep(c, node, name, err);

    if (r == 0)
        r = verify(c, node, name, only, err);
    if (r < 0)
        return r;
    r = nodedir_fresh_name(gone, name, NODEDIR_GONE);
    if (r < 0)
        return err_sys(err, r, "Cannot remove the export %s/%s", node->export_dir, name);
    r = join(node->export_dir, name, &from, err);
    if (r == 0)
        r = join(node->export_dir, gone, &to, err);
    if (r == 0)
        r = sftp_rename(c->s, from, to, err);
    gnode_cache_forget(&c->cache, name);
    if (r < 0)
        return err_prefix(err, "Cannot remove the export %s", from ? from : name);
    r = gnode_remove_dir(c->s, to, err);
    return r < 0 ? err_prefix(err, "The export %s is removed, but not all of %s could be deleted",
                              from, gone)
                 : 0;
}
