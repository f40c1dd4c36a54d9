/* luexport_decision.c - what happens to the instance and its disks, row by row (spec §6.2). */
#include "lu_world.h"

#include "lu_world_copy.h"
#include "lu_world_image.h"
#include "lu_world_locks.h"

struct row {
    const char *name;
    enum model_admin_state state;
    bool running, shutdown, remove, can_freeze, long_sleep;
    int r;
    const char *steps; /* of: K check, S shutdown, F snapshot, B boot, C copy, R remove disk */
};

static const struct row rows[] = {
    {"up, shutdown, snapshots", ADMIN_UP, true, true, false, true, false, 0, "KKSFFBCC"},
    {"up, shutdown, none, long_sleep", ADMIN_UP, true, true, false, false, true, 0, "KSCCB"},
    {"up, shutdown, none", ADMIN_UP, true, true, false, false, false, -EBUSY, "K"},
    {"up, live, snapshots", ADMIN_UP, true, false, false, true, false, 0, "KKFFCC"},
    {"up, live, none", ADMIN_UP, true, false, false, false, false, -EBUSY, "K"},
    {"up, shutdown, remove", ADMIN_UP, true, true, true, true, false, 0, "SCCRR"},
    {"up, live, remove", ADMIN_UP, true, false, true, true, false, -EBUSY, ""},
    {"down, shutdown", ADMIN_DOWN, false, true, false, true, false, 0, "SCC"},
    {"down, live", ADMIN_DOWN, false, false, false, true, false, 0, "CC"},
    {"offline, shutdown", ADMIN_OFFLINE, false, true, false, true, false, 0, "SCC"},
    {"down, remove", ADMIN_DOWN, false, true, true, true, false, 0, "SCCRR"},
    {"offline, remove, live", ADMIN_OFFLINE, false, false, true, true, false, 0, "CCRR"},
    /* started again only what was found running (DESIGN P2) */
    {"up but not running", ADMIN_UP, false, true, false, true, false, 0, "KKSFFCC"},
    {"down but running, shutdown", ADMIN_DOWN, true, true, false, true, false, 0, "SCCB"},
    {"up, snapshots and long_sleep", ADMIN_UP, true, true, false, true, true, 0, "KKSFFBCC"},
};

static void steps_of(const char *log, char *ret)
{
    static const struct {
        const char *begin;
        char c;
    } kinds[] = {{"snapshot-check ", 'K'}, {"shutdown ", 'S'}, {"snapshot ", 'F'},
                 {"start ", 'B'},          {"copy ", 'C'},     {"remove-disk ", 'R'}};

    for (; *log; log = strchr(log, '\n') + 1)
        for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
            if (strncmp(log, kinds[i].begin, strlen(kinds[i].begin)) == 0)
                *ret++ = kinds[i].c;
    *ret = '\0';
}

static void run_row(const struct row *row)
{
    struct opcode *op = world_export(NODE2);
    char steps[64];
    int r;

    w.web1.admin_state = row->state;
    w.running = row->running;
    w.can_freeze = row->can_freeze;
    opcode_set_bool(op, "shutdown", row->shutdown);
    opcode_set_bool(op, "remove_instance", row->remove);
    opcode_set_bool(op, "long_sleep", row->long_sleep);
    r = world_run(op);
    steps_of(world_log(), steps);
    if (r != row->r || strcmp(steps, row->steps) != 0)
        fail_msg("%s: %d and \"%s\", not %d and \"%s\":\n%s", row->name, r, steps, row->r,
                 row->steps, world_log());
    assert_int_equal(w.running, row->running && !(row->remove && r == 0));
    assert_int_equal(w.stages, 0);
    assert_int_equal(w.snapshots, 0);
    assert_int_equal(w.locks, 0);
}

static void every_row_of_the_table(void **state)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (i > 0) {
            world_teardown(state);
            world_copy_setup(state);
        }
        run_row(&rows[i]);
    }
}

static void snapshots_that_fail_late_need_long_sleep(void **state)
{
    struct opcode *op = world_export(NODE2);

    (void)state;
    w.fail_call = "snapshot /disks/web1-1";
    assert_int_equal(world_run(op), -EBUSY);
    assert_int_equal(world_logged("shutdown "), 1);
    assert_int_equal(world_logged("copy "), 0);
    assert_true(w.running);
    assert_int_equal(w.snapshots, 0);
}

static void snapshots_that_fail_late_with_long_sleep_are_done_without(void **state)
{
    struct opcode *op = world_export(NODE2);

    (void)state;
    w.fail_call = "snapshot /disks/web1-1";
    opcode_set_bool(op, "long_sleep", true);
    assert_int_equal(world_run(op), 0);
    world_assert_order("copy ", "start ");
    assert_int_equal(w.snapshots, 0);
    assert_true(w.running);
}

static void the_timeout_is_the_opcodes(void **state)
{
    struct opcode *op = world_export(NODE2);

    (void)state;
    opcode_set_int(op, "shutdown_timeout", 7);
    assert_int_equal(world_run(op), 0);
    assert_int_equal(world_logged("shutdown web1.example.com timeout=7\n"), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(every_row_of_the_table),
        WORLD_TEST(snapshots_that_fail_late_need_long_sleep),
        WORLD_TEST(snapshots_that_fail_late_with_long_sleep_are_done_without),
        WORLD_TEST(the_timeout_is_the_opcodes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
