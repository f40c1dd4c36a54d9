/* target.h - which node an export goes to when nobody says (DESIGN §2, "Target node"). */
#ifndef EXPORT_TARGET_H
#define EXPORT_TARGET_H

#include "export/catalog.h"
#include "export/share.h"
#include "export/written.h"

/* For an export of `name`, whose primary node that is (NULL: it has none that is known).
 * The mount's option `preferred` (may be NULL), else the node that holds the current export, else
 * the online, undrained, reachable node with most unreserved free space, the primary only if there
 * is no other.  A holder that is not online or is drained is passed over; the option is taken as it
 * is, so that its error is told.  Memory only.  Returns a name owned by model or `preferred`, or
 * NULL with *err set when no node can take an export. */
const char *target_choose(const struct model *model, const struct catalog *catalog,
                          struct share *share, const char *name, const char *primary_node,
                          const char *preferred, struct err *err);

/* Bytes that a copy of this disk may take: what is allocated of it. */
uint64_t target_disk_need(const struct model_disk *disk);

/* Bytes that an export of this instance will need on a node whose EXPORT_DIR is described by sp:
 * allocated bytes of all disks, without those that can be reflinked there.  Saturating. */
uint64_t target_need(const struct model_instance *inst, const struct node_space *sp);
/* The same of a written image. */
uint64_t target_written_need(const struct written *w, const struct node_space *sp);

#endif
