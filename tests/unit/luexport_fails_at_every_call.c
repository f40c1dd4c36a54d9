/* luexport_fails_at_every_call.c - each node call fails once in turn: the instance is as it was,
 * nothing is left over, the old exports are there, the locks are free (DESIGN P2). */
#include "lu_world.h"

#include "lu_world_copy.h"
#include "lu_world_image.h"
#include "lu_world_locks.h"
#include "lu_world_written.h"

struct scenario {
    const char *name;
    bool shutdown, remove, can_freeze, long_sleep, clones, written;
};

static const struct scenario scenarios[] = {
    {"snapshots", true, false, true, false, false, false},
    {"live", false, false, true, false, false, false},
    {"long sleep", true, false, false, true, false, false},
    {"remove", true, true, true, false, false, false},
    {"clones", true, false, true, false, true, false},
    {"no space for copies, clones", true, false, true, false, true, false},
    {"a written image", false, false, true, false, false, true},
};

static int run(const struct scenario *s, int fail_at)
{
    struct opcode *op = world_export(NODE2);

    w.fail_at = fail_at;
    w.can_freeze = s->can_freeze;
    world_copy.reflink = s->clones ? 0 : -EOPNOTSUPP;
    w.can_reflink = s->clones;
    w.space_free = s == &scenarios[5] ? 1 : 1 << 30;
    world_old_copy(NODE2);
    world_old_copy(NODE3);
    if (s->written)
        world_write();
    else
        world_with_image();
    opcode_set_bool(op, "shutdown", s->shutdown);
    opcode_set_bool(op, "remove_instance", s->remove);
    opcode_set_bool(op, "long_sleep", s->long_sleep);
    return world_run(op);
}

#define CHECK(cond)                                                                                \
    do {                                                                                           \
        if (!(cond))                                                                               \
            fail_msg("%s, call %d (%d): not %s\n%s", s->name, i, r, #cond, world_log());           \
    } while (0)

static void check(const struct scenario *s, int i, int r)
{
    bool published = s->written ? world_logged("phase removing older copies") > 0
                                : world_logged("image-publish") > 0;
    /* the exchange may have been made, and older copies are not seen to: recovery looks */
    bool unclear = world_logged("finalize ") > 0 && !world_logged("phase removing older copies");
    bool gone = world_logged("instance_remove ") > 0 || world_logged("remove-disk ") > 1;

    CHECK(w.stages == 0);
    CHECK(w.snapshots == 0);
    CHECK(w.locks == 0);
    CHECK(w.noted == (unclear || w.snapshot_left));
    CHECK(w.running == !(s->remove && (r == 0 || gone)));
    if (!published) {
        CHECK(r < 0);
        CHECK(w.exported[1] && w.exported[2] && !world_logged("remove "));
        CHECK(world_logged("image-fail ") == !s->written);
        CHECK(world_logged("> Failure: ") == 1);
    } else if (r == 0) {
        CHECK(!w.exported[2] || w.pending == 1);
    }
}

static void whatever_fails_is_undone(void **state)
{
    for (size_t k = 0; k < sizeof scenarios / sizeof *scenarios; k++) {
        const struct scenario *s = &scenarios[k];
        int n;

        if (k > 0) {
            world_teardown(state);
            world_copy_setup(state);
        }
        assert_int_equal(run(s, 0), 0);
        n = w.calls;
        assert_true(n > 10);
        for (int i = 1; i <= n; i++) {
            world_teardown(state);
            world_copy_setup(state);
            check(s, i, run(s, i));
        }
    }
}

static void a_call_that_always_fails_leaves_the_first_error(void **state)
{
    (void)state;
    w.fail_call = "copy ";
    w.fail_errno = ENOSPC;
    assert_int_equal(world_run(world_export(NODE2)), -ENOSPC);
    assert_non_null(strstr(w.err.text, "Export failed, errors in disk export: disk(s) 0"));
    assert_int_equal(world_logged("copy "), 1); /* the other disks are not tried (L4) */
    assert_int_equal(world_logged("finalize "), 0);
}

static void a_restart_that_fails_too_is_told(void **state)
{
    (void)state;
    w.fail_call = "start ";
    assert_int_equal(world_run(world_export(NODE2)), -EIO);
    assert_int_equal(world_logged("start "), 2); /* the step, and once more at the end */
    assert_int_equal(world_logged("copy "), 0);
    assert_true(world_logged("> Failure: command execution error: Could not start instance") == 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(whatever_fails_is_undone),
        WORLD_TEST(a_call_that_always_fails_leaves_the_first_error),
        WORLD_TEST(a_restart_that_fails_too_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
