/* A node that fails or hangs is unreachable, not empty; it holds up nobody and heals by itself. */
#include "catalog_fixture.h"

#include <errno.h>

static bool node2_unreachable(const struct catalog *c)
{
    const struct catalog_node *n = catalog_find_node(c, NODE2);

    return n->state == NODE_UNREACHABLE && n->n == 0 && n->error && *n->error;
}

static bool node2_well(const struct catalog *c)
{
    const struct catalog_node *n = catalog_find_node(c, NODE2);

    return n->state == NODE_ONLINE && n->n == 1 && !n->error;
}

static bool node1_has_web2(const struct catalog *c)
{
    return catalog_find(c, NODE1, "web2");
}

static void node_errors(void **state)
{
    static const int errors[] = {EIO, ESTALE, ENOTCONN, EHOSTDOWN, ETIMEDOUT};

    (void)state;
    put_export(NODE2, "web1", 1000);
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
        make_sick(NODE2, errors[i]);
        catalog_begin(30);

        struct catalog *c = catalog_get(scanner);

        assert_true(node2_unreachable(c));
        assert_int_equal(catalog_find_node(c, NODE1)->state, NODE_ONLINE);
        assert_null(catalog_current(c, "web1", NULL));
        fixture_has(catalog_find_node(c, NODE2)->error, strerror(errors[i]));
        catalog_unref(c);
        assert_true(catalog_end());
    }
}

static void error_while_watching_heals(void **state)
{
    struct err err = {0};

    (void)state;
    put_export(NODE2, "web1", 1000);
    catalog_begin(30);
    catalog_watch();
    wait_until(node2_well);
    make_sick(NODE2, ENOTCONN);
    put_export(NODE2, "web3", 1000); /* makes it look */
    wait_until(node2_unreachable);
    assert_int_equal(catalog_refresh(scanner, NODE2, "web1", &err), -ENOTCONN);
    make_sick(NULL, 0);
    fixture_remove("nodes/" NODE2 "/export/web3");
    wait_until(node2_well);
    assert_true(catalog_end());
}

/* A bad spot of the disk: the export on it is shown for what it is, the others stay. */
static void bad_spot_is_one_exports(void **state)
{
    struct catalog *c;

    (void)state;
    put_export(NODE2, "web1", 1000);
    put_export(NODE2, "web2", 1000);
    fixture_bad_spot = "web1";
    catalog_begin(30);
    c = catalog_get(scanner);
    assert_int_equal(catalog_find_node(c, NODE2)->state, NODE_ONLINE);
    assert_false(catalog_find(c, NODE2, "web1")->complete);
    fixture_has(catalog_find(c, NODE2, "web1")->error, strerror(EIO));
    assert_true(catalog_find(c, NODE2, "web2")->complete);
    catalog_unref(c);
    assert_true(catalog_end());
    fixture_bad_spot = NULL;
}

static void hung_at_opening(void **state)
{
    (void)state;
    put_export(NODE2, "web1", 1000);
    make_sick(NODE2, 0);
    catalog_begin(1);

    struct catalog *c = catalog_get(scanner);

    assert_true(node2_unreachable(c));
    assert_int_equal(catalog_find_node(c, NODE1)->state, NODE_ONLINE);
    catalog_unref(c);
    catalog_watch();
    put_export(NODE1, "web2", 1000);
    wait_until(node1_has_web2);
    make_sick(NULL, 0);
    wait_until(node2_well);
    catalog_end();
}

static void hung_while_watching(void **state)
{
    (void)state;
    put_export(NODE2, "web1", 1000);
    catalog_begin(1);
    catalog_watch();
    make_sick(NODE2, 0);
    put_export(NODE2, "web3", 1000); /* makes it look */
    wait_until(node2_unreachable);
    put_export(NODE1, "web2", 1000);
    wait_until(node1_has_web2);
    fixture_remove("nodes/" NODE2 "/export/web3");
    make_sick(NULL, 0);
    wait_until(node2_well);
    assert_true(catalog_end());
}

static void close_does_not_wait_for_a_hung_node(void **state)
{
    (void)state;
    catalog_begin(1);
    catalog_watch();
    make_sick(NODE2, 0);
    put_export(NODE2, "web1", 1000);
    wait_until(node2_unreachable);
    assert_false(catalog_end()); /* comes back, and tells that a thread was left behind */
    make_sick(NULL, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CATALOG_TEST(node_errors),
        CATALOG_TEST(error_while_watching_heals),
        CATALOG_TEST(bad_spot_is_one_exports),
        CATALOG_TEST(hung_at_opening),
        CATALOG_TEST(hung_while_watching),
        CATALOG_TEST(close_does_not_wait_for_a_hung_node),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
