/* lvm.h - logical volumes, as LVM's commands tell of them and change them.
 *
 * Every call runs commands and blocks for as long as LVM does, a minute or so at most.  What they
 * say is checked before it is believed.
 */
#ifndef EXPORT_LVM_H
#define EXPORT_LVM_H

#include "export/cancel.h"
#include "export/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define LVM_TAG      "gnt-exportfs" /* what this program has made carries it */
#define LVM_NAME_MAX 127

/* Strings are the table's; "" where there is nothing to tell. */
struct lvm_lv {
    const char *vg, *name, *origin, *pool;
    const char *path; /* its device, below /dev; of hidden volumes "" */
    const char *attr; /* lv_attr of lvs(8), at least nine characters */
    const char *tags; /* separated by commas */
    dev_t dev;        /* 0: not active */
    uint64_t bytes;
    double data, metadata;    /* percent that is used, of snapshots and pools; else 0 */
    uint64_t extent, vg_free; /* of its group: bytes of an extent, extents that are free */
};

struct lvm_table {
    char *text;
    struct lvm_lv *v;
    size_t n;
    char trouble[256]; /* what LVM complained of while it listed them; "": nothing */
};

/* All logical volumes there are, hidden ones included, at one moment of each group. */
int lvm_look(struct cancel *cancel, struct lvm_table *ret, struct err *err);
void lvm_table_clear(struct lvm_table *t);

const struct lvm_lv *lvm_find_device(const struct lvm_table *t, dev_t dev);
const struct lvm_lv *lvm_find_name(const struct lvm_table *t, const char *vg, const char *name);
bool lvm_is_ours(const struct lvm_lv *lv);
bool lvm_is_thin(const struct lvm_lv *lv);        /* it lies in a thin pool */
bool lvm_pool_is_full(const struct lvm_lv *pool); /* or has failed for want of room */

/* What lvm_snapshot() is to make. */
struct lvm_wish {
    const char *vg, *origin, *name;
    uint64_t extents; /* its size; 0: it is one of a thin volume and has none */
};

/* Would it work?  Nothing is changed. */
int lvm_snapshot_trial(const struct lvm_wish *w, struct cancel *cancel, struct err *err);

/* Makes it: read-only, active, tagged LVM_TAG.  keep: see command.h; the command is never stopped
 * halfway, since the origin is suspended meanwhile. */
int lvm_snapshot(const struct lvm_wish *w, int keep, struct err *err);

/* Removes the volume if it is there and tagged LVM_TAG.  0 also if not.  -EBUSY: it is in use. */
int lvm_remove(const char *vg, const char *name, struct err *err);

#endif
