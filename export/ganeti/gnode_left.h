/* gnode_left.h - what uploads and removals have left on a node that nobody sees to any more.
 *
 *     .NAME.put-xxxxxx    half an upload: goes
 *     .NAME.old-xxxxxx    an export whose successor was about to come: gets its name back if
 * nothing has that; else it goes .NAME.gone-xxxxxx   half deleted: goes
 *
 * What a note of ours tells of (gput_note.h) is seen to at once, if nobody has the note.  All else
 * may be of somebody who is at work on another machine, so it is watched for a while first:
 * what has no name for two minutes gets it back, for if its maker lives after all he only fails;
 * what is to be deleted has not changed for an hour.
 */
#ifndef EXPORT_GANETI_GNODE_LEFT_H
#define EXPORT_GANETI_GNODE_LEFT_H

#include "export/ganeti/sftp.h"
#include "export/model.h"

#include <pthread.h>

struct gnode_conn;

struct gnode_watched {
    char *entry;
    int64_t since_ms; /* it has been so since then */
    uint64_t state;   /* how */
    bool listed;
};

struct gnode_left {
    pthread_mutex_t m;
    struct gnode_watched *v;
    size_t n;
};

void gnode_left_init(struct gnode_left *l);
void gnode_left_destroy(struct gnode_left *l);

/* After EXPORT_DIR was listed: blocks on the node if there is something to see to. */
void gnode_left_tend(struct gnode_conn *c, const struct model_node *node,
                     const struct sftp_entries *entries);
/* The same with a clock, for tests. */
void gnode_left_tend_at(struct gnode_conn *c, const struct model_node *node,
                        const struct sftp_entries *entries, int64_t now_ms);

#endif
