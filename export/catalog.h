/* catalog.h - what lies on which node, kept in memory.
 *
 * A scanner thread per node reads EXPORT_DIR through node_ops whenever inotify or a slow poll says
 * that something changed, so a node that hangs holds up nobody but its own scanner (P4): after
 * `stall` seconds without an answer it is shown as unreachable.  Readers take a reference to the
 * immutable catalog of the moment.
 */
#ifndef EXPORT_CATALOG_H
#define EXPORT_CATALOG_H

#include "export/model.h"
#include "export/node_ops.h"
#include "export/tarmap.h"

enum catalog_state { NODE_ONLINE, NODE_DRAINED, NODE_OFFLINE, NODE_UNREACHABLE };

/* One directory (or foreign entry) in EXPORT_DIR. */
struct catalog_export {
    atomic_int refs;
    char *name;
    bool complete; /* config.ini readable, version 0, all dumps that it names are there */
    char *error;   /* NULL, or why it is not complete */
    struct node_export_info *info; /* its `config` only if complete, and not ours */
    /* the dumps in disk order: index into info->files; only when complete */
    unsigned ndisks;
    unsigned disk_file[MODEL_MAX_DISKS];
    long sums_file; /* index of XXH128SUMS in info->files, or -1 */
    bool ours;      /* complete, its dumps are "disk0.raw" ..., and it has XXH128SUMS */
    bool secrets;   /* config.ini has private parameters (exportini_has_secrets()) */
    /* bytes of its config.ini in our form (exportini_normal()); 0: it has none */
    size_t normal_size;
    _Atomic uint64_t tar_size; /* catalog_tar_size(), once somebody asked; 0: not yet */
};

struct catalog_node {
    char *name;
    enum catalog_state state;
    char *error; /* NULL or the last one */
    struct node_space space;
    size_t n;
    struct catalog_export **exports; /* sorted by name; only valid names, directories */
    size_t nunfinished;
    struct catalog_export **unfinished; /* sorted by name; "NAME.new" */
    /* catalog_content(), once it was asked for; 0: not yet */
    _Atomic uint64_t content;
    _Atomic int64_t newest;
};

struct catalog {
    atomic_int refs;
    uint64_t generation;
    size_t n;
    struct catalog_node *nodes; /* sorted by name, the nodes of the model */
    /* catalog_current()'s, once it was asked for; NULL: not yet */
    _Atomic(struct catalog_index *) index;
};

struct catalog *catalog_ref(struct catalog *c);
void catalog_unref(struct catalog *c);

const struct catalog_node *catalog_find_node(const struct catalog *c, const char *node);
const struct catalog_export *catalog_find(const struct catalog *c, const char *node,
                                          const char *name);
/* A number for one export: another one, also in its place, has another. */
uint64_t catalog_version(const struct catalog_export *e);
/* A number for all exports of a node; *newest: Unix seconds of the last publication, 0 when there
 * is none.  Made once. */
uint64_t catalog_content(const struct catalog_node *n, int64_t *newest);

/* tarmap_size() of an export as it lies there, kept with it: laying out takes libarchive's making
 * all headers.  members: always the same. */
int catalog_tar_size(const struct catalog_export *e, const struct tarmap_member *members, size_t n,
                     uint64_t *ret);

/* The current export of an instance: the complete one with the greatest (t, published) on any
 * reachable node; NULL when there is none.  *ret_node (may be NULL): where. */
const struct catalog_export *catalog_current(const struct catalog *c, const char *name,
                                             const struct catalog_node **ret_node);

struct catalog_export *catalog_export_ref(struct catalog_export *e);
void catalog_export_unref(struct catalog_export *e); /* NULL allowed */
/* Nothing about them differs that a reader could see. */
bool catalog_export_same(const struct catalog_export *a, const struct catalog_export *b);

struct catalog_scanner;

/* changed(arg): after a new catalog is in place, from a thread of the scanner's that holds no lock.
 * stall_s: seconds after which a node that does not answer counts as unreachable.  Open scans all
 * nodes once, waiting for each at most stall_s (all in parallel); start begins watching. model(arg)
 * is called by these two and catalog_model_changed() only: the model of the moment, referenced. */
int catalog_open(const struct node_ops *ops, void *node_ctx, struct model *(*model)(void *arg),
                 unsigned stall_s, void (*changed)(void *arg), void *arg,
                 struct catalog_scanner **ret, struct err *err);
int catalog_start(struct catalog_scanner *s);
/* Ends watching; changed() is not called afterwards.  Whoever calls catalog_model_changed() must
 * have stopped.  A thread that hangs in a node is left behind: then it
 * returns false, and node_ctx must never be freed. */
bool catalog_close(struct catalog_scanner *s);

struct catalog *catalog_get(struct catalog_scanner *s); /* referenced; never blocks on a node */

/* The model changed: take up new nodes, drop old ones. */
void catalog_model_changed(struct catalog_scanner *s);

/* Reads this one export (name) of one node again and puts the result in place before it returns:
 * what a job does after publishing or removing.  Blocks on the node, but not for ever: a node that
 * does not answer within some seconds is -ETIMEDOUT, and at once until it does.  -ENOENT: no such
 * node, -EHOSTDOWN: offline, -EINVAL: name; an export that is not there is 0. */
int catalog_refresh(struct catalog_scanner *s, const char *node, const char *name, struct err *err);

/* The copy `id` of export `name` on node is being removed: from now on no catalog has it, as if it
 * had gone already, until catalog_show().  Another that takes its place is shown.  Never blocks. 0;
 * -ENOENT: it is not there (any more), -ENOMEM. */
int catalog_hide(struct catalog_scanner *s, const char *node, const char *name,
                 const struct node_export_id *id);
void catalog_show(struct catalog_scanner *s, const char *node, const char *name,
                  const struct node_export_id *id);

/* Fills what an export's info tells (pure).  Of its config.ini no more is kept than is needed. */
int catalog_export_new(const char *name, struct node_export_info *info_owned,
                       struct catalog_export **ret);

#endif
