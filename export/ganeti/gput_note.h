/* gput_note.h - what an upload is about to leave on a node, so that it is found if nobody comes
 * back to remove it.
 *
 * STATE/uploads/NAME, of all nodes that something of that name may lie on.  A note is only looked
 * at and changed by who has it: one at a time, of all mounts with that state directory.  So whoever
 * has got it knows that what is noted there is a dead one's, or was given up.  Blocks on the local
 * disk.
 */
#ifndef EXPORT_GANETI_GPUT_NOTE_H
#define EXPORT_GANETI_GPUT_NOTE_H

#include "export/ini.h"

#include <stdbool.h>

struct gput_note {
    char *state_dir, *name;
    int lock;
    struct ini *ini; /* a section for each node */
};

/* On one node; names in EXPORT_DIR, "" none. */
struct gput_left {
    char stage[256]; /* what is put together */
    char aside[256]; /* the export in whose place it comes */
    bool published;  /* it has: what is aside is superseded */
};

/* -EWOULDBLOCK: somebody else has it; -EINVAL: no name; -errno. */
int gput_note_take(const char *state_dir, const char *name, struct gput_note **ret);
void gput_note_release(struct gput_note *n); /* NULL allowed */

bool gput_note_get(const struct gput_note *n, const char *node, struct gput_left *ret);
/* Durably: a failure means that what would be noted must not be done. */
int gput_note_set(struct gput_note *n, const char *node, const struct gput_left *left,
                  struct err *err);
void gput_note_drop(struct gput_note *n, const char *node);

static inline void gput_note_cleanup(struct gput_note **n)
{
    gput_note_release(*n);
}
#define CLEANUP_GPUT_NOTE CLEANUP(gput_note_cleanup)

#endif
