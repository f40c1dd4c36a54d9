/* lu.h - logical units: what one is, and the world that it is given.
 *
 * An LU is a struct lu with a class (functions) and its own data.  The processor (processor.h)
 * calls the functions in the reference's order (spec §3) and owns the locks.
 */
#ifndef EXPORT_LU_H
#define EXPORT_LU_H

#include "export/catalog.h"
#include "export/image.h"
#include "export/journal.h"
#include "export/lowly.h"
#include "export/opcode.h"
#include "export/written.h"
#include "lock/lock.h"

/* The cluster as an LU sees it.  One for all runs; thread safe. */
struct lu_env_ops {
    /* Cluster data of the moment, from memory; referenced for the caller. */
    struct model *(*model)(void *arg);
    /* Read again now (blocks): what is true under the locks. */
    int (*model_refresh)(void *arg, struct model **ret, struct err *err);
    struct catalog *(*catalog)(void *arg);
    /* An export of `name` was published or removed on node: bring the catalog up to date. */
    void (*export_changed)(void *arg, const char *node, const char *name);
    /* Does the node answer?  It is asked, but not waited for for long; NULL: it does.  What is done
     * with a node that others need is only begun on one that answers. */
    bool (*answers)(void *arg, const char *node, const char *name);
    /* Takes the instance out of the cluster (remove_instance). */
    int (*instance_remove)(void *arg, const char *name, struct err *err);
    /* Remembers that this stale copy (or any older one: node_export_id_older_than()) must go once
     * its node can be reached (spec §12 L30). */
    int (*removal_pending)(void *arg, const char *node, const char *name,
                           const struct node_export_id *id, struct err *err);
    /* A copy is about to be removed, and was, or was not (pending.h): a death in between leaves
     * nothing of it. */
    int (*removal_begin)(void *arg, const char *node, const char *name, struct err *err);
    void (*removal_end)(void *arg, const char *node, const char *name);
    /* What is about to be done with an instance's export is noted, so that it outlives the process
     * (journal.h); there is nothing to put in order any more; what dead processes have noted (1, 0
     * nothing, -errno).  Under the locks of the export.  If noting fails, what would be noted is
     * not to be done. */
    int (*journal_note)(void *arg, const char *name, const struct journal *j, struct err *err);
    void (*journal_end)(void *arg, const char *name);
    int (*journal_left)(void *arg, const char *name, struct journal *ret, struct err *err);
    /* Bytes that other running exports have reserved on a node. */
    uint64_t (*space_reserved)(void *arg, const char *node, const void *run_arg);
};

struct lu_env {
    const struct lu_env_ops *ops;
    void *arg;
    const struct node_ops *nodes;
    void *node_ctx;
    struct lock_manager *locks;
    int64_t lock_timeout_ms;    /* DESIGN §4, -o lock_timeout */
    unsigned hook_stall_s;      /* limit in place of the reference's none */
    bool allow_remove_instance; /* -o allow_remove_instance */
    struct throttle *throttle;  /* of all copying; NULL: none */
    struct lowly lowly;         /* for threads that copy */
};

/* One run's face to whoever started it.  Functions are called from the run's thread; any may be
 * NULL. */
struct lu_run {
    void *arg;
    struct cancel *cancel;
    const char *label; /* owner's description in lock reports: "job 3 BACKUP_EXPORT(web1)" */
    void (*lock_owner)(void *arg,
                       struct lock_owner *o); /* set (and NULL) around waits: lock_cancel() */
    void (*feedback)(void *arg, const char *message); /* one line of the job's log */
    void (*phase)(void *arg,
                  const char *phase); /* "waiting for locks", "hooks (pre)", "copying disk/0" */
    void (*progress)(void *arg, uint64_t done, uint64_t total); /* bytes of all disks */
    /* Asked once all locks are held: true ends the run with -EALREADY before anything is done
     * (somebody else has just made what a reader wanted). */
    bool (*superseded)(void *arg);
    /* Asked before an export takes the place of what was there: false if it is to stop; else it can
     * only be stopped by an unmount from here on. */
    bool (*commit)(void *arg);
    struct image *image; /* export: filled as the copy goes on, published or failed at the end */
    int64_t image_t;     /* the T that the export is published under (DESIGN §3); 0: now */
    const struct node_export_id *copy; /* removal: only this one; NULL: whatever is there */
    /* export: made of this image, not of the disks; image_t may yet be set by commit() */
    struct written *written;
};

