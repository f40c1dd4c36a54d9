/* jobs_config.c - instances/NAME/config.ini: the instance as it is now, in export format.  See
 * jobs.h.
 *
 * The text is a pure function of the model's instance, so what identifies it is found once for each
 * and kept with a reference to it.
 */
#include "export/exportini.h"
#include "export/jobs_internal.h"

#include <xxhash.h>

static int find(struct model *m, const char *instance, const struct model_instance **ret)
{
    const struct model_instance *mi = model_find_instance(m, instance);

    if (!mi)
        return -ENOENT;
    if (mi->error)
        return -EIO;
    *ret = mi;
    return 0;
}

static int render(const struct model_instance *mi, char **text, size_t *len)
{
    struct err err;

    return exportini_render(mi, mi->stamp.mtime.tv_sec, text, len, &err);
}

/* jobs->mu held. */
static int look(struct jobs *j, struct job_inst *inst, const struct model_instance *mi)
{
    CLEANUP_FREE char *text = NULL;
    size_t len;
    uint64_t hash;
    int r;

    if (inst->config_for == mi)
        return 0;
    if ((r = render(mi, &text, &len)) < 0)
        return r;
    hash = XXH3_64bits(text, len);
    if (!inst->config_mtime || inst->config != hash)
        inst->config_mtime =
            promise_config_mtime(j->cluster->state_dir, mi->name, hash, mi->stamp.mtime.tv_sec);
    inst->config = hash;
    inst->config_len = len;
    model_instance_unref(inst->config_for);
    inst->config_for = model_instance_ref((struct model_instance *)mi);
    return 0;
}

int jobs_config_id(struct jobs *j, const char *instance, struct jobs_config *ret)
{
    CLEANUP_MODEL struct model *m = j->cluster->ops->model(j->cluster);
    const struct model_instance *mi;
    int r = find(m, instance, &mi);

    if (r < 0)
        return r;
    LOCK_SCOPE(&j->mu);

    struct job_inst *inst = jobs_inst(j, instance);

    r = inst ? look(j, inst, mi) : -ENOMEM;
    if (r == 0)
        *ret = (struct jobs_config){.len = inst->config_len,
                                    .hash = inst->config,
                                    .mtime = inst->config_mtime,
                                    .secrets = exportini_has_secrets(mi->ini)};
    return r;
}

int jobs_config_text(struct jobs *j, const char *instance, char **text, size_t *len)
{
    CLEANUP_MODEL struct model *m = j->cluster->ops->model(j->cluster);
    const struct model_instance *mi;
    int r = find(m, instance, &mi);

    return r < 0 ? r : render(mi, text, len);
}
