/* gnode_stage.h - an export that is put together on a node over SFTP, and takes the place of what
 * has its name there.
 *
 *     EXPORT_DIR/.NAME.put-xxxxxx/     until then
 *     EXPORT_DIR/.NAME.old-xxxxxx/     what was there, between two renames and until it is deleted
 *
 * One thread.  All is noted (gput_note.h) before it is done, so that gnode_left.h finds what is
 * left by who dies, or loses the node.
 */
#ifndef EXPORT_GANETI_GNODE_STAGE_H
#define EXPORT_GANETI_GNODE_STAGE_H

#include "export/copy.h"
#include "export/ganeti/gnode_conn.h"
#include "export/ganeti/gput_note.h"

struct gnode_stage;

/* Makes it (0700), and EXPORT_DIR when only that is missing.  The note is the caller's, and must
 * stay.  -ENOTDIR: something else than a directory has the name. */
int gnode_stage_begin(struct gnode_conn *c, const struct model_node *node, const char *name,
                      struct gput_note *note, struct gnode_stage **ret, struct err *err);
/* A new file (0600) of all that job says but `dst`; zeros become holes.  Synced if the server can.
 * -ENOSPC, -ECANCELED, -EIO. */
int gnode_stage_copy(struct gnode_stage *s, const char *file, const struct copy_job *job,
                     struct err *err);
int gnode_stage_write(struct gnode_stage *s, const char *file, const void *data, size_t len,
                      struct err *err);
/* Could all that was written be synced? */
bool gnode_stage_is_synced(const struct gnode_stage *s);
/* It is not left alone: nobody takes it for a dead one's. */
int gnode_stage_alive(struct gnode_stage *s, struct err *err);
/* The mtime of all its files. */
int gnode_stage_date(struct gnode_stage *s, int64_t t, struct err *err);
/* What lies under the name: 0 and its identity by content (node_export_id; t means nothing), or all
 * 0 for nothing; -ENOTDIR; -errno: it cannot be told. */
int gnode_stage_there(struct gnode_stage *s, struct node_export_id *ret, struct err *err);
/* Takes the place of what is `there`: -EBUSY if that is not what is there any more.  A failure
 * leaves what was there, or, if the node is lost in the middle and does not come back, has that set
 * aside until gnode_left.h finds it: the text says so.  0 also if the old export could not be
 * deleted: *warning then, else empty. */
int gnode_stage_publish(struct gnode_stage *s, const struct node_export_id *there,
                        struct err *warning, struct err *err);
/* Frees it, and removes what of it is not published.  NULL allowed. */
void gnode_stage_free(struct gnode_stage *s);

#endif
