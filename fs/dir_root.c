/* dir_root.c - the top directory: what there is does not change. */
#include "fs/classes.h"

#include <string.h>
#include <sys/stat.h>

static const struct {
    const char *name;
    enum inode_kind kind;
} entries[] = {
    {"status", INODE_STATUS}, {"metrics", INODE_METRICS}, {"instances", INODE_INSTANCES},
    {"images", INODE_IMAGES}, {"nodes", INODE_NODES},     {"params", INODE_PARAMS},
};

#define N (sizeof(entries) / sizeof(entries[0]))

static int root_lookup(struct fs *fs, struct inode *dir, const char *name, struct inode **ret)
{
    (void)dir;
    for (size_t e = 0; e < N; e++) {
        if (strcmp(entries[e].name, name) != 0)
            continue;
        if (entries[e].kind == INODE_STATUS || entries[e].kind == INODE_METRICS)
            return file_text_lookup(fs, entries[e].kind, NULL, NULL, ret);
        return fs_node(fs, entries[e].kind, NULL, NULL, ret);
    }
    return -ENOENT;
}

static int root_list(struct fs *fs, struct inode *dir, struct dirlist *list)
{
    (void)fs, (void)dir;
    for (size_t e = 0; e < N; e++)
        if (fs_list_add(list, entries[e].kind, NULL, NULL, NULL, entries[e].name) < 0)
            return -ENOMEM;
    return 0;
}

const struct node_class dir_root_class = {
    .type = S_IFDIR,
    .attr_timeout = 60,
    .lookup = root_lookup,
    .list = root_list,
};
