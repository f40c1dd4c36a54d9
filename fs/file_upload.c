/* file_upload.c - an image that is being written: nodes/NODE/images/NAME.tar, images/NAME.tar; and
 * the files of one that is written as a directory (dir_upload.c).
 *
 * Whoever writes finds it under its name, and reads back what was written; nobody else sees it
 * (uploads.h).  A write or read asks the node, so both may be parked; a flush is answered when what
 * is there was checked and, if it is whole, exported: close(2) tells how that ended.  Touching one
 * to which nothing was written exports the instance to that node.
 */
#include "export/names.h"
#include "fs/classes.h"
#include "fs/nodeview.h"
#include "fs/park.h"
#include "fs/uploads.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

struct upload_handle {
    struct handle h;
    struct upload *upload;
    uint64_t number;
    bool append, writes, claims;
    atomic_bool wrote;
};

uint64_t file_upload_version(uint64_t number, int file)
{
    return number << 24 | (uint64_t)file;
}

static uint64_t number_of(const struct inode *i)
{
    return i->version >> 24;
}

static int file_of(const struct inode *i)
{
    return (int)(i->version & 0xffffff);
}

static struct upload *upload_of(const struct handle *h)
{
    return ((const struct upload_handle *)h)->upload;
}

static int new_upload(struct fs *fs, const char *instance, const char *node, struct upload **ret)
{
    struct err err;
    return upload_new(fs->jobs, UPLOAD_ARCHIVE, instance, *node ? node : NULL, ret, &err);
}

static int add(struct fs *fs, const struct uploads_dir *dir, const char *name, const char *instance,
               uint64_t *number)
{
    struct upload *u;
    int r = new_upload(fs, instance, dir->node, &u);
    if (r < 0)
        return r;
    r = uploads_add(fs->uploads, dir, name, u, number);
    if (r < 0)
        upload_unref(u);
    return r;
}

int file_upload_node(struct fs *fs, const struct uploads_dir *dir, uint64_t number,
                     struct inode **ret)
{
    struct upload *u = uploads_get(fs->uploads, number);
    if (!u)
        return -ENOENT;
    struct inode_key key = {.kind = INODE_UPLOAD,
                            .instance = upload_instance(u),
                            .node = dir->node,
                            .version = file_upload_version(number, 0)};
    struct inode_frozen frozen = {.mtime = fs_now(), .secret = true};
    int r = inode_intern(fs->inodes, &key, &frozen, ret);
    upload_unref(u);
    return r;
}

/* "web1.tar", ".web1.tar.Xy12Ab", "web1.tar.part": whose image is that, or is it to be? */
static int instance_of(struct fs *fs, const char *name, char *instance)
{
    char stem[NAMES_MAX + 1];
    CLEANUP_MODEL struct model *m = fs->cluster->ops->model(fs->cluster);
    const char *end = NULL;
    name += *name == '.';
    for (const char *p = name; (p = strstr(p, ".tar")); p++)
        if (p[4] == 0 || p[4] == '.')
            end = p;
    if (!end || end == name || end - name > NAMES_MAX)
        return -EPERM;
    snprintf(stem, sizeof(stem), "%.*s", (int)(end - name), name);
    const struct model_instance *inst = model_expand_instance(m, stem);
    /* an image may well be of a machine that is gone; then its name is all there is */
    if (!inst && (!names_valid(stem) || !strchr(stem, '.')))
        return -ENOENT;
    snprintf(instance, NAMES_MAX + 1, "%s", inst ? inst->name : stem);
    return 0;
}

int file_upload_create(struct fs *fs, const struct uploads_dir *dir, const char *name,
                       struct inode **ret)
{
    char instance[NAMES_MAX + 1];
    uint64_t number;
    int r = instance_of(fs, name, instance);
    if (r == 0)
        r = add(fs, dir, name, instance, &number);
    return r < 0 ? r : file_upload_node(fs, dir, number, ret);
}

int file_upload_rename(struct fs *fs, const struct uploads_dir *dir, const char *from,
                       const char *to)
{
    char was[NAMES_MAX + 1], is[NAMES_MAX + 1];
    if (!uploads_find(fs->uploads, dir, from))
        return -EPERM;
    int r = instance_of(fs, from, was);
    if (r == 0)
        r = instance_of(fs, to, is);
    if (r == 0 && strcmp(was, is) != 0)
        r = -EPERM; /* its config.ini says whose image it is */
    return r < 0 ? r : uploads_rename(fs->uploads, dir, from, to);
}

static struct uploads_dir dir_of(const struct inode *i)
{
    return (struct uploads_dir){*i->node ? INODE_NODE_IMAGES : INODE_IMAGES, i->node};
}

bool file_upload_was(struct fs *fs, struct inode *i)
{
    const struct uploads_dir dir = dir_of(i);
    char name[NAME_MAX + 8];
    snprintf(name, sizeof(name), "%s.tar", i->instance);
    return uploads_was(fs->uploads, &dir, name);
}

