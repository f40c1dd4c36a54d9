/* modeldir.h - makes models from a cluster directory (DESIGN §6) and keeps them current.
 *
 *     CLUSTER/cluster.ini              [cluster] name, master_node   (both required)
 *     CLUSTER/nodes/NODE/node.ini      [node] offline, drained, export_dir, hooks_dir (optional)
 *     CLUSTER/instances/INSTANCE.ini   an export's config.ini + primary_node, admin_state,
 *                                      disk{j}_path
 */
#ifndef EXPORT_MODELDIR_H
#define EXPORT_MODELDIR_H

#include "export/model.h"

/* Reads the whole directory once.  previous (may be NULL): instances whose file is unchanged are
 * shared with it.  A directory that is not a cluster (no cluster.ini, missing keys, no node, master
 * not a node) is an error that names the file and the reason.  A bad instance file or node.ini is
 * not: it becomes .error of that entry.  Blocks on the file system.  -errno with *err set. */
int modeldir_load(const char *cluster_dir, const struct model *previous, struct model **ret,
                  struct err *err);

/* Parses one instance file (already read) as NAME; never fails but for -ENOMEM: what is wrong
 * becomes .error.  base_dir: relative disk paths start there (the cluster directory). */
int modeldir_instance(const char *base_dir, const char *name, struct ini *ini_owned,
                      struct model_instance **ret);

/* An instance that cannot be used: .error is the text given.  0 or -ENOMEM. */
int modeldir_instance_failed(const char *name, const char *error, struct model_instance **ret);

struct modelwatch;

/* Loads (as modeldir_load) and then watches: inotify on the directories plus a slow poll for what
 * inotify cannot see (network file systems, disk sizes).  changed(arg) is called from the watcher's
 * thread, holding no lock, after a new model is in place.  modelwatch_start starts the thread (call
 * after daemonising); until then modelwatch_get answers the first model. */
int modelwatch_open(const char *cluster_dir, void (*changed)(void *arg), void *arg,
                    struct modelwatch **ret, struct err *err);
int modelwatch_start(struct modelwatch *w);
void modelwatch_close(struct modelwatch *w);

/* The current model, referenced for the caller.  Never blocks on the file system. */
struct model *modelwatch_get(struct modelwatch *w);

/* Reads the directory again now, in the caller's thread (blocks on the file system): what a job
 * does once it holds its locks.  *ret is referenced for the caller.  Disks are looked at again; one
 * that does not answer holds it up once and then has look_error -ETIMEDOUT until it does. */
int modelwatch_refresh(struct modelwatch *w, struct model **ret, struct err *err);

/* Looks at the disks of this one instance again now; a model that says what was found is in place
 * when it returns.  Never takes longer than timeout_ms, whatever hangs.  0: looked; -ETIMEDOUT: not
 * known, the model is as it was; -ENOENT: no such instance; -ENOMEM. */
int modelwatch_look(struct modelwatch *w, const char *instance, unsigned timeout_ms);

#endif
