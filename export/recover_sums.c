/* recover_sums.c - checksums of a clone that was published, and its process died before it was
 * hashed.  By itself, for it reads all of the dumps.
 */
#include "export/recover_internal.h"

#include "export/exportini.h"

#include <string.h>

static int hash_file(const struct recovery *rc, const struct model_node *node, const char *file,
                     struct sums_entry *ret, struct err *err)
{
    const struct lu_env *env = rc->env;
    CLEANUP_NODE_FILE struct node_file *f = NULL;
    struct node_file_facts now = {0};
    struct copy_job job = {.dst = -1, .cancel = rc->cancel, .throttle = env->throttle};
    int r = env->nodes->export_open(env->node_ctx, node, rc->name, file, &f, err);

    /* only nodes that are directories have exports of ours */
    if (r == 0 && node_file_fd(f) < 0)
        r = err_sys(err, -EOPNOTSUPP, "%s", file);
    else if (r == 0 && (r = f->ops->facts(f, &now)) < 0)
        err_sys(err, r, "%s", file);
    if (r == 0) {
        job.src = node_file_fd(f);
        job.bytes = now.size;
        r = lowly_copy(&env->lowly, &job, &ret->digest, err);
    }
    snprintf(ret->name, sizeof ret->name, "%s", file);
    return r;
}

static void clear_dumps(struct exportini_dumps *dumps)
{
    exportini_dumps_clear(dumps);
}

static int hash(const struct recovery *rc, const struct model_node *node,
                const struct node_export_info *info, struct err *err)
{
    CLEANUP(clear_dumps) struct exportini_dumps dumps = {0};
    struct sums_entry sums[1 + MODEL_MAX_DISKS];
    const struct lu_env *env = rc->env;
    CLEANUP_FREE char *text = NULL;
    size_t n = 0, len;
    int r;

    recover_tell(rc, "Hashing the export of %s, which an earlier run has published", rc->name);
    if (!info->config || exportini_dumps(info->config, &dumps, err) < 0)
        return err_exec(err, "%s of the export of %s cannot be used", EXPORTINI_FILE, rc->name);
    r = hash_file(rc, node, EXPORTINI_FILE, &sums[n++], err);
    for (unsigned j = 0; r == 0 && j < dumps.n; j++)
        if (dumps.names[j])
            r = hash_file(rc, node, dumps.names[j], &sums[n++], err);
    if (r == 0 && (r = sums_format(sums, n, &text, &len)) < 0)
        err_sys(err, r, SUMS_FILE);
    if (r == 0)
        r = env->nodes->export_add_file(env->node_ctx, node, rc->name, &info->id, SUMS_FILE, text,
                                        len, info->id.t, err);
    if (r == 0)
        env->ops->export_changed(env->arg, node->name, rc->name);
    return r;
}

static void free_info(struct node_export_info **info)
{
    node_export_info_free(*info);
}

static int add_sums(const struct recovery *rc, const struct journal_part *p, struct err *err)
{
    CLEANUP(free_info) struct node_export_info *info = NULL;
    const struct lu_env *env = rc->env;
    const struct model_node *node = model_find_node(rc->m, p->target);
    int r;

    if (!node)
        return 0;
    r = recover_answers(rc, node, err);
    if (r == 0)
        r = env->nodes->export_info(env->node_ctx, node, rc->name, &info, err);
    if (r < 0 || info->id.t != p->t || recover_has_sums(info))
        return r == -ENOENT ? 0 : r;
    return hash(rc, node, info, err);
}

/* Another time it may work.  Else the export stays without checksums, as it does when a run's own
 * hashing fails: what cannot be read is not read again and again. */
static bool is_passing(int r)
{
    return r == -ECANCELED || r == -ENOMEM || r == -EMFILE || r == -ENFILE || r == -EHOSTUNREACH ||
           r == -EHOSTDOWN;
}

bool recover_must_hash(const struct journal *j)
{
    for (unsigned i = 0; i < j->n; i++)
        if (j->parts[i].hashing)
            return true;
    return false;
}

int recover_sums(const struct recovery *rc, struct err *err)
{
    struct journal *j = rc->j;
    int first = 0;

    for (unsigned i = 0; i < j->n;) {
        struct journal_part *p = &j->parts[i];
        struct err why;
        int r = p->hashing ? add_sums(rc, p, &why) : 0;

        if (!p->hashing || is_passing(r)) {
            if (p->hashing && r != -ECANCELED)
                snprintf(p->error, sizeof p->error, "%.255s", why.text);
            i++;
        } else if (r == 0 && p->removing) {
            p->hashing = false; /* what comes next needs the instance's lock */
            i++;
        } else {
            if (r < 0)
                recover_tell(rc, "It stays without checksums: %s", why.text);
            journal_drop(j, i);
        }
        if (r < 0 && first == 0)
            *err = why;
        first = first < 0 ? first : r;
    }
    return first;
}
