/* ganeti_write.c - written images on a running cluster: what gput.h needs to know of it.
 *
 * The checks are our own LU's, from memory, as for a cluster directory; all else is in gput.c.
 */
#include "export/ganeti/ganeti_internal.h"

#include "export/processor.h"

#include <string.h>

static struct catalog *get_catalog(void *arg)
{
    return catalog_get(((struct ganeti *)arg)->catalog);
}

static int64_t exporting(void *arg, const char *name, struct err *err)
{
    return gjob_find_export(((struct ganeti *)arg)->rapi, name, err);
}

static int64_t set_t(void *arg, const char *name, const struct node_export_id *id, int64_t t)
{
    return gknown_set_t(((struct ganeti *)arg)->known, name, id, t);
}

static void changed(void *arg, const char *node, const char *name)
{
    struct err ignored; /* the catalog keeps the node's error itself */

    catalog_refresh(((struct ganeti *)arg)->catalog, node, name, &ignored);
}

void ganeti_make_puts(struct ganeti *g)
{
    g->puts = (struct gput_world){
        .state_dir = g->base.state_dir,
        .nodes = g->nodes,
        .arg = g,
        .model = ganeti_model,
        .catalog = get_catalog,
        .exporting = exporting,
        .set_t = set_t,
        .throttle = g->base.throttle,
        .lowly = g->base.lowly,
        .changed = changed,
    };
}

int ganeti_put_begin(struct cluster *c, const char *node, const char *name, struct put **ret,
                     struct err *err)
{
    struct ganeti *g = ganeti(c);
    CLEANUP_MODEL struct model *m = gmodel_get(g->models);
    const struct model_node *mn = model_find_node(m, node);

    if (!mn)
        return err_prereq(err, ECODE_NOENT, "Node '%s' not known", node);
    return gput_begin(&g->puts, mn, name, ret, err);
}

/* --- the checks, with what the run itself has reserved taken for free --- */

struct checking {
    struct ganeti *g;
    const void *owner;
};

static struct model *checked_model(void *arg)
{
    return ganeti_model(((struct checking *)arg)->g);
}

static struct catalog *checked_catalog(void *arg)
{
    return get_catalog(((struct checking *)arg)->g);
}

static uint64_t reserved_by_others(void *arg, const char *node, const void *none)
{
    const struct checking *c = arg;

    (void)none;
    return share_reserved(c->g->base.share, node, c->owner);
}

static int check_again(struct ganeti *g, const struct lu_run *run, struct opcode *op,
                       struct err *err)
{
    static const struct lu_env_ops ops = {
        .model = checked_model,
        .catalog = checked_catalog,
        .space_reserved = reserved_by_others,
    };
    struct checking c = {g, run->arg};
    struct lu_env env = g->env;

    env.ops = &ops;
    env.arg = &c;
    return processor_check(&env, run->written, op, err);
}

static int write_image(struct ganeti *g, const struct lu_run *run, struct opcode *op,
                       struct lu_result *result, struct err *err)
{
    CLEANUP_MODEL struct model *m = gmodel_get(g->models);
    const struct model_node *mn;
    const char *node;
    int r = check_again(g, run, op, err);

    if (r < 0)
        return r;
    node = opcode_get_string(op, "target_node");
    mn = node ? model_expand_node(m, node) : NULL;
    if (!mn)
        return err_prereq(err, ECODE_NOENT, "Node '%s' not known", node ? node : "");
    if (!opcode_get_bool(op, "dry_run"))
        return gput_run(&g->puts, run, mn, result, err);
    *result = (struct lu_result){.nothing = true};
    return 0;
}

int ganeti_write(struct ganeti *g, const struct lu_run *run, struct opcode *op,
                 struct lu_result *result, struct err *err)
{
    int r = write_image(g, run, op, result, err);

    if (r < 0 && run->feedback)
        run->feedback(run->arg, err->text);
    return r;
}
