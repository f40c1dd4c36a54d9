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

static void noted_before_it_is_done(void **state)
{
    (void)state;
    assert_int_equal(export(true), 0);
    world_assert_order("note " WEB1 " begun", "stage ");
    world_assert_order("note " WEB1 " stopped", "shutdown " WEB1);
    world_assert_order("shutdown " WEB1, "start " WEB1);
    assert_int_equal(world_logged("note " WEB1 " begun"), 2); /* it runs again */
    world_assert_order("note " WEB1 " publishing", "finalize ");
    world_assert_order("finalize ", "journal_end " WEB1);
    assert_false(w.noted);
    assert_string_equal(w.journal.target, NODE2);
    assert_int_equal(w.journal.t, 5000);
}

static void what_cannot_be_noted_is_not_done(void **state)
{
    (void)state;
    w.fail_call = "note " WEB1 " stopped";
    w.fail_errno = ENOSPC;
    assert_int_equal(export(true), -ENOSPC);
    assert_int_equal(world_logged("shutdown "), 0);
    assert_true(w.running);
    assert_false(w.noted);
}

static void nor_is_anything_staged_or_published(void **state)
{
    (void)state;
    w.fail_call = "note " WEB1 " begun";
    assert_int_equal(export(false), -EIO);
    assert_int_equal(world_logged("stage "), 0);
    w.fail_call = "note " WEB1 " publishing";
    assert_int_equal(export(false), -EIO);
    assert_int_equal(world_logged("finalize "), 0);
    assert_false(w.noted);
}

static void left_stopped_it_is_started_first(void **state)
{
    (void)state;
    w.running = false;
    w.noted = true;
    w.journal = (struct journal){.stopped = true};
    assert_int_equal(export(false), 0);
    world_assert_order("start " WEB1, "stage ");
    assert_true(w.running);
    assert_false(w.noted);
}

static void of_what_runs_or_is_meant_to_be_down_nothing_is_left(void **state)
{
    (void)state;
    w.noted = true;
    w.journal = (struct journal){.stopped = true};
    assert_int_equal(export(false), 0);
    assert_int_equal(world_logged("start "), 0);
    assert_false(w.noted);
    w.noted = true;
    w.journal = (struct journal){.stopped = true};
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
    assert_true(w.journal.stopped);
    assert_string_equal(w.journal.target, ""); /* the stage is gone */
}

static void nothing_is_left_of_one_that_was_removed(void **state)
{
    struct opcode *op = world_export(NODE2);

    (void)state;
    opcode_set_bool(op, "remove_instance", true);
    assert_int_equal(world_run(op), 0);
    world_assert_order("note " WEB1 " removing", "remove-disk ");
    assert_false(w.noted);
}

/* What lies elsewhere and cannot be put in order now keeps nobody from a new export. */
static void a_target_that_is_away_is_only_warned_of(void **state)
{
    (void)state;
    w.noted = true;
    w.journal = (struct journal){.target = NODE3};
    w.nodes[2].offline = true;
    assert_int_equal(export(false), 0);
    assert_int_equal(world_logged(">  - WARNING: an earlier export of it was cut short"), 1);
    assert_false(w.noted);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(noted_before_it_is_done),
        WORLD_TEST(what_cannot_be_noted_is_not_done),
        WORLD_TEST(nor_is_anything_staged_or_published),
        WORLD_TEST(left_stopped_it_is_started_first),
        WORLD_TEST(of_what_runs_or_is_meant_to_be_down_nothing_is_left),
        WORLD_TEST(one_that_cannot_be_started_stays_noted),
        WORLD_TEST(nothing_is_left_of_one_that_was_removed),
        WORLD_TEST(a_target_that_is_away_is_only_warned_of),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
