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
    assert_int_equal(w.journal.n, 1); /* as it was noted last */
    assert_string_equal(w.journal.parts[0].target, NODE2);
    assert_int_equal(w.journal.parts[0].t, 5000);
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
    assert_int_equal(w.journal.n, 0); /* the stage is gone */
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

/* What lies elsewhere and cannot be put in order now keeps nobody from a new export; it is not
 * forgotten, but superseded: the new one has seen to copies of the old, a stage may be left. */
static void a_target_that_is_away_stays_noted(void **state)
{
    (void)state;
    w.noted = true;
    w.journal = (struct journal){
        .n = 2, .parts = {{.target = NODE3, .t = 4000}, {.target = NODE1, .t = 3000}}};
    w.nodes[2].offline = true;
    assert_int_equal(export(false), 0);
    assert_int_equal(world_logged(">  - WARNING: an earlier export of it was cut short"), 1);
    assert_true(w.noted);
    assert_int_equal(w.journal.n, 1); /* on node1 is nothing */
    assert_string_equal(w.journal.parts[0].target, NODE3);
    assert_int_equal(w.journal.parts[0].t, 0);
    assert_non_null(strstr(w.journal.parts[0].error, "offline"));
    w.nodes[2].offline = false;
    assert_int_equal(export(false), 0);
    assert_int_equal(world_logged("sweep " NODE3), 1);
    assert_false(w.noted);
}

static void after_an_export_that_fails_it_is_as_it_was(void **state)
{
    (void)state;
    w.noted = true;
    w.journal = (struct journal){.n = 1, .parts = {{.target = NODE3, .t = 4000}}};
    w.nodes[2].offline = true;
    w.fail_call = "create ";
    assert_int_equal(export(false), -EIO);
    assert_true(w.noted);
    assert_int_equal(w.journal.n, 1);
    assert_string_equal(w.journal.parts[0].target, NODE3);
    assert_int_equal(w.journal.parts[0].t, 4000);
}

static void a_node_that_does_not_answer_is_not_asked(void **state)
{
    (void)state;
    w.noted = true;
    w.journal = (struct journal){.n = 1, .parts = {{.target = NODE3}}};
    w.seen[2].state = NODE_UNREACHABLE;
    w.seen[2].error = (char *)"hangs";
    assert_int_equal(export(false), 0);
    assert_int_equal(world_logged("sweep " NODE3), 0);
    assert_true(w.noted);
    assert_non_null(strstr(w.journal.parts[0].error, "hangs"));
}

/* The node goes away in the middle: what is staged there stays, and so does the note. */
static void a_stage_that_cannot_be_taken_away_stays_noted(void **state)
{
    (void)state;
    w.cancel_call = "copy ";
    w.fail_call = "sweep " NODE2;
    assert_int_not_equal(export(false), 0);
    assert_true(world_logged("stage ") == 1);
    assert_true(w.noted);
    assert_int_equal(w.journal.n, 1);
    assert_string_equal(w.journal.parts[0].target, NODE2);
    assert_int_equal(w.journal.parts[0].t, 0);
    assert_true(*w.journal.parts[0].error);
}

/* The call fails, the exchange may have been made: whoever comes next looks. */
static void a_publication_that_failed_stays_noted(void **state)
{
    (void)state;
    w.fail_call = "finalize ";
    assert_int_equal(export(false), -EIO);
    assert_true(w.noted);
    assert_int_equal(w.journal.n, 1);
    assert_int_equal(w.journal.parts[0].t, 5000);
}

/* Older copies have not been seen to then. */
static void a_clone_that_could_not_be_hashed_stays_noted(void **state)
{
    (void)state;
    world_old_copy(NODE3);
    world_copy.reflink = 0;
    w.can_reflink = true;
    w.fail_call = "hash ";
    assert_int_equal(export(false), -EIO);
    assert_true(w.noted);
    assert_int_equal(w.journal.n, 1);
    assert_int_equal(w.journal.parts[0].t, 5000);
    assert_true(w.exported[2]);
}

/* Published, and not hashed: what is about to be replaced is not hashed first. */
static void before_a_new_export_nothing_is_hashed(void **state)
{
    (void)state;
    w.noted = true;
    w.journal = (struct journal){.n = 1, .parts = {{.target = NODE3, .t = 1000}}};
    w.exported[2] = true; /* under T 1000 */
    assert_int_equal(export(false), 0);
    assert_true(world_logged("pending ") >= 2);
    assert_int_equal(world_logged("add-file " NODE3), 0);
    assert_false(world_logged("> Hashing"));
    assert_true(!w.noted || (w.journal.n == 1 && !w.journal.parts[0].hashing));
}

static void a_lost_note_is_swept_everywhere(void **state)
{
    (void)state;
    w.noted = true;
    w.running = false;
    w.journal = (struct journal){.stopped = true, .everywhere = true};
    w.nodes[2].offline = true;
    assert_int_equal(export(false), 0);
    world_assert_order("start " WEB1, "sweep " NODE1);
    assert_true(world_logged("sweep " NODE2) >= 1);
    assert_int_equal(world_logged("sweep " NODE3), 0);
    assert_true(w.noted);
    assert_true(w.journal.everywhere);
    assert_false(w.journal.stopped);
    assert_int_equal(w.journal.n, 0);
    w.nodes[2].offline = false;
    assert_int_equal(export(false), 0);
    assert_int_equal(world_logged("sweep " NODE3), 1);
    assert_false(w.noted);
}

static void too_much_that_is_left_is_not_added_to(void **state)
{
    (void)state;
    w.noted = true;
    w.nodes[2].offline = true;
    for (unsigned i = 0; i < JOURNAL_PARTS; i++, w.journal.n++) {
        struct journal_part *p = &w.journal.parts[i];

        p->t = 100 - i;
        snprintf(p->target, sizeof p->target, NODE3);
    }
    assert_int_equal(export(false), -EOVERFLOW);
    assert_int_equal(world_logged("stage "), 0);
    assert_true(w.noted);
    assert_int_equal(w.journal.n, JOURNAL_PARTS);
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
        WORLD_TEST(a_target_that_is_away_stays_noted),
        WORLD_TEST(after_an_export_that_fails_it_is_as_it_was),
        WORLD_TEST(a_node_that_does_not_answer_is_not_asked),
        WORLD_TEST(a_stage_that_cannot_be_taken_away_stays_noted),
        WORLD_TEST(a_publication_that_failed_stays_noted),
        WORLD_TEST(a_clone_that_could_not_be_hashed_stays_noted),
        WORLD_TEST(before_a_new_export_nothing_is_hashed),
        WORLD_TEST(a_lost_note_is_swept_everywhere),
        WORLD_TEST(too_much_that_is_left_is_not_added_to),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
