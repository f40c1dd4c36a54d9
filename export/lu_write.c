/* lu_write.c - LUExportInstance with a written image in place of the instance's disks.
 *
 *   fill the stage -> publish -> remove older copies                  three tasklets
 *
 * The last two, locks, hooks and journal are the export's own (lu_export.c).  What differs is that
 * nothing is ever done to the instance, whatever the opcode says, and that the cluster need not
 * know it: an image may be put back to import a machine that is gone.  So no prerequisite is about
 * the instance.  Hooks are told of it what the image says, for that is what is exported; only its
 * primary node and state come from the cluster, if it is there.
 *
 * Locks: the instance's is not needed for what it guards.  It is taken like any export's all the
 * same, exclusively, for by that and the export's name whoever finds a note in the journal knows
 * that its writer is dead; and shared from the moment on when that is done with, so that the copy
 * holds up nobody who only looks.
 *
 * T is chosen last: nobody follows this run, and what was promised for the next export was promised
 * with that one's sizes, so it is passed over.  See promise_reserve().
 */
#include "export/lu_export.h"

#include "export/exportini.h"
#include "export/names.h"

#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

static const struct written *image_of(const struct lu_export *x)
{
    return x->lu.run->written;
}

static int check_arguments(struct lu *lu, struct err *err)
{
    if (strcmp(opcode_get_string(lu->op, "mode"), "local") != 0)
        return err_prereq(err, ECODE_INVAL, "A written image needs mode local");
    opcode_set_bool(lu->op, "shutdown", false);
    opcode_set_bool(lu->op, "remove_instance", false);
    return 0;
}

/* A short name would be a second export of that instance, which nobody would find. */
static int check_name(struct lu_export *x, struct err *err)
{
    const char *name = image_of(x)->instance;
    const struct model_instance *known = model_expand_instance(x->lu.model, name);

    if (!names_valid(name))
        return err_prereq(err, ECODE_INVAL, "'%s' is no name for an instance", name);
    if (known && strcmp(known->name, name) != 0)
        return err_prereq(err, ECODE_INVAL, "'%s' is known as %s: write it under that name", name,
                          known->name);
    x->instance = strdup(name);
    if (!x->instance || opcode_set_string(x->lu.op, "instance_name", name) < 0)
        return err_sys(err, -ENOMEM, "instance name");
    return 0;
}

static int expand_names(struct lu *lu, struct err *err)
{
    struct lu_export *x = lu_export_of(lu);
    int r;

    lu_export_init(x);
    r = check_name(x, err);
    if (r == 0)
        r = lu_export_expand_target(x, err);
    return r < 0 ? r : lu_export_declare_locks(x, err);
}

/* --- prerequisites --- */

static int check_dumps(const struct written *w, const struct ini *ini, struct err *err)
{
    struct exportini_dumps named;
    unsigned n = 0;
    int r = exportini_dumps(ini, &named, err);

    if (r < 0)
        return r;
    for (unsigned j = 0; r == 0 && j < named.n; j++) {
        if (!named.names[j])
            continue;
        if (n == w->ndumps || w->dumps[n].disk != j ||
            strcmp(w->dumps[n].name, named.names[j]) != 0)
            r = err_prereq(err, ECODE_INVAL, "%s names a dump %s of disk/%u, which is missing",
                           EXPORTINI_FILE, named.names[j], j);
        n++;
    }
    if (r == 0 && n != w->ndumps)
        r = err_prereq(err, ECODE_INVAL, "%s does not name the dump %s", EXPORTINI_FILE,
                       w->dumps[n].name);
    exportini_dumps_clear(&named);
    return r;
}

/* What only the cluster knows. */
static int add_what_is_known(struct lu_export *x, struct model_instance *mine, struct err *err)
{
    const struct model_instance *known = model_find_instance(x->lu.model, x->instance);
    char *node;

    if (!known || known->error)
        return 0;
    node = strdup(known->primary_node);
    if (!node)
        return err_sys(err, -ENOMEM, "%s", x->instance);
    free(mine->primary_node);
    mine->primary_node = node;
    mine->admin_state = known->admin_state;
    x->src = model_find_node(x->lu.model, node);
    return 0;
}

