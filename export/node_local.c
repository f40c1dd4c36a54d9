/* node_local.c - the seam to nodes that are directories of this machine: a table of what the
 * modules behind it do.  The context holds one constant string, so any thread may call. */
#include "export/node_local.h"

#include "export/hooks_run.h"
#include "export/hv.h"
#include "export/mountmark.h"
#include "export/node_list.h"
#include "export/publish.h"
#include "export/published.h"
#include "export/put.h"
#include "export/snapshot.h"
#include "export/snapshot_lvm.h"
#include "export/snapshot_reflink.h"
#include "export/stage.h"

#include <string.h>

struct node_local {
    char *state_dir;
};

int node_local_open(const char *state_dir, struct node_local **ret)
{
    CLEANUP_FREE struct node_local *nl = calloc(1, sizeof *nl);

    if (!nl)
        return -ENOMEM;
    nl->state_dir = strdup(state_dir);
    if (!nl->state_dir)
        return -ENOMEM;
    *ret = STEAL(nl);
    return 0;
}

void node_local_close(struct node_local *nl)
{
    if (!nl)
        return;
    free(nl->state_dir);
    free(nl);
}

static int local_instance_running(void *ctx, const struct model_node *node,
                                  const struct model_instance *inst, struct err *err)
{
    const struct node_local *nl = ctx;
    const struct hv *hv;
    int r = hv_find(inst, &hv, err);

    (void)node;
    return r < 0 ? r : hv->running(nl->state_dir, inst, err);
}

static int local_instance_shutdown(void *ctx, const struct model_node *node,
                                   const struct model_instance *inst, unsigned timeout_s,
                                   struct cancel *cancel, struct err *err)
{
    const struct node_local *nl = ctx;
    const struct hv *hv;
    int r = hv_find(inst, &hv, err);

    (void)node;
    return r < 0 ? r : hv->shutdown(nl->state_dir, inst, timeout_s, cancel, err);
}

static int local_instance_start(void *ctx, const struct model_node *node,
                                const struct model_instance *inst, struct err *err)
{
    const struct node_local *nl = ctx;
    const struct hv *hv;
    int r = hv_find(inst, &hv, err);

    (void)node;
    return r < 0 ? r : hv->start(nl->state_dir, inst, err);
}

static int local_blockdev_snapshot_check(void *ctx, const struct model_node *node,
                                         const struct model_disk *disks, unsigned n,
                                         struct cancel *cancel, struct err *err)
{
    (void)ctx, (void)node;
    return snapshot_check(disks, n, cancel, err);
}

static int local_blockdev_snapshot(void *ctx, const struct model_node *node,
                                   const struct model_disk *disks, unsigned n,
                                   struct node_snapshot *ret, struct cancel *cancel,
                                   struct err *err)
{
    (void)node;
    return snapshot_take(((const struct node_local *)ctx)->state_dir, disks, n, ret, cancel, err);
}

static int local_blockdev_snapshot_verify(void *ctx, const struct node_snapshot *snap,
                                          struct err *err)
{
    (void)ctx;
    return snapshot_verify(snap, err);
}

static int local_blockdev_snapshot_release(void *ctx, struct node_snapshot *snap, struct err *err)
{
    (void)ctx;
    return snapshot_release(snap, err);
}

static int local_blockdev_snapshot_sweep(void *ctx, const struct model_node *node,
                                         const struct model_disk *disks, unsigned n,
                                         struct err *err)
{
    (void)node;
    return snapshot_lvm_sweep(((const struct node_local *)ctx)->state_dir, disks, n, err);
}

static int local_blockdev_open(void *ctx, const struct model_node *node,
                               const struct model_disk *disk, int *ret_fd, struct err *err)
{
    (void)ctx, (void)node;
    return snapshot_disk_open(disk, ret_fd, err);
}

static int local_blockdev_remove(void *ctx, const struct model_node *node,
                                 const struct model_disk *disk, struct err *err)
{
    (void)ctx, (void)node;
    return snapshot_disk_remove(disk, err);
}

/* A node whose file system is not mounted is not there, whatever its folder shows. */
static int present(void *ctx, const struct model_node *node, struct err *err)
{
    return mountmark_check(((const struct node_local *)ctx)->state_dir, node, err);
}

static int local_export_list(void *ctx, const struct model_node *node, struct strvec *ret,
                             struct err *err)
{
    int r = present(ctx, node, err);

