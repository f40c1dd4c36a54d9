/* opcode_values.c - setting, copying and asking; unknown names; order of validation; summary. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "opcode_rows.h"

static void unknown_opcode(void **state)
{
    struct opcode *op = NULL;
    struct err err;

    (void)state;
    assert_int_equal(opcode_new("OP_INSTANCE_REBOOT", &op, &err), -EINVAL);
    assert_non_null(strstr(err.text, "OpCodeUnknown"));
    assert_null(op);
    assert_null(opcode_find("OP_BACKUP"));
}

static void unknown_parameter(void **state)
{
    struct opcode *op = opcode_ready("OP_BACKUP_REMOVE");
    struct err err;

    (void)state;
    assert_int_equal(opcode_set_bool(op, "shutdown", true), -EINVAL);
    assert_int_equal(opcode_set_text(op, "shutdown", "True", &err), -EINVAL);
    assert_non_null(strstr(err.text, "'shutdown'"));
    assert_int_equal(opcode_unset(op, "shutdown"), -EINVAL);
    assert_null(opcode_get(op, "shutdown"));
    assert_false(opcode_get_bool(op, "shutdown"));
    assert_int_equal(opcode_get_int(op, "shutdown", 9), 9);
    assert_null(opcode_get_string(op, "shutdown"));
    opcode_free(op);
}

static void the_first_in_the_tables_order_is_told(void **state)
{
    struct opcode *op;
    struct err err;

    (void)state;
    assert_int_equal(opcode_new("OP_BACKUP_EXPORT", &op, &err), 0);
    opcode_set_int(op, "shutdown", 1);
    assert_int_equal(opcode_validate(op, &err), -EINVAL);
    assert_non_null(strstr(err.text, "instance_name' missing"));
    opcode_set_string(op, "instance_name", "a");
    assert_int_equal(opcode_validate(op, &err), -EINVAL);
    assert_non_null(strstr(err.text, "target_node' missing"));
    opcode_set_string(op, "target_node", "a");
    assert_int_equal(opcode_validate(op, &err), -EINVAL);
    assert_non_null(strstr(err.text, "shutdown' fails validation"));
    opcode_free(op);
}

static void a_copy_is_its_own(void **state)
{
    struct opcode *op = opcode_ready("OP_BACKUP_EXPORT"), *copy;
    CLEANUP_FREE char *text = NULL;
    struct err err;

    (void)state;
    assert_int_equal(opcode_set_text(op, "reason", "[[a, b, 1]]", &err), 0);
    assert_int_equal(opcode_dup(op, &copy), 0);
    opcode_set_string(op, "instance_name", "other");
    opcode_set_string(op, "reason", NULL);
    assert_string_equal(opcode_get_string(copy, "instance_name"), "web1");
    assert_int_equal(opcode_value_format(opcode_get(copy, "reason"), &text), 0);
    assert_string_equal(text, "[['a', 'b', 1]]");
    opcode_free(op);
    assert_int_equal(opcode_validate(copy, &err), 0);
    opcode_free(copy);
}

static void unset_gives_the_default_back(void **state)
{
    struct opcode *op = opcode_ready("OP_BACKUP_EXPORT");

    (void)state;
    opcode_set_int(op, "shutdown_timeout", 1);
    assert_int_equal(opcode_unset(op, "shutdown_timeout"), 0);
    assert_int_equal(opcode_get_int(op, "shutdown_timeout", 0), 120);
    opcode_free(op);
}

static void only_the_default_is_supported_of_some(void **state)
{
    struct opcode *op = opcode_ready("OP_BACKUP_EXPORT");
    struct err err;

    (void)state;
    assert_int_equal(opcode_check_supported(op, "compress", &err), 0);
    opcode_set_string(op, "compress", "gzip");
    assert_int_equal(opcode_check_supported(op, "compress", &err), -EINVAL);
    opcode_set_bool(op, "zero_free_space", true);
    assert_int_equal(opcode_check_supported(op, "zero_free_space", &err), -EINVAL);
    opcode_set_bool(op, "shutdown", false);
    assert_int_equal(opcode_check_supported(op, "shutdown", &err), 0);
    opcode_free(op);
}

static void summaries(void **state)
{
    static const char *const expected[][2] = {
        {"OP_BACKUP_EXPORT", "BACKUP_EXPORT(web1)"},
        {"OP_BACKUP_REMOVE", "BACKUP_REMOVE(web1)"},
        {"OP_BACKUP_QUERY", "BACKUP_QUERY"},
    };

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct opcode *op = opcode_ready(expected[i][0]);
        CLEANUP_FREE char *text = NULL;

        assert_int_equal(opcode_summary(op, &text), 0);
        assert_string_equal(text, expected[i][1]);
        opcode_free(op);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unknown_opcode),
        cmocka_unit_test(unknown_parameter),
        cmocka_unit_test(the_first_in_the_tables_order_is_told),
        cmocka_unit_test(a_copy_is_its_own),
        cmocka_unit_test(unset_gives_the_default_back),
        cmocka_unit_test(only_the_default_is_supported_of_some),
        cmocka_unit_test(summaries),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
