/* luexport_prereq.c - what an export is refused for, with class, ECODE, errno and words (spec §5,
 * DESIGN §4).  All of it is said by processor_check(), before any node is asked. */
#include "lu_world.h"

#include "lu_world_copy.h"
#include "lu_world_image.h"
#include "lu_world_locks.h"

static void unknown_instance(struct opcode *op)
{
    opcode_set_string(op, "instance_name", "web9");
}
static void ambiguous_instance(struct opcode *op)
{
    (void)op;
    w.idle.name = (char *)"web1.example.org";
    w.instances[0] = &w.web1;
    w.instances[1] = &w.idle;
    opcode_set_string(op, "instance_name", "web1");
}
static void wrong_uuid(struct opcode *op)
{
    opcode_set_string(op, "instance_uuid", "1234");
}
static void unknown_target(struct opcode *op)
{
    opcode_set_string(op, "target_node", "node9");
}
static void list_as_target(struct opcode *op)
{
    opcode_set_text(op, "target_node", "[a, b]", &w.err);
}
static void wrong_node_uuid(struct opcode *op)
{
    opcode_set_string(op, "target_node_uuid", "1234");
}
static void broken_instance(struct opcode *op)
{
    (void)op;
    w.web1.error = (char *)"line 3: no value";
}
static void primary_offline(struct opcode *op)
{
    (void)op;
    w.nodes[0].offline = true;
}
static void primary_broken(struct opcode *op)
{
    (void)op;
    w.nodes[0].error = (char *)"line 1: what";
}
static void primary_unknown(struct opcode *op)
{
    (void)op;
    w.web1.primary_node = (char *)"node7";
}
static void remove_live(struct opcode *op)
{
    opcode_set_bool(op, "remove_instance", true);
    opcode_set_bool(op, "shutdown", false);
}
static void remove_forbidden(struct opcode *op)
{
    opcode_set_bool(op, "remove_instance", true);
    w.env.allow_remove_instance = false;
}
static void target_offline(struct opcode *op)
{
    (void)op;
    w.nodes[1].offline = true;
}
static void target_drained(struct opcode *op)
{
    (void)op;
    w.nodes[1].drained = true;
}
static void target_unreachable(struct opcode *op)
{
    (void)op;
    w.seen[1].state = NODE_UNREACHABLE;
    w.seen[1].error = (char *)"stale file handle";
}
static void zeroing_fixed(struct opcode *op)
{
    opcode_set_int(op, "zeroing_timeout_fixed", 5);
}
static void zeroing_per_mib(struct opcode *op)
{
    opcode_set_int(op, "zeroing_timeout_per_mib", 5);
}
static void long_sleep_live(struct opcode *op)
{
    opcode_set_bool(op, "shutdown", false);
    opcode_set_bool(op, "long_sleep", true);
}
static void compressed(struct opcode *op)
{
    opcode_set_string(op, "compress", "gzip");
}
static void zeroed(struct opcode *op)
{
    opcode_set_bool(op, "zero_free_space", true);
}
static void zeroed_live(struct opcode *op)
{
    opcode_set_bool(op, "zero_free_space", true);
    opcode_set_bool(op, "shutdown", false);
}
static void zeroed_without_compress(struct opcode *op)
{
    opcode_set_bool(op, "zero_free_space", true);
    opcode_set_string(op, "compress", "");
}
static void no_hypervisor(struct opcode *op)
{
    (void)op;
    w.web1.hypervisor = (char *)"none";
}
static void strange_hypervisor(struct opcode *op)
{
    (void)op;
    w.web1.hypervisor = (char *)"bochs";
}
static void lost_disk(struct opcode *op)
{
    (void)op;
    w.web1.disks[1].look_error = -ENOENT;
}
static void live_without_snapshots(struct opcode *op)
{
    opcode_set_bool(op, "shutdown", false);
    w.web1.disks[1].can_snapshot = false;
}
static void short_stop_without_snapshots(struct opcode *op)
{
    (void)op;
    w.web1.disks[1].can_snapshot = false;
}
static void unwritable_config(struct opcode *op)
{
    (void)op;
    w.web1.tags = (char *)"a\001b";
}
static void target_full(struct opcode *op)
{
    (void)op;
    w.seen[1].space.free = 2 * DISK_BYTES - 1;
}
static void target_reserved(struct opcode *op)
{
    (void)op;
    w.seen[1].space.free = 2 * DISK_BYTES;
    w.reserved = 1;
}

