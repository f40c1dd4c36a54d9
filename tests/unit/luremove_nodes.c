/* luremove_nodes.c - OP_BACKUP_REMOVE: every online node that has it, failures told (L36). */
#include "lu_world.h"

#include "lu_world_image.h"
#include "lu_world_locks.h"

static int run(const char *name)
{
    struct opcode *op;

    assert_int_equal(opcode_new("OP_BACKUP_REMOVE", &op, &w.err), 0);
    opcode_set_string(op, "instance_name", name);
    return world_run(op);
}

static void removed_wherever_it_is_listed(void **state)
{
    CLEANUP_FREE char *text = NULL;

    (void)state;
    world_old_copy(NODE1);
    world_old_copy(NODE3);
    assert_int_equal(run("web1"), 0);
    assert_int_equal(world_logged("remove node1.example.com web1.example.com"), 1);
    assert_int_equal(world_logged("remove node2"), 0);
    assert_int_equal(world_logged("remove node3.example.com web1.example.com"), 1);
    assert_int_equal(world_logged("changed node3.example.com web1.example.com"), 1);
    assert_int_equal(lu_result_format(&w.result, &text), 0);
    assert_string_equal(text, "None");
}

static void no_instance_is_locked_and_no_hook_is_run(void **state)
{
    (void)state;
    assert_int_equal(run("web1"), 0);
    assert_int_equal(world_logged("lock instance"), 0);
    assert_int_equal(world_logged("lock node ALL shared"), 1);
    assert_int_equal(world_logged("lock export web1.example.com exclusive"), 1);
    assert_int_equal(world_logged("hooks "), 0);
    assert_int_equal(w.locks, 0);
}

static void a_name_that_no_instance_has_is_taken_literally(void **state)
{
    (void)state;
    assert_int_equal(run("gone.example.com"), 0);
    assert_int_equal(world_logged("lock export gone.example.com exclusive"), 1);
    assert_int_equal(world_logged("> Export not found."), 1);
}

static void nothing_found_of_a_known_instance_is_quiet(void **state)
{
    (void)state;
    assert_int_equal(run("web1"), 0);
    assert_int_equal(world_logged("> "), 0);
}

static void a_failing_node_does_not_stop_the_others_but_fails_the_job(void **state)
{
    (void)state;
    world_old_copy(NODE1);
    world_old_copy(NODE3);
    w.fail_call = "remove node1";
    assert_int_equal(run("web1"), -EIO);
    assert_int_equal(world_logged(">  - WARNING: Could not remove export from node node1"), 1);
    assert_int_equal(world_logged("remove node3"), 1);
    assert_string_equal(w.err.text,
                        "Could not remove export web1.example.com from: node1.example.com");
}

static void a_node_that_cannot_list_fails_the_job(void **state)
{
    (void)state;
    w.fail_call = "list node2";
    assert_int_equal(run("web1"), -EIO);
    assert_non_null(strstr(w.err.text, "node2.example.com"));
    assert_int_equal(world_logged("list node3"), 1);
}

static void without_export_directory_there_is_nothing(void **state)
{
    (void)state;
    w.fail_call = "list ";
    w.fail_errno = ENOENT;
    assert_int_equal(run("web1"), 0);
}

static void offline_nodes_are_told_and_not_asked(void **state)
{
    (void)state;
    w.nodes[1].offline = true;
    assert_int_equal(run("web1"), 0);
    assert_int_equal(world_logged("list node2"), 0);
    assert_int_equal(world_logged(">  - WARNING: Node node2.example.com is offline"), 1);
}

static void names_that_leave_the_directory_are_refused(void **state)
{
    static const char *const bad[] = {"../etc", ".", "..", "a/b", ".web1.new", "a\nb", "x.tar"};

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(run(bad[i]), -EINVAL);
        assert_int_equal(w.err.ecode, ECODE_INVAL);
    }
    assert_int_equal(w.calls, 0);
}

static void dry_run_removes_nothing(void **state)
{
    struct opcode *op;

    (void)state;
    world_old_copy(NODE1);
    assert_int_equal(opcode_new("OP_BACKUP_REMOVE", &op, &w.err), 0);
    opcode_set_string(op, "instance_name", "web1");
    opcode_set_bool(op, "dry_run", true);
    assert_int_equal(world_run(op), 0);
    assert_int_equal(world_logged("remove "), 0);
    assert_int_equal(world_logged("list "), 0);
}

static void a_wrong_uuid_is_refused(void **state)
{
    struct opcode *op;

    (void)state;
    assert_int_equal(opcode_new("OP_BACKUP_REMOVE", &op, &w.err), 0);
    opcode_set_string(op, "instance_name", "web1");
    opcode_set_string(op, "instance_uuid", "1234");
    assert_int_equal(world_run(op), -EIO);
    assert_int_equal(w.err.ecode, ECODE_NOTUNIQUE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(removed_wherever_it_is_listed),
        WORLD_TEST(no_instance_is_locked_and_no_hook_is_run),
        WORLD_TEST(a_name_that_no_instance_has_is_taken_literally),
        WORLD_TEST(nothing_found_of_a_known_instance_is_quiet),
        WORLD_TEST(a_failing_node_does_not_stop_the_others_but_fails_the_job),
        WORLD_TEST(a_node_that_cannot_list_fails_the_job),
        WORLD_TEST(without_export_directory_there_is_nothing),
        WORLD_TEST(offline_nodes_are_told_and_not_asked),
        WORLD_TEST(names_that_leave_the_directory_are_refused),
        WORLD_TEST(dry_run_removes_nothing),
        WORLD_TEST(a_wrong_uuid_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