    return r < 0 ? r : node_list_names(node, ret, err);
}

static int local_export_info(void *ctx, const struct model_node *node, const char *name,
                             struct node_export_info **ret, struct err *err)
{
    (void)ctx;
    return node_list_info(node, name, ret, err);
}

static int local_export_open(void *ctx, const struct model_node *node, const char *name,
                             const char *file, struct node_file **ret, struct err *err)
{
    (void)ctx;
    return node_list_open(node, name, file, ret, err);
}

static int local_export_space(void *ctx, const struct model_node *node, struct node_space *ret,
                              struct err *err)
{
    int r = present(ctx, node, err);

    return r < 0 ? r : node_list_space(node, ret, err);
}

static int local_export_sweep(void *ctx, const struct model_node *node, const char *name,
                              struct err *err)
{
    int r = present(ctx, node, err);

    return r < 0 ? r : stage_sweep_node(node, name, err);
}

static int local_export_stage(void *ctx, const struct model_node *node, const char *name,
                              struct node_stage **ret, struct err *err)
{
    int r = present(ctx, node, err);

    return r < 0 ? r : stage_begin(node, name, ret, err);
}

static int local_stage_create(void *ctx, struct node_stage *stage, const char *file, int *ret_fd,
                              struct err *err)
{
    (void)ctx;
    return stage_create(stage, file, ret_fd, err);
}

static int local_finalize_export(void *ctx, struct node_stage *stage, int64_t t,
                                 struct node_export_id *ret, struct err *err)
{
    (void)ctx;
    return publish(stage, t, ret, err);
}

static int local_export_add_file(void *ctx, const struct model_node *node, const char *name,
                                 const struct node_export_id *id, const char *file,
                                 const void *data, size_t len, int64_t t, struct err *err)
{
    (void)ctx;
    return published_add_file(node, name, id, file, data, len, t, err);
}

static int local_export_remove(void *ctx, const struct model_node *node, const char *name,
                               const struct node_export_id *only, struct err *err)
{
    int r = present(ctx, node, err);

    return r < 0 ? r : published_remove(node, name, only, err);
}

static void local_stage_abort(void *ctx, struct node_stage *stage)
{
    (void)ctx;
    stage_abort(stage);
}

static int local_put_begin(void *ctx, const struct model_node *node, const char *name,
                           struct put **ret, struct err *err)
{
    int r = present(ctx, node, err);

    return r < 0 ? r : put_begin(node, name, ret, err);
}

static int local_put_sweep(void *ctx, const struct model_node *node, struct err *err)
{
    int r = present(ctx, node, err);

    return r < 0 ? r : put_sweep(node, err);
}

static int local_hooks_runner(void *ctx, const struct model_node *node, const char *hpath,
                              const char *phase, const char *const *env, unsigned stall_s,
                              struct cancel *cancel, struct node_hook_results *ret, struct err *err)
{
    (void)ctx;
    if (node->error || !node->hooks_dir)
        return err_set(err, ERR_EXEC, ECODE_NONE, EHOSTUNREACH, "Node %s cannot be used: %s",
                       node->name, node->error ? node->error : "no hooks directory configured");
    return hooks_run(node->hooks_dir, hpath, phase, env, stall_s, cancel, ret, err);
}

const struct node_ops node_local_ops = {
    .instance_running = local_instance_running,
    .instance_shutdown = local_instance_shutdown,
    .instance_start = local_instance_start,
    .blockdev_snapshot_check = local_blockdev_snapshot_check,
    .blockdev_snapshot = local_blockdev_snapshot,
    .blockdev_snapshot_verify = local_blockdev_snapshot_verify,
    .blockdev_snapshot_release = local_blockdev_snapshot_release,
    .blockdev_snapshot_sweep = local_blockdev_snapshot_sweep,
    .blockdev_open = local_blockdev_open,
    .blockdev_remove = local_blockdev_remove,
    .export_list = local_export_list,
    .export_info = local_export_info,
    .export_open = local_export_open,
    .export_space = local_export_space,
    .export_sweep = local_export_sweep,
    .export_stage = local_export_stage,
    .stage_create = local_stage_create,
    .finalize_export = local_finalize_export,
    .export_add_file = local_export_add_file,
    .stage_abort = local_stage_abort,
    .export_remove = local_export_remove,
    .put_begin = local_put_begin,
    .put_sweep = local_put_sweep,
    .hooks_runner = local_hooks_runner,
};
