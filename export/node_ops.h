/* node_ops.h - the seam to the nodes: the reference's node calls that an export needs (spec §8.1).
 *
 * The LU knows nodes only through this table, so that a real cluster's node daemons can stand
 * behind it one day; node_local.h implements it for nodes that are directories of this machine.
 * Every call may block for as long as the node does, none may be made from a metadata request.
 * `ctx` is the implementation's.  Errors: -errno with *err set and naming the thing and the reason.
 */
#ifndef EXPORT_NODE_OPS_H
#define EXPORT_NODE_OPS_H

#include "export/cancel.h"
#include "export/err.h"
#include "export/model.h"
#include "export/node_file.h"
#include "lock/strvec.h"

/* Which copy of an export this is.  dev/ino: its directory (ino 0: not known); the rest describes
 * its config.ini. Two copies with equal t, size and hash are the same export (shared storage,
 * another mount of it), since two exports of one instance never share t (which on a node of a
 * running Ganeti cluster is what stands for that mtime). */
struct node_export_id {
    uint64_t dev, ino;
    int64_t t;     /* mtime of config.ini, Unix seconds: the image's timestamp T (DESIGN §3) */
    uint64_t size; /* of config.ini, bytes */
    uint64_t hash; /* XXH3-64 of config.ini */
};

/* Instead of one copy: any complete one that is older than t, for a node of which nothing is
 * known (pending.h); all but t is 0, as of no copy that there is. */
struct node_export_id node_export_id_older_than(int64_t t);
bool node_export_id_is_older_than(const struct node_export_id *id);

struct node_export_file {
    char *name;
    uint64_t size, blocks512;
    struct timespec mtime;
    uint64_t ino; /* 0: the node does not tell; then mtime may be in whole seconds */
};

/* What lies in EXPORT_DIR/NAME: regular files only, sorted by name; never through a symlink. */
struct node_export_info {
    struct node_export_id id;
    int64_t published;  /* Unix seconds: mtime of the directory, set at publication */
    int64_t timestamp;  /* config.ini [export] timestamp, 0 when absent */
    struct ini *config; /* NULL when absent or unreadable: then config_error says why */
    char *config_error;
    size_t nfiles;
    struct node_export_file *files;
};
void node_export_files_sort(struct node_export_file *files, size_t n); /* as info->files is */
void node_export_info_free(struct node_export_info *info);             /* NULL allowed */

/* One hook script's outcome (spec §4.1). */
enum node_hook_code { HKR_SKIP = 0, HKR_FAIL = 1, HKR_SUCCESS = 2 };
struct node_hook_result {
    char *script; /* "<subdir>/<name>" */
    enum node_hook_code code;
    char *output; /* stripped, non-printables as \xNN; bounded to 64 KiB with a note at the cut */
};
struct node_hook_results {
    struct node_hook_result *r;
    size_t n;
};
void node_hook_results_clear(struct node_hook_results *r);

/* A disk frozen at one moment. */
struct node_snapshot {
    int fd;       /* readable, length = the disk's */
    char *label;  /* for messages: "reflink of /path" */
    char *volume; /* NULL: it has no name, and is gone when the process dies; else "VG/LV" */
};

/* An export being put together on a node, in a dot-directory that no lister shows. */
struct node_stage;

/* An image that is being written to a node by somebody (put.h). */
struct put;

/* Space of a node's EXPORT_DIR in bytes, as statvfs (free for unprivileged excluded). */
struct node_space {
    uint64_t free, total;
    uint64_t dev;     /* st_dev of EXPORT_DIR; 0: not known */
    bool read_only;   /* mounted so, or made so by the kernel after an error */
    bool remote;      /* a network file system, or a program's (FUSE): any call may hang */
    bool can_reflink; /* its file system has FICLONE (by type; the clone itself may still fail) */
};

struct node_ops {
    /* --- the primary node --- */

    /* Is it running according to its hypervisor?  1, 0 or -errno. */
    int (*instance_running)(void *ctx, const struct model_node *node,
                            const struct model_instance *inst, struct err *err);
    /* Shuts down, forcibly after timeout_s seconds; quiet success when it is down already. */
    int (*instance_shutdown)(void *ctx, const struct model_node *node,
                             const struct model_instance *inst, unsigned timeout_s,
                             struct cancel *cancel, struct err *err);
    int (*instance_start)(void *ctx, const struct model_node *node,
                          const struct model_instance *inst, struct err *err);

