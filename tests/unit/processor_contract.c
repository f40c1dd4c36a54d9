/* processor_contract.c - LUs that break their contract are told so; what they declare is asked for.
 *
 * The classes are made up here, linked in place of the real ones. */
#include "lu_world.h"

#include "lu_world_image.h"
#include "lu_world_locks.h"

static bool declares;
static int declared_levels, finished;

static int expand(struct lu *lu, struct err *err)
{
    (void)err;
    lu->locks_declared = declares;
    lu->locks[LOCK_NODE].declared = true;
    lu->locks[LOCK_NODE].shared = true;
    return 0;
}

static int declare(struct lu *lu, enum lock_level level, struct err *err)
{
    (void)err;
    world_logf("declare %s", lock_level_name(level));
    declared_levels++;
    return strvec_add(&lu->locks[level].names, NODE3);
}

static int first(struct lu *lu, struct err *err)
{
    (void)lu;
    return world_call(err, "first");
}

static int second(struct lu *lu, struct err *err)
{
    (void)lu;
    return world_call(err, "second");
}

static int check_second(struct lu *lu, struct err *err)
{
    (void)lu;
    return world_call(err, "check-second");
}

static void finish(struct lu *lu, int r, const struct err *err)
{
    (void)lu, (void)err;
    world_logf("finish %d", r);
    finished++;
}

static const struct lu_tasklet tasklets[] = {
    {"first", NULL, first}, {"second", check_second, second}, {NULL, NULL, NULL}};

const struct lu_class lu_export_class = {.name = "LUNothing", .op_id = "none"};
const struct lu_class lu_write_class = {.name = "LUNothing", .op_id = "none"};
const struct lu_class lu_query_class = {.name = "LUNothing", .op_id = "none"};
const struct lu_class lu_remove_class = {
    .name = "LUMadeUp",
    .op_id = "OP_BACKUP_REMOVE",
    .size = sizeof(struct lu),
    .expand_names = expand,
    .declare_locks = declare,
    .tasklets = tasklets,
    .finish = finish,
};

static int run(void)
{
    struct opcode *op;

    assert_int_equal(opcode_new("OP_BACKUP_REMOVE", &op, &w.err), 0);
    opcode_set_string(op, "instance_name", "x");
    return world_run(op);
}

static int setup(void **state)
{
    declares = true;
    declared_levels = finished = 0;
    return world_setup(state);
}

static void locks_left_undeclared_are_a_programming_error(void **state)
{
    (void)state;
    declares = false;
    assert_int_equal(run(), -EIO);
    assert_int_equal(w.err.class, ERR_PROGRAMMER);
    assert_int_equal(world_logged("lock "), 0);
}

static void declaration_comes_right_before_each_level_that_is_needed(void **state)
{
    (void)state;
    assert_int_equal(run(), 0);
    assert_non_null(strstr(world_log(), "lock cluster BGL shared\ndeclare node\n"
                                        "lock node node3.example.com shared\n"));
    assert_int_equal(declared_levels, 1);
}

static void tasklets_check_first_and_run_in_order(void **state)
{
    (void)state;
    assert_int_equal(run(), 0);
    world_assert_order("check-second", "first");
    world_assert_order("first", "second");
    world_assert_order("second", "finish 0");
}

static void a_tasklet_that_fails_is_the_last(void **state)
{
    (void)state;
    w.fail_call = "first";
    assert_int_equal(run(), -EIO);
    assert_int_equal(world_logged("second"), 0);
    assert_int_equal(world_logged("finish -5"), 1);
    world_assert_order("finish ", "unlock node");
}

static void finish_is_for_what_was_begun(void **state)
{
    (void)state;
    w.fail_call = "check-second";
    assert_int_equal(run(), -EIO);
    assert_int_equal(finished, 0);
}

static void an_opcode_without_lu_is_a_programming_error(void **state)
{
    struct opcode *op;

    (void)state;
    assert_int_equal(opcode_new("OP_BACKUP_QUERY", &op, &w.err), 0);
    assert_int_equal(world_run(op), -EIO);
    assert_int_equal(w.err.class, ERR_PROGRAMMER);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(locks_left_undeclared_are_a_programming_error),
        TEST(declaration_comes_right_before_each_level_that_is_needed),
        TEST(tasklets_check_first_and_run_in_order),
        TEST(a_tasklet_that_fails_is_the_last),
        TEST(finish_is_for_what_was_begun),
        TEST(an_opcode_without_lu_is_a_programming_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