static const struct row {
    void (*spoil)(struct opcode *op);
    enum ecode ecode;
    int errnum;
    const char *text;
} rows[] = {
    {unknown_instance, ECODE_NOENT, ENOENT, "Instance 'web9' not known"},
    {ambiguous_instance, ECODE_NOENT, ENOENT, "Instance 'web1' not known"},
    {wrong_uuid, ECODE_NOTUNIQUE, EIO, "1234"},
    {unknown_target, ECODE_NOENT, ENOENT, "Node 'node9' not known"},
    {list_as_target, ECODE_INVAL, EINVAL, "one target node"},
    {wrong_node_uuid, ECODE_NOTUNIQUE, EIO, "1234"},
    {broken_instance, ECODE_INVAL, EIO, "web1.example.com': line 3: no value"},
    {primary_offline, ECODE_STATE, EHOSTDOWN, "Can't use offline node: node1.example.com"},
    {primary_broken, ECODE_STATE, EHOSTDOWN, "node1.example.com (line 1: what)"},
    {primary_unknown, ECODE_NOENT, ENOENT, "Node 'node7' not known"},
    {remove_live, ECODE_STATE, EBUSY, "without shutting it down"},
    {remove_forbidden, ECODE_STATE, EPERM, "not allowed"},
    {target_offline, ECODE_STATE, EHOSTDOWN, "Can't use offline node: node2.example.com"},
    {target_drained, ECODE_STATE, EBUSY, "Can't use drained node node2.example.com"},
    {target_unreachable, ECODE_STATE, EHOSTUNREACH, "node2.example.com: stale file handle"},
    {zeroing_fixed, ECODE_INVAL, EINVAL, "zero_free_space"},
    {zeroing_per_mib, ECODE_INVAL, EINVAL, "zero_free_space"},
    {long_sleep_live, ECODE_INVAL, EINVAL, "long_sleep"},
    {compressed, ECODE_INVAL, EINVAL, "compress = gzip is not supported"},
    {zeroed, ECODE_INVAL, EINVAL, "zero_free_space = True is not supported"},
    {zeroed_live, ECODE_INVAL, EINVAL, "shut down"},
    {zeroed_without_compress, ECODE_INVAL, EINVAL, "needs a compression"},
    {no_hypervisor, ECODE_STATE, EBUSY, "has no hypervisor"},
    {strange_hypervisor, ECODE_INVAL, EINVAL, "unknown hypervisor 'bochs'"},
    {lost_disk, ECODE_ENVIRON, EIO, "/disks/web1-1: No such file or directory"},
    {live_without_snapshots, ECODE_STATE, EBUSY, "/disks/web1-1, cannot be snapshotted: no live"},
    {short_stop_without_snapshots, ECODE_STATE, EBUSY, "long_sleep"},
    {short_stop_without_snapshots, ECODE_STATE, EBUSY, "/disks/web1-1, cannot be snapshotted"},
    {unwritable_config, ECODE_INVAL, EINVAL, "tags"},
    {target_full, ECODE_NORES, ENOSPC, "Not enough space on node node2.example.com"},
    {target_reserved, ECODE_NORES, ENOSPC, "Not enough space on node node2.example.com"},
};

static void each_is_refused_before_anything_is_done(void **state)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct opcode *op;
        int r;

        world_teardown(state);
        world_copy_setup(state);
        op = world_export(NODE2);
        rows[i].spoil(op);
        r = processor_check(&w.env, NULL, op, &w.err);
        opcode_free(op);
        if (r != -rows[i].errnum || w.err.class != ERR_PREREQ || w.err.ecode != rows[i].ecode ||
            !strstr(w.err.text, rows[i].text))
            fail_msg("row %zu (%s): %d %s \"%s\"", i, rows[i].text, r, ecode_name(w.err.ecode),
                     w.err.text);
        assert_int_equal(w.calls, 0);
    }
}

