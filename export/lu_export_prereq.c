/* lu_export_prereq.c - may this export be made?  The reference's checks in its order (spec §5),
 * then our own: things that would otherwise only fail after the instance was stopped.
 *
 * Without locks it looks at the opcode, the model and the catalog only, so it never blocks and can
 * be asked at any time.
 */
#include "export/lu_export.h"

#include "export/exportini.h"

#include <inttypes.h>
#include <string.h>

static int check_instance(struct lu_export *x, struct err *err)
{
    x->inst = model_find_instance(x->lu.model, x->instance);
    if (!x->inst)
        return err_prereq(err, ECODE_NOENT, "Instance '%s' not known", x->instance);
    if (x->inst->error)
        return err_set(err, ERR_PREREQ, ECODE_INVAL, EIO, "Instance '%s': %s", x->instance,
                       x->inst->error);
    return 0;
}

static int offline(const struct model_node *node, struct err *err)
{
    return err_set(err, ERR_PREREQ, ECODE_STATE, EHOSTDOWN, "Can't use offline node: %s%s%s%s",
                   node->name, node->error ? " (" : "", node->error ? node->error : "",
                   node->error ? ")" : "");
}

static int check_primary(struct lu_export *x, struct err *err)
{
    int r = lu_known_node(&x->lu, x->inst->primary_node, &x->src, err);

    if (r < 0)
        return r;
    return lu_node_offline(x->src) ? offline(x->src, err) : 0;
}

static int check_removal(struct lu_export *x, struct err *err)
{
    if (!opcode_get_bool(x->lu.op, "remove_instance"))
        return 0;
    if (x->inst->admin_state == ADMIN_UP && !opcode_get_bool(x->lu.op, "shutdown"))
        return err_prereq(err, ECODE_STATE,
                          "Can not remove instance %s without shutting it down before",
                          x->instance);
    if (!x->lu.env->allow_remove_instance)
        return err_set(err, ERR_PREREQ, ECODE_STATE, EPERM,
                       "remove_instance is not allowed on this mount (allow_remove_instance)");
    return 0;
}

int lu_export_check_node(struct lu_export *x, const struct catalog_node **ret, struct err *err)
{
    const struct catalog_node *seen = catalog_find_node(x->lu.catalog, x->target);
    int r = lu_known_node(&x->lu, x->target, &x->dst, err);

    if (r < 0)
        return r;
    if (lu_node_offline(x->dst))
        return offline(x->dst, err);
    if (x->dst->drained)
        return err_prereq(err, ECODE_STATE, "Can't use drained node %s", x->target);
    if (seen && seen->state == NODE_UNREACHABLE)
        return err_set(err, ERR_PREREQ, ECODE_STATE, EHOSTUNREACH, "Can't reach node %s: %s",
                       x->target, seen->error ? seen->error : "no answer");
    *ret = seen;
    return 0;
}

/* As far as it can be told without the cluster's secrets. */
static int check_remote(struct lu_export *x, struct err *err)
{
    const struct opcode_value *dest = opcode_get(x->lu.op, "target_node");
    const struct opcode_value *key = opcode_get(x->lu.op, "x509_key_name");

    if (dest->kind != VAL_LIST || dest->list.n != x->inst->ndisks)
        return err_prereq(err, ECODE_INVAL,
                          "Mode remote needs a list of destinations, one for each of the %u disks",
                          x->inst->ndisks);
    if (key->list.n != 3)
        return err_prereq(err, ECODE_INVAL, "Invalid data for X509 key name");
    return err_prereq(err, ECODE_INVAL, "Mode remote is not supported yet");
}

static int check_combinations(struct lu_export *x, struct err *err)
{
    const struct opcode *op = x->lu.op;

    if (opcode_get(op, "zeroing_timeout_fixed")->kind != VAL_NULL ||
        opcode_get(op, "zeroing_timeout_per_mib")->kind != VAL_NULL)
        return err_prereq(err, ECODE_INVAL,
                          "Zeroing timeouts make sense only with zero_free_space");
    if (opcode_get_bool(op, "long_sleep") && !opcode_get_bool(op, "shutdown"))
        return err_prereq(err, ECODE_INVAL, "long_sleep makes sense only with shutdown");
    return 0;
}

/* Whether there is a driver for it only the node knows; here it must be one that exists, and an
 * instance that nothing can run cannot be up. */
static int check_hypervisor(struct lu_export *x, struct err *err)
{
    static const char *const known[] = {"fake",    "none", "kvm",   "xen-pvm",
                                        "xen-hvm", "lxc",  "chroot"};
    const char *hv = x->inst->hypervisor ? x->inst->hypervisor : "";
    bool found = false;

    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        found = found || strcmp(hv, known[i]) == 0;
    if (!found)
        return err_prereq(err, ECODE_INVAL, "Instance '%s': unknown hypervisor '%s'", x->instance,
                          hv);
    if (strcmp(hv, "none") == 0 && x->inst->admin_state == ADMIN_UP)
        return err_prereq(err, ECODE_STATE, "Instance '%s' is up but has no hypervisor",
                          x->instance);
    return 0;
}

