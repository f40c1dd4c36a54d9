/* ops_dir.c - open directories: a list made at opendir, freed at releasedir.
 *
 * The kernel keeps what it has read of a directory, but believes it only after an opendir that said
 * that the list is still the same.
 */
#include "fs/ops_dir.h"

#include "fs/buffer.h"

#include <sys/stat.h>
#include <xxhash.h>

static struct fs *fs_of(fuse_req_t req)
{
    return fuse_req_userdata(req);
}

static struct dirlist *list_of(const struct fuse_file_info *fi)
{
    return (struct dirlist *)(uintptr_t)fi->fh;
}

static void list_free(struct dirlist *list)
{
    if (list)
        dirlist_clear(list);
    free(list);
}

static int make_list(struct fs *fs, struct inode *dir, struct dirlist **ret)
{
    struct dirlist *list = calloc(1, sizeof(*list));
    if (!list)
        return -ENOMEM;
    int r = dirlist_add(list, ".", dir->number, S_IFDIR);
    if (r == 0)
        r = dirlist_add(list, "..", dir->number, S_IFDIR); /* the kernel knows better */
    if (r == 0)
        r = node_class_of(dir)->list ? node_class_of(dir)->list(fs, dir, list) : -ENOTDIR;
    if (r < 0)
        list_free(list);
    else
        *ret = list;
    return r;
}

/* Never 0. */
static uint64_t hash_list(const struct dirlist *list)
{
    return XXH3_64bits(list->names, list->names_len) | 1;
}

void ops_dir_open(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
    struct fs *fs = fs_of(req);
    struct dirlist *list = NULL;
    struct inode *dir = inode_get(fs->inodes, ino);
    int r = dir ? make_list(fs, dir, &list) : -ESTALE;
    if (r == 0) {
        uint64_t content = hash_list(list);
        fi->cache_readdir = 1;
        fi->keep_cache = atomic_exchange(&dir->listed, content) == content;
    }
    inode_put(fs->inodes, dir);
    if (r < 0) {
        fuse_reply_err(req, -r);
        return;
    }
    fi->fh = (uintptr_t)list;
    if (fuse_reply_open(req, fi) < 0)
        list_free(list); /* no releasedir will come */
}

void ops_dir_read(fuse_req_t req, fuse_ino_t ino, size_t size, off_t off, struct fuse_file_info *fi)
{
    (void)ino;
    struct dirlist *list = list_of(fi);
    char *buf = buffer_get(size);
    size_t used = 0;
    if (!buf || off < 0) {
        fuse_reply_err(req, buf ? EINVAL : ENOMEM);
        return;
    }
    for (size_t k = (size_t)off; k < list->n; k++) {
        struct stat st = {.st_ino = list->entries[k].number, .st_mode = list->entries[k].type};
        size_t n = fuse_add_direntry(req, buf + used, size - used, dirlist_name(list, k), &st,
                                     (off_t)k + 1);
        if (n > size - used)
            break;
        used += n;
    }
    fuse_reply_buf(req, buf, used);
}

void ops_dir_release(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
    (void)ino;
    list_free(list_of(fi));
    fuse_reply_err(req, 0);
}
