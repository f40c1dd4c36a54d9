/* What is not a cluster directory: one clear error that names the file and the reason. */
#include "modeldir_fixture.h"

#include <errno.h>

static void refused(const char *dir, int errnum, const char *file, const char *reason)
{
    struct model *m = NULL;
    struct err err = {0};

    assert_int_equal(modeldir_load(dir, NULL, &m, &err), -errnum);
    assert_null(m);
    assert_int_equal(err.errnum, errnum);
    fixture_has(err.text, file);
    fixture_has(err.text, reason);
}

static void no_such_directory(void **state)
{
    (void)state;
    refused(fixture_path("nowhere"), ENOENT, "nowhere", "No such file");
}

static void not_a_directory(void **state)
{
    (void)state;
    refused(fixture_path("cluster.ini"), ENOTDIR, "cluster.ini", "not a directory");
}

static void no_cluster_ini(void **state)
{
    (void)state;
    fixture_remove("cluster.ini");
    refused(fixture_dir, ENOENT, fixture_dir, "no cluster.ini");
}

static void no_nodes(void **state)
{
    (void)state;
    fixture_remove("nodes/node1.example.com");
    fixture_remove("nodes/node2.example.com");
    refused(fixture_dir, EINVAL, fixture_dir, "no nodes");
    fixture_remove("nodes");
    refused(fixture_dir, EINVAL, fixture_dir, "no nodes");
}

static const struct {
    const char *text, *reason;
} rows[] = {
    {"", "name is missing"},
    {"[cluster]\n", "name is missing"},
    {"[cluster]\nname =\nmaster_node = node1.example.com\n", "name is missing"},
    {"[cluster]\nname = c1\n", "master_node is missing"},
    {"[cluster]\nname = c1\nmaster_node = node9\n", "'node9' is not a node"},
    {"[cluster]\nname = c1\nmaster_node = node\n", "'node' is not a node"},
    {"[cluster]\nname = ../c1\nmaster_node = node1\n", "'../c1' is not a valid name"},
    {"[cluster]\nname = c1\nmaster_node = node1\nmaster = x\n", "no key 'master'"},
    {"[cluster]\nname = c1\nmaster_node = node1\n[nodes]\n", "unknown section [nodes]"},
    {"[cluster]\nname = c1\nname = c2\nmaster_node = node1\n", "line 3"},
    {"[cluster]\nprose\n", "line 2"},
    {"name = c1\n", "line 1"},
};

static void bad_text(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        fixture_write("cluster.ini", rows[i].text);
        refused(fixture_dir, EINVAL, "cluster.ini", rows[i].reason);
    }
}

static void ini_that_is_a_directory_or_a_symlink(void **state)
{
    struct model *m = NULL;
    struct err err = {0};

    (void)state;
    fixture_write("elsewhere", FIXTURE_CLUSTER);
    fixture_remove("cluster.ini");
    assert_int_equal(symlink("elsewhere", fixture_path("cluster.ini")), 0);
    assert_true(modeldir_load(fixture_dir, NULL, &m, &err) < 0);
    fixture_has(err.text, "cluster.ini");

    fixture_remove("cluster.ini");
    fixture_mkdir("cluster.ini");
    assert_true(modeldir_load(fixture_dir, NULL, &m, &err) < 0);
    fixture_has(err.text, "cluster.ini");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(no_such_directory), FIXTURE_TEST(not_a_directory),
        FIXTURE_TEST(no_cluster_ini),    FIXTURE_TEST(no_nodes),
        FIXTURE_TEST(bad_text),          FIXTURE_TEST(ini_that_is_a_directory_or_a_symlink),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
