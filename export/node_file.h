/* node_file.h - one file of a node, open for reading, wherever that node is.
 *
 * What it was when it was opened it stays: whatever happens to its name, reading goes on from the
 * same file, or fails.  Counted; any number of threads at once.
 */
#ifndef EXPORT_NODE_FILE_H
#define EXPORT_NODE_FILE_H

#include "lock/cleanup.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

struct node_file_facts {
    uint64_t size, blocks512; /* blocks: an upper bound where the node does not tell */
    struct timespec mtime;
    uint64_t ino; /* 0: the node does not tell */
};

struct node_file;

struct node_file_ops {
    /* All of [off, off + len): 0.  -EIO: the file has become shorter; -errno.  May block on the
     * node, and fetch more than was asked for. */
    int (*read)(struct node_file *f, void *buf, size_t len, uint64_t off);
    /* Likewise of what is in memory already, without waiting for the node.  -EAGAIN: it takes
     * read().  NULL: it always does. */
    int (*read_ready)(struct node_file *f, void *buf, size_t len, uint64_t off);
    /* SEEK_DATA or SEEK_HOLE: 0 and *ret; -ENXIO: none before the end; -EOPNOTSUPP: the node does
     * not tell; another -errno.  Only believed of a file that facts say is not shorter than it
     * was.  May block on the node. */
    int (*seek)(struct node_file *f, uint64_t off, int whence, uint64_t *ret);
    /* As it is now (as it was opened, where the node cannot tell); 0 or -errno.  May block on the
     * node. */
    int (*facts)(struct node_file *f, struct node_file_facts *ret);
    /* Lets go of the file on the node while others may still be reading from f: from then on reads
     * are -EIO.  May block on the node. */
    void (*drop)(struct node_file *f);
    void (*destroy)(struct node_file *f); /* never blocks on the node */
};

struct node_file {
    const struct node_file_ops *ops;
    atomic_int refs;
    bool may_hang; /* the node is behind a network or another program: any call may wait for it */
};

/* A file of this machine; takes fd, also on failure.  node: whose it is, for what may hang when it
 * is closed (closer.h); NULL: nobody's, it never hangs.  Asks its file system.  0, -ENOMEM. */
int node_file_local(int fd, const char *node, struct node_file **ret);
/* The descriptor of a file of this machine, for as long as f; -1 for another. */
int node_file_fd(const struct node_file *f);

static inline int node_file_read_ready(struct node_file *f, void *buf, size_t len, uint64_t off)
{
    return f->ops->read_ready ? f->ops->read_ready(f, buf, len, off) : -EAGAIN;
}

static inline struct node_file *node_file_ref(struct node_file *f)
{
    atomic_fetch_add_explicit(&f->refs, 1, memory_order_relaxed);
    return f;
}

static inline void node_file_unref(struct node_file *f) /* NULL allowed */
{
    if (f && atomic_fetch_sub_explicit(&f->refs, 1, memory_order_acq_rel) == 1)
        f->ops->destroy(f);
}

static inline void node_file_cleanup(struct node_file **f)
{
    node_file_unref(*f);
}
#define CLEANUP_NODE_FILE CLEANUP(node_file_cleanup)

#endif