/* Whoever made it has checked it, so this finds mistakes of his only. */
static int check_image(struct lu_export *x, struct err *err)
{
    const struct written *w = image_of(x);
    CLEANUP_INI struct ini *ini = NULL;
    const char *name;
    int r;

    if (w->config_len > EXPORTINI_MAX)
        return err_prereq(err, ECODE_INVAL, "%s of %s is too long", EXPORTINI_FILE, x->instance);
    r = ini_parse(w->config, w->config_len, &ini, err);
    if (r < 0)
        return err_prefix(err, EXPORTINI_FILE);
    r = check_dumps(w, ini, err);
    if (r < 0)
        return r;
    name = ini_get(ini, "instance", "name");
    if (strcmp(name, x->instance) != 0)
        return err_prereq(err, ECODE_INVAL, "This is an image of %.128s, not of %s", name,
                          x->instance);
    r = exportini_instance(STEAL(ini), x->instance, &x->own);
    if (r < 0)
        return err_sys(err, r, "%s", x->instance);
    x->inst = x->own;
    return add_what_is_known(x, x->own, err);
}

static uint64_t need(struct lu_export *x, const struct node_space *space)
{
    return target_written_need(image_of(x), space);
}

static int check_prereq(struct lu *lu, struct err *err)
{
    struct lu_export *x = lu_export_of(lu);
    const struct catalog_node *target = NULL;
    int r = lu_export_check_node(x, &target, err);

    if (r == 0 && image_of(x)->config)
        r = check_image(x, err);
    return r < 0 ? r : lu_export_check_room(x, target, need, err);
}

static int build_hooks_nodes(struct lu *lu, struct strvec *nodes, struct err *err)
{
    struct lu_export *x = lu_export_of(lu);
    const char *const names[] = {lu->model->master_node, x->dst->name,
                                 x->src ? x->src->name : NULL};

    return strvec_add_all(nodes, names, x->src ? 3 : 2) < 0 ? err_sys(err, -ENOMEM, "hook nodes")
                                                            : 0;
}

/* --- tasklet 1 --- */

/* An instance that a dead export has stopped and that cannot be started now stays noted: it may be
 * what this image is for. */
static int clear_up(struct lu_export *x, struct err *err)
{
    int r = lu_export_clear_up(x, err);

    if (r == 0 || !x->journal.stopped)
        return r;
    lu_warning(&x->lu, "%s", err->text);
    return 0;
}

/* By what the node says itself.  That a file system which has clones makes this one is not tried:
 * nobody is stopped for it, so it may as well run out of space. */
static int prepare(struct lu_export *x, struct err *err)
{
    const struct lu_env *env = x->lu.env;
    struct node_space space;
    int r = lu_export_begin_stage(x, err);

    if (r == 0)
        r = env->nodes->export_space(env->node_ctx, x->dst, &space, err);
    if (r < 0 || need(x, &space) <= lu_export_unreserved(x, &space))
        return r;
    return lu_export_no_room(x, need(x, &space), &space, err);
}

/* --- the dumps --- */

struct filling {
    struct lu_export *x;
    unsigned n; /* created */
};

static int create_dump(void *arg, const char *name, int *fd, struct err *err)
{
    struct filling *f = arg;
    struct lu_export *x = f->x;
    const struct lu_env *env = x->lu.env;
    const struct written_dump *d = &image_of(x)->dumps[f->n];
    int r;

    if (f->n == x->ndumps || strcmp(name, d->name) != 0)
        return err_set(err, ERR_PROGRAMMER, ECODE_NONE, EIO, "the written image brings %s, not %s",
                       name, f->n < x->ndumps ? d->name : "nothing");
    r = lu_canceled(&x->lu, err);
    if (r < 0)
        return r;
    lu_phase(&x->lu, "copying disk/%u", d->disk);
    lu_feedback(&x->lu, "Writing disk/%u to %s", d->disk, x->dst->name);
    r = env->nodes->stage_create(env->node_ctx, x->stage, name, &x->dst_fd[f->n], err);
    if (r == 0)
        *fd = x->dst_fd[f->n++];
    return r;
}

