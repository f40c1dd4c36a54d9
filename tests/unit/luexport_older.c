/* luexport_older.c - the stale copies on the other nodes (spec §6.7, L30). */
#include "lu_world.h"

#include "lu_world_copy.h"
#include "lu_world_image.h"
#include "lu_world_locks.h"

static void they_go_by_identity_after_publication(void **state)
{
    (void)state;
    world_old_copy(NODE1);
    world_old_copy(NODE2);
    world_old_copy(NODE3);
    assert_int_equal(world_run(world_export(NODE2)), 0);
    world_assert_order("finalize ", "> Removing old exports for instance web1.example.com");
    assert_int_equal(world_logged("remove node1.example.com web1.example.com ino=100\n"), 1);
    assert_int_equal(world_logged("remove node3.example.com web1.example.com ino=102\n"), 1);
    assert_int_equal(world_logged("list node2"), 0); /* the target is left alone */
    assert_int_equal(world_logged("remove node2"), 0);
    assert_int_equal(world_logged("changed node3.example.com web1.example.com"), 1);
}

static void the_fresh_one_through_another_node_stays(void **state)
{
    (void)state;
    world_old_copy(NODE3);
    w.id[2] = (struct node_export_id){.dev = 9, .ino = 9, .t = 1}; /* what finalize gives back */
    assert_int_equal(world_run(world_export(NODE2)), 0);
    assert_int_equal(world_logged("info node3"), 1);
    assert_int_equal(world_logged("remove "), 0);
}

static void the_same_content_on_shared_storage_stays(void **state)
{
    (void)state;
    world_old_copy(NODE3);
    w.id[2] = (struct node_export_id){.dev = 1, .ino = 2, .t = 5000, .size = 4096, .hash = 4711};
    assert_int_equal(world_run(world_export(NODE2)), 0);
    assert_int_equal(world_logged("remove "), 0);
}

static void one_node_has_no_others(void **state)
{
    (void)state;
    w.model.nnodes = 1;
    w.exported[0] = true;
    assert_int_equal(world_run(world_export(NODE1)), 0);
    assert_int_equal(world_logged("list "), 0);
    assert_int_equal(world_logged("remove "), 0);
    assert_int_equal(world_logged("> Removing"), 0);
}

static void an_offline_node_is_remembered(void **state)
{
    (void)state;
    world_old_copy(NODE3);
    w.nodes[2].offline = true;
    assert_int_equal(world_run(world_export(NODE2)), 0);
    assert_int_equal(world_logged("list node3"), 0);
    assert_int_equal(w.pending, 1);
    assert_int_equal(w.pending_id.ino, 102);
}

static void an_unreachable_node_is_remembered_and_not_asked(void **state)
{
    (void)state;
    world_old_copy(NODE3);
    w.seen[2].state = NODE_UNREACHABLE;
    assert_int_equal(world_run(world_export(NODE2)), 0);
    assert_int_equal(world_logged("list node3"), 0);
    assert_int_equal(w.pending, 1);
}

static void a_node_that_does_not_answer_is_remembered(void **state)
{
    (void)state;
    world_old_copy(NODE3);
    w.fail_call = "list node3";
    assert_int_equal(world_run(world_export(NODE2)), 0);
    assert_int_equal(w.pending, 1);
}

/* Nothing known of node3: whatever is older than the fresh export. */
static void any_older_one_is_remembered(const char *why)
{
    char line[200];

    assert_int_equal(world_run(world_export(NODE2)), 0);
    assert_int_equal(w.pending, 1);
    assert_true(node_export_id_is_older_than(&w.pending_id));
    assert_int_equal(w.pending_id.t, w.run.image_t);
    snprintf(line, sizeof line,
             "> Stale copy on node3.example.com (%s), if any, will be removed when it is back",
             why);
    assert_int_equal(world_logged(line), 1);
}

static void of_an_offline_node_without_a_list_any_older_one(void **state)
{
    (void)state;
    w.nodes[2].offline = true;
    any_older_one_is_remembered("offline");
}

static void of_an_unreachable_node_without_a_list_any_older_one(void **state)
{
    (void)state;
    w.seen[2].state = NODE_UNREACHABLE;
    any_older_one_is_remembered("unreachable");
}

static void a_removal_that_fails_is_remembered(void **state)
{
    (void)state;
    world_old_copy(NODE3);
    w.fail_call = "remove node3";
    assert_int_equal(world_run(world_export(NODE2)), 0);
    assert_int_equal(w.pending, 1);
    assert_int_equal(world_logged(">  - WARNING: Could not remove older export"), 1);
}

static void a_copy_replaced_meanwhile_stays(void **state)
{
    (void)state;
    world_old_copy(NODE3);
    w.fail_call = "remove node3";
    w.fail_errno = ESTALE;
    assert_int_equal(world_run(world_export(NODE2)), 0);
    assert_int_equal(w.pending, 0);
}

static void no_export_directory_is_nothing(void **state)
{
    (void)state;
    w.fail_call = "list ";
    w.fail_errno = ENOENT;
    assert_int_equal(world_run(world_export(NODE2)), 0);
    assert_int_equal(world_logged(">  - WARNING"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(they_go_by_identity_after_publication),
        WORLD_TEST(the_fresh_one_through_another_node_stays),
        WORLD_TEST(the_same_content_on_shared_storage_stays),
        WORLD_TEST(one_node_has_no_others),
        WORLD_TEST(an_offline_node_is_remembered),
        WORLD_TEST(an_unreachable_node_is_remembered_and_not_asked),
        WORLD_TEST(a_node_that_does_not_answer_is_remembered),
        WORLD_TEST(of_an_offline_node_without_a_list_any_older_one),
        WORLD_TEST(of_an_unreachable_node_without_a_list_any_older_one),
        WORLD_TEST(a_removal_that_fails_is_remembered),
        WORLD_TEST(a_copy_replaced_meanwhile_stays),
        WORLD_TEST(no_export_directory_is_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
