/* gnode_remove.h - a copy of an export goes from a node that is reached over SFTP. */
#ifndef EXPORT_GANETI_GNODE_REMOVE_H
#define EXPORT_GANETI_GNODE_REMOVE_H

#include "export/ganeti/gnode_conn.h"

/* node_ops.export_remove.  When the name is gone but not everything of it could be deleted, the
 * error says so; the rest is hidden and tried again with the next removal. */
int gnode_remove(struct gnode_conn *c, const struct model_node *node, const char *name,
                 const struct node_export_id *only, struct err *err);

/* node_ops.export_sweep: deletes what removals of that name have left. */
int gnode_remove_sweep(struct gnode_conn *c, const struct model_node *node, const char *name,
                       struct err *err);

/* Deletes a directory with what is in it, one level deep, as exports are; none is fine. */
int gnode_remove_dir(struct sftp *s, const char *dir, struct err *err);

#endif
