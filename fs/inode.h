/* inode.h - the nodes that the kernel knows, and the numbers that users see.
 *
 * A node is named by its key: kind, names, and for things that come in versions the version.  While
 * the kernel (lookup count) or a request (reference) holds it, one key is one node with one nodeid;
 * nodeids count up and are never used twice, so whatever the kernel cached under one stays true.
 * A new version is a new node.  st_ino is a hash of the key without the version: it is the same
 * for all versions, in all mounts of all times.
 *
 * After a listing of everything the kernel holds a node for each file, so a node is kept small: its
 * names are shared (atoms.h).
 *
 * Thread safe: one mutex, a leaf.  What a node carries is immutable but for
 * `blocks512`, `grown`, `cached` and `listed`, and what is backing.c's.
 */
#ifndef FS_INODE_H
#define FS_INODE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* Part of st_ino, so of what backup tools remember: new kinds are added at the end. */
enum inode_kind {
    INODE_ROOT,
    INODE_STATUS,
    INODE_METRICS,
    INODE_INSTANCES,
    INODE_INSTANCE,        /* instance */
    INODE_INSTANCE_CONFIG, /* instance, version of the text; likewise the other texts */
    INODE_INSTANCE_PARAMS, /* instance */
    INODE_INSTANCE_STATUS,
    INODE_INSTANCE_LOG, /* instance, version: id of the run */
    INODE_EXPORT,       /* instance: instances/NAME/export */
    INODE_IMAGE,        /* instance, file ("disk0.raw"), version: T and size */
    INODE_IMAGE_TAR,    /* instance, version: T and size */
    INODE_IMAGES,
    INODE_NODES,
    INODE_NODE,        /* node */
    INODE_NODE_STATUS, /* node, version */
    INODE_NODE_EXPORTS,
    INODE_NODE_IMAGES,
    INODE_NODE_EXPORT, /* node, instance (the directory's name there) */
    INODE_NODE_FILE,   /* node, instance, file, version: identity of the file */
    INODE_NODE_TAR,    /* node, instance, version: identity of the export */
    INODE_UPLOAD,      /* node, instance, version: a number; what is being written */
    INODE_LINK,        /* instance or node: the short name, file: target, version: directory */
    INODE_UPLOAD_DIR,  /* node, instance, version: likewise */
    INODE_PARAMS,
    INODE_KINDS,
};

struct inode_key {
    enum inode_kind kind;
    const char *instance, *node, *file; /* NULL or "" when not part of the name */
    uint64_t version;
};

/* What a version of a thing carries; all zero for things without versions. */
struct inode_frozen {
    int64_t mtime; /* Unix seconds */
    uint64_t size, blocks512;
    uint8_t index; /* the kind's own: file number of an image */
    bool secret;   /* never readable by more than the owner */
};

struct backing;

struct inode {
    uint64_t nodeid, number;            /* number: st_ino */
    const char *instance, *node, *file; /* never NULL */
    uint64_t version;
    struct {
        int64_t mtime;
        uint64_t size;
    } frozen; /* of inode_frozen; the rest of it follows */
    union {
        _Atomic uint64_t blocks512;
        _Atomic uint64_t grown;  /* a growing file: its size when last seen */
        _Atomic uint64_t listed; /* a directory: a hash of its names as last opened; 0: never */
    };
    enum inode_kind kind : 8;
    uint8_t index;
    bool secret;
    atomic_bool cached; /* a file that counts reads: the kernel may have pages of it */
    /* backing.c's: open files, and what they are all read from */
    unsigned files;
    struct backing *backing;
    /* the table's */
    unsigned refs : 31, retired : 1; /* retired: not in the chains of keys */
    uint64_t nlookup;
    struct inode *next_by_id, *next_by_key;
};

struct inode_table;

/* The root has nodeid and number 1 and stays. */
int inode_table_new(struct inode_table **ret);
/* Frees all that is left; nobody may hold a reference any more. */
void inode_table_free(struct inode_table *t);

/* The node of this key, referenced; made with `frozen` (may be NULL) if there is none.  -ENOMEM. */
int inode_intern(struct inode_table *t, const struct inode_key *key,
                 const struct inode_frozen *frozen, struct inode **ret);
/* The node of this nodeid, referenced; NULL when the kernel does not hold it. */
struct inode *inode_get(struct inode_table *t, uint64_t nodeid);
struct inode *inode_ref(struct inode_table *t, struct inode *i);
void inode_put(struct inode_table *t, struct inode *i); /* NULL allowed */

/* The kernel's count: one more before each entry reply; FORGET, or an entry reply that failed. */
void inode_looked_up(struct inode_table *t, struct inode *i);
void inode_forget(struct inode_table *t, uint64_t nodeid, uint64_t nlookup);

/* The kernel takes it for removed (rmdir), for ever: the next node of its key is another one. */
void inode_retire(struct inode_table *t, struct inode *i);

/* How many nodes there are, the root included. */
uint64_t inode_count(struct inode_table *t);

/* st_ino of a key (pure): never 0, and 1 only for the root. */
uint64_t inode_number(const struct inode_key *key);

#endif
