/* What is an export, which one is complete, which one is current: right after opening. */
#include "catalog_fixture.h"

static struct catalog *first_look(void)
{
    catalog_begin(30);

    struct catalog *c = catalog_get(scanner);

    assert_true(catalog_end());
    return c; /* outlives the scanner */
}

static void no_exports_directory_is_an_empty_node(void **state)
{
    struct catalog *c = first_look();

    (void)state;
    assert_int_equal(c->n, 2);
    assert_string_equal(c->nodes[0].name, NODE1);
    assert_int_equal(c->nodes[0].state, NODE_ONLINE);
    assert_int_equal(c->nodes[0].n, 0);
    assert_null(c->nodes[0].error);
    assert_true(c->nodes[0].space.total > 0);
    catalog_unref(c);
}

static void complete_export(void **state)
{
    (void)state;
    put_export(NODE2, "web1", 1000);
    fixture_write("nodes/" NODE2 "/export/web1/XXH128SUMS", "x");

    struct catalog *c = first_look();
    const struct catalog_export *e = catalog_find(c, NODE2, "web1");

    assert_non_null(e);
    assert_true(e->complete);
    assert_null(e->error);
    assert_int_equal(e->ndisks, 1);
    assert_string_equal(e->info->files[e->disk_file[0]].name, "disk0.raw");
    assert_string_equal(e->info->files[e->sums_file].name, "XXH128SUMS");
    assert_int_equal(e->info->id.t, 1000);
    assert_null(catalog_find(c, NODE1, "web1"));
    assert_null(catalog_find(c, "nowhere", "web1"));
    catalog_unref(c);
}

static void what_is_no_export_is_not_listed(void **state)
{
    (void)state;
    put_export(NODE1, "web1", 1000);
    put_export(NODE1, "web1.new", 1000);
    put_export(NODE1, ".web2.stage", 1000);
    put_export(NODE1, "a\nb", 1000);
    fixture_write("nodes/" NODE1 "/export/file", "x");
    assert_int_equal(symlink("web1", fixture_path("nodes/" NODE1 "/export/link")), 0);
    assert_int_equal(symlink("/etc", fixture_path("nodes/" NODE1 "/export/etc")), 0);

    struct catalog *c = first_look();

    assert_int_equal(c->nodes[0].n, 1);
    assert_string_equal(c->nodes[0].exports[0]->name, "web1");
    assert_int_equal(c->nodes[0].nunfinished, 1);
    assert_string_equal(c->nodes[0].unfinished[0]->name, "web1.new");
    assert_null(catalog_find(c, NODE1, "web1.new"));
    catalog_unref(c);
}

static const struct {
    const char *text, *reason; /* text NULL: no config.ini */
} rows[] = {
    {NULL, ""},
    {"", ""},
    {"prose", ""},
    {"[export]\nversion = 1\n[instance]\nname = web1\n", "version"},
    {"[export]\nversion = 0\n", "name"},
    {"[export]\nversion = 0\n[instance]\nname = web1\ndisk0_dump = disk1.raw\ndisk0_size = 1\n",
     "'disk1.raw' is missing"},
    {"[export]\nversion = 0\n[instance]\nname = web1\ndisk0_dump = ../x\ndisk0_size = 1\n", "../x"},
    {"[export]\nversion = 0\n[instance]\nname = web1\ndisk0_dump = link\ndisk0_size = 1\n",
     "'link' is missing"},
    {"[export]\nversion = 0\n[instance]\nname = web1\ndisk0_dump = config.ini\ndisk0_size = 1\n",
     "config.ini"},
};

static void incomplete_exports_say_why(void **state)
{
    (void)state;
    put_export(NODE1, "web1", 1000);
    assert_int_equal(symlink("disk0.raw", fixture_path("nodes/" NODE1 "/export/web1/link")), 0);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        fixture_remove("nodes/" NODE1 "/export/web1/config.ini");
        if (rows[i].text)
            fixture_write("nodes/" NODE1 "/export/web1/config.ini", rows[i].text);

        struct catalog *c = first_look();
        const struct catalog_export *e = catalog_find(c, NODE1, "web1");

        assert_non_null(e);
        if (e->complete)
            fail_msg("row %zu counts as complete", i);
        fixture_has(e->error, rows[i].reason);
        assert_int_equal(e->ndisks, 0);
        assert_null(catalog_current(c, "web1", NULL));
        catalog_unref(c);
    }
}

static void current_is_the_greatest_t(void **state)
{
    const struct catalog_node *where = NULL;

    (void)state;
    put_export(NODE1, "web1", 2000);
    put_export(NODE2, "web1", 1000);
    put_export(NODE1, "web2", 1000);
    put_export(NODE2, "web2", 2000);

    struct catalog *c = first_look();

    assert_int_equal(catalog_current(c, "web1", &where)->info->id.t, 2000);
    assert_string_equal(where->name, NODE1);
    assert_int_equal(catalog_current(c, "web2", &where)->info->id.t, 2000);
    assert_string_equal(where->name, NODE2);
    assert_null(catalog_current(c, "web3", NULL));
    catalog_unref(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CATALOG_TEST(no_exports_directory_is_an_empty_node),
        CATALOG_TEST(complete_export),
        CATALOG_TEST(what_is_no_export_is_not_listed),
        CATALOG_TEST(incomplete_exports_say_why),
        CATALOG_TEST(current_is_the_greatest_t),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