    /* Could these n disks of one instance be snapshotted right now, all of them?  0, or
     * -EOPNOTSUPP/-errno with the reason; changes nothing. */
    int (*blockdev_snapshot_check)(void *ctx, const struct model_node *node,
                                   const struct model_disk *disks, unsigned n,
                                   struct cancel *cancel, struct err *err);
    /* Snapshots of all of them into ret[0..n-1], one right after the other; all or none. */
    int (*blockdev_snapshot)(void *ctx, const struct model_node *node,
                             const struct model_disk *disks, unsigned n, struct node_snapshot *ret,
                             struct cancel *cancel, struct err *err);
    /* Has it stayed what it was?  To be asked once all that is wanted was read.  -EIO: it has not.
     */
    int (*blockdev_snapshot_verify)(void *ctx, const struct node_snapshot *snap, struct err *err);
    /* Gives a snapshot back; afterwards *snap is empty (fd -1), also on failure: then something of
     * it is left, for a sweep to find. */
    int (*blockdev_snapshot_release)(void *ctx, struct node_snapshot *snap, struct err *err);
    /* Removes what dead processes have left of snapshots of these disks.  0 also if there is
     * nothing.  Under the instance's lock, exclusively. */
    int (*blockdev_snapshot_sweep)(void *ctx, const struct model_node *node,
                                   const struct model_disk *disks, unsigned n, struct err *err);
    /* Opens the disk itself for reading (a stopped copy, spec §6.2). */
    int (*blockdev_open)(void *ctx, const struct model_node *node, const struct model_disk *disk,
                         int *ret_fd, struct err *err);
    /* Deletes the disk for good (remove_instance). */
    int (*blockdev_remove)(void *ctx, const struct model_node *node, const struct model_disk *disk,
                           struct err *err);

    /* --- exports on a node --- */

    /* Visible names in EXPORT_DIR, sorted (spec §7.1).  -ENOENT: "No exports directory". */
    int (*export_list)(void *ctx, const struct model_node *node, struct strvec *ret,
                       struct err *err);
    /* What lies in EXPORT_DIR/name; -ENOENT, -ENOTDIR. */
    int (*export_info)(void *ctx, const struct model_node *node, const char *name,
                       struct node_export_info **ret, struct err *err);
    /* Opens one regular file of an export for reading, never through a symlink, never outside. */
    int (*export_open)(void *ctx, const struct model_node *node, const char *name, const char *file,
                       struct node_file **ret, struct err *err);
    int (*export_space)(void *ctx, const struct model_node *node, struct node_space *ret,
                        struct err *err);

    /* Gives back what dead processes left staged for `name` and repairs what they left half done
     * (spec §12 L8); export_stage does the same.  For the space check of the prerequisites, which
     * would else count a dead stage as used for ever.  0 also without an EXPORT_DIR.  Under the
     * export lock of `name`. */
    int (*export_sweep)(void *ctx, const struct model_node *node, const char *name,
                        struct err *err);
    /* Begins an export of `name`: makes EXPORT_DIR (0700) when only it is missing, sweeps what dead
     * processes left staged for that name (spec §12 L8), makes an empty staging directory 0700. */
    int (*export_stage)(void *ctx, const struct model_node *node, const char *name,
                        struct node_stage **ret, struct err *err);
    /* Creates a file (0600) in it, readable and writable. */
    int (*stage_create)(void *ctx, struct node_stage *stage, const char *file, int *ret_fd,
                        struct err *err);
    /* Publishes: fsync of all files and the directory, mtime of all files = t, exchange with or
     * rename to EXPORT_DIR/name, fsync of EXPORT_DIR, then the old copy goes (DESIGN §5).  A
     * failure before the exchange leaves the old export; after it the new one.  Consumes the stage
     * either way.  *ret: the published copy's identity. */
    int (*finalize_export)(void *ctx, struct node_stage *stage, int64_t t,
                           struct node_export_id *ret, struct err *err);
    /* Adds or replaces a file in the published export with this identity, atomically, durably, with
     * mtime t (XXH128SUMS of a reflinked image).  -ESTALE: another export is there now. */
    int (*export_add_file)(void *ctx, const struct model_node *node, const char *name,
                           const struct node_export_id *id, const char *file, const void *data,
                           size_t len, int64_t t, struct err *err);
    /* Throws a stage away; NULL allowed. */
    void (*stage_abort)(void *ctx, struct node_stage *stage);
    /* Removes EXPORT_DIR/name recursively, if `only` is NULL or still describes it (-ESTALE else).
     * It vanishes from listings at once (renamed to a dot name first).  -ENOENT: not there. */
    int (*export_remove)(void *ctx, const struct model_node *node, const char *name,
                         const struct node_export_id *only, struct err *err);

    /* --- images being written to a node --- */

    int (*put_begin)(void *ctx, const struct model_node *node, const char *name, struct put **ret,
                     struct err *err);
    int (*put_sweep)(void *ctx, const struct model_node *node, struct err *err);

    /* --- hooks --- */

    /* Runs <hooks_dir>/<hpath>-<phase>.d (spec §4.1).  env: "NAME=value", NULL ended, complete.
     * stall_s: a script that neither writes nor ends for so long is killed with its process group
     * and counts as failed.  A missing directory is an empty result.  -EHOSTUNREACH: node not
     * reachable. */
    int (*hooks_runner)(void *ctx, const struct model_node *node, const char *hpath,
                        const char *phase, const char *const *env, unsigned stall_s,
                        struct cancel *cancel, struct node_hook_results *ret, struct err *err);
};

/* Same export seen twice?  By directory (dev, ino), or by content (t, size, hash). */
bool node_export_id_same(const struct node_export_id *a, const struct node_export_id *b);
/* Still the same export under one name?  Stricter: an inode number may have been given to a newer
 * one meanwhile, so only the content counts, the directory when neither has a config.ini. */
bool node_export_id_same_copy(const struct node_export_id *a, const struct node_export_id *b);

#endif