/* Who cuts what is published, or what others write, gets a file of his own. */
int file_upload_write_to(struct fs *fs, struct inode *i, pid_t tid, int flags)
{
    const struct uploads_dir dir = dir_of(i);
    char name[NAME_MAX + 8];
    uint64_t number;
    int r = 0;
    snprintf(name, sizeof(name), "%s.tar", i->instance);
    if (flags & O_TRUNC)
        r = add(fs, &dir, name, i->instance, &number);
    else
        number = uploads_find(fs->uploads, &dir, name);
    if (r < 0)
        return r;
    if (number == 0)
        return (flags & O_ACCMODE) == O_WRONLY && !(flags & O_APPEND) ? 0
                                                                      : -EPERM; /* to touch it */
    uploads_show(fs->uploads, tid, number);
    return -ESTALE;
}

/* Who cuts a file of a directory cuts it for all; an archive in which there is something stays with
 * whoever writes it. */
static int upload_write_to(struct fs *fs, struct inode *i, pid_t tid, int flags)
{
    struct upload *u = flags & O_TRUNC ? uploads_get(fs->uploads, number_of(i)) : NULL, *own;
    if (!u)
        return 0;
    bool directory = upload_kind(u) == UPLOAD_DIRECTORY, empty = upload_is_empty(u);
    int r = directory ? upload_truncate(u, file_of(i), 0) : 0;
    upload_unref(u);
    if (directory || empty)
        return r;
    uint64_t number;
    r = new_upload(fs, i->instance, i->node, &own);
    if (r < 0)
        return r;
    r = uploads_again(fs->uploads, number_of(i), own, &number);
    if (r < 0) {
        upload_unref(own);
        return r;
    }
    uploads_show(fs->uploads, tid, number);
    return -ESTALE;
}

static int upload_getattr(struct fs *fs, struct inode *i, struct stat *st)
{
    struct upload *u = uploads_get(fs->uploads, number_of(i));
    uint64_t size = 0;
    int64_t mtime = i->frozen.mtime;
    if (u)
        upload_stat(u, file_of(i), &size, &mtime);
    st->st_size = (off_t)size;
    st->st_blocks = (blkcnt_t)(size / 512);
    st->st_mtim.tv_sec = mtime;
    upload_unref(u);
    return 0;
}

static int upload_open(struct fs *fs, struct inode *i, struct fuse_file_info *fi,
                       struct handle **ret)
{
    struct upload *u = uploads_get(fs->uploads, number_of(i));
    if (!u)
        return -ESTALE;
    struct upload_handle *uh = calloc(1, sizeof(*uh));
    if (!uh) {
        upload_unref(u);
        return -ENOMEM;
    }
    *uh = (struct upload_handle){.upload = u,
                                 .number = number_of(i),
                                 .append = fi->flags & O_APPEND,
                                 .writes = (fi->flags & O_ACCMODE) != O_RDONLY,
                                 .claims = upload_kind(u) == UPLOAD_ARCHIVE &&
                                           (fi->flags & (O_CREAT | O_TRUNC))};
    uploads_opened(fs->uploads, number_of(i));
    fi->direct_io = 1; /* what the kernel keeps back could not be refused any more */
    *ret = &uh->h;
    return 0;
}

/* Where the node is asked: in its lane, if it may hang; also one that is said to be away. */
static int lane_of(struct fs *fs, struct upload *u, struct lane **ret)
{
    CLEANUP_NODEVIEW struct nodeview v = {0};
    struct err err;
    const char *node;
    int r = upload_target(u, &node, &err);
    if (r < 0 || (nodeview_get(fs, node, &v) == 0 && !v.exports->space.remote))
        return r;
    *ret = lanes_get(fs->lanes, node);
    return *ret ? 0 : -ENOMEM;
}

static ssize_t attempt_read(const struct park_read *r, struct park_try *t)
{
    return upload_read(upload_of(r->handle), file_of(r->handle->inode), t->buf, r->len, r->off);
}

static void upload_file_read(struct fs *fs, fuse_req_t req, struct handle *h, size_t size,
                             uint64_t off, const struct fuse_file_info *fi)
{
    struct lane *lane = NULL;
    int r = lane_of(fs, upload_of(h), &lane);
    if (r < 0) {
        fuse_reply_err(req, -r);
        return;
    }
    park_read(fs->park, req,
              &(struct park_read){.fs = fs,
                                  .handle = h,
                                  .lane = lane,
                                  .lock_owner = fi->lock_owner,
                                  .off = off,
                                  .len = size,
                                  .attempt = attempt_read});
}

struct writing {
    uint64_t off;
    size_t size;
    char bytes[];
};

