/* lvm_plan.h - can the disks of an instance have LVM snapshots, and which (spec §6.3)? */
#ifndef EXPORT_LVM_PLAN_H
#define EXPORT_LVM_PLAN_H

#include "export/lvm.h"
#include "export/model.h"

#define LVM_SNAP_SUFFIX ".snap"

/* For one disk.  Pointers are into the table. */
struct lvm_plan {
    bool is_block; /* else nothing more is known */
    dev_t dev;
    const struct lvm_lv *origin;
    const struct lvm_lv *leftover; /* NULL, or a volume of ours that has the snapshot's name */
    char name[LVM_NAME_MAX + 1];   /* of the snapshot */
    uint64_t extents;              /* its size; 0: thin, has none */
    bool made;                     /* the caller's: it was made, perhaps in part */
};

struct lvm_plans {
    const struct model_disk *disks; /* the caller sets these two */
    unsigned n;
    unsigned blocks; /* how many are block devices; with none LVM is not asked */
    struct lvm_plan p[MODEL_MAX_DISKS];
    struct lvm_table table;
};

/* Looks at disks and volumes and fills the plans, or tells why it cannot be, which may be because
 * they do not fit all together (snapshot_lvm_check() lists the errors).  Blocks as lvm_look(). */
int lvm_plans_make(struct lvm_plans *ps, struct cancel *cancel, struct err *err);
void lvm_plans_clear(struct lvm_plans *ps);

#endif
