/* mountmark.h - is what a node's exports lie on mounted?
 *
 * A node is often another disk, an NFS or sshfs mount.  While that is not mounted its directory is
 * an empty folder of the disk below: taken for the node it would show no exports, and be filled
 * with new ones.  So the mount point that EXPORT_DIR was seen on is remembered in
 * STATE/mounted/NODE.
 */
#ifndef EXPORT_MOUNTMARK_H
#define EXPORT_MOUNTMARK_H

#include "export/err.h"
#include "export/model.h"

/* 0, or -EHOSTUNREACH: EXPORT_DIR lay on a file system mounted below the one that it is on now;
 * the error names the mount point, and what to remove if that is meant to be so.  What cannot be
 * found out or remembered is no error.  Blocks on the node. */
int mountmark_check(const char *state_dir, const struct model_node *node, struct err *err);

#endif
