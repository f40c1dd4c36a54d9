/* gmodel.h - the model of a running Ganeti cluster, and the thread that keeps it current.
 *
 * Everything comes from the cluster's configuration by bulk queries: nodes and instances once per
 * `refresh` seconds, two requests however many there are, none of which makes the master ask its
 * nodes.  They are asked at most for a twentieth of the time: a cluster that answers slowly is
 * asked less often, one that does not answer at all once a minute.
 *
 * Of a model's parts here: a node's export_dir lies on that node, and `address` says where it is
 * reached, unless it is a directory of this machine (address NULL).  An instance's disks lie
 * nowhere (path ""): they have the length that the configuration says, are block devices that
 * nothing can be proved of, and can_snapshot follows the disk template (spec §6.3).
 */
#ifndef EXPORT_GANETI_GMODEL_H
#define EXPORT_GANETI_GMODEL_H

#include "export/ganeti/rapi.h"
#include "export/model.h"

struct gmodel;

struct gmodel_options {
    const char *export_dir; /* EXPORT_DIR on the nodes, absolute */
    const char *const
        *nodedirs; /* "NODE:PATH", NULL ended: EXPORT_DIR of that node, on this
                    * machine.  Short node names are expanded as the cluster does it */
    size_t nnodedirs;
    unsigned refresh_s; /* 0: 5 */
};

/* What the cluster said of itself (/2/info). */
struct gmodel_cluster {
    char *name, *master;          /* never NULL */
    unsigned major, minor, micro; /* software version */
};

/* Asks once, so it blocks: -EHOSTUNREACH, -EACCES ... as rapi_request().  -EINVAL: a nodedir names
 * no node of it. changed(arg): after a new model is in place, from the thread, which holds no lock.
 * rapi stays the caller's, until gmodel_close(). */
int gmodel_open(struct rapi *rapi, const struct gmodel_options *opt, void (*changed)(void *arg),
                void *arg, struct gmodel **ret, struct err *err);
int gmodel_start(struct gmodel *g);  /* the thread; after daemonising */
void gmodel_close(struct gmodel *g); /* waits for a request that is under way; NULL allowed */

struct model *gmodel_get(struct gmodel *g); /* referenced; from memory.  While the cluster cannot be
                                             * asked it is the last one, and its error says why */
/* From memory: 0, or why the cluster could not be asked the last time. */
int gmodel_asked(struct gmodel *g, struct err *err);
/* The same for ever; of the first answer. */
const struct gmodel_cluster *gmodel_cluster(struct gmodel *g);

/* Asks for all again now, in the caller's thread; *ret (may be NULL) is referenced. */
int gmodel_refresh(struct gmodel *g, struct model **ret, struct err *err);
/* Asks for this one instance again now and puts what was found in place; for at most timeout_ms.
 * 0; -ETIMEDOUT, -ENOENT, -ENOMEM, and what rapi_request() returns: the model is as it was. */
int gmodel_look(struct gmodel *g, const char *instance, unsigned timeout_ms);

/* --- pure, for tests --- */

/* The fields that are asked for, NULL ended, and a model of the rows that were answered. previous
 * (may be NULL): instances whose row is the same are shared with it.  A row that makes no instance
 * becomes one with an error, or is left out and named in the model's error if it has no valid name.
 * -EBADMSG: not what was asked for. */
extern const char *const gmodel_node_fields[], *const gmodel_instance_fields[];
int gmodel_build(const struct gmodel_cluster *cluster, const struct gmodel_options *opt,
                 json_t *nodes, json_t *instances, const struct model *previous, struct model **ret,
                 struct err *err);

#endif