static void and_again_under_the_locks(void **state)
{
    (void)state;
    w.nodes[1].drained = true;
    assert_int_equal(world_run(world_export(NODE2)), -EBUSY);
    assert_string_equal(world_log() + world_where("> "),
                        "> Failure: prerequisites not met for this operation: error type: "
                        "wrong_state, error details: Can't use drained node node2.example.com\n"
                        "unlock export\nunlock node\nunlock instance\nunlock cluster\n");
    assert_int_equal(world_logged("hooks "), 0);
}

static void the_first_reason_in_the_references_order_counts(void **state)
{
    struct opcode *op = world_export(NODE2);

    (void)state;
    primary_offline(op);
    remove_live(op);
    target_drained(op);
    assert_int_equal(processor_check(&w.env, NULL, op, &w.err), -EHOSTDOWN);
    w.nodes[0].offline = false;
    assert_int_equal(processor_check(&w.env, NULL, op, &w.err), -EBUSY);
    assert_non_null(strstr(w.err.text, "without shutting it down"));
    opcode_free(op);
}

static void allowed(void (*change)(struct opcode *op))
{
    struct opcode *op = world_export(NODE2);

    change(op);
    if (processor_check(&w.env, NULL, op, &w.err) < 0)
        fail_msg("%s", w.err.text);
    opcode_free(op);
}

static void drained_primary(struct opcode *op)
{
    (void)op;
    w.nodes[0].drained = true;
}
static void target_is_primary(struct opcode *op)
{
    opcode_set_string(op, "target_node", NODE1);
}
static void short_names(struct opcode *op)
{
    opcode_set_string(op, "instance_name", "WEB1");
    opcode_set_string(op, "target_node", "node3");
}
static void diskless(struct opcode *op)
{
    opcode_set_string(op, "instance_name", "idle");
}
static void just_enough_space(struct opcode *op)
{
    (void)op;
    w.seen[1].space.free = 2 * DISK_BYTES;
}
static void sparse_disks(struct opcode *op)
{
    (void)op;
    w.web1.disks[0].blocks512 = w.web1.disks[1].blocks512 = 0;
    w.seen[1].space.free = 0;
}
static void clones_need_no_space(struct opcode *op)
{
    (void)op;
    w.seen[1].space.free = 0;
    w.seen[1].space.can_reflink = true;
}

static void long_stop_without_snapshots(struct opcode *op)
{
    short_stop_without_snapshots(op);
    opcode_set_bool(op, "long_sleep", true);
}
static void removal_without_snapshots(struct opcode *op)
{
    short_stop_without_snapshots(op);
    opcode_set_bool(op, "remove_instance", true);
}
static void down_without_snapshots(struct opcode *op)
{
    live_without_snapshots(op);
    w.web1.admin_state = ADMIN_DOWN;
}
static void offline_without_snapshots(struct opcode *op)
{
    short_stop_without_snapshots(op);
    w.web1.admin_state = ADMIN_OFFLINE;
}

static void what_is_allowed(void **state)
{
    static void (*const changes[])(struct opcode *) = {drained_primary,
                                                       target_is_primary,
                                                       short_names,
                                                       diskless,
                                                       just_enough_space,
                                                       sparse_disks,
                                                       clones_need_no_space,
                                                       long_stop_without_snapshots,
                                                       removal_without_snapshots,
                                                       down_without_snapshots,
                                                       offline_without_snapshots};

    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        world_teardown(state);
        world_copy_setup(state);
        allowed(changes[i]);
    }
}

static void disks_elsewhere_need_space(void **state)
{
    struct opcode *op = world_export(NODE2);

    (void)state;
    clones_need_no_space(op);
    w.web1.disks[1].dev = 78;
    assert_int_equal(processor_check(&w.env, NULL, op, &w.err), -ENOSPC);
    opcode_free(op);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(each_is_refused_before_anything_is_done),
        WORLD_TEST(and_again_under_the_locks),
        WORLD_TEST(the_first_reason_in_the_references_order_counts),
        WORLD_TEST(what_is_allowed),
        WORLD_TEST(disks_elsewhere_need_space),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
