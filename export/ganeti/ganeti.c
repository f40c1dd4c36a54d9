/* ganeti.c - binds the parts of a running cluster together; see ganeti.h.
 *
 * Everything has its own threads and locks; this file only owns them and passes calls on.  Order of
 * starting: model, what goes on (glive.h), scanners of the catalog; stopped in reverse.  The
 * callbacks "model changed" and "catalog changed" come from threads that hold no lock.
 *
 * Prerequisites are checked by our own LUs' rules, from memory, before anything is asked of the
 * cluster: what could only be had with downtime is refused here, since its own order of checks
 * would leave the instance stopped (spec §12 L7).
 */
#include "export/ganeti/ganeti_internal.h"

#include "export/processor.h"

#include <string.h>

void ganeti_model_changed(void *arg)
{
    struct ganeti *g = arg;

    glive_kick(g->live);
    /* the model outlives the scanners, which look at it to the end */
    LOCK_SCOPE(&g->mu);
    if (g->catalog)
        catalog_model_changed(g->catalog);
}

void ganeti_catalog_changed(void *arg)
{
    (void)arg;
}

struct model *ganeti_model(void *arg)
{
    return gmodel_get(((struct ganeti *)arg)->models);
}

/* --- the world of a check --- */

static int env_model_refresh(void *arg, struct model **ret, struct err *err)
{
    return gmodel_refresh(((struct ganeti *)arg)->models, ret, err);
}

static struct catalog *env_catalog(void *arg)
{
    return catalog_get(((struct ganeti *)arg)->catalog);
}

static uint64_t env_space_reserved(void *arg, const char *node, const void *run_arg)
{
    return share_reserved(((struct ganeti *)arg)->base.share, node, run_arg);
}

static const struct lu_env_ops env_ops = {
    .model = ganeti_model,
    .model_refresh = env_model_refresh,
    .catalog = env_catalog,
    .space_reserved = env_space_reserved,
};

void ganeti_make_env(struct ganeti *g)
{
    g->env = (struct lu_env){
        .ops = &env_ops,
        .arg = g,
        .nodes = &gnode_ops,
        .node_ctx = g->nodes,
        .allow_remove_instance = g->opt.allow_remove_instance,
    };
}

/* --- cluster_ops --- */

static struct model *op_model(struct cluster *c)
{
    return gmodel_get(ganeti(c)->models);
}

static struct catalog *op_catalog(struct cluster *c)
{
    return catalog_get(ganeti(c)->catalog);
}

static int op_look(struct cluster *c, const char *instance, unsigned timeout_ms)
{
    return gmodel_look(ganeti(c)->models, instance, timeout_ms);
}

void ganeti_refresh(struct cluster *c, const char *name)
{
    struct ganeti *g = ganeti(c);
    struct catalog *cat = catalog_get(g->catalog);
    struct err ignored; /* the catalog keeps the node's error itself */

    for (size_t i = 0; i < cat->n; i++)
        if (cat->nodes[i].state <= NODE_DRAINED)
            catalog_refresh(g->catalog, cat->nodes[i].name, name, &ignored);
    catalog_unref(cat);
}

static int op_hide(struct cluster *c, const char *node, const char *name,
                   const struct node_export_id *id)
{
    return catalog_hide(ganeti(c)->catalog, node, name, id);
}

static void op_show(struct cluster *c, const char *node, const char *name,
                    const struct node_export_id *id)
{
    catalog_show(ganeti(c)->catalog, node, name, id);
}

static int op_check(struct cluster *c, struct written *written, struct opcode *op, struct err *err)
{
    struct ganeti *g = ganeti(c);
    const struct gmodel_cluster *about = gmodel_cluster(g->models);
    int r = gmodel_asked(g->models, err);

    if (r == 0)
        r = gjob_check_version(op, about->major, about->minor, err);
    return r < 0 ? r : processor_check(&g->env, written, op, err);
}

