/* A copy that is being removed is in no catalog, until that has ended; another in its place is. */
#include "catalog_fixture.h"

#include <errno.h>

static struct node_export_id id_of(const char *node, const char *name)
{
    struct catalog *c = catalog_get(scanner);
    const struct catalog_export *e = catalog_find(c, node, name);

    assert_non_null(e);

    struct node_export_id id = e->info->id;

    catalog_unref(c);
    return id;
}

static bool shown(const char *node, const char *name)
{
    struct catalog *c = catalog_get(scanner);
    bool found = catalog_find(c, node, name);

    catalog_unref(c);
    return found;
}

static void at_once_and_alone(void **state)
{
    struct node_export_id id;
    const struct catalog_node *where;

    (void)state;
    put_export(NODE1, "web1", 1000);
    put_export(NODE2, "web1", 900);
    put_export(NODE1, "web2", 1000);
    catalog_begin(30);
    id = id_of(NODE1, "web1");
    assert_int_equal(catalog_hide(scanner, NODE1, "web1", &id), 0);
    assert_false(shown(NODE1, "web1"));
    assert_true(shown(NODE2, "web1") && shown(NODE1, "web2"));

    struct catalog *c = catalog_get(scanner);

    assert_non_null(catalog_current(c, "web1", &where));
    assert_string_equal(where->name, NODE2);
    catalog_unref(c);
    catalog_show(scanner, NODE1, "web1", &id);
    assert_true(shown(NODE1, "web1"));
    catalog_end();
}

static void also_when_it_is_read_again(void **state)
{
    struct node_export_id id;
    struct err err;

    (void)state;
    put_export(NODE1, "web1", 1000);
    catalog_begin(30);
    id = id_of(NODE1, "web1");
    assert_int_equal(catalog_hide(scanner, NODE1, "web1", &id), 0);
    assert_int_equal(catalog_refresh(scanner, NODE1, "web1", &err), 0);
    assert_false(shown(NODE1, "web1"));
    catalog_end();
}

static void not_what_takes_its_place(void **state)
{
    struct node_export_id id;
    struct err err;

    (void)state;
    put_export(NODE1, "web1", 1000);
    catalog_begin(30);
    id = id_of(NODE1, "web1");
    assert_int_equal(catalog_hide(scanner, NODE1, "web1", &id), 0);
    put_export(NODE1, "web1", 2000);
    assert_int_equal(catalog_refresh(scanner, NODE1, "web1", &err), 0);
    assert_true(shown(NODE1, "web1"));
    assert_int_equal(id_of(NODE1, "web1").t, 2000);
    catalog_end();
}

static void only_what_is_there(void **state)
{
    struct node_export_id id, other;

    (void)state;
    put_export(NODE1, "web1", 1000);
    catalog_begin(30);
    other = id = id_of(NODE1, "web1");
    other.t++;
    assert_int_equal(catalog_hide(scanner, NODE1, "web1", &other), -ENOENT);
    assert_int_equal(catalog_hide(scanner, NODE2, "web1", &id), -ENOENT);
    assert_int_equal(catalog_hide(scanner, NODE1, "web1", &id), 0);
    assert_int_equal(catalog_hide(scanner, NODE1, "web1", &id), -ENOENT); /* it has gone */
    catalog_end();
}

static void gone_for_good_it_stays_away(void **state)
{
    struct node_export_id id;
    struct err err;

    (void)state;
    put_export(NODE1, "web1", 1000);
    catalog_begin(30);
    id = id_of(NODE1, "web1");
    assert_int_equal(catalog_hide(scanner, NODE1, "web1", &id), 0);
    fixture_remove("nodes/" NODE1 "/export/web1");
    assert_int_equal(catalog_refresh(scanner, NODE1, "web1", &err), 0);
    catalog_show(scanner, NODE1, "web1", &id);
    assert_false(shown(NODE1, "web1"));
    catalog_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CATALOG_TEST(at_once_and_alone),           CATALOG_TEST(also_when_it_is_read_again),
        CATALOG_TEST(not_what_takes_its_place),    CATALOG_TEST(only_what_is_there),
        CATALOG_TEST(gone_for_good_it_stays_away),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
