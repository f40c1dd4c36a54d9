/* modeldir_load.h - modeldir_load() with what a watcher adds to it, and looking at disks. */
#ifndef EXPORT_MODELDIR_LOAD_H
#define EXPORT_MODELDIR_LOAD_H

#include "export/modeldir.h"
#include "export/relay.h"

struct modeldir_how {
    const struct model *previous; /* may be NULL */
    struct relay *relay;          /* for nodes and disks that may hang; NULL: wait for them */
    /* Asked for each instance of previous whose file is unchanged, in order: read it again all the
     * same?  May be NULL. */
    bool (*stale)(void *arg, const struct model_instance *inst);
    void *arg;
};

#define MODELDIR_DISKS_LIMIT_MS 2000 /* how long one instance's disks may hold up a load */

/* Looks at the disks (stat, device size) and fills bytes, blocks512, mtime ... of an instance that
 * nobody else has seen yet.  What does not answer for limit_ms gets look_error -ETIMEDOUT, and is
 * not asked again while it has not come back; relay NULL: waits.  0: all were looked at;
 * -ETIMEDOUT; -errno of the relay (then that is their look_error). */
int modeldir_look_at_disks(struct relay *relay, unsigned limit_ms, struct model_instance *inst);

/* Do the disks of these two, of one file, say the same?  strict: timestamps and allocated blocks
 * count, too (a running instance's change all the time). */
bool modeldir_same_disks(const struct model_instance *a, const struct model_instance *b,
                         bool strict);

/* Would looking again show something else?  Looks as modeldir_look_at_disks(). */
bool modeldir_disks_changed(struct relay *relay, unsigned limit_ms,
                            const struct model_instance *inst, bool strict);

int modeldir_load_how(const char *cluster_dir, const struct modeldir_how *how, struct model **ret,
                      struct err *err);

#endif
