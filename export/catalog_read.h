/* catalog_read.h - one look at what lies on a node.
 *
 * An export is read again only when its directory's stamp is another: a hash over name, inode, size
 * and times of the files in it, taken from the node's export_dir itself.  Where that is not a
 * directory of this machine there is no stamp and everything is read.
 */
#ifndef EXPORT_CATALOG_READ_H
#define EXPORT_CATALOG_READ_H

#include "export/catalog.h"

struct catalog_entry {
    struct catalog_export *exp;
    uint64_t stamp; /* 0: unknown, equal to nothing */
};

/* What lies on a node, sorted by name. */
struct catalog_listing {
    struct catalog_entry *v;
    size_t n;
    struct node_space space;
};
void catalog_listing_clear(struct catalog_listing *l);
int catalog_listing_copy(const struct catalog_listing *from, struct catalog_listing *to);
/* Puts e (owned) in place of the entry of this name; e.exp NULL: takes that out.  0 or -ENOMEM
 * (unchanged, e.exp released). */
int catalog_listing_set(struct catalog_listing *l, const char *name, struct catalog_entry e);
bool catalog_listing_same(const struct catalog_listing *a, const struct catalog_listing *b);

struct catalog_reader {
    const struct node_ops *ops;
    void *ctx;
    void (*progress)(void *arg); /* the node has answered something */
    void *arg;
};

/* Lists the node, taking over from old what is unchanged.  Blocks.  Anything but 0 and -ENOMEM
 * means that the node cannot be read as a whole. */
int catalog_read_node(const struct catalog_reader *rd, const struct model_node *node,
                      const struct catalog_listing *old, struct catalog_listing *ret,
                      struct err *err);

/* One export; ret->exp is NULL when nothing is there that counts as one.  The same errors. */
int catalog_read_export(const struct catalog_reader *rd, const struct model_node *node,
                        const char *name, const struct catalog_entry *old,
                        struct catalog_entry *ret, struct err *err);

#endif
