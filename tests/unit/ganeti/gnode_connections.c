/* gnode: one connection per node and address, for as long as anybody needs it. */
#include "tests/unit/ganeti/gnode_help.h"

static void make_export(void)
{
    assert_int_equal(mkdir(path("export/" IN), 0700), 0);
    put(path("export/" IN "/disk0.raw"), "data", 0600);
}

static void list(void)
{
    CLEANUP_STRVEC struct strvec names = {0};

    assert_int_equal(gnode_ops.export_list(nodes, &node, &names, &err), 0);
}

static void shared_by_all_calls(void **state)
{
    struct node_space space;
    struct sftp *a, *b;

    (void)state;
    list();
    list();
    assert_int_equal(gnode_ops.export_space(nodes, &node, &space, &err), 0);
    a = gnode_sftp_get(nodes, &node);
    b = gnode_sftp_get(nodes, &node);
    assert_non_null(a);
    assert_ptr_equal(a, b);
    gnode_sftp_put(nodes, a);
    gnode_sftp_put(nodes, b);
    list();
    assert_int_equal(servers_started(), 1);
}

static void another_address_is_another_connection(void **state)
{
    struct sftp_attrs attrs;
    struct sftp *a, *b;

    (void)state;
    a = gnode_sftp_get(nodes, &node);
    assert_int_equal(sftp_stat(a, "/", true, &attrs, &err), 0);
    node.address = (char *)"192.0.2.2";
    b = gnode_sftp_get(nodes, &node);
    assert_ptr_not_equal(a, b);
    list();
    assert_int_equal(servers_started(), 2);
    assert_int_equal(sftp_stat(a, "/", true, &attrs, &err), 0); /* while somebody has it */
    gnode_sftp_put(nodes, a);
    gnode_sftp_put(nodes, b);
    node.address = (char *)"-oProxyCommand=touch /tmp/x";
    assert_non_null(b = gnode_sftp_get(nodes, &node)); /* of no meaning to the test's command */
    gnode_sftp_put(nodes, b);
}

static void a_node_without_address_has_none(void **state)
{
    CLEANUP_STRVEC struct strvec names = {0};
    struct node_export_info *info = NULL;
    struct node_file *f = NULL;

    (void)state;
    make_export();
    node.address = NULL;
    assert_null(gnode_sftp_get(nodes, &node));
    assert_int_equal(gnode_ops.export_list(nodes, &node, &names, &err), 0);
    assert_int_equal(names.n, 1);
    assert_int_equal(gnode_ops.export_info(nodes, &node, IN, &info, &err), 0);
    assert_true(info->id.ino != 0);
    node_export_info_free(info);
    assert_int_equal(gnode_ops.export_open(nodes, &node, IN, "disk0.raw", &f, &err), 0);
    node_file_unref(f);
    assert_int_equal(servers_started(), 0);
}

static void a_file_outlives_the_nodes(void **state)
{
    struct node_file *f = NULL;
    char data[4];

    (void)state;
    make_export();
    assert_int_equal(gnode_ops.export_open(nodes, &node, IN, "disk0.raw", &f, &err), 0);
    assert_int_equal(f->ops->read(f, data, 4, 0), 0);
    gnode_close(STEAL(nodes));
    assert_int_equal(f->ops->read(f, data, 4, 0), -EIO);
    node_file_unref(f);
}

static void a_file_outlives_its_address(void **state)
{
    struct node_file *f = NULL;
    char data[4];

    (void)state;
    make_export();
    assert_int_equal(gnode_ops.export_open(nodes, &node, IN, "disk0.raw", &f, &err), 0);
    node.address = (char *)"192.0.2.2";
    list();
    assert_int_equal(f->ops->read(f, data, 4, 0), 0);
    node_file_unref(f);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, nodes_setup, nodes_teardown)
    const struct CMUnitTest tests[] = {
        TEST(shared_by_all_calls),
        TEST(another_address_is_another_connection),
        TEST(a_node_without_address_has_none),
        TEST(a_file_outlives_the_nodes),
        TEST(a_file_outlives_its_address),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
