/* share.h - what exports of all processes on this host share: job slots, and space on the nodes.
 *
 * STATE/jobs/ has a file for each process that has a cluster mounted: its queued and running
 * exports.  The process holds a lock on it, so a dead one's rows are gone with it, at once.  An
 * export reserves the space that it needs from when it is queued; it begins when fewer than
 * max_jobs run in all, first come first served.
 *
 * Thread safe, a leaf; waits for the local disk for a moment.
 */
#ifndef EXPORT_SHARE_H
#define EXPORT_SHARE_H

#include <stdbool.h>
#include <stdint.h>

struct share;

/* state_dir NULL: this process is alone (tests).  0 or -errno. */
int share_open(const char *state_dir, struct share **ret);
void share_close(struct share *s); /* NULL allowed */

/* Queues an export to node, and reserves so many bytes there.  owner: any pointer, one row each;
 * one that it had is replaced.  0, -ENOMEM, -errno of the state directory: nothing is queued then.
 */
int share_add(struct share *s, const void *owner, const char *node, uint64_t bytes);
/* May it begin?  True: it counts as running from now on (or has
 * begun).  False: ask again soon; while it asks, it
 * keeps its place in the queue of all processes.  limit: of running exports in all. */
bool share_begin(struct share *s, const void *owner, unsigned limit);
void share_drop(struct share *s, const void *owner); /* none is fine */

/* What all others than owner have reserved on node, bytes (saturating). */
uint64_t share_reserved(struct share *s, const char *node, const void *owner);

/* Exports of other processes. */
void share_others(struct share *s, unsigned *running, unsigned *queued);

#endif
