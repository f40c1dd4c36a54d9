/* clusterdir.c - binds model, catalog, nodes, locks and LUs of a cluster directory together.
 *
 * Everything has its own threads and locks; this file only owns them and passes calls on.  Order of
 * starting: watcher of the model, scanners of the catalog, remover of stale copies; stopped in
 * reverse.  The callbacks "model changed" and "catalog changed" come from threads that hold no
 * lock.
 */
#include "export/clusterdir_internal.h"
#include "export/processor.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

/* A node that does not answer for so long is shown as unreachable.  Mounting waits for it once. */
#define NODE_STALL_S 15

/* --- what changed --- */

static void model_changed(void *arg)
{
    struct clusterdir *d = arg;

    /* the watcher outlives the scanners, which look at its models to the end */
    pthread_mutex_lock(&d->mu);
    if (d->catalog)
        catalog_model_changed(d->catalog);
    pthread_mutex_unlock(&d->mu);
    clusterdir_pending_kick(d);
}

static void catalog_changed(void *arg)
{
    clusterdir_pending_kick(arg);
}

/* --- the world of an LU --- */

static struct model *env_model(void *arg)
{
    return modelwatch_get(((struct clusterdir *)arg)->models);
}

static int env_model_refresh(void *arg, struct model **ret, struct err *err)
{
    return modelwatch_refresh(((struct clusterdir *)arg)->models, ret, err);
}

static struct catalog *env_catalog(void *arg)
{
    return catalog_get(((struct clusterdir *)arg)->catalog);
}

static void env_export_changed(void *arg, const char *node, const char *name)
{
    struct clusterdir *d = arg;
    struct err ignored; /* the catalog keeps the node's error itself */

    catalog_refresh(d->catalog, node, name, &ignored);
    clusterdir_pending_kick(d);
}

bool clusterdir_answers(void *arg, const char *node, const char *name)
{
    struct clusterdir *d = arg;
    struct err ignored;

    return catalog_refresh(d->catalog, node, name, &ignored) != -ETIMEDOUT;
}

static int env_instance_remove(void *arg, const char *name, struct err *err)
{
    struct clusterdir *d = arg;
    CLEANUP_CLOSE int dir = -1;
    CLEANUP_MODEL struct model *m = NULL;
    CLEANUP_FREE char *file = NULL, *path = NULL;

    if (asprintf(&path, "%s/instances", d->path) < 0 || asprintf(&file, "%s.ini", name) < 0)
        return err_sys(err, -ENOMEM, "instance %s", name);
    dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dir < 0 || unlinkat(dir, file, 0) < 0 || fsync(dir) < 0)
        return err_sys(err, -errno, "%s/%s", path, file);
    return modelwatch_refresh(d->models, &m, err);
}

static uint64_t env_space_reserved(void *arg, const char *node, const void *run_arg)
{
    return share_reserved(((struct clusterdir *)arg)->base.share, node, run_arg);
}

static const struct lu_env_ops env_ops = {
    .model = env_model,
    .model_refresh = env_model_refresh,
    .catalog = env_catalog,
    .export_changed = env_export_changed,
    .answers = clusterdir_answers,
    .instance_remove = env_instance_remove,
    .removal_pending = clusterdir_pending_add,
    .removal_begin = clusterdir_pending_begin,
    .removal_end = clusterdir_pending_end,
    .journal_note = clusterdir_journal_note,
    .journal_end = clusterdir_journal_end,
    .journal_left = clusterdir_journal_left,
    .space_reserved = env_space_reserved,
};

/* --- cluster_ops --- */

static struct model *op_model(struct cluster *c)
{
    return modelwatch_get(clusterdir(c)->models);
}

static struct catalog *op_catalog(struct cluster *c)
{
    return catalog_get(clusterdir(c)->catalog);
}

static void op_refresh(struct cluster *c, const char *name)
{
    struct clusterdir *d = clusterdir(c);
    struct catalog *cat = catalog_get(d->catalog);
    struct err ignored; /* the catalog keeps the node's error itself */

    for (size_t i = 0; i < cat->n; i++)
        if (cat->nodes[i].state <= NODE_DRAINED)
            catalog_refresh(d->catalog, cat->nodes[i].name, name, &ignored);
    catalog_unref(cat);
}

static int op_look(struct cluster *c, const char *instance, unsigned timeout_ms)
{
    return modelwatch_look(clusterdir(c)->models, instance, timeout_ms);
}

