/* luexport_space.c - the target is asked for its room before the instance is stopped (L7, L29). */
#include "lu_world.h"

#include "lu_world_copy.h"
#include "lu_world_image.h"
#include "lu_world_locks.h"

static void too_little_is_known_before_the_shutdown(void **state)
{
    (void)state;
    w.space_free = 2 * DISK_BYTES - 1; /* the catalog still believes in more */
    assert_int_equal(world_run(world_export(NODE2)), -ENOSPC);
    assert_int_equal(world_logged("shutdown "), 0);
    assert_int_equal(w.stages, 0);
}

static void what_others_have_reserved_does_not_count(void **state)
{
    (void)state;
    w.space_free = 2 * DISK_BYTES + 10;
    w.seen[1].space.free = 1 << 30;
    w.reserved = 11;
    assert_int_equal(world_run(world_export(NODE2)), -ENOSPC);
    assert_int_equal(world_logged("shutdown "), 0);
}

static void what_a_dead_run_left_is_swept_before_a_shortage_is_believed(void **state)
{
    (void)state;
    w.seen[1].space.free = 0; /* the catalog's view; the node itself has room */
    assert_int_equal(world_run(world_export(NODE2)), 0);
    world_assert_order("lock export", "sweep node2.example.com web1.example.com");
    world_assert_order("sweep ", "space node2");
}

static void a_shortage_that_stays_is_a_prerequisite(void **state)
{
    (void)state;
    w.seen[1].space.free = w.space_free = 0;
    assert_int_equal(world_run(world_export(NODE2)), -ENOSPC);
    assert_int_equal(w.err.ecode, ECODE_NORES);
    assert_int_equal(world_logged("hooks "), 0);
}

static void enough_needs_no_trial(void **state)
{
    (void)state;
    w.space_free = 2 * DISK_BYTES;
    w.can_reflink = true;
    assert_int_equal(world_run(world_export(NODE2)), 0);
    assert_int_equal(world_logged("open "), 0);
}

static void clones_are_tried_when_copies_would_not_fit(void **state)
{
    (void)state;
    w.space_free = 0;
    w.can_reflink = true;
    world_copy.reflink = 0;
    assert_int_equal(world_run(world_export(NODE2)), 0);
    world_assert_order("open /disks/web1-0", "reflink ");
    world_assert_order("reflink ", "shutdown ");
}

static void clones_that_do_not_work_are_found_out_before_the_shutdown(void **state)
{
    (void)state;
    w.space_free = 0;
    w.can_reflink = true;
    world_copy.reflink = -EOPNOTSUPP;
    assert_int_equal(world_run(world_export(NODE2)), -ENOSPC);
    assert_int_equal(world_logged("reflink "), 2);
    assert_int_equal(world_logged("shutdown "), 0);
}

static void a_disk_that_changed_its_size_is_an_error(void **state)
{
    (void)state;
    w.web1.disks[1].bytes = DISK_BYTES + 512;
    assert_int_equal(world_run(world_export(NODE2)), -EIO);
    assert_non_null(strstr(w.err.text, "web1-1 has changed its size from 8704 to 8192 bytes"));
    assert_int_equal(world_logged("copy "), 0);
    assert_true(w.running);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(too_little_is_known_before_the_shutdown),
        WORLD_TEST(what_others_have_reserved_does_not_count),
        WORLD_TEST(what_a_dead_run_left_is_swept_before_a_shortage_is_believed),
        WORLD_TEST(a_shortage_that_stays_is_a_prerequisite),
        WORLD_TEST(enough_needs_no_trial),
        WORLD_TEST(clones_are_tried_when_copies_would_not_fit),
        WORLD_TEST(clones_that_do_not_work_are_found_out_before_the_shutdown),
        WORLD_TEST(a_disk_that_changed_its_size_is_an_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
