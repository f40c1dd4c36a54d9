/* gput.h - written images (written.h) that become exports on nodes of a running cluster.
 *
 * Ganeti does not take part: no lock of it is taken and no hook runs.  An export of the instance
 * that is under way is waited for; one that comes meanwhile is noticed, and not overwritten.
 */
#ifndef EXPORT_GANETI_GPUT_H
#define EXPORT_GANETI_GPUT_H

#include "export/ganeti/gnode.h"
#include "export/lu.h"
#include "export/put.h"

/* All may be called from any thread. */
struct gput_world {
    const char *state_dir;
    struct gnode *nodes;
    void *arg;
    struct model *(*model)(void *arg);
    struct catalog *(*catalog)(void *arg);
    /* gjob_find_export() */
    int64_t (*exporting)(void *arg, const char *name, struct err *err);
    /* It is about to be published with that config.ini under t; returns the T that it had, 0: none.
     * gknown_set_t() */
    int64_t (*set_t)(void *arg, const char *name, const struct node_export_id *id, int64_t t);
    struct throttle *throttle; /* of what is sent, too; NULL: none */
    struct lowly lowly;
    /* What lies there has changed: catalog() tells of it from now on. */
    void (*changed)(void *arg, const char *node, const char *name);
};

/* cluster_ops.put_begin: what is to be written to a node that is reached over SFTP is kept in
 * STATE/spool until it is whole; else on the node, where what dead processes have left is removed
 * first.  Blocks on that. */
int gput_begin(const struct gput_world *w, const struct model_node *node, const char *name,
               struct put **ret, struct err *err);
/* Removes what dead processes have left in STATE/spool.  Blocks on the local disk. */
void gput_sweep(const struct gput_world *w);

/* Exports run->written to node, in place of what lies there under its name, then removes copies on
 * other nodes that were there when it began.  run as lu.h says.  -EBUSY: an export has come in
 * between; -ENOSPC, -EBADMSG, -ECANCELED ...: nothing has changed that is visible. */
int gput_run(const struct gput_world *w, const struct lu_run *run, const struct model_node *node,
             struct lu_result *result, struct err *err);

#endif
