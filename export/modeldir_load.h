/* modeldir_load.h - modeldir_load() with what a watcher adds to it. */
#ifndef EXPORT_MODELDIR_LOAD_H
#define EXPORT_MODELDIR_LOAD_H

#include "export/modeldir.h"
#include "export/relay.h"

struct modeldir_how {
    const struct model *previous; /* may be NULL */
    struct relay *relay;          /* for nodes that may hang; NULL: wait for them */
    /* Asked for each instance of previous whose file is unchanged, in order: read it again all the
     * same?  May be NULL. */
    bool (*stale)(void *arg, const struct model_instance *inst);
    void *arg;
};

int modeldir_load_how(const char *cluster_dir, const struct modeldir_how *how, struct model **ret,
                      struct err *err);

#endif
