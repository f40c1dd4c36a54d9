/* lu_world_nodes.h - part of lu_world.h: node calls that log what they are asked for. */
#ifndef TESTS_LU_WORLD_NODES_H
#define TESTS_LU_WORLD_NODES_H

static inline int world_running(void *ctx, const struct model_node *node,
                                const struct model_instance *inst, struct err *err)
{
    int r = world_call(err, "running %s", inst->name);

    (void)ctx, (void)node;
    return r < 0 ? r : w.running;
}

static inline int world_shutdown(void *ctx, const struct model_node *node,
                                 const struct model_instance *inst, unsigned timeout_s,
                                 struct cancel *cancel, struct err *err)
{
    int r = world_call(err, "shutdown %s timeout=%u", inst->name, timeout_s);

    (void)ctx, (void)node, (void)cancel;
    if (r == 0)
        w.running = false;
    return r;
}

static inline int world_start(void *ctx, const struct model_node *node,
                              const struct model_instance *inst, struct err *err)
{
    int r = world_call(err, "start %s", inst->name);

    (void)ctx, (void)node;
    if (r == 0)
        w.running = true;
    return r;
}

static inline int world_disk(const struct model_disk *disk)
{
    return disk->path[strlen(disk->path) - 1] - '0';
}

static inline int world_reopen(int fd)
{
    char path[64];

    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    return open(path, O_RDONLY | O_CLOEXEC);
}

static inline int world_snapshot_check(void *ctx, const struct model_node *node,
                                       const struct model_disk *disks, unsigned n,
                                       struct cancel *cancel, struct err *err)
{
    int r = 0;

    (void)ctx, (void)node, (void)cancel;
    for (unsigned j = 0; r == 0 && j < n; j++) {
        r = world_call(err, "snapshot-check %s", disks[j].path);
        if (r == 0 && !w.can_freeze)
            r = err_set(err, ERR_EXEC, ECODE_NONE, EOPNOTSUPP, "no reflink on %s", disks[j].path);
    }
    return r;
}

static inline int world_snapshot(void *ctx, const struct model_node *node,
                                 const struct model_disk *disks, unsigned n,
                                 struct node_snapshot *ret, struct cancel *cancel, struct err *err)
{
    int r = 0;

    (void)ctx, (void)node, (void)cancel;
    for (unsigned j = 0; r == 0 && j < n; j++)
        r = world_call(err, "snapshot %s", disks[j].path);
    for (unsigned j = 0; r == 0 && j < n; j++) {
        ret[j] = (struct node_snapshot){.fd = world_reopen(w.disk_fd[world_disk(&disks[j])])};
        w.snapshots++;
    }
    return r;
}

static inline int world_snapshot_verify(void *ctx, const struct node_snapshot *snap,
                                        struct err *err)
{
    (void)ctx, (void)snap;
    return world_call(err, "verify-snapshot");
}

static inline int world_snapshot_release(void *ctx, struct node_snapshot *snap, struct err *err)
{
    int r = world_call(err, "release-snapshot");

    (void)ctx;
    close(snap->fd);
    *snap = (struct node_snapshot){.fd = -1};
    w.snapshots--;
    w.snapshot_left = w.snapshot_left || r < 0;
    return r;
}

static inline int world_snapshot_sweep(void *ctx, const struct model_node *node,
                                       const struct model_disk *disks, unsigned n, struct err *err)
{
    (void)ctx, (void)disks;
    int r = world_call(err, "sweep-snapshots %s %u", node->name, n);

    w.snapshot_left = w.snapshot_left || r < 0;
    return r;
}

static inline int world_open(void *ctx, const struct model_node *node,
                             const struct model_disk *disk, int *ret_fd, struct err *err)
{
    int r = world_call(err, "open %s", disk->path);

    (void)ctx, (void)node;
    if (r == 0)
        *ret_fd = world_reopen(w.disk_fd[world_disk(disk)]);
    return r;
}

static inline int world_remove_disk(void *ctx, const struct model_node *node,
                                    const struct model_disk *disk, struct err *err)
{
    (void)ctx, (void)node;
    return world_call(err, "remove-disk %s", disk->path);
}

static inline int world_list(void *ctx, const struct model_node *node, struct strvec *ret,
                             struct err *err)
{
    int r = world_call(err, "list %s", node->name);

    (void)ctx;
    if (r == 0 && w.exported[world_index(node->name)])
        r = strvec_add(ret, WEB1);
    return r;
}

static inline int world_info(void *ctx, const struct model_node *node, const char *name,
                             struct node_export_info **ret, struct err *err)
{
    int r = world_call(err, "info %s %s", node->name, name);

