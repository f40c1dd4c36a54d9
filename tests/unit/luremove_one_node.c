/* OP_BACKUP_REMOVE with node_name: one copy, on one node, if it is still the one that was meant. */
#include "lu_world.h"

#include "lu_world_image.h"
#include "lu_world_locks.h"

static int run(const char *name, const char *node)
{
    struct opcode *op;

    assert_int_equal(opcode_new("OP_BACKUP_REMOVE", &op, &w.err), 0);
    opcode_set_string(op, "instance_name", name);
    opcode_set_string(op, "node_name", node);
    return world_run(op);
}

static void only_there(void **state)
{
    (void)state;
    world_old_copy(NODE1);
    world_old_copy(NODE3);
    assert_int_equal(run(WEB1, NODE3), 0);
    assert_int_equal(world_logged("remove node3.example.com web1.example.com"), 1);
    assert_int_equal(world_logged("changed node3.example.com web1.example.com"), 1);
    assert_int_equal(world_logged("remove node1"), 0);
    assert_int_equal(world_logged("list node1"), 0);
}

static void its_node_is_locked_shared_and_the_name_exclusively(void **state)
{
    (void)state;
    world_old_copy(NODE3);
    assert_int_equal(run(WEB1, "node3"), 0);
    assert_int_equal(world_logged("lock instance"), 0);
    assert_int_equal(world_logged("lock node node3.example.com shared"), 1);
    assert_int_equal(world_logged("lock export web1.example.com exclusive"), 1);
    assert_int_equal(w.locks, 0);
}

static void the_name_is_taken_literally(void **state)
{
    (void)state;
    world_old_copy(NODE3);
    assert_int_equal(run("web1", NODE3), 0);
    assert_int_equal(world_logged("lock export web1 exclusive"), 1);
    assert_int_equal(world_logged("remove "), 0);
}

static void only_the_copy_that_was_meant(void **state)
{
    struct node_export_id copy = w.id[2];

    (void)state;
    world_old_copy(NODE3);
    w.run.copy = &copy;
    copy.ino++;
    copy.t++;
    assert_int_equal(run(WEB1, NODE3), 0);
    assert_true(w.exported[2]);
    assert_int_equal(world_logged("> The export on node3.example.com was replaced"), 1);
    assert_int_equal(world_logged("end node3"), 1);
    copy = w.id[2];
    assert_int_equal(run(WEB1, NODE3), 0);
    assert_false(w.exported[2]);
}

static void noted_before_it_begins_and_until_it_has_ended(void **state)
{
    (void)state;
    world_old_copy(NODE3);
    assert_int_equal(run(WEB1, NODE3), 0);
    world_assert_order("begin node3.example.com web1.example.com", "remove node3");
    world_assert_order("remove node3", "end node3.example.com web1.example.com");
    world_assert_order("end node3.example.com web1.example.com", "unlock export");
}

static void what_failed_stays_noted(void **state)
{
    (void)state;
    world_old_copy(NODE3);
    w.fail_call = "remove node3";
    assert_int_equal(run(WEB1, NODE3), -EIO);
    assert_int_equal(world_logged("begin node3"), 1);
    assert_int_equal(world_logged("end node3"), 0);
    assert_int_equal(world_logged("changed node3"), 1);
    assert_non_null(strstr(w.err.text, "Could not remove export web1.example.com from node3"));
    assert_non_null(strstr(w.err.text, "broken"));
}

static void a_removal_that_cannot_be_noted_is_done(void **state)
{
    (void)state;
    world_old_copy(NODE3);
    w.fail_call = "begin node3";
    w.fail_errno = ENOSPC;
    assert_int_equal(run(WEB1, NODE3), 0);
    assert_int_equal(world_logged("remove node3"), 1);
    assert_int_equal(world_logged(">  - WARNING: this could not be noted down"), 1);
}

static void gone_already_is_gone(void **state)
{
    (void)state;
    assert_int_equal(run(WEB1, NODE3), 0);
    assert_int_equal(world_logged("remove "), 0);
    world_old_copy(NODE3);
    w.fail_call = "remove node3";
    w.fail_errno = ENOENT;
    assert_int_equal(run(WEB1, NODE3), 0);
    assert_int_equal(world_logged("end node3"), 1);
}

static void nodes_that_cannot_be_asked_are_refused(void **state)
{
    (void)state;
    world_old_copy(NODE3);
    w.nodes[2].offline = true;
    assert_int_equal(run(WEB1, NODE3), -EHOSTDOWN);
    w.nodes[2].offline = false;
    w.seen[2].state = NODE_UNREACHABLE;
    assert_int_equal(run(WEB1, NODE3), -EHOSTUNREACH);
    w.seen[2].state = NODE_ONLINE;
    w.seen[2].space.read_only = true;
    assert_int_equal(run(WEB1, NODE3), -EROFS);
    assert_int_equal(run(WEB1, "node9.example.com"), -ENOENT);
    assert_int_equal(world_logged("remove "), 0);
}

static void canceled_before_it_begins(void **state)
{
    (void)state;
    world_old_copy(NODE3);
    w.cancel_call = "phase checking";
    assert_int_equal(run(WEB1, NODE3), -ECANCELED);
    assert_int_equal(world_logged("begin "), 0);
    assert_true(w.exported[2]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(only_there),
        WORLD_TEST(its_node_is_locked_shared_and_the_name_exclusively),
        WORLD_TEST(the_name_is_taken_literally),
        WORLD_TEST(only_the_copy_that_was_meant),
        WORLD_TEST(noted_before_it_begins_and_until_it_has_ended),
        WORLD_TEST(what_failed_stays_noted),
        WORLD_TEST(a_removal_that_cannot_be_noted_is_done),
        WORLD_TEST(gone_already_is_gone),
        WORLD_TEST(nodes_that_cannot_be_asked_are_refused),
        WORLD_TEST(canceled_before_it_begins),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