static ssize_t attempt_write(const struct park_read *r, struct park_try *t)
{
    (void)t;
    const struct writing *w = r->arg;
    struct upload_handle *uh = (struct upload_handle *)r->handle;
    int e = uh->claims ? uploads_claim(r->fs->uploads, uh->number, uh) : 0;
    if (e < 0)
        return e;
    atomic_store(&uh->wrote, true);
    if (uh->append)
        return upload_append(uh->upload, file_of(uh->h.inode), w->bytes, w->size);
    return upload_write(uh->upload, file_of(uh->h.inode), w->bytes, w->size, w->off);
}

static void reply_written(const struct park_read *r, fuse_req_t req, ssize_t n)
{
    (void)r;
    fuse_reply_write(req, (size_t)n);
}

static void drop_arg(const struct park_read *r)
{
    free(r->arg);
}

static void upload_file_write(struct fs *fs, fuse_req_t req, struct handle *h, const char *buf,
                              size_t size, uint64_t off)
{
    struct lane *lane = NULL;
    int r = lane_of(fs, upload_of(h), &lane);
    struct writing *w = r < 0 ? NULL : malloc(sizeof(*w) + size);
    if (!w) {
        fuse_reply_err(req, r < 0 ? -r : ENOMEM);
        return;
    }
    *w = (struct writing){.off = off, .size = size};
    memcpy(w->bytes, buf, size);
    park_read(fs->park, req,
              &(struct park_read){.fs = fs,
                                  .handle = h,
                                  .arg = w,
                                  .lane = lane,
                                  .attempt = attempt_write,
                                  .reply = reply_written,
                                  .drop = drop_arg});
}

struct flushing {
    unsigned waits;
};

/* Two checks have ended since, so one of them saw all that was there: others go on writing. */
static bool leave_it_to_others(struct flushing *f, struct upload *u, struct park_try *t)
{
    if (f->waits++ < 2 || !upload_is_incomplete(u))
        return false;
    image_unref(STEAL(t->image));
    return true;
}

static ssize_t attempt_flush(const struct park_read *r, struct park_try *t)
{
    struct upload *u = upload_of(r->handle);
    int e = upload_finish(u, &t->image);
    if (e == -EAGAIN && leave_it_to_others(r->arg, u, t))
        e = -EBADMSG;
    /* other files of it may come */
    return e == -EBADMSG && upload_kind(u) == UPLOAD_DIRECTORY ? 0 : e;
}

static uint64_t life(const struct park_read *r)
{
    return upload_life(upload_of(r->handle));
}

static void reply_ok(const struct park_read *r, fuse_req_t req, ssize_t n)
{
    (void)r, (void)n;
    fuse_reply_err(req, 0);
}

/* A directory's last file may be one that has no bytes. */
static bool has_changed(const struct upload_handle *uh)
{
    return atomic_load(&uh->wrote) || (uh->writes && upload_kind(uh->upload) == UPLOAD_DIRECTORY &&
                                       upload_is_dirty(uh->upload));
}

/* Who only reads, or cuts it, is not told what is missing.  Who is interrupted here has written all
 * of it: it is published all the same. */
static void upload_flush(struct fs *fs, fuse_req_t req, struct handle *h, uint64_t lock_owner)
{
    park_flush(fs->park, h, lock_owner);
    if (!has_changed((struct upload_handle *)h)) {
        fuse_reply_err(req, 0);
        return;
    }
    struct flushing *f = calloc(1, sizeof(*f));
    if (!f) {
        fuse_reply_err(req, ENOMEM);
        return;
    }
    park_read(fs->park, req,
              &(struct park_read){.fs = fs,
                                  .handle = h,
                                  .arg = f,
                                  .len = 1,
                                  .lock_owner = ~lock_owner,
                                  .attempt = attempt_flush,
                                  .reply = reply_ok,
                                  .drop = drop_arg,
                                  .progress = life});
}

static void upload_release(struct fs *fs, struct handle *h)
{
    struct upload_handle *uh = (struct upload_handle *)h;
    uploads_closed(fs->uploads, uh->number);
    upload_unref(uh->upload);
    free(uh);
}

static int upload_cut(struct fs *fs, struct inode *i, struct handle *h, uint64_t size)
{
    (void)h;
    struct upload *u = uploads_get(fs->uploads, number_of(i));
    int r = u ? upload_truncate(u, file_of(i), size) : -ESTALE;
    upload_unref(u);
    return r;
}

static int upload_touch(struct fs *fs, struct inode *i)
{
    struct err err;
    struct upload *u = uploads_get(fs->uploads, number_of(i));
    bool staged = u && (upload_is_dirty(u) || upload_kind(u) == UPLOAD_DIRECTORY);
    upload_unref(u);
    return staged ? 0 : jobs_touch(fs->jobs, i->instance, *i->node ? i->node : NULL, &err);
}

const struct node_class file_upload_class = {
    .type = S_IFREG,
    .writable = true,
    .getattr = upload_getattr,
    .write_to = upload_write_to,
    .open = upload_open,
    .read = upload_file_read,
    .write = upload_file_write,
    .flush = upload_flush,
    .release = upload_release,
    .touch = upload_touch,
    .staged = fs_always_staged,
    .truncate = upload_cut,
};
