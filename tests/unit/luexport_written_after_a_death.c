/* luexport_written_after_a_death.c - an image is written where an export died: what that has left
 * is put in order first, but what cannot be does not keep the image out, and stays noted. */
#include "lu_world.h"

#include "lu_world_copy.h"
#include "lu_world_image.h"
#include "lu_world_locks.h"
#include "lu_world_written.h"

static void an_export_died(void)
{
    w.running = false;
    w.noted = true;
    w.journal = (struct journal){.stopped = true, .n = 1};
    strcpy(w.journal.parts[0].target, NODE3);
}

static void write_web1(void)
{
    world_write();
    if (world_run(world_export(NODE2)) < 0)
        fail_msg("%s\n%s", w.err.text, world_log());
}

static void the_instance_is_started(void **state)
{
    (void)state;
    an_export_died();
    write_web1();
    assert_true(w.running);
    world_assert_order("start " WEB1, "stage " NODE2);
    world_assert_order("sweep " NODE3 " " WEB1, "stage " NODE2);
    assert_false(w.noted);
}

/* Its node may be what was lost. */
static void or_stays_noted(void **state)
{
    (void)state;
    an_export_died();
    w.fail_call = "start ";
    write_web1();
    assert_int_equal(world_logged("finalize "), 1);
    assert_true(w.noted);
    assert_true(w.journal.stopped);
    assert_int_equal(w.journal.n, 0);
}

static void also_when_the_write_fails(void **state)
{
    (void)state;
    an_export_died();
    w.nodes[0].offline = true;
    w.fail_call = "fill";
    world_write();
    w.journal.parts[0].t = 99; /* and is not known to have published */
    w.seen[2].state = NODE_UNREACHABLE;
    w.web1.primary_node = (char *)"node9";
    assert_int_equal(world_run(world_export(NODE2)), -EIO);
    assert_true(w.noted);
    assert_true(w.journal.stopped);
    assert_int_equal(w.journal.n, 1);
    assert_string_equal(w.journal.parts[0].target, NODE3);
    assert_int_equal(w.journal.parts[0].t, 99);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(the_instance_is_started),
        WORLD_TEST(or_stays_noted),
        WORLD_TEST(also_when_the_write_fails),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