    (void)ctx;
    if (r < 0)
        return r;
    *ret = calloc(1, sizeof **ret);
    (*ret)->id = w.id[world_index(node->name)];
    return 0;
}

static inline int world_space(void *ctx, const struct model_node *node, struct node_space *ret,
                              struct err *err)
{
    int r = world_call(err, "space %s", node->name);

    (void)ctx;
    if (r == 0)
        *ret = (struct node_space){
            .free = w.space_free, .total = 1 << 30, .dev = 77, .can_reflink = w.can_reflink};
    return r;
}

static inline int world_sweep(void *ctx, const struct model_node *node, const char *name,
                              struct err *err)
{
    (void)ctx;
    return world_call(err, "sweep %s %s", node->name, name);
}

static inline int world_stage(void *ctx, const struct model_node *node, const char *name,
                              struct node_stage **ret, struct err *err)
{
    int r = world_call(err, "stage %s %s", node->name, name);

    (void)ctx;
    if (r < 0)
        return r;
    *ret = (struct node_stage *)&w.stages;
    w.stages++;
    return 0;
}

static inline int world_create(void *ctx, struct node_stage *stage, const char *file, int *ret_fd,
                               struct err *err)
{
    int r = world_call(err, "create %s", file);

    (void)ctx, (void)stage;
    if (r == 0)
        *ret_fd = memfd_create(file, MFD_CLOEXEC);
    return r;
}

static inline int world_finalize(void *ctx, struct node_stage *stage, int64_t t,
                                 struct node_export_id *ret, struct err *err)
{
    int r = world_call(err, "finalize t=%lld", (long long)t);

    (void)ctx, (void)stage;
    w.stages--;
    if (r == 0)
        *ret = (struct node_export_id){.dev = 9, .ino = 9, .t = t, .size = 4096, .hash = 4711};
    return r;
}

static inline int world_add_file(void *ctx, const struct model_node *node, const char *name,
                                 const struct node_export_id *id, const char *file,
                                 const void *data, size_t len, int64_t t, struct err *err)
{
    (void)ctx, (void)id, (void)data, (void)t;
    return world_call(err, "add-file %s %s %s %zu bytes", node->name, name, file, len);
}

static inline void world_abort(void *ctx, struct node_stage *stage)
{
    (void)ctx;
    world_logf("abort-stage");
    w.stages -= stage != NULL;
}

static inline int world_remove(void *ctx, const struct model_node *node, const char *name,
                               const struct node_export_id *only, struct err *err)
{
    int r = world_call(err, "remove %s %s ino=%llu", node->name, name,
                       only ? (unsigned long long)only->ino : 0ULL);

    (void)ctx;
    if (r == 0 && only && !node_export_id_same(only, &w.id[world_index(node->name)]))
        return err_sys(err, -ESTALE, "%s", name);
    if (r == 0)
        w.exported[world_index(node->name)] = false;
    return r;
}

static inline int world_hooks(void *ctx, const struct model_node *node, const char *hpath,
                              const char *phase, const char *const *env, unsigned stall_s,
                              struct cancel *cancel, struct node_hook_results *ret, struct err *err)
{
    int r = world_call(err, "hooks %s %s-%s stall=%u", node->name, hpath, phase, stall_s);

    (void)ctx, (void)cancel;
    strvec_clear(&w.env_seen);
    for (; *env; env++)
        assert_int_equal(strvec_add(&w.env_seen, *env), 0);
    strvec_sort(&w.env_seen);
    if (r < 0 || !w.hook.script || (w.hook_node && strcmp(w.hook_node, node->name) != 0))
        return r;
    ret->r = calloc(1, sizeof *ret->r);
    ret->n = 1;
    ret->r[0] = (struct node_hook_result){
        .script = strdup(w.hook.script), .code = w.hook.code, .output = strdup(w.hook.output)};
    return 0;
}

static const struct node_ops world_nodes = {
    .instance_running = world_running,
    .instance_shutdown = world_shutdown,
    .instance_start = world_start,
    .blockdev_snapshot_check = world_snapshot_check,
    .blockdev_snapshot = world_snapshot,
    .blockdev_snapshot_verify = world_snapshot_verify,
    .blockdev_snapshot_release = world_snapshot_release,
    .blockdev_snapshot_sweep = world_snapshot_sweep,
    .blockdev_open = world_open,
    .blockdev_remove = world_remove_disk,
    .export_list = world_list,
    .export_info = world_info,
    .export_space = world_space,
    .export_sweep = world_sweep,
    .export_stage = world_stage,
    .stage_create = world_create,
    .finalize_export = world_finalize,
    .export_add_file = world_add_file,
    .stage_abort = world_abort,
    .export_remove = world_remove,
    .hooks_runner = world_hooks,
};

#endif
