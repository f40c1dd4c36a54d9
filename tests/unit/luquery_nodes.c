/* luquery_nodes.c - OP_BACKUP_QUERY: which nodes, which locks, which result (spec §2.3, §10.3). */
#include "lu_world.h"

#include "lu_world_image.h"
#include "lu_world_locks.h"

static int run(const char *nodes)
{
    struct opcode *op;

    assert_int_equal(opcode_new("OP_BACKUP_QUERY", &op, &w.err), 0);
    assert_int_equal(opcode_set_text(op, "nodes", nodes, &w.err), 0);
    return world_run(op);
}

static void assert_result(const char *wanted)
{
    CLEANUP_FREE char *text = NULL;

    assert_int_equal(lu_result_format(&w.result, &text), 0);
    assert_string_equal(text, wanted);
}

static void none_named_means_all(void **state)
{
    (void)state;
    world_old_copy(NODE2);
    assert_int_equal(run("[]"), 0);
    assert_result("{'node1.example.com': [], 'node2.example.com': ['web1.example.com'], "
                  "'node3.example.com': []}");
    assert_int_equal(world_logged("lock node ALL shared"), 1);
    assert_int_equal(world_logged("hooks "), 0);
}

static void some_are_expanded_sorted_and_locked_by_name(void **state)
{
    (void)state;
    assert_int_equal(run("[node3, NODE1, node3]"), 0);
    assert_result("{'node1.example.com': [], 'node3.example.com': []}");
    assert_int_equal(world_logged("lock node node1.example.com shared"), 1);
    assert_int_equal(world_logged("list node2"), 0);
}

static void a_failing_node_is_false(void **state)
{
    (void)state;
    w.fail_call = "list node2";
    w.nodes[2].offline = true;
    assert_int_equal(run("[]"), 0);
    assert_result("{'node1.example.com': [], 'node2.example.com': False, 'node3.example.com': "
                  "False}");
    assert_int_equal(world_logged("list node3"), 0);
}

static void an_unknown_node_is_refused(void **state)
{
    (void)state;
    assert_int_equal(run("[node1, node9]"), -ENOENT);
    assert_string_equal(w.err.text, "Node 'node9' not known");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(none_named_means_all),
        WORLD_TEST(some_are_expanded_sorted_and_locked_by_name),
        WORLD_TEST(a_failing_node_is_false),
        WORLD_TEST(an_unknown_node_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