static int op_hide(struct cluster *c, const char *node, const char *name,
                   const struct node_export_id *id)
{
    return catalog_hide(clusterdir(c)->catalog, node, name, id);
}

static void op_show(struct cluster *c, const char *node, const char *name,
                    const struct node_export_id *id)
{
    catalog_show(clusterdir(c)->catalog, node, name, id);
}

static int op_check(struct cluster *c, struct written *written, struct opcode *op, struct err *err)
{
    return processor_check(&clusterdir(c)->env, written, op, err);
}

static int op_run(struct cluster *c, const struct lu_run *run, struct opcode *op,
                  struct lu_result *result, struct err *err)
{
    int r = processor_run(&clusterdir(c)->env, run, op, result, err);

    if (r < 0) /* what it could not undo is noted, and its locks are free now */
        clusterdir_pending_kick(clusterdir(c));
    return r;
}

/* The node's data stay ours: model_find_node() is only valid while the model is referenced. */
static int op_open(struct cluster *c, const char *node, const struct catalog_export *exp,
                   bool normal, struct image **ret, struct err *err)
{
    struct clusterdir *d = clusterdir(c);
    CLEANUP_MODEL struct model *m = modelwatch_get(d->models);
    const struct model_node *mn = model_find_node(m, node);

    if (!mn)
        return err_prereq(err, ECODE_NOENT, "Node '%s' not known", node);
    return image_open(&node_local_ops, d->node, mn, exp, normal, ret, err);
}

static int op_open_file(struct cluster *c, const char *node, const char *name, const char *file,
                        struct node_file **ret, struct err *err)
{
    struct clusterdir *d = clusterdir(c);
    CLEANUP_MODEL struct model *m = modelwatch_get(d->models);
    const struct model_node *mn = model_find_node(m, node);

    if (!mn)
        return err_prereq(err, ECODE_NOENT, "Node '%s' not known", node);
    return node_local_ops.export_open(d->node, mn, name, file, ret, err);
}

static int op_put_begin(struct cluster *c, const char *node, const char *name, struct put **ret,
                        struct err *err)
{
    struct clusterdir *d = clusterdir(c);
    CLEANUP_MODEL struct model *m = modelwatch_get(d->models);
    const struct model_node *mn = model_find_node(m, node);

    if (!mn)
        return err_prereq(err, ECODE_NOENT, "Node '%s' not known", node);
    return node_local_ops.put_begin(d->node, mn, name, ret, err);
}

static int op_locks(struct cluster *c, void (*row)(const struct lock_row *r, void *arg), void *arg)
{
    return lock_report(clusterdir(c)->locks, row, arg);
}

static int op_running(struct cluster *c, const struct model_instance *inst)
{
    struct clusterdir *d = clusterdir(c);
    CLEANUP_MODEL struct model *m = modelwatch_get(d->models);
    const struct model_node *mn = model_find_node(m, inst->primary_node);
    struct err ignored;

    /* our hypervisors' states are files in the local state directory */
    return mn ? node_local_ops.instance_running(d->node, mn, inst, &ignored) : -ENOENT;
}

static void op_rescue(struct cluster *c, const char *name)
{
    struct clusterdir *d = clusterdir(c);
    CLEANUP_MODEL struct model *m = modelwatch_get(d->models);
    const struct model_instance *inst = model_find_instance(m, name);
    const struct model_node *mn = inst ? model_find_node(m, inst->primary_node) : NULL;
    struct journal j;
    struct err ignored;

    /* the note stays: who comes next finds it running */
    if (mn && !inst->error && clusterdir_journal(c, name, &j) > 0 && j.stopped &&
        !(j.n && j.parts[0].removing) &&
        node_local_ops.instance_running(d->node, mn, inst, &ignored) == 0)
        node_local_ops.instance_start(d->node, mn, inst, &ignored);
}

static int op_start(struct cluster *c)
{
    struct clusterdir *d = clusterdir(c);
    int r = modelwatch_start(d->models);

    if (r == 0)
        r = catalog_start(d->catalog);
    if (r == 0)
        r = clusterdir_pending_start(d);
    return r;
}

