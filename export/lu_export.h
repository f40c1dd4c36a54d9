/* lu_export.h - what the parts of the export LU share; nobody else includes this.
 *
 *   lu_export.c          the class: arguments, names, locks, hooks, the end of a run
 *   lu_export_prereq.c   prerequisites
 *   lu_export_take.c     tasklet 1: from checks to frozen data, the instance running again
 *   lu_export_space.c      is there room for it
 *   lu_export_copy.c       the data into the stage
 *   lu_export_publish.c  tasklet 2
 *   lu_export_older.c    tasklet 3: stale copies, remove_instance
 *   lu_write.c           class and tasklet 1 with a written image in place of the disks
 */
#ifndef EXPORT_LU_EXPORT_H
#define EXPORT_LU_EXPORT_H

#include "export/lu.h"
#include "export/sums.h"
#include "export/target.h"

#include <sys/stat.h>

struct lu_export {
    struct lu lu;            /* first */
    char *instance, *target; /* expanded; target NULL in mode remote */

    /* Found by check_prereq; point into lu.model.  Of a written image inst is `own`, made from its
     * config.ini, and src may be NULL. */
    const struct model_instance *inst;
    const struct model_node *src, *dst;
    struct model_instance *own;

    /* The instance during exec. */
    bool was_running; /* before anything was done to it */
    bool stopped;     /* its shutdown was asked for (and may have worked in part) */
    bool started;     /* and it was started again */
    bool disks_gone;  /* at least one disk was removed: it cannot run any more */

    /* The data. */
    bool snapshots; /* the copy is taken from snap[], not from the disks */
    struct node_snapshot snap[MODEL_MAX_DISKS];
    bool snapshot_left;                    /* one could not be given back */
    int src_fd[MODEL_MAX_DISKS];           /* disks copied without snapshot; -1: not open */
    struct stat src_stat[MODEL_MAX_DISKS]; /* of what is copied, when it was opened */
    unsigned ndumps;                       /* one per disk, but in a written image */
    int dst_fd[MODEL_MAX_DISKS];           /* dumps in the stage, later published; -1 */
    struct node_stage *stage;
    struct journal journal; /* as noted last: this run before what is left of dead ones */
    bool noted;             /* this run is in it */
    int64_t timestamp;      /* when the data was taken */
    int64_t t;              /* what it is published under; 0: not chosen yet */
    bool hashed[MODEL_MAX_DISKS];
    struct sums_entry sums[1 + MODEL_MAX_DISKS]; /* config.ini, then the disks */
    uint64_t total;                              /* bytes of all disks */
    struct node_export_id fresh;                 /* the published copy */
    bool older_done;                             /* older copies have been seen to */
};

static inline struct lu_export *lu_export_of(struct lu *lu)
{
    return (struct lu_export *)lu;
}

/* What all classes have in common; init before anything else. */
void lu_export_init(struct lu_export *x);
int lu_export_expand_target(struct lu_export *x, struct err *err);
int lu_export_declare_locks(struct lu_export *x, struct err *err);
int lu_export_build_hooks_env(struct lu *lu, struct lu_hooks_env *env, struct err *err);
void lu_export_finish(struct lu *lu, int r, const struct err *cause);

int lu_export_check_prereq(struct lu *lu, struct err *err);
/* May the target take exports?  Sets x->dst; *ret: what was seen of it last, NULL: nothing yet. */
int lu_export_check_node(struct lu_export *x, const struct catalog_node **ret, struct err *err);
/* Can it be written to, and has it need() bytes?  If nothing was seen of it yet (target NULL) exec
 * finds out. */
int lu_export_check_room(struct lu_export *x, const struct catalog_node *target,
                         uint64_t (*need)(struct lu_export *x, const struct node_space *space),
                         struct err *err);
int lu_export_create(struct lu *lu, struct err *err);  /* tasklet 1 */
int lu_export_publish(struct lu *lu, struct err *err); /* tasklet 2 */
int lu_export_older(struct lu *lu, struct err *err);   /* tasklet 3 */

/* A step of a tasklet, which may be cancelled before and in it. */
int lu_export_step(struct lu_export *x, int (*what)(struct lu_export *, struct err *),
                   struct err *err);
/* Puts in order what a dead export of it has left; x->journal is what could not be. */
int lu_export_clear_up(struct lu_export *x, struct err *err);
/* Notes the run and makes x->stage. */
int lu_export_begin_stage(struct lu_export *x, struct err *err);
/* The instance's lock becomes shared, unless something will yet be done to it. */
void lu_export_let_others_read(struct lu_export *x);

/* Bytes of `space` that no other running export has reserved. */
uint64_t lu_export_unreserved(struct lu_export *x, const struct node_space *space);
/* Is there room on the target, counting only disks that cannot be cloned there?  Needs stage and
 * dst_fd[], which are empty again afterwards.  -ENOSPC. */
int lu_export_check_space(struct lu_export *x, struct err *err);

/* -ENOSPC: so many bytes are wanted of `space`. */
int lu_export_no_room(struct lu_export *x, uint64_t wanted, const struct node_space *space,
                      struct err *err);

/* Copies all disks into the stage and writes config.ini there. */
int lu_export_copy(struct lu_export *x, struct err *err);
/* config.ini into the stage, with its checksum. */
int lu_export_stage_config(struct lu_export *x, const char *text, size_t len, struct err *err);
void lu_export_set_sum(struct sums_entry *e, const char *name);
/* Two exports of an instance never share T (node_ops.h). */
int64_t lu_export_choose_t(struct lu_export *x);
/* A whole small file in the stage. */
int lu_export_stage_file(struct lu_export *x, const char *name, const char *data, size_t len,
                         struct err *err);

/* Starts the instance if this run has stopped it and it was running before; then x->started. */
int lu_export_restart(struct lu_export *x, struct err *err);
/* Notes x->journal (journal.h). */
int lu_export_note(struct lu_export *x, struct err *err);
/* Gives back snapshot and descriptor of a disk's source. */
void lu_export_release_source(struct lu_export *x, unsigned disk);

#endif
