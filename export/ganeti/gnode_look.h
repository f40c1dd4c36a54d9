/* gnode_look.h - what lies on a node that is reached over SFTP: the calls of node_ops that look. */
#ifndef EXPORT_GANETI_GNODE_LOOK_H
#define EXPORT_GANETI_GNODE_LOOK_H

#include "export/ganeti/gnode_conn.h"
#include "export/node_file.h"

int gnode_look_list(struct gnode_conn *c, const struct model_node *node, struct strvec *ret,
                    struct err *err);
int gnode_look_info(struct gnode_conn *c, const struct model_node *node, const char *name,
                    struct node_export_info **ret, struct err *err);
int gnode_look_open(struct gnode_conn *c, const struct model_node *node, const char *name,
                    const char *file, struct node_file **ret, struct err *err);
int gnode_look_space(struct gnode_conn *c, const struct model_node *node, struct node_space *ret,
                     struct err *err);

/* Replaces id.t by what gnode_options say. */
void gnode_look_ask_t(const struct gnode *g, const struct model_node *node, const char *name,
                      struct node_export_info *info);

#endif
