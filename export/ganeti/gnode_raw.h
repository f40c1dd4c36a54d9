/* gnode_raw.h - an export as it lies on a node, before anybody says which T it has; counted. */
#ifndef EXPORT_GANETI_GNODE_RAW_H
#define EXPORT_GANETI_GNODE_RAW_H

#include "export/ganeti/sftp.h"
#include "export/node_ops.h"

#include <stdatomic.h>

struct gnode_raw {
    atomic_int refs;
    int64_t published; /* mtime of the directory, before anything in it was looked at */
    char *text;        /* config.ini, or NULL: then config_errno says why */
    size_t len;
    int config_errno;         /* negative, as node_ident_config.error */
    struct node_export_id id; /* t: mtime of config.ini */
    size_t nfiles;
    struct node_export_file *files; /* sorted */
};

static inline struct gnode_raw *gnode_raw_ref(struct gnode_raw *raw)
{
    atomic_fetch_add_explicit(&raw->refs, 1, memory_order_relaxed);
    return raw;
}
void gnode_raw_unref(struct gnode_raw *raw); /* NULL allowed */
static inline void gnode_raw_cleanup(struct gnode_raw **raw)
{
    gnode_raw_unref(*raw);
}
#define CLEANUP_GNODE_RAW CLEANUP(gnode_raw_cleanup)

/* Is it a name that an export may have, or one that Ganeti is exporting into ("NAME.new")? */
bool gnode_raw_valid_name(const char *name);

/* Is there a directory of that name, and not through a symbolic link?  -EINVAL: a name that none
 * can have; -ENOENT, -ENOTDIR.  ret may be NULL. */
int gnode_raw_look(struct sftp *s, const struct model_node *node, const char *name,
                   struct sftp_attrs *ret, struct err *err);
/* All of it: as gnode_raw_look(). */
int gnode_raw_read(struct sftp *s, const struct model_node *node, const char *name,
                   struct gnode_raw **ret, struct err *err);
/* The story of what node_ops asks for; id is the raw one's.  0, -ENOMEM. */
int gnode_raw_info(const struct gnode_raw *raw, const char *name, struct node_export_info **ret);

/* Is it still the copy that an info told of?  Only its content counts: what T is given to it may be
 * known better by now. */
bool gnode_raw_is(const struct gnode_raw *raw, const struct node_export_id *id);

#endif
