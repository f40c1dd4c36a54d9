/* pending.h - removals that could not be done, remembered until they can be.
 *
 * A node that was offline or unreachable when a newer export was published keeps an old copy (spec
 * §12 L30).  One small file per (node, name) in STATE/pending/ remembers which copy that was; it
 * survives restarts and is shared by all processes on the cluster.  Where it is not known what the
 * node holds, the record stands for any complete copy that is older than the export that was
 * published (node_export_id_older_than()).  What the files say is not
 * trusted: a record that does not parse, or lies under a name that is not its own, is passed over.
 *
 * A removal that is under way has a record, too, of no copy: should its process die, what it had
 * set aside is swept.
 */
#ifndef EXPORT_PENDING_H
#define EXPORT_PENDING_H

#include "export/catalog.h"

struct pending_record {
    const char *node, *name; /* valid names */
    struct node_export_id id;
    int64_t since; /* Unix seconds */
};

/* Remembers that the copy of export `name` with this identity (or any older one, see above) must go
 * from node; replaces what was remembered for the two.  Durable when it returns.  -EINVAL (names),
 * -errno of the state directory.
 */
int pending_add(const char *state_dir, const char *node, const char *name,
                const struct node_export_id *id, struct err *err);

/* A copy of `name` on node is about to be removed, under its locks; and that has ended, well or
 * not. Another record of the two serves as well, and stays.  Errors as of pending_add(). */
int pending_begin(const char *state_dir, const char *node, const char *name, struct err *err);
void pending_end(const char *state_dir, const char *node, const char *name);

/* Calls row for every record, in no order; the strings are valid during the call.  row may add and
 * drop.  0 (also when there never was one) or -errno. */
int pending_list(const char *state_dir, void (*row)(const struct pending_record *r, void *arg),
                 void *arg);

/* Forgets it; quiet when there is none. */
int pending_drop(const char *state_dir, const char *node, const char *name);

/* The cluster as pending_process() sees it. */
struct pending_env {
    const char *only; /* records of this node; NULL: all */
    const struct node_ops *nodes;
    void *node_ctx;
    void *arg;
    /* Does the node answer?  Asked before the locks are taken; NULL: it does. */
    bool (*answers)(void *arg, const char *node, const char *name);
    /* Takes the locks under which a copy of `name` on node may be removed: the BGL and the node
     * shared, the export's name exclusive.  Not 0: this record is left for another time. */
    int (*lock)(void *arg, const char *node, const char *name);
    void (*unlock)(void *arg, const char *node, const char *name);
    /* Asked with the locks held; referenced for the caller.  The catalog must know everything that
     * was published under these locks. */
    struct model *(*model)(void *arg);
    struct catalog *(*catalog)(void *arg);
    /* The copy is gone: with the locks still held.  May be NULL. */
    void (*removed)(void *arg, const char *node, const char *name);
};

/* Does what can be done by now: removes, from each node that can be reached, the copy that is on
 * record -- if it is still that copy, if it is not the current export (shared storage), and if a
 * newer complete one can be read on another node at this moment.  A record whose copy has gone or
 * was replaced is dropped, as is one of "any older copy" when there is none, or one not older. What
 * was set aside on the node goes in any case, and with it a record of no copy.
 * Everything else stays for another time.  Blocks on nodes and locks; no locks may be held. Returns
 * how many copies were removed, or -errno of the state directory. */
int pending_process(const char *state_dir, const struct pending_env *env);

#endif
