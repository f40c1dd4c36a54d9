/* recover.c - see recover.h; what follows from which state stands in journal.c.
 *
 * The instance comes first, for somebody waits for it.  Each step asks the world what is so, and is
 * done again without harm if this process dies as well.  Parts are gone through from the newest,
 * for one that was published supersedes the older ones.
 */
#include "export/recover_internal.h"

#include <string.h>

void recover_tell(const struct recovery *rc, const char *fmt, ...)
{
    char line[600];
    va_list ap;

    if (!rc->say)
        return;
    va_start(ap, fmt);
    vsnprintf(line, sizeof line, fmt, ap);
    va_end(ap);
    rc->say(rc->arg, line);
}

/* Keeps the first error for the caller. */
static int failed(int r, const struct err *why, char note[256], int first, struct err *err)
{
    if (r < 0 && note)
        snprintf(note, 256, "%.255s", why->text);
    if (r < 0 && first == 0)
        *err = *why;
    return first < 0 ? first : r;
}

/* NULL: not known, or not usable. */
static const struct model_instance *instance(const struct recovery *rc)
{
    const struct model_instance *inst = model_find_instance(rc->m, rc->name);

    return inst && !inst->error ? inst : NULL;
}

/* One whose admin_state is not "up" any more was meant to stay down. */
static int start(const struct recovery *rc, struct err *err)
{
    const struct lu_env *env = rc->env;
    const struct model_instance *inst = instance(rc);
    const struct model_node *node;
    struct err ignored;
    int r;

    if (!inst || inst->admin_state != ADMIN_UP)
        return 0;
    node = model_find_node(rc->m, inst->primary_node);
    if (!node)
        return err_prereq(err, ECODE_NOENT, "Node '%s' not known", inst->primary_node);
    if (env->nodes->instance_running(env->node_ctx, node, inst, &ignored) > 0)
        return 0;
    recover_tell(rc, "Starting instance %s, which an earlier export left stopped", rc->name);
    r = env->nodes->instance_start(env->node_ctx, node, inst, err);
    return r < 0 ? err_prefix(err, "Could not start instance %s", rc->name) : 0;
}

int recover_start(const struct recovery *rc, struct err *err)
{
    struct journal *j = rc->j;
    struct err why;
    int r;

    if (!j->stopped || (j->n && j->parts[0].removing))
        return 0;
    r = start(rc, &why);
    if (r == 0) {
        j->stopped = false;
        j->error[0] = '\0';
    }
    return failed(r, &why, j->error, 0, err);
}

int recover_answers(const struct recovery *rc, const struct model_node *node, struct err *err)
{
    struct catalog *c;
    const struct catalog_node *seen;
    int r = 0;

    if (lu_node_offline(node))
        return err_set(err, ERR_EXEC, ECODE_NONE, EHOSTDOWN, "Node %s is offline", node->name);
    c = rc->env->ops->catalog(rc->env->arg);
    seen = catalog_find_node(c, node->name);
    if (seen && seen->state == NODE_UNREACHABLE)
        r = err_set(err, ERR_EXEC, ECODE_NONE, EHOSTUNREACH, "Node %s is unreachable: %s",
                    node->name, seen->error ? seen->error : "no answer");
    catalog_unref(c);
    return r;
}

static int sweep(const struct recovery *rc, const struct model_node *node, struct err *err)
{
    const struct lu_env *env = rc->env;
    int r = recover_answers(rc, node, err);

    if (r == 0)
        r = env->nodes->export_sweep(env->node_ctx, node, rc->name, err);
    return r;
}

static int sweep_everywhere(const struct recovery *rc, struct err *err)
{
    const struct lu_env *env = rc->env;
    struct journal *j = rc->j;
    struct err why;
    int first = 0;

    if (!j->everywhere)
        return 0;
    for (size_t i = 0; i < rc->m->nnodes; i++) {
        const struct model_node *node = &rc->m->nodes[i];
        int r = sweep(rc, node, &why);

        if (r == 0) /* a publication may be undone or known by it */
            env->ops->export_changed(env->arg, node->name, rc->name);
        first = failed(r, &why, NULL, first, err);
    }
    j->everywhere = first < 0;
    if (!j->stopped)
        snprintf(j->error, sizeof j->error, "%.255s", first < 0 ? err->text : "");
    return first;
}

/* Those that have a name; whether there are any tells the node. */
static int sweep_snapshots(const struct recovery *rc, struct err *err)
{
    const struct model_instance *inst = model_find_instance(rc->m, rc->name);
    const struct model_node *node =
        inst && !inst->error ? model_find_node(rc->m, inst->primary_node) : NULL;
    struct journal *j = rc->j;
    bool left = j->snapshots;
    int r = 0;

    if (node)
        r = rc->env->nodes->blockdev_snapshot_sweep(rc->env->node_ctx, node, inst->disks,
                                                    inst->ndisks, err);
    j->snapshots = r < 0;
    if (!j->stopped && !j->everywhere && (left || r < 0))
        snprintf(j->error, sizeof j->error, "%.255s", r < 0 ? err->text : "");
    return r;
}

