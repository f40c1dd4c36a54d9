/* tree.c - which class a node has, and what all classes have in common. */
#include "fs/classes.h"

#include <string.h>
#include <sys/stat.h>
#include <time.h>

static const struct node_class *const classes[INODE_KINDS] = {
    [INODE_ROOT] = &dir_root_class,
    [INODE_STATUS] = &file_text_class,
    [INODE_METRICS] = &file_text_class,
    [INODE_INSTANCES] = &dir_instances_class,
    [INODE_INSTANCE] = &dir_instance_class,
    [INODE_INSTANCE_CONFIG] = &file_config_class,
    [INODE_INSTANCE_PARAMS] = &file_params_class,
    [INODE_INSTANCE_STATUS] = &file_text_class,
    [INODE_INSTANCE_LOG] = &file_log_class,
    [INODE_EXPORT] = &dir_export_class,
    [INODE_IMAGE] = &file_image_class,
    [INODE_IMAGE_TAR] = &file_imagetar_class,
    [INODE_IMAGES] = &dir_images_class,
    [INODE_NODES] = &dir_nodes_class,
    [INODE_NODE] = &dir_node_class,
    [INODE_NODE_STATUS] = &file_text_class,
    [INODE_NODE_EXPORTS] = &dir_nodeexports_class,
    [INODE_NODE_IMAGES] = &dir_nodeimages_class,
    [INODE_NODE_EXPORT] = &dir_nodeexport_class,
    [INODE_NODE_FILE] = &file_nodefile_class,
    [INODE_NODE_TAR] = &file_nodetar_class,
    [INODE_UPLOAD] = &file_upload_class,
    [INODE_UPLOAD_DIR] = &dir_upload_class,
    [INODE_LINK] = &link_class,
    [INODE_PARAMS] = &file_params_class,
};

const struct node_class *node_class_of(const struct inode *i)
{
    return classes[i->kind];
}

int fs_node(struct fs *fs, enum inode_kind kind, const char *instance, const char *node,
            struct inode **ret)
{
    struct inode_key key = {.kind = kind, .instance = instance, .node = node};
    return inode_intern(fs->inodes, &key, NULL, ret);
}

bool fs_always_staged(struct fs *fs, struct inode *i)
{
    (void)fs, (void)i;
    return true;
}

int64_t fs_now(void)
{
    return time(NULL);
}

/* What umask leaves of the widest mode a read-only or an editable thing may have.  Nobody but the
 * owner ever writes: writing starts exports. */
static mode_t permissions(const struct fs *fs, const struct node_class *class, bool secret)
{
    mode_t mode = S_ISDIR(class->type) ? 0555 : 0444;
    if ((class->writable || (class->managed && fs->opt->manage)) && !fs->opt->ro)
        mode |= 0200;
    mode &= ~fs->opt->umask;
    return secret ? mode & ~077u : mode;
}

int fs_getattr(struct fs *fs, struct inode *i, struct stat *st)
{
    const struct node_class *class = node_class_of(i);
    *st = (struct stat){.st_ino = i->number, .st_nlink = 1, .st_blksize = 4096};
    st->st_uid = fs->opt->uid;
    st->st_gid = fs->opt->gid;
    st->st_mode = class->type | permissions(fs, class, i->secret);
    st->st_mtim.tv_sec = fs->started;
    int r = class->getattr ? class->getattr(fs, i, st) : 0;
    st->st_atim = st->st_ctim = st->st_mtim;
    return r;
}

int fs_may_act(struct fs *fs, fuse_req_t req)
{
    uid_t uid = fuse_req_ctx(req)->uid;
    return uid == 0 || uid == fs->opt->uid ? 0 : -EACCES;
}

int fs_list_add(struct dirlist *list, enum inode_kind kind, const char *instance, const char *node,
                const char *file, const char *name)
{
    struct inode_key key = {.kind = kind, .instance = instance, .node = node, .file = file};
    return dirlist_add(list, name, inode_number(&key), classes[kind]->type);
}

size_t fs_tar_stem(const char *name)
{
    size_t len = strlen(name);
    return len > 4 && strcmp(name + len - 4, ".tar") == 0 ? len - 4 : 0;
}

int64_t fs_names_mtime(struct fs *fs, struct inode *dir, uint64_t content, int64_t first)
{
    return versions_stamp(fs->versions, dir->number, content, first, fs_now(), 0);
}
