/* hooksmaster_veto.c - scripts that fail before veto, afterwards only warn; what scripts print is
 * kept in the log (spec §4.3). */
#include "lu_world.h"

#include "lu_world_copy.h"
#include "lu_world_image.h"
#include "lu_world_locks.h"

static const char *only_phase;

static int scripted(void *ctx, const struct model_node *node, const char *hpath, const char *phase,
                    const char *const *env, unsigned stall_s, struct cancel *cancel,
                    struct node_hook_results *ret, struct err *err)
{
    struct node_hook_result keep = w.hook;
    int r;

    if (strcmp(phase, only_phase) != 0)
        w.hook.script = NULL;
    r = world_hooks(ctx, node, hpath, phase, env, stall_s, cancel, ret, err);
    w.hook = keep;
    return r;
}

static int run(const char *phase, enum node_hook_code code, const char *output)
{
    static struct node_ops ops;

    only_phase = phase;
    ops = world_nodes;
    ops.hooks_runner = scripted;
    w.env.nodes = &ops;
    w.hook = (struct node_hook_result){
        .script = (char *)"instance-export.d/20-deny", .code = code, .output = (char *)output};
    return world_run(world_export(NODE2));
}

static void one_veto_is_enough(void **state)
{
    (void)state;
    w.hook_node = NODE2;
    assert_int_equal(run("pre", HKR_FAIL, "no-go"), -EPERM);
    assert_int_equal(w.err.class, ERR_HOOKS_ABORT);
    assert_string_equal(
        w.err.text, "node: node2.example.com, script: instance-export.d/20-deny, output: no-go");
    assert_int_equal(world_logged("> Failure: hooks execution failed: node: node2"), 1);
    assert_int_equal(world_logged("running "), 0);
    assert_int_equal(w.locks, 0);
}

static void all_nodes_are_asked_and_listed(void **state)
{
    (void)state;
    assert_int_equal(run("pre", HKR_FAIL, ""), -EPERM);
    assert_int_equal(world_logged("hooks "), 2);
    assert_string_equal(w.err.text,
                        "node: node1.example.com, script: instance-export.d/20-deny, output: (no "
                        "output); node: node2.example.com, script: instance-export.d/20-deny, "
                        "output: (no output)");
}

static void afterwards_it_is_a_warning(void **state)
{
    (void)state;
    w.hook_node = NODE1;
    assert_int_equal(run("post", HKR_FAIL, ""), 0);
    assert_int_equal(world_logged(">  - WARNING: On node1.example.com script "
                                  "instance-export.d/20-deny failed, output: (no output)"),
                     1);
    assert_true(w.result.fin_resu);
}

static void output_is_kept_line_by_line_also_of_success(void **state)
{
    (void)state;
    w.hook_node = NODE1;
    assert_int_equal(run("pre", HKR_SUCCESS, "frozen\nin 3 s"), 0);
    world_assert_order("> instance-export.d/20-deny on node1.example.com: frozen",
                       "> instance-export.d/20-deny on node1.example.com: in 3 s");
}

static void output_is_bounded(void **state)
{
    char output[2001];

    (void)state;
    for (int i = 0; i < 1000; i++)
        memcpy(output + 2 * i, "x\n", 3);
    w.hook_node = NODE1;
    assert_int_equal(run("pre", HKR_SUCCESS, output), 0);
    assert_int_equal(world_logged("> instance-export.d/20-deny on node1.example.com: x"), 100);
    assert_int_equal(world_logged("> instance-export.d/20-deny on node1.example.com: (more"), 1);
}

static void skipped_scripts_are_nothing(void **state)
{
    (void)state;
    assert_int_equal(run("pre", HKR_SKIP, ""), 0);
    assert_int_equal(world_logged(">  - WARNING"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(one_veto_is_enough),
        WORLD_TEST(all_nodes_are_asked_and_listed),
        WORLD_TEST(afterwards_it_is_a_warning),
        WORLD_TEST(output_is_kept_line_by_line_also_of_success),
        WORLD_TEST(output_is_bounded),
        WORLD_TEST(skipped_scripts_are_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