/* What an LU gives back. */
struct lu_result {
    bool nothing;  /* dry run, remove */
    bool fin_resu; /* export */
    unsigned ndisks;
    bool disks[MODEL_MAX_DISKS];
    struct lu_result_node { /* query: one per node asked */
        char *node;
        bool failed; /* the reference's `false` */
        struct strvec exports;
    } * nodes;
    size_t nnodes;
};
void lu_result_clear(struct lu_result *r);
/* Python form as in the reference's job results: "(True, [True, True])", "None",
 * "{'node1': ['a'], 'node2': False}". */
int lu_result_format(const struct lu_result *r, char **ret);

/* What to lock at one level. */
struct lu_locks {
    bool declared; /* false: nothing at this level */
    bool all, shared;
    struct strvec names;
};

struct lu;

struct lu_tasklet {
    const char *name;
    int (*check_prereq)(struct lu *lu, struct err *err); /* may be NULL */
    int (*exec)(struct lu *lu, struct err *err);
};

/* "NAME" -> value pairs without prefix; the processor adds GANETI_ (spec §4.2). */
struct lu_hooks_env {
    struct strvec names, values;
};

struct lu_class {
    const char *name; /* "LUExportInstance" */
    const char *op_id;
    const char *hpath; /* NULL: no hooks */
    const char *htype; /* "INSTANCE" */
    bool req_bgl;      /* true: BGL exclusive */
    size_t size;       /* of the struct that begins with struct lu */

    int (*check_arguments)(struct lu *lu, struct err *err);
    int (*expand_names)(struct lu *lu, struct err *err); /* must set lu->locks_declared */
    int (*declare_locks)(struct lu *lu, enum lock_level level, struct err *err); /* may be NULL */
    /* Also called without locks (owner NULL) before a job is queued: then it looks at memory only
     * and never blocks. */
    int (*check_prereq)(struct lu *lu, struct err *err);
    int (*build_hooks_env)(struct lu *lu, struct lu_hooks_env *env, struct err *err);
    int (*build_hooks_nodes)(struct lu *lu, struct strvec *nodes, struct err *err);
    /* Either exec, or a NULL-name ended list of tasklets run one after the other. */
    int (*exec)(struct lu *lu, struct err *err);
    const struct lu_tasklet *tasklets;
    /* Runs after exec or tasklets, whatever their outcome (r: 0 or -errno). */
    void (*finish)(struct lu *lu, int r, const struct err *err);
    void (*destroy)(struct lu *lu); /* frees what the class's struct owns; may be NULL */
};

struct lu {
    const struct lu_class *class;
    struct opcode *op;
    const struct lu_env *env;
    const struct lu_run *run;
    struct model *model;      /* referenced; read again once the locks are held */
    struct catalog *catalog;  /* referenced; likewise */
    struct lock_owner *owner; /* NULL during processor_check() */
    bool locks_declared;      /* expand_names has set needed locks, maybe to nothing */
    struct lu_locks locks[LOCK_LEVELS];
    struct lu_result result;
};

/* Of OP_BACKUP_EXPORT with run->written it is lu_write_class. */
extern const struct lu_class lu_export_class, lu_write_class, lu_remove_class, lu_query_class;

/* For an LU's functions: logging as the reference does it (spec §3, Feedback). */
void lu_feedback(struct lu *lu, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void lu_warning(struct lu *lu, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void lu_info(struct lu *lu, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void lu_phase(struct lu *lu, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* 0, or -ECANCELED with *err set once the run was asked to stop. */
int lu_canceled(struct lu *lu, struct err *err);
/* The same, for the last time: 0 if nobody who leaves can stop it any more. */
int lu_commit(struct lu *lu, struct err *err);
/* Passes on what a call that can be cancelled returned: -ECANCELED becomes ERR_CANCELED. */
int lu_failed(int r, struct err *err);

/* The node with exactly this name, or ECODE_NOENT "Node 'x' not known". */
int lu_known_node(struct lu *lu, const char *name, const struct model_node **ret, struct err *err);
/* No call may be made to it. */
bool lu_node_offline(const struct model_node *node);

#endif
