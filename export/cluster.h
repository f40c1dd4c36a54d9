/* cluster.h - the seam to where a cluster comes from (DESIGN §6).
 *
 * The tree, the jobs and the tests use a cluster only through this table; clusterdir.h implements
 * it for a cluster directory, with our own LUs; a running Ganeti cluster will stand behind it too.
 */
#ifndef EXPORT_CLUSTER_H
#define EXPORT_CLUSTER_H

#include "export/catalog.h"
#include "export/image.h"
#include "export/lowly.h"
#include "export/lu.h"
#include "export/share.h"

/* Of a running Ganeti cluster (ganeti/ganeti.h); what is NULL or 0 has its default. */
struct ganeti_options {
    const char *credentials, *cafile; /* rapi.h */
    bool insecure;
    const char *sshkey, *sshuser, *known_hosts; /* gnode.h */
    unsigned sshport;
    const char *export_dir;      /* gmodel.h */
    const char *const *nodedirs; /* "NODE:PATH", NULL ended */
    const char *state_dir;
    unsigned refresh_s;
};

struct cluster_options {
    bool allow_remove_instance; /* -o allow_remove_instance */
    unsigned lock_timeout_s;    /* -o lock_timeout, default 1800 */
    unsigned stall_s;           /* -o stall, default 300: a node, a hook without progress */
    struct throttle *throttle;  /* of all copying; NULL: none */
    struct lowly lowly;         /* for threads that copy */
    struct ganeti_options ganeti;
};

struct cluster;

struct cluster_ops {
    /* Starts the threads; call once, after daemonising.  Until then model() and catalog() answer
     * what was there at open. */
    int (*start)(struct cluster *c);
    void (*close)(struct cluster *c);
    /* Both from memory, never blocking, referenced for the caller. */
    struct model *(*model)(struct cluster *c);
    struct catalog *(*catalog)(struct cluster *c);
    /* Looks at the instance's disks again now, for at most timeout_ms; model() knows what was found
     * when it returns.  0; -ETIMEDOUT, -ENOENT, -ENOMEM: the model is as it was. */
    int (*look)(struct cluster *c, const char *instance, unsigned timeout_ms);
    /* Reads again what each reachable node holds of this export, so that catalog() knows what other
     * processes published until now.  Blocks on the nodes, for some seconds if one hangs. */
    void (*refresh)(struct cluster *c, const char *name);
    /* A copy that is being removed is not in catalog(), or is again if it is there still
     * (catalog_hide()).  Never block. */
    int (*hide)(struct cluster *c, const char *node, const char *name,
                const struct node_export_id *id);
    void (*show)(struct cluster *c, const char *node, const char *name,
                 const struct node_export_id *id);
    /* What an opcode would be refused for, without running it (processor_check()). */
    int (*check)(struct cluster *c, struct written *written, struct opcode *op, struct err *err);
    /* Are these parameters that its exporter knows?  NULL: it knows all. */
    int (*params_check)(struct cluster *c, const struct opcode *op, struct err *err);
    /* Runs an opcode to its end in the calling thread (processor_run()). */
    int (*run)(struct cluster *c, const struct lu_run *run, struct opcode *op,
               struct lu_result *result, struct err *err);
    /* Opens an export that lies on a node (image_open()); normal: as the instance's image, which
     * is only asked for if it can be one.  May block on the node. */
    int (*open)(struct cluster *c, const char *node, const struct catalog_export *exp, bool normal,
                struct image **ret, struct err *err);
    /* Opens one regular file of what lies on a node, complete or not.  May block on the node. */
    int (*open_file)(struct cluster *c, const char *node, const char *name, const char *file,
                     struct node_file **ret, struct err *err);
    /* Makes where an image of `name` that is to be written to a node is kept until it is whole;
     * put.h is for the rest.  May block on the node. */
    int (*put_begin)(struct cluster *c, const char *node, const char *name, struct put **ret,
                     struct err *err);
    /* A run of this instance hangs: if it has stopped the instance, that is started again now, for
     * nothing will come of the run.  May be NULL. */
    void (*rescue)(struct cluster *c, const char *instance);
    /* Who holds and waits for locks. */
    int (*locks)(struct cluster *c, void (*row)(const struct lock_row *r, void *arg), void *arg);
    /* Is the instance running, as far as known without asking a node?  1, 0, -errno unknown. */
    int (*running)(struct cluster *c, const struct model_instance *inst);
    /* Is an export of this instance under way, whoever has asked for it?  From memory.  NULL: only
     * the mounts' runs are. */
    bool (*exporting)(struct cluster *c, const char *instance);
    /* Stale copies that wait to be removed from this node; since: Unix seconds. */
    void (*pending)(struct cluster *c, const char *node,
                    void (*row)(const char *name, int64_t since, void *arg), void *arg);
    /* What is noted of an export of this instance that runs, or died: 1, 0 nothing, -errno. */
    int (*journal)(struct cluster *c, const char *instance, struct journal *ret);
    /* Appends the names of which something is noted.  0 or -errno. */
    int (*journaled)(struct cluster *c, struct strvec *ret);
};

struct cluster {
    const struct cluster_ops *ops;
    char *source;    /* as on the command line, for messages */
    char *state_dir; /* what must outlive the process; shared by all mounts of the cluster */
    /* its exporter is not ours: what it makes is served in our form (image_open()) */
    bool normalises;
    struct share *share; /* job slots and space of queued and running exports; owner: lu_run.arg */
    struct throttle *throttle; /* cluster_options' */
    struct lowly lowly;
    /* Called every few seconds, from a thread of the cluster's, while an export of this instance is
     * noted, of whichever process: it may have died.  Set before start(); NULL: nobody cares. */
    void (*noted)(void *arg, const char *instance);
    void *noted_arg;
};

/* Opens CLUSTER: a path (clusterdir.h), or "ganeti:..." (ganeti/ganeti.h).  What opt points to must
 * live as long as it.  Errors name the file and the reason.  Blocks. */
int cluster_open(const char *spec, const struct cluster_options *opt, struct cluster **ret,
                 struct err *err);

static inline void cluster_close(struct cluster *c)
{
    if (c)
        c->ops->close(c);
}

#endif
