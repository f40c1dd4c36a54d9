/* removal.c - jobs that remove one copy of an export from one node (rm with -o manage).
 *
 *            jobs_remove()            begin()             execute(), end()
 *     (none) ------------> QUEUED ------------> RUNNING ------------------> DONE
 *                             |                    |
 *                             | removal_stop()     | refused, failed, or stopped
 *                             +--------------------+----------------------> FAILED
 *
 * The copy is hidden (catalog_hide()) before the job is queued, so whoever asked sees it gone when
 * he is answered.  It is shown again when the job has ended: then it is gone, or there still.
 *
 * Removals wait for the locks of exports, so they are not in their queue: each node has up to
 * MOST_PER_NODE threads while it has any, and one that hangs costs that node alone.  An unmount
 * lets them end, for `rm` has promised them; when none has for some seconds it asks them to stop.
 *
 * Of those that have ended the last of each name and node is kept, for status and log, unless all
 * went well and there is no instance to tell it of.  All is under jobs->mu, but names, op and copy
 * do not change.
 */
#include "export/removal_internal.h"

#include <string.h>

static void free_removal(struct removal *r)
{
    opcode_free(r->op);
    cancel_destroy(&r->cancel);
    joblog_clear(&r->log);
    free(r->name);
    free(r->node);
    free(r);
}

static int make_opcode(const char *node, const char *name, struct opcode **ret, struct err *err)
{
    int r = opcode_new("OP_BACKUP_REMOVE", ret, err);

    if (r < 0)
        return r;
    if ((r = opcode_set_string(*ret, "instance_name", name)) == 0)
        r = opcode_set_string(*ret, "node_name", node);
    if (r == 0)
        return 0;
    opcode_free(STEAL(*ret));
    return err_sys(err, r, "removal of %s", name);
}

static int new_removal(struct jobs *j, const char *node, const char *name,
                       const struct node_export_id *copy, struct removal **ret, struct err *err)
{
    struct removal *r = calloc(1, sizeof *r);
    int e = r ? cancel_init(&r->cancel) : -ENOMEM;

    if (e < 0) {
        free(r);
        return err_sys(err, e, "removal of %s", name);
    }
    r->jobs = j;
    r->copy = *copy;
    r->name = strdup(name);
    r->node = strdup(node);
    snprintf(r->phase, sizeof r->phase, "queued");
    e = r->name && r->node ? make_opcode(node, name, &r->op, err)
                           : err_sys(err, -ENOMEM, "removal");
    if (e < 0) {
        free_removal(r);
        return e;
    }
    *ret = r;
    return 0;
}

void removal_drop(struct removal **p)
{
    struct removal *r = *p;

    *p = r->next;
    free_removal(r);
}

static int queue(struct jobs *j, struct removal *r)
{
    struct removal **tail = &j->removals;
    int e;

    LOCK_SCOPE(&j->mu);
    if (j->stopping)
        return -ESHUTDOWN;
    r->id = ++j->next_id;
    while (*tail)
        tail = &(*tail)->next;
    *tail = r;
    e = removal_start(j, r);
    if (e < 0)
        *tail = NULL;
    return e;
}

/* Hides it.  If it was the current export its T is used up: the next one must look changed, to all
 * mounts (DESIGN §3). */
static int hide(struct jobs *j, const struct removal *r)
{
    struct catalog *cat = j->cluster->ops->catalog(j->cluster);
    const struct catalog_node *where = NULL;
    bool current = catalog_current(cat, r->name, &where) && strcmp(where->name, r->node) == 0;
    int e = j->cluster->ops->hide(j->cluster, r->node, r->name, &r->copy);

    catalog_unref(cat);
    if (e < 0 || !current)
        return e;
    LOCK_SCOPE(&j->mu);
    struct job_inst *inst = jobs_inst(j, r->name);
    if (inst)
        fresh_retire(j, inst, r->copy.t);
    return 0;
}

int jobs_remove(struct jobs *j, const char *node, const char *name,
                const struct node_export_id *copy, struct err *err)
{
    struct removal *r = NULL;
    int e = new_removal(j, node, name, copy, &r, err);

    if (e < 0)
        return e;
    e = j->cluster->ops->check(j->cluster, NULL, r->op, err);
    if (e == 0 && (e = hide(j, r)) < 0)
        err_sys(err, e, "export %s on %s", name, node);
    if (e == 0 && (e = queue(j, r)) < 0) {
        j->cluster->ops->show(j->cluster, node, name, copy);
        err_sys(err, e, "removal of %s", name);
    }
    if (e < 0)
        free_removal(r);
    return e;
}

void removal_free(struct jobs *j)
{
    while (j->removals)
        removal_drop(&j->removals);
}
