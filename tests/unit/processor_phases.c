/* processor_phases.c - the order of an LU's phases (spec §3). */
#include "lu_world.h"

#include "lu_world_copy.h"
#include "lu_world_image.h"
#include "lu_world_locks.h"

static void in_the_references_order(void **state)
{
    static const char *const order[] = {
        "phase waiting for locks",
        "lock cluster",
        "lock instance",
        "lock node",
        "lock export",
        "refresh",
        "superseded?",
        "phase checking prerequisites",
        "hooks node1.example.com instance-export-pre",
        "hooks node2.example.com instance-export-pre",
        "running ",
        "finalize ",
        "> Removing old exports",
        "hooks node1.example.com instance-export-post",
        "hooks node2.example.com instance-export-post",
        "unlock export",
        "unlock cluster",
    };

    (void)state;
    assert_int_equal(world_run(world_export(NODE2)), 0);
    for (size_t i = 0; i + 1 < sizeof order / sizeof *order; i++)
        world_assert_order(order[i], order[i + 1]);
}

static void bad_arguments_lock_nothing(void **state)
{
    struct opcode *op = world_export(NODE2);

    (void)state;
    opcode_set_int(op, "shutdown", 1);
    assert_int_equal(world_run(op), -EINVAL);
    assert_string_equal(world_log(),
                        "> Failure: prerequisites not met for this operation: error type: "
                        "wrong_input, error details: Parameter 'OP_BACKUP_EXPORT.shutdown' fails "
                        "validation [true or false]\n");
}

static void unknown_names_lock_nothing(void **state)
{
    struct opcode *op = world_export("node9");

    (void)state;
    assert_int_equal(world_run(op), -ENOENT);
    assert_int_equal(world_logged("owner"), 0);
}

static void superseded_ends_before_anything_is_done(void **state)
{
    (void)state;
    w.superseded = true;
    assert_int_equal(world_run(world_export(NODE2)), -EALREADY);
    assert_int_equal(world_logged("hooks "), 0);
    assert_int_equal(world_logged("> "), 0); /* not a failure to be told */
    assert_int_equal(w.locks, 0);
}

/* Known while the names were expanded, drained once the locks were held. */
static int refresh_drained(void *arg, struct model **ret, struct err *err)
{
    (void)arg, (void)err;
    w.nodes[1].drained = true;
    *ret = model_ref(&w.model);
    return 0;
}

static void prerequisites_are_checked_on_what_is_true_under_the_locks(void **state)
{
    struct opcode *op = world_export(NODE2);
    struct lu_env_ops ops = *w.env.ops;

    (void)state;
    ops.model_refresh = refresh_drained;
    w.env.ops = &ops;
    assert_int_equal(processor_check(&w.env, NULL, op, &w.err), 0);
    assert_int_equal(world_run(op), -EBUSY);
    assert_int_equal(world_logged("hooks "), 0);
}

static void the_failure_is_told_once_as_the_reference_prints_it(void **state)
{
    (void)state;
    w.fail_call = "finalize ";
    assert_int_equal(world_run(world_export(NODE2)), -EIO);
    assert_int_equal(world_logged("> Failure: command execution error: Export failed, errors in "
                                  "export finalization: broken: finalize"),
                     1);
    assert_int_equal(world_logged("> Failure"), 1);
    assert_int_equal(world_logged("hooks node1.example.com instance-export-post"), 0);
}

static void a_check_neither_locks_nor_asks_anybody(void **state)
{
    struct opcode *op = world_export("node2");

    (void)state;
    assert_int_equal(processor_check(&w.env, NULL, op, &w.err), 0);
    assert_string_equal(world_log() ? world_log() : "", "");
    assert_string_equal(opcode_get_string(op, "target_node"), NODE2); /* expanded */
    opcode_free(op);
}

static void the_opcodes_priority_is_the_owners(void **state)
{
    struct opcode *op = world_export(NODE2);

    (void)state;
    opcode_set_int(op, "priority", -10);
    assert_int_equal(world_run(op), 0);
    assert_int_equal(world_logged("owner BACKUP_EXPORT(web1.example.com) priority=-10"), 1);
}

static void the_label_describes_the_owner(void **state)
{
    (void)state;
    w.run.label = "job 3";
    assert_int_equal(world_run(world_export(NODE2)), 0);
    assert_int_equal(world_logged("owner job 3 priority=0"), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(in_the_references_order),
        WORLD_TEST(bad_arguments_lock_nothing),
        WORLD_TEST(unknown_names_lock_nothing),
        WORLD_TEST(superseded_ends_before_anything_is_done),
        WORLD_TEST(prerequisites_are_checked_on_what_is_true_under_the_locks),
        WORLD_TEST(the_failure_is_told_once_as_the_reference_prints_it),
        WORLD_TEST(a_check_neither_locks_nor_asks_anybody),
        WORLD_TEST(the_opcodes_priority_is_the_owners),
        WORLD_TEST(the_label_describes_the_owner),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