static int check_disks(struct lu_export *x, struct err *err)
{
    for (unsigned j = 0; j < x->inst->ndisks; j++) {
        const struct model_disk *d = &x->inst->disks[j];

        if (d->look_error)
            return err_prereq(err, ECODE_ENVIRON, "disk/%u of instance '%s', %s: %s", j,
                              x->instance, d->path, strerrordesc_np(-d->look_error));
    }
    return 0;
}

/* Live, and stopped only for a moment, need snapshots of all disks (spec §6.2).  That a disk cannot
 * have one is known by its kind; whether it gets one, exec tries. */
static int check_snapshots(struct lu_export *x, struct err *err)
{
    bool shutdown = opcode_get_bool(x->lu.op, "shutdown");

    if (x->inst->admin_state != ADMIN_UP || opcode_get_bool(x->lu.op, "remove_instance") ||
        (shutdown && opcode_get_bool(x->lu.op, "long_sleep")))
        return 0;
    for (unsigned j = 0; j < x->inst->ndisks; j++) {
        const struct model_disk *d = &x->inst->disks[j];

        if (d->can_snapshot)
            continue;
        return err_prereq(err, ECODE_STATE,
                          shutdown ? "disk/%u of instance '%s', %s, cannot be snapshotted, and the "
                                     "instance may not stay stopped for the whole copy "
                                     "(long_sleep = False)"
                                   : "disk/%u of instance '%s', %s, cannot be snapshotted: no live "
                                     "export (shutdown = False)",
                          j, x->instance, d->path);
    }
    return 0;
}

/* A trial, so that nobody is stopped for a configuration that cannot be written (L10). */
static int check_config(struct lu_export *x, struct err *err)
{
    CLEANUP_FREE char *text = NULL;
    size_t len;

    return exportini_render(x->inst, 0, &text, &len, err);
}

uint64_t lu_export_unreserved(struct lu_export *x, const struct node_space *space)
{
    const struct lu_env *env = x->lu.env;
    uint64_t reserved = env->ops->space_reserved(env->arg, x->target, x->lu.run->arg);

    return reserved < space->free ? space->free - reserved : 0;
}

static int check_writable(struct lu_export *x, const struct catalog_node *target, struct err *err)
{
    if (!target->space.read_only)
        return 0;
    return err_prereq(err, ECODE_STATE, "Node %s cannot take exports: %s is read-only", x->target,
                      x->dst->export_dir);
}

/* By what the catalog last saw; exec looks again, and tries the clone, before it stops anything.
 * With the locks held a shortage is not believed before what a dead run has left on the target is
 * swept away (L8). */
static int check_space(struct lu_export *x, const struct catalog_node *target,
                       uint64_t (*need)(struct lu_export *, const struct node_space *),
                       struct err *err)
{
    const struct lu_env *env = x->lu.env;
    struct node_space space = target->space;
    int r;

    if (x->lu.owner && need(x, &space) > lu_export_unreserved(x, &space)) {
        r = env->nodes->export_sweep(env->node_ctx, x->dst, x->instance, err);
        if (r == 0)
            r = env->nodes->export_space(env->node_ctx, x->dst, &space, err);
        if (r < 0)
            return r;
    }
    if (need(x, &space) <= lu_export_unreserved(x, &space))
        return 0;
    r = lu_export_no_room(x, need(x, &space), &space, err);
    err->class = ERR_PREREQ;
    err->ecode = ECODE_NORES;
    return r;
}

int lu_export_check_room(struct lu_export *x, const struct catalog_node *target,
                         uint64_t (*need)(struct lu_export *, const struct node_space *),
                         struct err *err)
{
    int r = target ? check_writable(x, target, err) : 0;

    return r == 0 && target ? check_space(x, target, need, err) : r;
}

static uint64_t disks_need(struct lu_export *x, const struct node_space *space)
{
    return target_need(x->inst, space);
}

int lu_export_check_prereq(struct lu *lu, struct err *err)
{
    struct lu_export *x = lu_export_of(lu);
    const struct catalog_node *target = NULL;
    int r = check_instance(x, err);

    if (r == 0)
        r = check_primary(x, err);
    if (r == 0)
        r = check_removal(x, err);
    if (r == 0)
        r = x->target ? lu_export_check_node(x, &target, err) : check_remote(x, err);
    if (r == 0)
        r = check_combinations(x, err);
    if (r == 0)
        r = check_hypervisor(x, err);
    if (r == 0)
        r = check_disks(x, err);
    if (r == 0)
        r = check_snapshots(x, err);
    if (r == 0)
        r = check_config(x, err);
    return r < 0 ? r : lu_export_check_room(x, target, disks_need, err);
}
