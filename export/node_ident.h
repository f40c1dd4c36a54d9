/* node_ident.h - which export lies in a directory: struct node_export_id from its config.ini. */
#ifndef EXPORT_NODE_IDENT_H
#define EXPORT_NODE_IDENT_H

#include "export/node_ops.h"

/* The bytes of a config.ini, or why they could not be read. */
struct node_ident_config {
    char *text; /* NULL when error */
    size_t len;
    int error; /* 0, -ENOENT, -ELOOP, -EINVAL (not a regular file), -EFBIG, -errno */
};

static inline void node_ident_config_clear(struct node_ident_config *c)
{
    free(c->text);
}
#define CLEANUP_IDENT_CONFIG CLEANUP(node_ident_config_clear)

/* Reads config.ini and fills *id.  A config.ini that is missing or unreadable is no failure: it
 * leaves t, size and hash 0 and says why in config->error.  0, -ENOMEM, or -errno of the directory
 * itself.  Blocks. */
int node_ident_read(int export_fd, struct node_export_id *id, struct node_ident_config *config);

/* Is the export behind export_fd still the one that `id` was read from
 * (node_export_id_same_copy())? 0, -ESTALE, -errno, also of a config.ini that is there and cannot
 * be read: nobody knows then which export this is. */
int node_ident_verify(int export_fd, const struct node_export_id *id);

#endif
