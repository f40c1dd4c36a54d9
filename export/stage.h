/* stage.h - the staging directory of an export: begun, filled, thrown away (DESIGN §5).
 *
 * All of it is done under the export lock of NAME; one stage belongs to one thread.
 */
#ifndef EXPORT_STAGE_H
#define EXPORT_STAGE_H

#include "export/node_ops.h"

#include <limits.h>

struct node_stage {
    int exports_fd;         /* EXPORT_DIR */
    int fd;                 /* the staging directory, flock-ed: proof that its maker lives */
    char *name;             /* NAME */
    char *path;             /* EXPORT_DIR/NAME, for messages */
    char dir[NAME_MAX + 1]; /* what is to be removed with the stage, "" when nothing */
};

/* node_ops.export_stage.  -ENOTDIR: a foreign thing has the name. */
int stage_begin(const struct model_node *node, const char *name, struct node_stage **ret,
                struct err *err);

/* node_ops.stage_create.  -EINVAL: not a plain file name, or hidden. */
int stage_create(struct node_stage *stage, const char *file, int *ret_fd, struct err *err);

/* Removes stage->dir with all that is in it, and frees the stage; NULL allowed. */
void stage_abort(struct node_stage *stage);

/* Refuses when something that is no directory has the name.  0, -ENOTDIR, -errno. */
int stage_check_target(const struct node_stage *stage, struct err *err);

/* node_ops.export_sweep. */
int stage_sweep_node(const struct model_node *node, const char *name, struct err *err);

/* Removes what dead processes left in EXPORT_DIR for `name`, and repairs a publication that was
 * interrupted where the file system has no exchange: an export set aside without a successor is put
 * back.  What cannot be removed now is left for the next time.  0 or -errno of EXPORT_DIR: then
 * nothing was deleted. */
int stage_sweep(int exports_fd, const char *name);

static inline void stage_cleanup(struct node_stage **stage)
{
    stage_abort(*stage);
}
#define CLEANUP_STAGE CLEANUP(stage_cleanup)

#endif
