/* What a run notes before it stops an instance, and what the next run makes of a note that a dead
 * one has left (DESIGN §7 P2). */
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

static void noted_before_the_stop_until_it_runs_again(void **state)
{
    (void)state;
    assert_int_equal(export(true), 0);
    world_assert_order("downtime_begin " WEB1, "shutdown " WEB1);
    world_assert_order("shutdown " WEB1, "start " WEB1);
    world_assert_order("start " WEB1, "downtime_end " WEB1);
    assert_false(w.noted);
}

static void what_cannot_be_noted_is_not_stopped(void **state)
{
    (void)state;
    w.fail_call = "downtime_begin ";
    w.fail_errno = ENOSPC;
    assert_int_equal(export(true), -ENOSPC);
    assert_int_equal(world_logged("shutdown "), 0);
    assert_true(w.running);
}

static void nothing_is_noted_of_what_is_not_stopped(void **state)
{
    (void)state;
    assert_int_equal(export(false), 0);
    assert_int_equal(world_logged("downtime_begin "), 0);
    w.running = false;
    assert_int_equal(export(true), 0);
    assert_int_equal(world_logged("downtime_begin "), 0);
    assert_false(w.running);
}

static void left_stopped_it_is_started_first(void **state)
{
    (void)state;
    w.running = false;
    w.noted = true;
    assert_int_equal(export(false), 0);
    world_assert_order("start " WEB1, "stage ");
    assert_true(w.running);
    assert_false(w.noted);
}

static void a_note_of_what_runs_or_is_meant_to_be_down_is_dropped(void **state)
{
    (void)state;
    w.noted = true;
    assert_int_equal(export(false), 0);
    assert_false(w.noted);
    w.noted = true;
    w.running = false;
    w.web1.admin_state = ADMIN_DOWN;
    assert_int_equal(export(false), 0);
    assert_false(w.noted);
    assert_false(w.running);
    assert_int_equal(world_logged("start "), 0);
}

static void one_that_cannot_be_started_stays_noted(void **state)
{
    (void)state;
    w.fail_call = "start ";
    assert_int_equal(export(true), -EIO);
    assert_true(w.noted);
}

static void nor_is_it_of_one_that_was_removed(void **state)
{
    struct opcode *op = world_export(NODE2);

    (void)state;
    opcode_set_bool(op, "remove_instance", true);
    assert_int_equal(world_run(op), 0);
    assert_int_equal(world_logged("downtime_begin "), 1);
    assert_false(w.noted);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(noted_before_the_stop_until_it_runs_again),
        WORLD_TEST(what_cannot_be_noted_is_not_stopped),
        WORLD_TEST(nothing_is_noted_of_what_is_not_stopped),
        WORLD_TEST(left_stopped_it_is_started_first),
        WORLD_TEST(a_note_of_what_runs_or_is_meant_to_be_down_is_dropped),
        WORLD_TEST(one_that_cannot_be_started_stays_noted),
        WORLD_TEST(nor_is_it_of_one_that_was_removed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
