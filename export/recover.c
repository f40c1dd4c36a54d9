/* recover.c - see recover.h; what follows from which state stands in journal.c.
 *
 * The instance comes first, for somebody waits for it.  Each step asks the world what is so, and is
 * done again without harm if this process dies as well.
 */
#include "export/recover.h"

#include "export/copy.h"
#include "export/exportini.h"
#include "export/sums.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

struct recovery {
    const struct lu_env *env;
    const struct model *m;
    const char *name;
    const struct model_instance *inst; /* NULL: not known, or not usable */
    const struct model_node *target;
    struct journal *j;
    struct cancel *cancel;
    void (*say)(void *arg, const char *message);
    void *arg;
};

static void tell(const struct recovery *rc, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void tell(const struct recovery *rc, const char *fmt, ...)
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

/* One whose admin_state is not "up" any more was meant to stay down. */
static int start(struct recovery *rc, struct err *err)
{
    const struct lu_env *env = rc->env;
    const struct model_node *node;
    struct err ignored;
    int r = 0;

    if (!rc->j->stopped || rc->j->removing)
        return 0;
    if (rc->inst && rc->inst->admin_state == ADMIN_UP) {
        node = model_find_node(rc->m, rc->inst->primary_node);
        if (!node)
            return err_prereq(err, ECODE_NOENT, "Node '%s' not known", rc->inst->primary_node);
        if (env->nodes->instance_running(env->node_ctx, node, rc->inst, &ignored) <= 0) {
            tell(rc, "Starting instance %s, which an earlier export left stopped", rc->name);
            r = env->nodes->instance_start(env->node_ctx, node, rc->inst, err);
        }
    }
    if (r < 0)
        return err_prefix(err, "Could not start instance %s", rc->name);
    rc->j->stopped = false;
    return 0;
}

/* Those that have a name; whether there are any tells the node. */
static int sweep_snapshots(const struct recovery *rc, struct err *err)
{
    const struct model_node *node =
        rc->inst ? model_find_node(rc->m, rc->inst->primary_node) : NULL;

    if (!node)
        return 0;
    return rc->env->nodes->blockdev_snapshot_sweep(rc->env->node_ctx, node, rc->inst->disks,
                                                   rc->inst->ndisks, err);
}

static int open_dump(const struct recovery *rc, const char *file, uint64_t *bytes, int *ret_fd,
                     struct err *err)
{
    const struct lu_env *env = rc->env;
    struct stat st;
    int r = env->nodes->export_open(env->node_ctx, rc->target, rc->name, file, ret_fd, err);

    if (r == 0 && fstat(*ret_fd, &st) < 0)
        return err_sys(err, -errno, "%s", file);
    if (r == 0)
        *bytes = (uint64_t)st.st_size;
    return r;
}

static int hash_file(const struct recovery *rc, const char *file, struct sums_entry *ret,
                     struct err *err)
{
    CLEANUP_CLOSE int fd = -1;
    uint64_t bytes = 0;
    int r = open_dump(rc, file, &bytes, &fd, err);

    if (r == 0)
        r = copy_hash(fd, bytes, rc->cancel, NULL, NULL, &ret->digest, err);
    snprintf(ret->name, sizeof ret->name, "%s", file);
    return r;
}

static void clear_dumps(struct exportini_dumps *dumps)
{
    exportini_dumps_clear(dumps);
}

/* A clone that was published, and its process died before it was hashed. */
static int add_sums(struct recovery *rc, const struct node_export_info *info, struct err *err)
{
    CLEANUP(clear_dumps) struct exportini_dumps dumps = {0};
    struct sums_entry sums[1 + MODEL_MAX_DISKS];
    const struct lu_env *env = rc->env;
    CLEANUP_FREE char *text = NULL;
    size_t n = 0, len;
    int r;

    for (size_t i = 0; i < info->nfiles; i++)
        if (strcmp(info->files[i].name, SUMS_FILE) == 0)
            return 0;
    tell(rc, "Hashing the export of %s, which an earlier run has published", rc->name);
    if (!info->config || exportini_dumps(info->config, &dumps, err) < 0)
        return err_exec(err, "%s of the export of %s cannot be used", EXPORTINI_FILE, rc->name);
    r = hash_file(rc, EXPORTINI_FILE, &sums[n++], err);
    for (unsigned j = 0; r == 0 && j < dumps.n; j++)
        if (dumps.names[j])
            r = hash_file(rc, dumps.names[j], &sums[n++], err);
    if (r == 0 && (r = sums_format(sums, n, &text, &len)) < 0)
        err_sys(err, r, SUMS_FILE);
    if (r == 0)
        r = env->nodes->export_add_file(env->node_ctx, rc->target, rc->name, &info->id, SUMS_FILE,
                                        text, len, rc->j->t, err);
    if (r == 0)
        env->ops->export_changed(env->arg, rc->target->name, rc->name);
    return r;
}

/* Every other node: what is older there goes as soon as the node can be asked, and what was half
 * gone goes now, if it can. */
static int note_older(struct recovery *rc, struct err *err)
{
    const struct lu_env *env = rc->env;
    const struct node_export_id older = node_export_id_older_than(rc->j->t);
    struct err ignored;
    int r = 0;

    for (size_t i = 0; r == 0 && i < rc->m->nnodes; i++) {
        const struct model_node *node = &rc->m->nodes[i];

        if (node == rc->target)
            continue;
        if (!lu_node_offline(node))
            env->nodes->export_sweep(env->node_ctx, node, rc->name, &ignored);
        r = env->ops->removal_pending(env->arg, node->name, rc->name, &older, err);
    }
    return r;
}

static int remove_rest(struct recovery *rc, struct err *err)
{
    const struct lu_env *env = rc->env;
    const struct model_node *node =
        rc->inst ? model_find_node(rc->m, rc->inst->primary_node) : NULL;

    if (!rc->j->removing || !model_find_instance(rc->m, rc->name))
        return 0;
    if (!node)
        return err_exec(err, "%s was being removed, and cannot be used", rc->name);
    tell(rc, "Removing instance %s, as an earlier export was doing", rc->name);
    for (unsigned j = 0; j < rc->inst->ndisks; j++) {
        int r = env->nodes->blockdev_remove(env->node_ctx, node, &rc->inst->disks[j], err);

        if (r < 0 && r != -ENOENT)
            return err_prefix(err, "Can't remove instance's disks: disk/%u", j);
    }
    return env->ops->instance_remove(env->arg, rc->name, err);
}

static void free_info(struct node_export_info **info)
{
    node_export_info_free(*info);
}

/* Did the publication happen?  Then what comes after it is done, else it never was. */
static int finish_publication(struct recovery *rc, struct err *err)
{
    CLEANUP(free_info) struct node_export_info *info = NULL;
    const struct lu_env *env = rc->env;
    int r;

    if (!rc->j->t)
        return 0;
    r = env->nodes->export_info(env->node_ctx, rc->target, rc->name, &info, err);
    if (r < 0)
        return r == -ENOENT ? 0 : r;
    if (info->id.t != rc->j->t)
        return 0;
    r = note_older(rc, err);
    if (r == 0)
        r = add_sums(rc, info, err);
    return r < 0 ? r : remove_rest(rc, err);
}

static int clear_target(struct recovery *rc, struct err *err)
{
    const struct lu_env *env = rc->env;
    int r;

    if (!*rc->j->target)
        return 0;
    rc->target = model_find_node(rc->m, rc->j->target);
    if (!rc->target) /* it is no node of the cluster any more, and what lies there is not ours */
        return 0;
    if (lu_node_offline(rc->target))
        return err_set(err, ERR_EXEC, ECODE_NONE, EHOSTDOWN, "Node %s is offline", rc->j->target);
    r = env->nodes->export_sweep(env->node_ctx, rc->target, rc->name, err);
    if (r == 0)
        env->ops->export_changed(env->arg, rc->j->target, rc->name);
    return r < 0 ? r : finish_publication(rc, err);
}

int recover(const struct lu_env *env, const struct model *m, const char *name, struct journal *j,
            struct cancel *cancel, void (*say)(void *arg, const char *message), void *arg,
            struct err *err)
{
    const struct model_instance *inst = model_find_instance(m, name);
    struct recovery rc = {env,    m,   name, inst && !inst->error ? inst : NULL, NULL, j,
                          cancel, say, arg};
    struct err second;
    int r = start(&rc, err), r2;

    r2 = sweep_snapshots(&rc, r < 0 ? &second : err);
    r = r < 0 ? r : r2;
    r2 = clear_target(&rc, r < 0 ? &second : err);
    if (r2 == 0) {
        j->target[0] = '\0';
        j->t = 0;
        j->removing = false;
    }
    return r < 0 ? r : r2;
}
