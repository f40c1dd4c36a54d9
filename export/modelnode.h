/* modelnode.h - the nodes of a cluster directory: CLUSTER/nodes/NODE with an optional node.ini.
 *
 * A node's directory may lie on a network file system that does not answer; reading it must then
 * hold up nobody who wants another node.
 */
#ifndef EXPORT_MODELNODE_H
#define EXPORT_MODELNODE_H

#include "export/model.h"
#include "export/relay.h"
#include "lock/strvec.h"

#define MODELNODE_LIMIT_MS 1000 /* how long one node may hold up a look at the cluster */

/* Reads the named nodes (sorted; entries that are not directories are left out).  relay NULL: waits
 * for each as long as it takes.  Otherwise one that does not answer in time is taken over from
 * previous (may be NULL), or, when it is not known from there, has .error set.  A bad node.ini is
 * that node's .error, too.  0, -ENOMEM, -EAGAIN; the caller clears the n nodes and frees *ret. */
int modelnode_read(struct relay *relay, const char *cluster_dir, const struct strvec *names,
                   const struct model *previous, struct model_node **ret, size_t *n);

#endif
