/* node_local.h - node_ops for nodes that are directories of this machine (DESIGN §6). */
#ifndef EXPORT_NODE_LOCAL_H
#define EXPORT_NODE_LOCAL_H

#include "export/node_ops.h"

struct node_local;

/* state_dir: CLUSTER/state, where the fake hypervisor keeps its files ("fake/<instance>"). */
int node_local_open(const char *state_dir, struct node_local **ret);
void node_local_close(struct node_local *nl);

/* The table; its ctx is the struct node_local. */
extern const struct node_ops node_local_ops;

#endif