static int op_params_check(struct cluster *c, const struct opcode *op, struct err *err)
{
    const struct gmodel_cluster *about = gmodel_cluster(ganeti(c)->models);
    const char *mode = opcode_get_string(op, "mode");

    if (mode && strcmp(mode, "local") != 0)
        return err_prereq(err, ECODE_INVAL,
                          "mode = %s: exports to other clusters are not supported", mode);
    return gjob_check_version(op, about->major, about->minor, err);
}

static int op_open_file(struct cluster *c, const char *node, const char *name, const char *file,
                        struct node_file **ret, struct err *err)
{
    struct ganeti *g = ganeti(c);
    CLEANUP_MODEL struct model *m = gmodel_get(g->models);
    const struct model_node *mn = model_find_node(m, node);

    if (!mn)
        return err_prereq(err, ECODE_NOENT, "Node '%s' not known", node);
    return gnode_ops.export_open(g->nodes, mn, name, file, ret, err);
}

/* The cluster's locks are not ours to tell of. */
static int op_locks(struct cluster *c, void (*row)(const struct lock_row *r, void *arg), void *arg)
{
    (void)c, (void)row, (void)arg;
    return 0;
}

static int op_running(struct cluster *c, const struct model_instance *inst)
{
    return glive_running(ganeti(c)->live, inst->name);
}

static bool op_exporting(struct cluster *c, const char *instance)
{
    return glive_exporting(ganeti(c)->live, instance);
}

static void op_pending(struct cluster *c, const char *node,
                       void (*row)(const char *name, int64_t since, void *arg), void *arg)
{
    (void)c, (void)node, (void)row, (void)arg;
}

/* What a job leaves half done is the cluster's to put in order. */
static int op_journal(struct cluster *c, const char *instance, struct journal *ret)
{
    (void)c, (void)instance, (void)ret;
    return 0;
}

static int op_journaled(struct cluster *c, struct strvec *ret)
{
    (void)c, (void)ret;
    return 0;
}

static int op_start(struct cluster *c)
{
    struct ganeti *g = ganeti(c);
    int r = gmodel_start(g->models);

    gput_sweep(&g->puts);
    if (r == 0)
        r = glive_start(g->live);
    return r < 0 ? r : catalog_start(g->catalog);
}

void ganeti_close(struct cluster *c)
{
    struct ganeti *g = ganeti(c);
    bool all_ended = true;

    if (!ganeti_image_stop(g))
        return; /* the process ends */
    pthread_mutex_lock(&g->mu);
    struct catalog_scanner *catalog = STEAL(g->catalog);
    pthread_mutex_unlock(&g->mu);
    if (catalog)
        all_ended = catalog_close(catalog);
    gmodel_close(g->models); /* it kicks the other */
    glive_close(g->live);
    /* a scanner that hangs in a node is left behind, with what it uses */
    if (all_ended) {
        gnode_close(g->nodes);
        gknown_close(g->known);
    }
    rapi_close(g->rapi);
    share_close(c->share);
    cancel_destroy(&g->cancel);
    pthread_mutex_destroy(&g->mu);
    pthread_cond_destroy(&g->idle);
    free(g->host);
    free(c->source);
    free(c->state_dir);
    free(g);
}

const struct cluster_ops ganeti_ops = {
    .start = op_start,
    .close = ganeti_close,
    .model = op_model,
    .catalog = op_catalog,
    .look = op_look,
    .refresh = ganeti_refresh,
    .hide = op_hide,
    .show = op_show,
    .check = op_check,
    .params_check = op_params_check,
    .run = ganeti_run,
    .open = ganeti_image,
    .open_file = op_open_file,
    .put_begin = ganeti_put_begin,
    .locks = op_locks,
    .running = op_running,
    .exporting = op_exporting,
    .pending = op_pending,
    .journal = op_journal,
    .journaled = op_journaled,
};
