/* gnode_look.c - see gnode_look.h.  Mirrors node_list.c; no state but the connection's cache. */
#include "export/ganeti/gnode_look.h"

#include "export/ganeti/gfile.h"
#include "export/ganeti/gnode_left.h"
#include "export/names.h"
#include "lock/clock.h"

#include <string.h>
#include <sys/stat.h>

int gnode_look_list(struct gnode_conn *c, const struct model_node *node, struct strvec *ret,
                    struct err *err)
{
    CLEANUP_STRVEC struct strvec names = {0};
    struct sftp_entries entries = {0};
    int r = sftp_list(c->s, node->export_dir, &entries, err);

    if (r == -ENOENT)
        return err_sys(err, r, "No exports directory %s", node->export_dir);
    if (r < 0)
        return r;
    for (size_t i = 0; r == 0 && i < entries.n; i++) {
        const char *name = entries.v[i].name;

        if (name[0] != '.' && names_valid_file(name) && strcmp(name, "lost+found") != 0)
            r = strvec_add(&names, name);
    }
    if (r == 0)
        gnode_left_tend(c, node, &entries);
    if (r == 0)
        r = gnode_cache_listed(&c->cache, &entries);
    sftp_entries_clear(&entries);
    if (r < 0)
        return err_sys(err, r, "Cannot list %s", node->export_dir);
    strvec_sort(&names);
    strvec_clear(ret);
    *ret = names;
    names = (struct strvec){0};
    return 0;
}

static int get_raw(struct gnode_conn *c, const struct model_node *node, const char *name,
                   struct gnode_raw **ret, struct err *err)
{
    int64_t now = clock_ms();
    int r;

    switch (gnode_cache_find(&c->cache, name, ret)) {
    case GNODE_KNOWN:
        return 0;
    case GNODE_NO_DIR:
        return err_set(err, ERR_EXEC, ECODE_NONE, ENOTDIR, "%s/%s is not a directory",
                       node->export_dir, name);
    case GNODE_UNKNOWN:
        break;
    }
    r = gnode_raw_read(c->s, node, name, ret, err);
    if (r == 0)
        gnode_cache_put(&c->cache, name, *ret, now);
    return r;
}

void gnode_look_ask_t(const struct gnode *g, const struct model_node *node, const char *name,
                      struct node_export_info *info)
{
    if (g->t_of && info->id.size)
        info->id.t = g->t_of(g->arg, node->name, name, &info->id, info->timestamp);
}

int gnode_look_info(struct gnode_conn *c, const struct model_node *node, const char *name,
                    struct node_export_info **ret, struct err *err)
{
    CLEANUP_GNODE_RAW struct gnode_raw *raw = NULL;
    int r = get_raw(c, node, name, &raw, err);

    if (r < 0)
        return r;
    r = gnode_raw_info(raw, name, ret);
    if (r < 0)
        return err_sys(err, r, "Cannot read the export %s/%s", node->export_dir, name);
    gnode_look_ask_t(c->g, node, name, *ret);
    return 0;
}

static void let_go(void *arg)
{
    gnode_conn_put(arg);
}

int gnode_look_open(struct gnode_conn *c, const struct model_node *node, const char *name,
                    const char *file, struct node_file **ret, struct err *err)
{
    const struct gfile_owner owner = {let_go, c, &c->ended};
    CLEANUP_FREE char *path = NULL;
    int r;

    if (!names_valid_file(file))
        return err_set(err, ERR_EXEC, ECODE_INVAL, EINVAL, "Bad file name '%s'", file);
    r = gnode_raw_look(c->s, node, name, NULL, err);
    if (r < 0)
        return r;
    if (asprintf(&path, "%s/%s/%s", node->export_dir, name, file) < 0) {
        path = NULL;
        return err_sys(err, -ENOMEM, "Cannot open %s/%s", name, file);
    }
    r = gfile_open_owned(c->s, path, c->g->stall_s, &owner, ret, err);
    if (r == 0)
        gnode_conn_ref(c); /* the file's */
    return r;
}

/* --- space --- */

/* Of EXPORT_DIR, or of the directory that it will be made in. */
static int ask_space(struct gnode_conn *c, const struct model_node *node, struct sftp_space *ret,
                     struct err *err)
{
    CLEANUP_FREE char *parent = NULL;
    int r = sftp_space(c->s, node->export_dir, ret, err);
    struct err second;
    char *slash;

    if (r != -ENOENT)
        return r;
    err_sys(err, r, "No exports directory %s", node->export_dir);
    parent = strdup(node->export_dir);
    slash = parent ? strrchr(parent, '/') : NULL;
    if (!slash || slash == parent)
        return r;
    *slash = '\0';
    return sftp_space(c->s, parent, ret, &second) < 0 ? r : 0; /* the first story is better */
}

int gnode_look_space(struct gnode_conn *c, const struct model_node *node, struct node_space *ret,
                     struct err *err)
{
    struct sftp_space space = {0};
    int r;

    if (gnode_cache_space(&c->cache, ret))
        return 0;
    r = ask_space(c, node, &space, err);
    if (r < 0 && r != -EOPNOTSUPP) /* else nothing is wrong with the node but that */
        return r;
    *ret = (struct node_space){
        .free = space.free, .total = space.total, .read_only = space.read_only, .remote = true};
    gnode_cache_put_space(&c->cache, ret);
    return 0;
}
