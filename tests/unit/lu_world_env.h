/* lu_world_env.h - part of lu_world.h: cluster data and the face of the run. */
#ifndef TESTS_LU_WORLD_ENV_H
#define TESTS_LU_WORLD_ENV_H

static inline void world_make_instance(struct model_instance *i, const char *name, const char *text)
{
    struct err err;

    *i = (struct model_instance){
        .refs = 1000, /* static: never given back */
        .name = (char *)name,
        .primary_node = (char *)NODE1,
        .os = (char *)"debootstrap+default",
        .hypervisor = (char *)"fake",
        .disk_template = (char *)"file",
        .tags = (char *)"web prod",
        .maxmem = 256,
        .minmem = 128,
        .vcpus = 2,
    };
    assert_int_equal(ini_parse(text, strlen(text), &i->ini, &err), 0);
}

static inline void world_make_cluster(void)
{
    static const char *const names[] = {NODE1, NODE2, NODE3};

    world_make_instance(&w.web1, WEB1,
                        "[instance]\nname = web1\n[backend]\nmaxmem = 256\nminmem = 128\n"
                        "vcpus = 2\n[hypervisor]\nmigration_mode = live\n");
    w.web1.admin_state = ADMIN_UP;
    w.web1.ndisks = 2;
    w.web1.disks = w.disks;
    w.web1.nics = w.nics;
    for (int j = 0; j < 2; j++)
        w.web1.disks[j] = (struct model_disk){
            .path = (char *)(j ? "/disks/web1-1" : "/disks/web1-0"),
            .mode = (char *)"rw",
            .size_mib = 1,
            .bytes = DISK_BYTES,
            .blocks512 = DISK_BYTES / 512,
            .dev = 77,
            .can_snapshot = true,
        };
    world_make_instance(&w.idle, IDLE, "[instance]\nname = idle\n");
    w.instances[0] = &w.idle; /* sorted by name */
    w.instances[1] = &w.web1;
    for (int i = 0; i < WORLD_NODES; i++) {
        w.nodes[i] = (struct model_node){
            .name = (char *)names[i], .export_dir = (char *)"/export", .hooks_dir = (char *)"/h"};
        w.seen[i] = (struct catalog_node){.name = (char *)names[i],
                                          .space = {.free = 1 << 30, .total = 1 << 30, .dev = 77}};
        w.old_info[i].id = (struct node_export_id){.dev = 5, .ino = 100 + i, .t = 1000, .size = 1};
        w.old[i] = (struct catalog_export){
            .refs = 1000, .name = (char *)WEB1, .complete = true, .info = &w.old_info[i]};
        w.old_list[i] = &w.old[i];
        w.id[i] = w.old_info[i].id;
    }
    w.model = (struct model){.refs = 1000,
                             .name = (char *)"c1.example.com",
                             .master_node = (char *)NODE1,
                             .nnodes = WORLD_NODES,
                             .nodes = w.nodes,
                             .ninstances = 2,
                             .instances = w.instances};
    w.catalog = (struct catalog){.refs = 1000, .n = WORLD_NODES, .nodes = w.seen};
}

static inline int world_index(const char *node)
{
    for (int i = 0; i < WORLD_NODES; i++)
        if (strcmp(w.nodes[i].name, node) == 0)
            return i;
    fail_msg("no node %s", node);
    return -1;
}

/* An older copy of web1 on a node, known to the catalog. */
static inline void world_old_copy(const char *node)
{
    int i = world_index(node);

    w.exported[i] = true;
    w.seen[i].n = 1;
    w.seen[i].exports = &w.old_list[i];
}

static inline struct model *world_model(void *arg)
{
    (void)arg;
    return model_ref(&w.model);
}

static inline int world_refresh(void *arg, struct model **ret, struct err *err)
{
    int r = world_call(err, "refresh");

    (void)arg;
    if (r == 0)
        *ret = model_ref(&w.model);
    return r;
}

static inline struct catalog *world_catalog(void *arg)
{
    (void)arg;
    return catalog_ref(&w.catalog);
}

static inline void world_changed(void *arg, const char *node, const char *name)
{
    (void)arg;
    world_logf("changed %s %s", node, name);
}

static inline int world_instance_remove(void *arg, const char *name, struct err *err)
{
    (void)arg;
    return world_call(err, "instance_remove %s", name);
}

static inline int world_pending(void *arg, const char *node, const char *name,
                                const struct node_export_id *id, struct err *err)
{
    (void)arg, (void)err;
    world_logf("pending %s %s ino=%llu", node, name, (unsigned long long)id->ino);
    w.pending++;
    w.pending_id = *id;
    return 0;
}

static inline int world_removal_begin(void *arg, const char *node, const char *name,
                                      struct err *err)
{
    (void)arg;
    return world_call(err, "begin %s %s", node, name);
}

static inline void world_removal_end(void *arg, const char *node, const char *name)
{
    (void)arg;
    world_logf("end %s %s", node, name);
}

static inline int world_journal_note(void *arg, const char *name, const struct journal *j,
                                     struct err *err)
{
    int r = world_call(err, "note %s %s%s", name, journal_stage(j), j->stopped ? " stopped" : "");

    (void)arg;
    if (r == 0) {
        w.noted = true;
        w.journal = *j;
    }
    return r;
}

static inline void world_journal_end(void *arg, const char *name)
{
    (void)arg;
    world_logf("journal_end %s", name);
    w.noted = false;
}

static inline int world_journal_left(void *arg, const char *name, struct journal *ret,
                                     struct err *err)
{
    (void)arg, (void)name, (void)err;
    if (w.noted)
        *ret = w.journal;
    return w.noted;
}

static inline uint64_t world_reserved(void *arg, const char *node, const void *run_arg)
{
    (void)arg, (void)node, (void)run_arg;
    return w.reserved;
}

static inline void world_feedback(void *arg, const char *message)
{
    (void)arg;
    world_logf("> %s", message);
}

static inline void world_phase(void *arg, const char *phase)
{
    (void)arg;
    world_logf("phase %s", phase);
}

static inline bool world_superseded(void *arg)
{
    (void)arg;
    world_logf("superseded?");
    return w.superseded;
}

static inline void world_make_env(void)
{
    static const struct lu_env_ops ops = {
        .model = world_model,
        .model_refresh = world_refresh,
        .catalog = world_catalog,
        .export_changed = world_changed,
        .instance_remove = world_instance_remove,
        .removal_pending = world_pending,
        .removal_begin = world_removal_begin,
        .removal_end = world_removal_end,
        .journal_note = world_journal_note,
        .journal_end = world_journal_end,
        .journal_left = world_journal_left,
        .space_reserved = world_reserved,
    };

    w.env = (struct lu_env){
        .ops = &ops, .lock_timeout_ms = 60000, .hook_stall_s = 10, .allow_remove_instance = true};
    w.run = (struct lu_run){.cancel = &w.cancel,
                            .feedback = world_feedback,
                            .phase = world_phase,
                            .superseded = world_superseded,
                            .image_t = 5000};
}

#endif
