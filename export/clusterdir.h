/* clusterdir.h - a cluster that is a directory of this machine (DESIGN §6), worked by our own LUs.
 */
#ifndef EXPORT_CLUSTERDIR_H
#define EXPORT_CLUSTERDIR_H

#include "export/cluster.h"

/* Reads the directory, makes CLUSTER/state when missing.  Errors name the file and the reason;
 * *ret is untouched then.  Blocks on the file system. */
int clusterdir_open(const char *path, const struct cluster_options *opt, struct cluster **ret,
                    struct err *err);

#endif
