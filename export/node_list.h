/* node_list.h - what lies on a node: names, contents of one export, space.  Changes nothing. */
#ifndef EXPORT_NODE_LIST_H
#define EXPORT_NODE_LIST_H

#include "export/node_ops.h"

#define NODE_LIST_MAX_FILES 4096 /* of one export; more is -EOVERFLOW */

/* node_ops.export_list: every visible name, be it an export or not, but lost+found (spec §7.1). */
int node_list_names(const struct model_node *node, struct strvec *ret, struct err *err);

/* node_ops.export_info.  Hidden files are left out. */
int node_list_info(const struct model_node *node, const char *name, struct node_export_info **ret,
                   struct err *err);

/* node_ops.export_open.  -EINVAL: bad name, or not a regular file; -ELOOP: a symbolic link. */
int node_list_open(const struct model_node *node, const char *name, const char *file,
                   struct node_file **ret, struct err *err);

/* node_ops.export_space.  An EXPORT_DIR that is yet to be made is answered for by its parent. */
int node_list_space(const struct model_node *node, struct node_space *ret, struct err *err);

#endif
