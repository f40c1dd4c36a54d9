/* gmodel.h: what has not changed is the same as before. */
#include "tests/unit/ganeti/gmodel_rows.h"

static json_t *other(const char *name)
{
    json_t *r = instance_row();

    json_array_set_new(r, 0, json_string(name));
    return r;
}

static void equal_rows_are_the_same_instance(void **state)
{
    CLEANUP_MODEL struct model *a =
        build(two_nodes(), json_pack("[oo]", other("a.example.com"), other("b.example.com")), NULL);
    CLEANUP_MODEL struct model *b =
        build(two_nodes(), json_pack("[oo]", other("b.example.com"), other("a.example.com")), a);

    (void)state;
    assert_ptr_equal(a->instances[0], b->instances[0]);
    assert_ptr_equal(a->instances[1], b->instances[1]);
    assert_true(model_same(a, b));
}

static void another_row_is_another_instance(void **state)
{
    static const struct {
        const char *field, *value;
    } rows[] = {
        {"pnode", "\"n1.example.com\""}, {"admin_state", "\"up\""}, {"os", "\"\""},
        {"hypervisor", "\"fake\""},      {"tags", "[\"a\"]"},       {"disk.sizes", "[1024, 21]"},
        {"disk.names", "[null, null]"},  {"osparams", "{}"},        {"hvparams", "{}"},
        {"nic.ips", "[\"192.0.2.9\"]"},  {"nic.vlans", "[\"7\"]"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        CLEANUP_MODEL struct model *a =
            build(two_nodes(), json_pack("[oo]", instance_row(), other("b.example.com")), NULL);
        CLEANUP_MODEL struct model *b = build(
            two_nodes(),
            json_pack("[oo]", instance_with(rows[i].field, rows[i].value), other("b.example.com")),
            a);

        assert_ptr_equal(a->instances[0], b->instances[0]); /* b.example.com */
        assert_ptr_not_equal(a->instances[1], b->instances[1]);
        assert_false(model_same(a, b));
    }
}

static void an_instance_whose_node_has_gone_or_come(void **state)
{
    CLEANUP_MODEL struct model *a = build(two_nodes(), json_pack("[o]", instance_row()), NULL);
    CLEANUP_MODEL struct model *b =
        build(json_pack("[o]", node_row(N1)), json_pack("[o]", instance_row()), a);
    CLEANUP_MODEL struct model *c = build(two_nodes(), json_pack("[o]", instance_row()), b);

    (void)state;
    assert_null(a->instances[0]->error);
    assert_non_null(b->instances[0]->error);
    assert_null(c->instances[0]->error);
}

static void what_cannot_be_used_says_the_same(void **state)
{
    CLEANUP_MODEL struct model *a =
        build(two_nodes(), json_pack("[o]", instance_with("tags", "1")), NULL);
    CLEANUP_MODEL struct model *b =
        build(two_nodes(), json_pack("[o]", instance_with("tags", "1")), a);

    (void)state;
    assert_true(model_same(a, b));
}

static void nodes_that_have_changed(void **state)
{
    static const struct {
        const char *field, *value;
    } rows[] = {{"offline", "true"}, {"drained", "false"}, {"pip", "\"192.0.2.3\""}};
    CLEANUP_MODEL struct model *a = build(two_nodes(), json_array(), NULL);

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        json_t *n2 = node_row(N2);

        json_array_set_new(n2, (size_t)column(gmodel_node_fields, rows[i].field),
                           parse(rows[i].value));

        CLEANUP_MODEL struct model *b = build(json_pack("[oo]", node_row(N1), n2), json_array(), a);

        assert_false(model_same(a, b));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_rows_are_the_same_instance),
        cmocka_unit_test(another_row_is_another_instance),
        cmocka_unit_test(an_instance_whose_node_has_gone_or_come),
        cmocka_unit_test(what_cannot_be_used_says_the_same),
        cmocka_unit_test(nodes_that_have_changed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
