/* Snapshots in a run: all disks are asked about before anything is stopped, each is looked at again
 * once it is copied, and what cannot be given back stays noted until it was swept (DESIGN §5, P2).
 */
#include "lu_world.h"

#include "lu_world_copy.h"
#include "lu_world_image.h"
#include "lu_world_locks.h"

static int export(bool shutdown)
{
    struct opcode *op = world_export(NODE2);

    opcode_set_bool(op, "shutdown", shutdown);
    return world_run(op);
}

static void checked_before_the_shutdown_taken_after_it(void **state)
{
    (void)state;
    assert_int_equal(export(true), 0);
    world_assert_order("snapshot-check /disks/web1-1", "shutdown ");
    world_assert_order("shutdown ", "snapshot /disks/web1-0");
    world_assert_order("snapshot /disks/web1-1", "start ");
    assert_int_equal(w.snapshots, 0);
}

static void looked_at_again_before_it_is_given_back(void **state)
{
    (void)state;
    assert_int_equal(export(false), 0);
    assert_int_equal(world_logged("verify-snapshot"), 2);
    world_assert_order("copy ", "verify-snapshot");
    world_assert_order("verify-snapshot", "release-snapshot");
    world_assert_order("verify-snapshot", "finalize ");
}

static void one_that_is_no_longer_good_ends_the_run(void **state)
{
    (void)state;
    world_old_copy(NODE2);
    w.fail_call = "verify-snapshot";
    assert_int_equal(export(false), -EIO);
    assert_non_null(strstr(w.err.text, "disk(s) 0"));
    assert_non_null(strstr(w.err.text, "broken: verify-snapshot"));
    assert_int_equal(world_logged("finalize "), 0);
    assert_int_equal(world_logged("remove "), 0);
    assert_int_equal(w.snapshots, 0);
    assert_false(w.noted);
}

static void disks_themselves_are_not_asked(void **state)
{
    struct opcode *op = world_export(NODE2);

    (void)state;
    w.can_freeze = false;
    opcode_set_bool(op, "long_sleep", true);
    assert_int_equal(world_run(op), 0);
    assert_int_equal(world_logged("verify-snapshot"), 0);
    assert_int_equal(world_logged("release-snapshot"), 0);
}

static void what_cannot_be_given_back_is_told_and_stays_noted(void **state)
{
    (void)state;
    w.fail_call = "release-snapshot";
    assert_int_equal(export(true), 0);
    assert_int_equal(world_logged(">  - WARNING: broken: release-snapshot"), 2);
    assert_true(w.running);
    assert_true(w.noted);
    assert_int_equal(w.journal.n, 0);
    assert_true(w.journal.snapshots);
    assert_false(w.journal.stopped);

    w.fail_call = NULL;
    assert_int_equal(export(true), 0);
    assert_int_equal(world_logged("sweep-snapshots " NODE1 " 2"), 1);
    assert_false(w.noted);
}

static void what_was_taken_in_part_is_swept(void **state)
{
    (void)state;
    w.fail_call = "snapshot /disks/web1-1";
    assert_int_equal(export(true), -EBUSY);
    world_assert_order("snapshot /disks/web1-1", "sweep-snapshots " NODE1 " 2");
    world_assert_order("sweep-snapshots ", "start ");
    assert_true(w.running);
    assert_false(w.noted);
}

static void the_instance_of_a_dead_run_is_started_before_they_are_swept(void **state)
{
    (void)state;
    w.running = false;
    w.noted = true;
    w.journal = (struct journal){.stopped = true};
    assert_int_equal(export(false), 0);
    world_assert_order("start ", "sweep-snapshots " NODE1 " 2");
    world_assert_order("sweep-snapshots ", "snapshot-check ");
}

static void a_sweep_that_fails_does_not_keep_the_rest_from_being_done(void **state)
{
    (void)state;
    w.running = false;
    w.noted = true;
    w.journal = (struct journal){.stopped = true, .n = 1, .parts = {{.target = NODE3}}};
    w.fail_call = "sweep-snapshots";
    assert_int_equal(export(false), 0);
    assert_true(w.running);
    assert_int_equal(world_logged("sweep " NODE3), 1);
    assert_true(strstr(world_log(), "broken: sweep-snapshots") != NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(checked_before_the_shutdown_taken_after_it),
        WORLD_TEST(looked_at_again_before_it_is_given_back),
        WORLD_TEST(one_that_is_no_longer_good_ends_the_run),
        WORLD_TEST(disks_themselves_are_not_asked),
        WORLD_TEST(what_cannot_be_given_back_is_told_and_stays_noted),
        WORLD_TEST(what_was_taken_in_part_is_swept),
        WORLD_TEST(the_instance_of_a_dead_run_is_started_before_they_are_swept),
        WORLD_TEST(a_sweep_that_fails_does_not_keep_the_rest_from_being_done),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
