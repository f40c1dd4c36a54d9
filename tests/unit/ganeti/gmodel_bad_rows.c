/* gmodel.h: rows that make no node or instance: they are shown as such, or left out, and never
 * believed. */
#include "tests/unit/ganeti/gmodel_rows.h"

static const char *const bad_names[] = {
    "null",        "1",      "\"\"",      "\"a/b\"",   "\"..\"", "\"../x\"",
    "\".hidden\"", "\"-o\"", "\"a\\nb\"", "\"x.new\"", "[]",     "{}",
};

static void instances_without_a_valid_name_are_left_out(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bad_names / sizeof *bad_names; i++) {
        CLEANUP_MODEL struct model *m =
            build(two_nodes(),
                  json_pack("[oo]", instance_with("name", bad_names[i]), instance_row()), NULL);

        assert_int_equal(m->ninstances, 1);
        assert_string_equal(m->instances[0]->name, "web.example.com");
        assert_non_null(m->error);
        assert_null(strchr(m->error, '\n'));
    }
}

static void nodes_without_a_valid_name_are_left_out(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bad_names / sizeof *bad_names; i++) {
        json_t *bad = node_row(N1);

        json_array_set_new(bad, 0, parse(bad_names[i]));

        CLEANUP_MODEL struct model *m =
            build(json_pack("[oo]", bad, node_row(N2)), json_array(), NULL);

        assert_int_equal(m->nnodes, 1);
        assert_non_null(m->error);
        assert_string_equal(m->master_node, "n1.example.com"); /* what it said at first */
    }
}

