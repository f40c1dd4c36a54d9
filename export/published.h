/* published.h - changes to an export that is already published: a file added, all of it removed.
 *
 * Under the export lock of NAME, like stage.h.
 */
#ifndef EXPORT_PUBLISHED_H
#define EXPORT_PUBLISHED_H

#include "export/node_ops.h"

/* node_ops.export_add_file. */
int published_add_file(const struct model_node *node, const char *name,
                       const struct node_export_id *id, const char *file, const void *data,
                       size_t len, int64_t t, struct err *err);

/* node_ops.export_remove.  When the name is gone but not everything of it could be deleted, the
 * error says so; the rest is hidden and tried again with the next export or removal. */
int published_remove(const struct model_node *node, const char *name,
                     const struct node_export_id *only, struct err *err);

#endif
