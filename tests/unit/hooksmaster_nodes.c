/* hooksmaster_nodes.c - which nodes hooks run on, and what a node that is not there means (spec
 * §4.3). */
#include "lu_world.h"

#include "lu_world_copy.h"
#include "lu_world_image.h"
#include "lu_world_locks.h"

static void master_primary_and_target(void **state)
{
    (void)state;
    w.model.master_node = (char *)NODE3;
    assert_int_equal(world_run(world_export(NODE2)), 0);
    for (int i = 1; i <= 3; i++)
        for (int post = 0; post <= 1; post++) {
            char line[100];

            snprintf(line, sizeof line, "hooks node%d.example.com instance-export-%s stall=10", i,
                     post ? "post" : "pre");
            assert_int_equal(world_logged(line), 1);
        }
    assert_int_equal(world_logged("hooks "), 6);
}

static void each_node_once(void **state)
{
    (void)state;
    assert_int_equal(world_run(world_export(NODE1)), 0);
    assert_int_equal(world_logged("hooks "), 2);
}

static void offline_is_passed_over_in_silence(void **state)
{
    (void)state;
    w.model.master_node = (char *)NODE3;
    w.nodes[2].offline = true;
    assert_int_equal(world_run(world_export(NODE2)), 0);
    assert_int_equal(world_logged("hooks node3"), 0);
    assert_int_equal(world_logged(">  - WARNING: Communication"), 0);
}

static void unreachable_never_vetoes(void **state)
{
    (void)state;
    w.fail_call = "hooks node2";
    w.fail_errno = EHOSTUNREACH;
    assert_int_equal(world_run(world_export(NODE2)), 0);
    assert_int_equal(world_logged(">  - WARNING: Communication failure to node node2"), 2);
}

static void nobody_reached_before_is_a_failure(void **state)
{
    (void)state;
    w.fail_call = "hooks ";
    w.fail_errno = EHOSTUNREACH;
    assert_int_equal(world_run(world_export(NODE2)), -EIO);
    assert_string_equal(w.err.text, "Communication Failure");
    assert_int_equal(world_logged("shutdown "), 0);
}

/* fails from the first hook after publication on */
static int post_unreachable(void *ctx, const struct model_node *node, const char *hpath,
                            const char *phase, const char *const *env, unsigned stall_s,
                            struct cancel *cancel, struct node_hook_results *ret, struct err *err)
{
    (void)ctx, (void)node, (void)hpath, (void)env, (void)stall_s, (void)cancel, (void)ret;
    if (strcmp(phase, "pre") == 0)
        return 0;
    return err_set(err, ERR_EXEC, ECODE_NONE, EHOSTUNREACH, "gone");
}

static void nobody_reached_afterwards_is_a_warning(void **state)
{
    struct node_ops ops = world_nodes;

    (void)state;
    ops.hooks_runner = post_unreachable;
    w.env.nodes = &ops;
    assert_int_equal(world_run(world_export(NODE2)), 0);
    assert_int_equal(world_logged(">  - WARNING: post hooks: Communication Failure"), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(master_primary_and_target),
        WORLD_TEST(each_node_once),
        WORLD_TEST(offline_is_passed_over_in_silence),
        WORLD_TEST(unreachable_never_vetoes),
        WORLD_TEST(nobody_reached_before_is_a_failure),
        WORLD_TEST(nobody_reached_afterwards_is_a_warning),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