static void nodes_of_which_nothing_usable_is_said(void **state)
{
    static const struct {
        const char *field, *value;
    } rows[] = {
        {"offline", "null"},
        {"offline", "1"},
        {"drained", "\"False\""},
        {"pip", "null"},
        {"pip", "\"-oProxyCommand=x\""},
        {"pip", "\"host.example.com\""},
        {"pip", "\"1.2.3\""},
        {"pip", "\"192.0.2.1 \""},
        {"pip", "7"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        json_t *bad = node_row(N2);

        json_array_set_new(bad, (size_t)column(gmodel_node_fields, rows[i].field),
                           parse(rows[i].value));

        CLEANUP_MODEL struct model *m =
            build(json_pack("[oo]", bad, node_row(N1)), json_array(), NULL);

        assert_int_equal(m->nnodes, 2);
        assert_null(m->nodes[0].error);
        assert_non_null(m->nodes[1].error);
        assert_non_null(strstr(m->nodes[1].error, "n2.example.com"));
        assert_non_null(m->nodes[1].address); /* no directory of this machine */
    }
}

static void instances_of_which_nothing_usable_is_said(void **state)
{
    static const struct {
        const char *field, *value;
    } rows[] = {
        {"pnode", "null"},
        {"pnode", "\"n3.example.com\""},
        {"pnode", "\"n2\""},
        {"admin_state", "\"sideways\""},
        {"admin_state", "true"},
        {"os", "1"},
        {"os", "\"a\\nb\""},
        {"hypervisor", "null"},
        {"disk_template", "null"},
        {"disk_template", "[]"},
        {"tags", "null"},
        {"tags", "[1]"},
        {"tags", "[\"a\\nb\"]"},
        {"beparams", "null"},
        {"beparams", "{}"},
        {"beparams", "{\"maxmem\": \"64\", \"minmem\": 64, \"vcpus\": 1}"},
        {"beparams", "{\"maxmem\": 64, \"minmem\": 128, \"vcpus\": 1}"},
        {"beparams", "{\"maxmem\": 64, \"minmem\": -64, \"vcpus\": 1}"},
        {"beparams", "{\"maxmem\": 64, \"minmem\": 64, \"vcpus\": 1.5}"},
        {"beparams", "{\"maxmem\": 9223372036854775807, \"minmem\": 64, \"vcpus\": 1}"},
        {"disk.sizes", "null"},
        {"disk.sizes", "[null]"},
        {"disk.sizes", "[0]"},
        {"disk.sizes", "[-1]"},
        {"disk.sizes", "[1.5]"},
        {"disk.sizes", "[\"1\"]"},
        {"disk.sizes", "[9223372036854775807]"},
        {"disk.sizes", "[8796093022208]"}, /* 2^43 MiB are 2^63 bytes */
        {"disk.sizes", "[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]"},
        {"disk.names", "[1, null]"},
        {"disk.names", "[\"root\"]"},
        {"disk.names", "{}"},
        {"nic.macs", "null"},
        {"nic.macs", "[1,2,3,4,5,6,7,8,9]"},
        {"nic.macs", "[\"a\", \"b\"]"},
        {"nic.links", "[[]]"},
        {"nic.ips", "[\"1\\n2\"]"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        CLEANUP_MODEL struct model *m =
            build(two_nodes(), json_pack("[o]", instance_with(rows[i].field, rows[i].value)), NULL);

        assert_int_equal(m->ninstances, 1);
        if (!m->instances[0]->error)
            fail_msg("%s: %s is taken", rows[i].field, rows[i].value);
        assert_string_equal(m->instances[0]->name, "web.example.com");
        assert_non_null(strstr(m->instances[0]->error, "web.example.com"));
        assert_null(strchr(m->instances[0]->error, '\n'));
        assert_int_equal(m->instances[0]->ndisks, 0);
    }
}

static void the_largest_disk(void **state)
{
    CLEANUP_MODEL struct model *m = build(
        two_nodes(), json_pack("[o]", instance_with("disk.sizes", "[8796093022207, 1]")), NULL);

    (void)state;
    assert_null(m->instances[0]->error);
    assert_true(m->instances[0]->disks[0].bytes == 8796093022207ULL * MODEL_MIB);
}

/* What config.ini cannot carry is no reason to have no backups of it. */
static void parameters_that_no_ini_file_can_carry(void **state)
{
    CLEANUP_MODEL struct model *m = build(
        two_nodes(),
        json_pack("[o]", instance_with("osparams", "{\"a=b\": \"1\", \"c\": \"x\\u0001\", "
                                                   "\"[d]\": \"2\", \"e\": \"5\", \"\": \"6\"}")),
        NULL);
    struct ini *ini = m->instances[0]->ini;

    (void)state;
    assert_null(m->instances[0]->error);
    assert_int_equal(ini_section(ini, "os")->n, 1);
    assert_string_equal(ini_get(ini, "os", "e"), "5");
}

static void the_same_twice(void **state)
{
    CLEANUP_MODEL struct model *m =
        build(json_pack("[ooo]", node_row(N1), node_row(N2), node_row(N1)),
              json_pack("[oo]", instance_row(), instance_with("os", "\"x\"")), NULL);

    (void)state;
    assert_int_equal(m->nnodes, 2);
    assert_int_equal(m->ninstances, 1);
    assert_non_null(m->error);
}

static void assert_none(const char *nodes, const char *instances)
{
    CLEANUP_JSON json_t *n = parse(nodes), *i = parse(instances);
    struct model *m = NULL;

    assert_int_equal(gmodel_build(&cluster, &options, n, i, NULL, &m, &err), -EBADMSG);
    assert_null(m);
}

static void what_was_not_asked_for(void **state)
{
    (void)state;
    assert_none("{}", "[]");
    assert_none("[]", "[]"); /* there is always one */
    assert_none("[[\"n1\"]]", "[]");
    assert_none("[null]", "[]");
    assert_none("[[\"n1\", false, false, true, \"192.0.2.1\"]]", "null");
    assert_none("[[\"n1\", false, false, true, \"192.0.2.1\"]]", "[[\"i1\"]]");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(instances_without_a_valid_name_are_left_out),
        cmocka_unit_test(nodes_without_a_valid_name_are_left_out),
        cmocka_unit_test(nodes_of_which_nothing_usable_is_said),
        cmocka_unit_test(instances_of_which_nothing_usable_is_said),
        cmocka_unit_test(the_largest_disk),
        cmocka_unit_test(parameters_that_no_ini_file_can_carry),
        cmocka_unit_test(the_same_twice),
        cmocka_unit_test(what_was_not_asked_for),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