static void progressed(void *arg, uint64_t done)
{
    const struct lu_export *x = ((struct filling *)arg)->x;

    if (x->lu.run->progress)
        x->lu.run->progress(x->lu.run->arg, done, x->total);
}

static int check_filled(struct lu_export *x, const struct filling *f, struct err *err)
{
    struct stat st;

    if (f->n != x->ndumps)
        return err_set(err, ERR_PROGRAMMER, ECODE_NONE, EIO, "the written image has no %s",
                       image_of(x)->dumps[f->n].name);
    for (unsigned i = 0; i < x->ndumps; i++) {
        const struct written_dump *d = &image_of(x)->dumps[i];

        if (fstat(x->dst_fd[i], &st) < 0)
            return err_sys(err, -errno, "%s on node %s", d->name, x->target);
        if ((uint64_t)st.st_size != d->bytes)
            return err_exec(err, "%s has become %lld bytes long, not %" PRIu64, d->name,
                            (long long)st.st_size, d->bytes);
    }
    return 0;
}

static int count(struct lu_export *x, struct err *err)
{
    const struct written *w = image_of(x);

    x->ndumps = w->ndumps;
    for (unsigned i = 0; i < w->ndumps; i++)
        if (__builtin_add_overflow(x->total, w->dumps[i].bytes, &x->total))
            return err_set(err, ERR_EXEC, ECODE_NONE, EOVERFLOW, "disks of %s: sizes overflow",
                           x->instance);
    return 0;
}

static int fill(struct lu_export *x, struct err *err)
{
    struct written *w = x->lu.run->written;
    struct filling f = {.x = x};
    const struct lu_env *env = x->lu.env;
    const struct written_to to = {create_dump,       progressed,    &f,
                                  x->lu.run->cancel, env->throttle, &env->lowly};
    XXH128_canonical_t digests[MODEL_MAX_DISKS];
    int r = count(x, err);

    if (r == 0)
        r = lu_failed(w->ops->fill(w, &to, digests, err), err);
    if (r == 0)
        r = check_filled(x, &f, err);
    if (r < 0)
        return r == -ECANCELED ? r : err_prefix(err, "Export failed, errors in the written image");
    progressed(&f, x->total);
    for (unsigned i = 0; i < x->ndumps; i++) {
        lu_export_set_sum(&x->sums[1 + i], w->dumps[i].name);
        x->sums[1 + i].digest = digests[i];
        x->hashed[i] = true;
    }
    x->timestamp = time(NULL);
    return lu_export_stage_config(x, w->config, w->config_len, err);
}

static int create(struct lu *lu, struct err *err)
{
    struct lu_export *x = lu_export_of(lu);
    int r;

    lu_phase(lu, "preparing");
    r = lu_export_step(x, clear_up, err);
    if (r == 0)
        r = lu_export_step(x, prepare, err);
    if (r < 0)
        return r;
    lu_export_let_others_read(x);
    return lu_export_step(x, fill, err);
}

static void destroy(struct lu *lu)
{
    model_instance_unref(lu_export_of(lu)->own);
    lu_export_class.destroy(lu);
}

static const struct lu_tasklet tasklets[] = {
    {.name = "fill", .check_prereq = check_prereq, .exec = create},
    {.name = "publish", .exec = lu_export_publish},
    {.name = "remove older copies", .exec = lu_export_older},
    {.name = NULL},
};

const struct lu_class lu_write_class = {
    .name = "LUExportInstance",
    .op_id = "OP_BACKUP_EXPORT",
    .hpath = "instance-export",
    .htype = "INSTANCE",
    .size = sizeof(struct lu_export),
    .check_arguments = check_arguments,
    .expand_names = expand_names,
    .build_hooks_env = lu_export_build_hooks_env,
    .build_hooks_nodes = build_hooks_nodes,
    .tasklets = tasklets,
    .finish = lu_export_finish,
    .destroy = destroy,
};
