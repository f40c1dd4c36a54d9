/* luexport_result.c - what a job gives back and tells: result, feedback lines (spec §3). */
#include "lu_world.h"

#include "lu_world_copy.h"
#include "lu_world_image.h"
#include "lu_world_locks.h"

static void assert_result(const char *text)
{
    CLEANUP_FREE char *got = NULL;

    assert_int_equal(lu_result_format(&w.result, &got), 0);
    assert_string_equal(got, text);
}

static void one_true_per_disk(void **state)
{
    (void)state;
    assert_int_equal(world_run(world_export(NODE2)), 0);
    assert_result("(True, [True, True])");
}

static void diskless_is_legal(void **state)
{
    struct opcode *op = world_export(NODE2);

    (void)state;
    opcode_set_string(op, "instance_name", "idle");
    assert_int_equal(world_run(op), 0);
    assert_result("(True, [])");
    assert_int_equal(world_logged("create XXH128SUMS"), 1);
    assert_int_equal(world_logged("finalize "), 1);
}

static void a_dry_run_stops_after_the_pre_hooks(void **state)
{
    struct opcode *op = world_export(NODE2);

    (void)state;
    opcode_set_bool(op, "dry_run", true);
    assert_int_equal(world_run(op), 0);
    assert_result("None");
    assert_true(world_logged("hooks ") == 2);
    assert_int_equal(world_logged(">  - INFO: dry-run mode"), 1);
    assert_int_equal(world_logged("running "), 0);
    assert_int_equal(w.locks, 0);
}

static void feedback_in_the_references_words(void **state)
{
    static const char *const lines[] = {
        "> Shutting down instance web1.example.com",
        "> Created snapshots of 2 disks on node node1.example.com",
        "> Starting instance web1.example.com",
        "> Exporting disk/0 from node1.example.com to node2.example.com",
        "> disk/0 finished sending data",
        "> Exporting disk/1 from node1.example.com to node2.example.com",
        "> Finalizing export on node2.example.com",
        "> Removing old exports for instance web1.example.com",
    };

    (void)state;
    assert_int_equal(world_run(world_export(NODE2)), 0);
    for (size_t i = 0; i + 1 < sizeof lines / sizeof *lines; i++)
        world_assert_order(lines[i], lines[i + 1]);
}

static void phases_are_told(void **state)
{
    (void)state;
    assert_int_equal(world_run(world_export(NODE2)), 0);
    world_assert_order("phase waiting for locks", "phase hooks (pre)");
    world_assert_order("phase hooks (pre)", "phase shutting down");
    world_assert_order("phase shutting down", "phase copying disk/0");
    world_assert_order("phase copying disk/1", "phase publishing");
    world_assert_order("phase publishing", "phase hooks (post)");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(one_true_per_disk),
        WORLD_TEST(diskless_is_legal),
        WORLD_TEST(a_dry_run_stops_after_the_pre_hooks),
        WORLD_TEST(feedback_in_the_references_words),
        WORLD_TEST(phases_are_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
