/* gknown.h - what is known of exports that Ganeti has made and that cannot say it themselves: the T
 * that they are shown under (DESIGN §3), and their checksums.
 *
 * STATE/exports/NAME, shared by all mounts with this state directory.  An export is told from
 * others by the contents of its config.ini (node_export_id.hash and size), so its copies on other
 * nodes are the same one.  A new one that a run of ours was waited for has the T that was promised
 * for it, whichever mount sees it first; any other has the time at which it was finished.  T grows
 * from one that is seen to the next.
 *
 * Thread safe, a leaf; blocks on the local disk at the first sight of an export, and what it cannot
 * keep there it knows until the process ends.
 */
#ifndef EXPORT_GANETI_GKNOWN_H
#define EXPORT_GANETI_GKNOWN_H

#include "export/node_ops.h"

struct gknown;

int gknown_open(const char *state_dir, struct gknown **ret); /* 0, -ENOMEM */
void gknown_close(struct gknown *k);                         /* NULL allowed */

/* The T of a copy.  id->t: mtime of config.ini; timestamp: its own, when it was finished. */
int64_t gknown_t(struct gknown *k, const char *name, const struct node_export_id *id,
                 int64_t timestamp);

/* The next export of name that was never seen before, and is finished from now on, is published
 * under t, on whichever node: a job that was joined has a target of its own.  Takes the place of
 * what was expected before. */
void gknown_expect(struct gknown *k, const char *name, int64_t t);
/* Nothing is, any more, unless it is for another t by now. */
void gknown_unexpect(struct gknown *k, const char *name, int64_t t);

/* It is about to be published under t, by us: from now on that is its T, in all mounts, whatever it
 * had.  Returns that, 0: it was not known. */
int64_t gknown_set_t(struct gknown *k, const char *name, const struct node_export_id *id,
                     int64_t t);

/* XXH128SUMS of the export in our form.  0, and the caller frees *text; -ENOENT, -errno. */
int gknown_sums(struct gknown *k, const char *name, const struct node_export_id *id, char **text,
                size_t *len);
void gknown_note_sums(struct gknown *k, const char *name, const struct node_export_id *id,
                      const char *text, size_t len);

#endif
