/* luexport_cancel.c - a request to stop is honoured at every step until publication, and everything
 * is undone (spec §12 L20, DESIGN P2). */
#include "lu_world.h"

#include "lu_world_copy.h"
#include "lu_world_image.h"
#include "lu_world_locks.h"

static const char *const steps[] = {
    "owner ",    "lock cluster",           "lock export", "refresh",      "hooks node1",
    "running ",  "snapshot-check ",        "stage ",      "create disk0", "space ",
    "shutdown ", "snapshot /disks/web1-0", "start ",      "downgrade ",   "create config.ini",
    "copy ",     "create XXH128SUMS",
};

static void stops_and_undoes(void **state)
{
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        int r;

        world_teardown(state);
        world_copy_setup(state);
        world_old_copy(NODE2);
        world_with_image();
        w.cancel_call = steps[i];
        r = world_run(world_export(NODE2));
        if (r != -ECANCELED || w.err.class != ERR_CANCELED || world_logged("finalize ") ||
            !world_logged(steps[i]) || world_logged("image-fail ") != 1)
            fail_msg("at \"%s\": %d %s\n%s", steps[i], r, w.err.text, world_log());
        assert_true(w.running);
        assert_int_equal(w.stages, 0);
        assert_int_equal(w.snapshots, 0);
        assert_int_equal(w.locks, 0);
        assert_true(w.exported[1]);
    }
}

static void after_publication_it_is_too_late(void **state)
{
    (void)state;
    world_old_copy(NODE3);
    w.cancel_call = "finalize ";
    assert_int_equal(world_run(world_export(NODE2)), 0);
    assert_int_equal(world_logged("remove node3"), 1);
}

static void hashing_a_published_clone_may_be_stopped(void **state)
{
    (void)state;
    world_copy.reflink = 0;
    world_old_copy(NODE3);
    w.cancel_call = "hash ";
    assert_int_equal(world_run(world_export(NODE2)), -ECANCELED);
    assert_int_equal(world_logged("finalize "), 1);
    assert_int_equal(world_logged("add-file "), 0);
    assert_true(w.exported[2]); /* without checksums it does not replace the other copies */
}

static void an_instance_is_not_removed_after_a_request_to_stop(void **state)
{
    struct opcode *op = world_export(NODE2);

    (void)state;
    opcode_set_bool(op, "remove_instance", true);
    w.cancel_call = "list ";
    assert_int_equal(world_run(op), -ECANCELED);
    assert_int_equal(world_logged("remove-disk "), 0);
    assert_true(w.running);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(stops_and_undoes),
        WORLD_TEST(after_publication_it_is_too_late),
        WORLD_TEST(hashing_a_published_clone_may_be_stopped),
        WORLD_TEST(an_instance_is_not_removed_after_a_request_to_stop),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