/* --- a publication --- */

/* Every other node: what is older there goes as soon as the node can be asked, and what is half
 * gone with it (pending.h).  None is asked here, for any may hang. */
static int note_older(const struct recovery *rc, const struct journal_part *p, struct err *err)
{
    const struct lu_env *env = rc->env;
    const struct node_export_id older = node_export_id_older_than(p->t);
    int r = 0;

    for (size_t i = 0; r == 0 && i < rc->m->nnodes; i++)
        if (strcmp(rc->m->nodes[i].name, p->target) != 0)
            r = env->ops->removal_pending(env->arg, rc->m->nodes[i].name, rc->name, &older, err);
    return r;
}

static int remove_rest(const struct recovery *rc, struct err *err)
{
    const struct lu_env *env = rc->env;
    const struct model_instance *inst = instance(rc);
    const struct model_node *node = inst ? model_find_node(rc->m, inst->primary_node) : NULL;

    if (!model_find_instance(rc->m, rc->name)) {
        rc->j->stopped = false;
        return 0;
    }
    if (!node)
        return err_exec(err, "%s was being removed, and cannot be used", rc->name);
    recover_tell(rc, "Removing instance %s, as an earlier export was doing", rc->name);
    for (unsigned j = 0; j < inst->ndisks; j++) {
        int r = env->nodes->blockdev_remove(env->node_ctx, node, &inst->disks[j], err);

        if (r < 0 && r != -ENOENT)
            return err_prefix(err, "Can't remove instance's disks: disk/%u", j);
    }
    int r = env->ops->instance_remove(env->arg, rc->name, err);

    rc->j->stopped = rc->j->stopped && r < 0;
    return r;
}

static void free_info(struct node_export_info **info)
{
    node_export_info_free(*info);
}

bool recover_has_sums(const struct node_export_info *info)
{
    for (size_t i = 0; i < info->nfiles; i++)
        if (strcmp(info->files[i].name, SUMS_FILE) == 0)
            return true;
    return false;
}

/* Did the publication happen?  Then what comes after it is done, else it never was. */
static int finish_publication(const struct recovery *rc, const struct model_node *node,
                              struct journal_part *p, bool *published, struct err *err)
{
    CLEANUP(free_info) struct node_export_info *info = NULL;
    const struct lu_env *env = rc->env;
    bool older_noted = p->hashing;
    int r = env->nodes->export_info(env->node_ctx, node, rc->name, &info, err);

    if (r < 0 && r != -ENOENT)
        return r;
    p->hashing = false;
    if (r == -ENOENT || info->id.t != p->t)
        return 0;
    *published = true;
    r = older_noted ? 0 : note_older(rc, p, err);
    if (r < 0)
        return r;
    p->hashing = !recover_has_sums(info);
    return p->removing && !p->hashing ? remove_rest(rc, err) : 0;
}

static int clear_part(const struct recovery *rc, struct journal_part *p, bool *published,
                      struct err *err)
{
    const struct lu_env *env = rc->env;
    const struct model_node *node = model_find_node(rc->m, p->target);
    int r;

    if (!node) { /* it is no node of the cluster any more, and what lies there is not ours */
        p->hashing = false;
        return 0;
    }
    r = sweep(rc, node, err);
    if (r < 0)
        return r;
    env->ops->export_changed(env->arg, p->target, rc->name);
    return p->t ? finish_publication(rc, node, p, published, err) : 0;
}

/* The newest whose publication happened supersedes what comes behind it. */
static void superseded(struct journal_part *p)
{
    p->t = 0;
    p->hashing = p->removing = false;
}

int recover(const struct recovery *rc, struct err *err)
{
    struct journal *j = rc->j;
    bool published = false;
    struct err why;
    int first = recover_start(rc, err);
    int r = sweep_everywhere(rc, &why);

    first = failed(r, &why, NULL, first, err);
    r = sweep_snapshots(rc, &why);
    first = failed(r, &why, NULL, first, err);
    for (unsigned i = 0; i < j->n;) {
        struct journal_part *p = &j->parts[i];

        if (published)
            superseded(p);
        r = clear_part(rc, p, &published, &why);
        if (r == 0)
            p->error[0] = '\0';
        first = failed(r, &why, p->error, first, err);
        if (r == 0 && !p->hashing)
            journal_drop(j, i);
        else
            i++;
    }
    if (first < 0 || !j->stopped)
        return first;
    return recover_start(rc, err); /* it was being removed, and is not any more */
}