static void op_close(struct cluster *c)
{
    struct clusterdir *d = clusterdir(c);

    bool all_ended = true;

    if (!clusterdir_pending_stop(d))
        return; /* the process ends */
    pthread_mutex_lock(&d->mu);
    struct catalog_scanner *catalog = STEAL(d->catalog);
    pthread_mutex_unlock(&d->mu);
    if (catalog)
        all_ended = catalog_close(catalog);
    if (d->models)
        modelwatch_close(d->models);
    /* a scanner that hangs in a node's file system is left behind, with what it uses */
    if (d->node && all_ended)
        node_local_close(d->node);
    if (d->locks)
        lock_manager_close(d->locks);
    share_close(c->share);
    relay_close(d->relay);
    cancel_destroy(&d->cancel);
    pthread_mutex_destroy(&d->mu);
    pthread_cond_destroy(&d->wake);
    free(c->source);
    free(c->state_dir);
    free(d->path);
    free(d);
}

static const struct cluster_ops ops = {
    .start = op_start,
    .close = op_close,
    .model = op_model,
    .catalog = op_catalog,
    .look = op_look,
    .refresh = op_refresh,
    .hide = op_hide,
    .show = op_show,
    .check = op_check,
    .run = op_run,
    .open = op_open,
    .open_file = op_open_file,
    .put_begin = op_put_begin,
    .locks = op_locks,
    .running = op_running,
    .rescue = op_rescue,
    .pending = clusterdir_pending_list,
    .journal = clusterdir_journal,
    .journaled = clusterdir_journal_list,
};

/* --- opening --- */

static int make_dir(const char *path, struct err *err)
{
    if (mkdir(path, 0700) < 0 && errno != EEXIST)
        return err_sys(err, -errno, "%s", path);
    return 0;
}

static int open_parts(struct clusterdir *d, struct err *err)
{
    CLEANUP_FREE char *locks = NULL;
    int r;

    /* first of all: is it a cluster?  Nothing is made in a directory that is not. */
    r = modelwatch_open(d->path, model_changed, d, &d->models, err);
    if (r < 0)
        return r;
    if (asprintf(&d->base.state_dir, "%s/state", d->path) < 0 ||
        asprintf(&locks, "%s/locks", d->base.state_dir) < 0)
        return err_sys(err, -ENOMEM, "%s", d->path);
    if ((r = make_dir(d->base.state_dir, err)) < 0)
        return r;
    if ((r = lock_manager_open(locks, &d->locks)) < 0)
        return err_sys(err, r, "%s", locks);
    if ((r = share_open(d->base.state_dir, &d->base.share)) < 0)
        return err_sys(err, r, "%s/jobs", d->base.state_dir);
    if ((r = node_local_open(d->base.state_dir, &d->node)) < 0 || (r = relay_open(&d->relay)) < 0)
        return err_sys(err, r, "%s", d->base.state_dir);
    return catalog_open(&node_local_ops, d->node, env_model,
                        d->opt.stall_s < NODE_STALL_S ? d->opt.stall_s : NODE_STALL_S,
                        catalog_changed, d, &d->catalog, err);
}

int clusterdir_open(const char *path, const struct cluster_options *opt, struct cluster **ret,
                    struct err *err)
{
    struct clusterdir *d = calloc(1, sizeof *d);
    int r;

    if (!d || (r = cancel_init(&d->cancel)) < 0) {
        free(d);
        return err_sys(err, -ENOMEM, "%s", path);
    }
    pthread_mutex_init(&d->mu, NULL);
    pthread_cond_init(&d->wake, NULL);
    d->base.ops = &ops;
    d->opt = *opt;
    d->base.throttle = opt->throttle;
    d->base.lowly = opt->lowly;
    d->base.source = strdup(path);
    d->path = realpath(path, NULL);
    if (!d->path)
        r = err_sys(err, -errno, "%s", path);
    else if (!d->base.source)
        r = err_sys(err, -ENOMEM, "%s", path);
    else
        r = open_parts(d, err);
    if (r < 0) {
        op_close(&d->base);
        return r;
    }
    d->env = (struct lu_env){
        .ops = &env_ops,
        .arg = d,
        .nodes = &node_local_ops,
        .node_ctx = d->node,
        .locks = d->locks,
        .lock_timeout_ms = (int64_t)opt->lock_timeout_s * 1000,
        .hook_stall_s = opt->stall_s,
        .allow_remove_instance = opt->allow_remove_instance,
        .throttle = opt->throttle,
        .lowly = opt->lowly,
    };
    *ret = &d->base;
    return 0;
}
