/* dir_upload.c - nodes/NODE/exports/NAME/ that is being written: an export as a directory.
 *
 * Its files are written, renamed and unlinked in any order; they are those of file_upload.c.  It is
 * an export once config.ini, every dump that this names and, if there is one, what XXH128SUMS says
 * are there, at the flush or the rename that makes it whole.  Who renames does not wait for that.
 */
#include "fs/classes.h"

#include <sys/stat.h>

static int node(struct fs *fs, struct inode *dir, int file, struct inode **ret)
{
    struct inode_key key = {.kind = INODE_UPLOAD,
                            .instance = dir->instance,
                            .node = dir->node,
                            .version = file_upload_version(dir->version, file)};
    struct inode_frozen frozen = {.mtime = fs_now(), .secret = true};
    return inode_intern(fs->inodes, &key, &frozen, ret);
}

static int upload_lookup(struct fs *fs, struct inode *dir, const char *name, struct inode **ret)
{
    struct upload *u = uploads_get(fs->uploads, dir->version);
    int file = u ? upload_find(u, name) : -ENOENT;
    upload_unref(u);
    return file < 0 ? file : node(fs, dir, file, ret);
}

static int upload_create_file(struct fs *fs, struct inode *dir, const char *name,
                              struct inode **ret)
{
    struct upload *u = uploads_get(fs->uploads, dir->version);
    int file = u ? upload_create(u, name) : -ESTALE;
    upload_unref(u);
    return file < 0 ? file : node(fs, dir, file, ret);
}

struct listing {
    struct dirlist *list;
    int result;
};

static void add_row(void *arg, const char *name)
{
    struct listing *l = arg;
    if (l->result == 0)
        l->result = fs_list_add(l->list, INODE_UPLOAD, NULL, NULL, name, name);
}

static int upload_listing(struct fs *fs, struct inode *dir, struct dirlist *list)
{
    struct upload *u = uploads_get(fs->uploads, dir->version);
    struct listing l = {list, 0};
    if (u)
        upload_list(u, add_row, &l);
    upload_unref(u);
    return l.result;
}

static int upload_unlink_file(struct fs *fs, struct inode *dir, const char *name)
{
    struct upload *u = uploads_get(fs->uploads, dir->version);
    int r = u ? upload_unlink(u, name) : -ESTALE;
    upload_unref(u);
    return r;
}

static int upload_rename_file(struct fs *fs, struct inode *dir, const char *from, const char *to)
{
    CLEANUP_IMAGE struct image *ignored = NULL;
    struct upload *u = uploads_get(fs->uploads, dir->version);
    int r = u ? upload_rename(u, from, to) : -ESTALE;
    if (r == 0)
        upload_finish(u, &ignored);
    upload_unref(u);
    return r;
}

const struct node_class dir_upload_class = {
    .type = S_IFDIR,
    .writable = true,
    .lookup = upload_lookup,
    .list = upload_listing,
    .create = upload_create_file,
    .unlink = upload_unlink_file,
    .rename = upload_rename_file,
    .times_ignored = true,
    .staged = fs_always_staged,
};
