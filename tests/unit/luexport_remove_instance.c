/* luexport_remove_instance.c - the instance goes after everything else has worked (spec §6). */
#include "lu_world.h"

#include "lu_world_copy.h"
#include "lu_world_image.h"
#include "lu_world_locks.h"

static int run(bool ignore)
{
    struct opcode *op = world_export(NODE2);

    opcode_set_bool(op, "remove_instance", true);
    opcode_set_bool(op, "ignore_remove_failures", ignore);
    return world_run(op);
}

static void last_of_all(void **state)
{
    (void)state;
    world_old_copy(NODE3);
    assert_int_equal(run(false), 0);
    world_assert_order("shutdown ", "copy ");
    world_assert_order("finalize ", "remove-disk /disks/web1-0");
    world_assert_order("remove node3", "remove-disk /disks/web1-0");
    world_assert_order("remove-disk /disks/web1-1", "instance_remove web1.example.com");
    world_assert_order("instance_remove ", "delete-lock instance web1.example.com");
    assert_int_equal(world_logged("start "), 0);
    assert_false(w.running);
}

static void a_disk_that_cannot_be_removed_fails_the_job(void **state)
{
    (void)state;
    w.fail_call = "remove-disk /disks/web1-0";
    assert_int_equal(run(false), -EIO);
    assert_non_null(strstr(w.err.text, "Can't remove instance's disks"));
    assert_int_equal(world_logged("instance_remove "), 0);
    assert_true(w.running); /* nothing of it is lost: it runs as before */
}

static void half_removed_it_is_not_started(void **state)
{
    (void)state;
    w.fail_call = "remove-disk /disks/web1-1";
    assert_int_equal(run(false), -EIO);
    assert_int_equal(world_logged("start "), 0);
}

static void failures_can_be_ignored(void **state)
{
    (void)state;
    w.fail_call = "remove-disk ";
    assert_int_equal(run(true), 0);
    assert_int_equal(world_logged(">  - WARNING: Can't remove instance's disks"), 2);
    assert_int_equal(world_logged("instance_remove "), 1);
}

static void a_failed_export_removes_nothing(void **state)
{
    (void)state;
    w.fail_call = "finalize ";
    assert_int_equal(run(true), -EIO);
    assert_int_equal(world_logged("remove-disk "), 0);
    assert_int_equal(world_logged("instance_remove "), 0);
    assert_true(w.running);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(last_of_all),
        WORLD_TEST(a_disk_that_cannot_be_removed_fails_the_job),
        WORLD_TEST(half_removed_it_is_not_started),
        WORLD_TEST(failures_can_be_ignored),
        WORLD_TEST(a_failed_export_removes_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
