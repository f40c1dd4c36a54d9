/* rmtree.h - removes a directory tree, and only that tree. */
#ifndef EXPORT_RMTREE_H
#define EXPORT_RMTREE_H

/* Removes `name` (one path component) in parent: a file, a symbolic link itself, or a directory
 * with all that is in it.  Never follows a symbolic link and never enters a mount, be it of the
 * same device.  Directories without permissions are opened up first.  Any depth, constant memory,
 * three descriptors.  What cannot be removed does not stop the rest; the first reason is returned.
 * 0; -ENOENT when there was nothing; -EXDEV for a mount inside; -errno.  Blocks. */
int rmtree(int parent, const char *name);

#endif
