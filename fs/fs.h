/* fs.h - what the kinds of files share: the mount, the table of functions of a kind, open handles.
 *
 * A request comes in at ops.c, which finds the node and calls the function of its kind (one source
 * file per kind).  Functions return 0 or -errno and ops.c replies; only `read` and `seek` reply
 * themselves, for they may be parked.  They run in any thread and, unless said otherwise, answer
 * from memory.
 *
 * Lock order: none is held across modules; every mutex in fs/ is a leaf.
 */
#ifndef FS_FS_H
#define FS_FS_H

#define FUSE_USE_VERSION 312

#include "export/jobs.h"
#include "fs/dirlist.h"
#include "fs/inode.h"
#include "fs/options.h"
#include "fs/texts.h"
#include "fs/versions.h"

#include <fuse3/fuse_lowlevel.h>

struct backings;
struct handles;
struct lane;
struct lanes;
struct park;
struct park_read;
struct park_try;
struct unlinked;
struct uploads;

struct fs {
    const struct options *opt;
    struct fuse_session *se;
    struct jobs *jobs;
    struct cluster *cluster; /* the jobs' */
    struct inode_table *inodes;
    struct versions *versions;
    struct texts *texts;
    struct handles *handles;
    struct park *park;
    struct lanes *lanes;
    struct unlinked *unlinked;
    struct uploads *uploads;
    struct backings *backings;
    int64_t started;          /* Unix seconds */
    void (*ready)(void *arg); /* called once, when the kernel has begun to speak to us */
    void *ready_arg;
};

/* An open file; the kind's own struct begins with it. */
struct handle {
    const struct node_class *class;
    struct inode *inode;          /* referenced */
    atomic_uint refs;             /* the kernel's, and one for each attempt that is out (park.c) */
    struct handle *next, **pprev; /* handles.c */
};

#define FS_MOMENT 0.02

struct node_class {
    mode_t type; /* S_IFDIR, S_IFREG, S_IFLNK */
    /* Seconds that the kernel believes a name, and attributes.  What the daemon may take away, or
     * put something else in the place of, is believed for FS_MOMENT: what one ls does with a file.
     */
    double entry_timeout, attr_timeout;

    /* Fills size, times, blocks and nlink; mode bits (0444 or 0555 plus 0200 if it can be written
     * to, narrowed by `secret`), owner, number and type are common.  -ESTALE: it is gone. */
    int (*getattr)(struct fs *fs, struct inode *i, struct stat *st);
    bool writable; /* its owner may write, or create in it */
    bool managed;  /* the same with -o manage */

    /* --- directories --- */
    int (*lookup)(struct fs *fs, struct inode *dir, const char *name, struct inode **ret);
    int (*list)(struct fs *fs, struct inode *dir, struct dirlist *list);
    int (*create)(struct fs *fs, struct inode *dir, const char *name, struct inode **ret);
    int (*mkdir)(struct fs *fs, struct inode *dir, const char *name, struct inode **ret);
    /* Takes a name away; NULL: EPERM.  The kernel holds the directory meanwhile, so they do not
     * wait for what that means. */
    int (*unlink)(struct fs *fs, struct inode *dir, const char *name);
    int (*rmdir)(struct fs *fs, struct inode *dir, const char *name);
    /* Within one directory.  NULL: EPERM. */
    int (*rename)(struct fs *fs, struct inode *dir, const char *from, const char *to);
    /* What is written there has names that only its writers see. */
    bool takes_uploads;

    /* --- files --- */
    /* Is about to be opened for writing by thread tid: 0; -EPERM; -ESTALE: something else is shown
     * to it in this one's place, and the kernel looks again.  NULL: as `writable` says.  Does not
     * block. */
    int (*write_to)(struct fs *fs, struct inode *i, pid_t tid, int flags);
    /* The lane in which it must be opened, for that may hang; 0, *ret NULL: it is not.  NULL:
     * never.
     */
    int (*lane)(struct fs *fs, struct inode *i, struct lane **ret);
    /* Before it is opened for reading: 0, or -EAGAIN and t->image, if its size is not known before
     * that has been exported, which *reader waits for (the caller's to close after the open).  From
     * memory.  NULL: it is known. */
    int (*settle)(struct fs *fs, struct inode *i, struct park_try *t, struct jobs_reader **reader);
    /* Reading it means something: pages that the kernel keeps from one open to the next must not
     * hide it. */
    bool counts_reads;
    /* May block on a node, as `lane` says.  *ret is the kind's struct, calloc()ed; handles.c fills
     * the header. */
    int (*open)(struct fs *fs, struct inode *i, struct fuse_file_info *fi, struct handle **ret);
    /* Replies, now or later. */
    void (*read)(struct fs *fs, fuse_req_t req, struct handle *h, size_t size, uint64_t off,
                 const struct fuse_file_info *fi);
    /* Both reply, now or later. */
    void (*write)(struct fs *fs, fuse_req_t req, struct handle *h, const char *buf, size_t size,
                  uint64_t off);
    void (*flush)(struct fs *fs, fuse_req_t req, struct handle *h, uint64_t lock_owner);
    /* SEEK_DATA or SEEK_HOLE; replies, now or later, but soon: the kernel holds the inode's lock.
     * NULL: dense. */
    void (*seek)(struct fs *fs, fuse_req_t req, struct handle *h, uint64_t off, int whence);
    void (*release)(struct fs *fs, struct handle *h); /* frees it; NULL: free(); never blocks */

    /* --- both --- */
    int (*touch)(struct fs *fs, struct inode *i); /* times now; NULL: EPERM */
    bool times_ignored;                           /* any other times are accepted silently */
    /* Owners, modes and explicit times are accepted, and mean nothing: of what is being written, or
     * has just been.  NULL: they are not. */
    bool (*staged)(struct fs *fs, struct inode *i);
    int (*truncate)(struct fs *fs, struct inode *i, struct handle *h, uint64_t size);
};

/* Never NULL. */
const struct node_class *node_class_of(const struct inode *i);

/* inode_intern() of names; NULL names are empty. */
int fs_node(struct fs *fs, enum inode_kind kind, const char *instance, const char *node,
            struct inode **ret);
/* An unlisted symbolic link `name` -> target, for short names. */
int fs_link(struct fs *fs, enum inode_kind dir, const char *name, const char *target,
            struct inode **ret);

/* Answers a seek: where to, or -errno. */
void fs_reply_seek(fuse_req_t req, int64_t at);
/* The same for a parked one. */
void fs_reply_parked_seek(const struct park_read *r, fuse_req_t req, ssize_t at);

/* Attributes as stat(2) shows them. */
int fs_getattr(struct fs *fs, struct inode *i, struct stat *st);

/* May the caller start exports?  0 or -EACCES (DESIGN §4: only the owner or root). */
int fs_may_act(struct fs *fs, fuse_req_t req);

/* node_class.staged of what is being written: true. */
bool fs_always_staged(struct fs *fs, struct inode *i);

int64_t fs_now(void); /* Unix seconds */

/* A file name as a directory lists it: adds it with its number.  0 or -ENOMEM. */
int fs_list_add(struct dirlist *list, enum inode_kind kind, const char *instance, const char *node,
                const char *file, const char *name);

/* "web1.tar" -> 4, the length of the name without ".tar"; 0 when it is not such a name. */
size_t fs_tar_stem(const char *name);

/* The time of a directory whose content is its list of names. */
int64_t fs_names_mtime(struct fs *fs, struct inode *dir, uint64_t content, int64_t first);

#endif
