/* ganeti_internal.h - shared by the files behind ganeti.h.
 *
 * ganeti.c:       the parts of it, and what the tree asks.
 * ganeti_open.c:  the command line's side: addresses, directories, what is started in which order.
 * ganeti_run.c:   opcodes.
 * ganeti_write.c: written images.
 * ganeti_image.c: exports as images, and their checksums.
 */
#ifndef EXPORT_GANETI_GANETI_INTERNAL_H
#define EXPORT_GANETI_GANETI_INTERNAL_H

#include "export/ganeti/ganeti.h"
#include "export/ganeti/gjob.h"
#include "export/ganeti/gknown.h"
#include "export/ganeti/glive.h"
#include "export/ganeti/gmodel.h"
#include "export/ganeti/gnode.h"
#include "export/ganeti/gput.h"

#include <pthread.h>

struct ganeti {
    struct cluster base; /* first: a struct cluster * is one of these */
    struct cluster_options opt;
    char *host; /* of the remote API; owned, as are all that opt points to by its own owner */
    struct rapi *rapi;
    struct gmodel *models;
    struct gnode *nodes;
    struct gknown *known;
    struct glive *live;
    struct catalog_scanner *catalog;
    struct lu_env env; /* for processor_check() */
    struct gput_world puts;

    pthread_mutex_t
        mu; /* catalog (while closing), hashers, closing; a leaf but for the scanners' */
    pthread_cond_t idle;
    unsigned hashers;     /* threads that make checksums */
    struct cancel cancel; /* ends them */
};

static inline struct ganeti *ganeti(struct cluster *c)
{
    return (struct ganeti *)c;
}

extern const struct cluster_ops ganeti_ops;

/* gmodel_open(), catalog_open(): callbacks. */
void ganeti_model_changed(void *arg);
void ganeti_catalog_changed(void *arg);
struct model *ganeti_model(void *arg);
void ganeti_make_env(struct ganeti *g);
void ganeti_close(struct cluster *c);
/* cluster_ops.refresh */
void ganeti_refresh(struct cluster *c, const char *name);

/* cluster_ops.run */
int ganeti_run(struct cluster *c, const struct lu_run *run, struct opcode *op,
               struct lu_result *result, struct err *err);

/* What uploads need to know; once all parts are there. */
void ganeti_make_puts(struct ganeti *g);
/* cluster_ops.put_begin */
int ganeti_put_begin(struct cluster *c, const char *node, const char *name, struct put **ret,
                     struct err *err);
/* cluster_ops.run of a written image */
int ganeti_write(struct ganeti *g, const struct lu_run *run, struct opcode *op,
                 struct lu_result *result, struct err *err);

/* cluster_ops.open; normal: in our form, with its checksums if they are known, which it makes as
 * soon as somebody wants them. */
int ganeti_image(struct cluster *c, const char *node, const struct catalog_export *exp, bool normal,
                 struct image **ret, struct err *err);
/* Waits for the threads that make checksums; false: one hangs in a node. */
bool ganeti_image_stop(struct ganeti *g);

#endif
