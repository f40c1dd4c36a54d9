/* Exports and nodes that come, change and go are seen; what is unchanged is not read again. */
#include "catalog_fixture.h"

#include <errno.h>

static bool has_web2(const struct catalog *c)
{
    const struct catalog_export *e = catalog_find(c, NODE1, "web2");

    return e && e->complete;
}

static bool lacks_web1(const struct catalog *c)
{
    return !catalog_find(c, NODE1, "web1");
}

static bool web1_incomplete(const struct catalog *c)
{
    const struct catalog_export *e = catalog_find(c, NODE1, "web1");

    return e && !e->complete;
}

static bool web1_disk_grown(const struct catalog *c)
{
    const struct catalog_export *e = catalog_find(c, NODE1, "web1");

    return e && e->complete && e->info->files[e->disk_file[0]].size == 5000;
}

static bool node2_offline(const struct catalog *c)
{
    const struct catalog_node *n = catalog_find_node(c, NODE2);

    return n && n->state == NODE_OFFLINE && n->n == 0;
}

static bool node2_drained(const struct catalog *c)
{
    const struct catalog_node *n = catalog_find_node(c, NODE2);

    return n && n->state == NODE_DRAINED && n->n == 1;
}

static bool node3_with_export(const struct catalog *c)
{
    return catalog_find(c, "node3", "web1");
}

static bool two_nodes(const struct catalog *c)
{
    return c->n == 2;
}

static void exports(void **state)
{
    (void)state;
    put_export(NODE1, "web1", 1000);
    catalog_begin(30);
    catalog_watch();
    put_export(NODE1, "web2", 1000);
    wait_until(has_web2);
    assert_int_equal(truncate(fixture_path("nodes/" NODE1 "/export/web1/disk0.raw"), 5000), 0);
    wait_until(web1_disk_grown);
    fixture_remove("nodes/" NODE1 "/export/web1/disk0.raw");
    wait_until(web1_incomplete);
    fixture_remove("nodes/" NODE1 "/export/web1");
    wait_until(lacks_web1);
    assert_true(catalog_end());
}

static void nodes(void **state)
{
    (void)state;
    put_export(NODE2, "web1", 1000);
    catalog_begin(30);
    catalog_watch();
    fixture_write("nodes/" NODE2 "/node.ini", "[node]\noffline = True\n");
    wait_until(node2_offline);
    fixture_write("nodes/" NODE2 "/node.ini", "[node]\ndrained = True\n");
    wait_until(node2_drained);
    fixture_mkdir("nodes/node3");
    put_export("node3", "web1", 1000);
    wait_until(node3_with_export);
    fixture_remove("nodes/node3");
    wait_until(two_nodes);
    assert_true(catalog_end());
}

static void refresh_puts_it_in_place(void **state)
{
    struct err err = {0};

    (void)state;
    put_export(NODE1, "web1", 1000);
    catalog_begin(30); /* nothing watches: only the refresh can have seen it */
    put_export(NODE1, "web2", 1000);
    assert_int_equal(catalog_refresh(scanner, NODE1, "web2", &err), 0);

    struct catalog *c = catalog_get(scanner);

    assert_true(has_web2(c));
    catalog_unref(c);
    fixture_remove("nodes/" NODE1 "/export/web1");
    assert_int_equal(catalog_refresh(scanner, NODE1, "web1", &err), 0);
    c = catalog_get(scanner);
    assert_true(lacks_web1(c));
    assert_true(has_web2(c));
    catalog_unref(c);
    assert_int_equal(catalog_refresh(scanner, "nowhere", "web1", &err), -ENOENT);
    assert_int_equal(catalog_refresh(scanner, NODE1, "../web1", &err), -EINVAL);
    assert_true(catalog_end());
}

static void unchanged_exports_are_not_read_again(void **state)
{
    char name[16];

    (void)state;
    for (int i = 0; i < 20; i++) {
        snprintf(name, sizeof name, "vm%d", i);
        put_export(NODE1, name, 1000);
    }
    usleep(60000); /* what is younger than a clock tick is read twice */
    catalog_begin(30);
    assert_int_equal(infos_read, 20);
    catalog_watch();
    put_export(NODE1, "web2", 1000);
    wait_until(has_web2);
    assert_true(catalog_end());
    assert_in_range(infos_read, 21, 30);
}

static int setup(void **state)
{
    infos_read = 0;
    return catalog_setup(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CATALOG_TEST(exports),
        CATALOG_TEST(nodes),
        CATALOG_TEST(refresh_puts_it_in_place),
        cmocka_unit_test_setup_teardown(unchanged_exports_are_not_read_again, setup,
                                        fixture_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
