/* dir_instance.c - instances/NAME/: the texts about an instance and its image.
 *
 * An instance whose file has an error shows its status alone.
 */
#include "fs/classes.h"

#include <string.h>
#include <sys/stat.h>

static const struct {
    const char *name;
    enum inode_kind kind;
    bool always; /* also of an instance with an error */
} entries[] = {
    {"config.ini", INODE_INSTANCE_CONFIG, false},
    {"params", INODE_INSTANCE_PARAMS, false},
    {"status", INODE_INSTANCE_STATUS, true},
    {"log", INODE_INSTANCE_LOG, false},
    {"export", INODE_EXPORT, false},
};

#define N (sizeof(entries) / sizeof(entries[0]))

/* 1: usable, 0: it has an error, -ENOENT. */
static int usable(struct fs *fs, const char *instance)
{
    CLEANUP_MODEL struct model *m = fs->cluster->ops->model(fs->cluster);
    const struct model_instance *inst = model_find_instance(m, instance);
    return inst ? !inst->error : -ENOENT;
}

static int instance_lookup(struct fs *fs, struct inode *dir, const char *name, struct inode **ret)
{
    int ok = usable(fs, dir->instance);
    if (ok < 0)
        return ok;
    for (size_t e = 0; e < N; e++) {
        if (strcmp(entries[e].name, name) != 0 || !(ok || entries[e].always))
            continue;
        switch (entries[e].kind) {
        case INODE_INSTANCE_CONFIG:
        case INODE_INSTANCE_STATUS:
            return file_text_lookup(fs, entries[e].kind, dir->instance, NULL, ret);
        case INODE_INSTANCE_LOG:
            return file_log_lookup(fs, dir->instance, ret);
        default:
            return fs_node(fs, entries[e].kind, dir->instance, NULL, ret);
        }
    }
    return -ENOENT;
}

static int instance_list(struct fs *fs, struct inode *dir, struct dirlist *list)
{
    int ok = usable(fs, dir->instance);
    if (ok < 0)
        return ok;
    for (size_t e = 0; e < N; e++)
        if ((ok || entries[e].always) &&
            fs_list_add(list, entries[e].kind, dir->instance, NULL, NULL, entries[e].name) < 0)
            return -ENOMEM;
    return 0;
}

int dir_instance_refuse(struct fs *fs, struct inode *dir, const char *name, struct inode **ret)
{
    (void)name, (void)ret;
    int ok = usable(fs, dir->instance);
    return ok < 0 ? ok : -EPERM;
}

static int instance_getattr(struct fs *fs, struct inode *i, struct stat *st)
{
    struct jobs_view view;
    if (jobs_view(fs->jobs, i->instance, &view) == 0)
        st->st_mtim.tv_sec = view.t; /* the same in every mount, unlike the time of this one */
    return 0;
}

const struct node_class dir_instance_class = {
    .type = S_IFDIR,
    .entry_timeout = 1,
    .attr_timeout = 1,
    .getattr = instance_getattr,
    .lookup = instance_lookup,
    .list = instance_list,
    .create = dir_instance_refuse,
    .mkdir = dir_instance_refuse,
};
