/* opcode_export_parameters.c - spec §1.1 row by row: default, what is accepted, what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "opcode_rows.h"

static const struct opcode_row rows[] = {
    {"instance_name", NULL, {"web1", "'1'"}, {"None", "''", "1", "True", "[web1]"}},
    {"instance_uuid", "None", {"None", "abc"}, {"''", "1", "False", "[]"}},
    {"target_node", NULL, {"node1", "[]", "[a, b]"}, {"None", "''", "1", "True", "1.5"}},
    {"target_node_uuid", "None", {"None", "abc"}, {"''", "1", "[]"}},
    {"shutdown", "True", {"True", "False", "true"}, {"None", "1", "0", "yes", "[]"}},
    {"shutdown_timeout", "120", {"0", "86400"}, {"-1", "True", "None", "1.5", "soon", "[]"}},
    {"remove_instance", "False", {"True", "False"}, {"None", "1", "yes"}},
    {"ignore_remove_failures", "False", {"True", "False"}, {"None", "1", "yes"}},
    {"mode", "local", {"local", "remote"}, {"None", "''", "LOCAL", "1", "True"}},
    {"x509_key_name", "None", {"None", "[]", "[a, b, c]"}, {"a", "1", "True"}},
    {"destination_x509_ca", "None", {"None", "pem"}, {"''", "1", "[]"}},
    {"compress", "none", {"none", "gzip", "''"}, {"None", "1", "True", "[]"}},
    {"zero_free_space", "False", {"True", "False"}, {"None", "1"}},
    {"zeroing_timeout_fixed", "None", {"None", "300", "-1"}, {"True", "1.5", "x", "[]"}},
    {"zeroing_timeout_per_mib", "None", {"None", "0.05", "3"}, {"True", "x", "[]"}},
    {"long_sleep", "False", {"True", "False"}, {"None", "1"}},
};

static void each_row(void **state)
{
    (void)state;
    opcode_check_rows("OP_BACKUP_EXPORT", rows, sizeof rows / sizeof *rows);
}

static void in_this_order_and_with_the_common_ones(void **state)
{
    const struct opcode_desc *d = opcode_find("OP_BACKUP_EXPORT");
    size_t n = sizeof rows / sizeof *rows;

    (void)state;
    assert_int_equal(d->n, n + 6);
    for (size_t i = 0; i < n; i++)
        assert_string_equal(d->params[i].name, rows[i].name);
    assert_string_equal(d->dsc_field, "instance_name");
}

static void an_int_becomes_a_float_where_one_is_wanted(void **state)
{
    struct opcode *op = opcode_ready("OP_BACKUP_EXPORT");
    struct err err;

    (void)state;
    opcode_set_int(op, "zeroing_timeout_per_mib", 3);
    assert_int_equal(opcode_validate(op, &err), 0);
    assert_int_equal(opcode_get(op, "zeroing_timeout_per_mib")->kind, VAL_FLOAT);
    assert_true(opcode_get(op, "zeroing_timeout_per_mib")->f == 3.0);
    opcode_free(op);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_row),
        cmocka_unit_test(in_this_order_and_with_the_common_ones),
        cmocka_unit_test(an_int_becomes_a_float_where_one_is_wanted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
