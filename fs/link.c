/* link.c - symbolic links from short names to full ones; looked up, never listed. */
#include "fs/classes.h"

#include <string.h>
#include <sys/stat.h>

int fs_link(struct fs *fs, enum inode_kind dir, const char *name, const char *target,
            struct inode **ret)
{
    bool of_node = dir == INODE_NODES;
    struct inode_key key = {.kind = INODE_LINK,
                            .instance = of_node ? NULL : name,
                            .node = of_node ? name : NULL,
                            .file = target,
                            .version = dir};
    return inode_intern(fs->inodes, &key, NULL, ret);
}

static int link_getattr(struct fs *fs, struct inode *i, struct stat *st)
{
    (void)fs;
    st->st_mode = S_IFLNK | 0777;
    st->st_size = (off_t)strlen(i->file);
    return 0;
}

const struct node_class link_class = {.type = S_IFLNK, .getattr = link_getattr};
