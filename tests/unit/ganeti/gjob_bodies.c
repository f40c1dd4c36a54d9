/* What of an opcode is sent to the remote API (spec §10.2), and to which versions (§0, §1.1). */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "export/ganeti/gjob_parts.h"

static struct opcode *export_op(void)
{
    struct opcode *op;
    struct err err;

    assert_int_equal(opcode_new("OP_BACKUP_EXPORT", &op, &err), 0);
    assert_int_equal(opcode_set_string(op, "instance_name", "web1.example.com"), 0);
    assert_int_equal(opcode_set_string(op, "target_node", "node3.example.com"), 0);
    return op;
}

static void set(struct opcode *op, const char *name, const char *text)
{
    struct err err;

    assert_int_equal(opcode_set_text(op, name, text, &err), 0);
}

static void body_is(const struct opcode *op, const char *expected)
{
    json_t *body = NULL, *want = json_loads(expected, 0, NULL);
    struct err err;

    assert_non_null(want);
    assert_int_equal(gjob_body(op, &body, &err), 0);
    assert_true(json_equal(body, want));
    json_decref(body);
    json_decref(want);
}

static void at_its_defaults(void **state)
{
    struct opcode *op = export_op();

    (void)state;
    body_is(op, "{\"mode\":\"local\",\"destination\":\"node3.example.com\",\"shutdown\":true}");
    /* set, but to what they are anyway */
    set(op, "shutdown_timeout", "120");
    set(op, "compress", "none");
    set(op, "dry_run", "False");
    set(op, "long_sleep", "False");
    set(op, "priority", "0");
    body_is(op, "{\"mode\":\"local\",\"destination\":\"node3.example.com\",\"shutdown\":true}");
    opcode_free(op);
}

/* Static ones of the remote API's, which refuses them in a body, and ours. */
static void what_is_no_part_of_it(void **state)
{
    struct opcode *op = export_op();

    (void)state;
    set(op, "reason", "[[gnt:user, weekly, 5]]");
    body_is(op, "{\"mode\":\"local\",\"destination\":\"node3.example.com\",\"shutdown\":true}");
    opcode_free(op);
}

static void all_kinds_of_values(void **state)
{
    struct opcode *op = export_op();

    (void)state;
    set(op, "shutdown", "False");
    set(op, "shutdown_timeout", "7");
    set(op, "long_sleep", "True");
    set(op, "dry_run", "True");
    set(op, "zeroing_timeout_per_mib", "1.5");
    set(op, "comment", "\"say \\\"hello\\\"\"");
    set(op, "depends", "[[4, [success]]]");
    set(op, "priority", "-10");
    body_is(op, "{\"mode\":\"local\",\"destination\":\"node3.example.com\",\"shutdown\":false,"
                "\"shutdown_timeout\":7,\"long_sleep\":true,\"dry_run\":true,"
                "\"zeroing_timeout_per_mib\":1.5,\"comment\":\"say \\\"hello\\\"\","
                "\"depends\":[[4,[\"success\"]]],\"priority\":-10}");
    opcode_free(op);
}

static void what_is_no_text(void **state)
{
    struct opcode *op = export_op();
    json_t *body = NULL;
    struct err err;

    (void)state;
    assert_int_equal(opcode_set_string(op, "comment", "\xff\xfe"), 0);
    assert_int_equal(gjob_body(op, &body, &err), -EINVAL);
    assert_non_null(strstr(err.text, "'comment'"));
    assert_null(body);
    opcode_free(op);
}

static void reasons_are_unique(void **state)
{
    struct opcode *op = export_op();
    char *a, *b;

    (void)state;
    set(op, "reason", "[[gnt:user, weekly, 5], [gnt:x, '', 6]]");
    assert_int_equal(gjob_reason(op, &a), 0);
    assert_int_equal(gjob_reason(op, &b), 0);
    assert_string_not_equal(a, b);
    assert_non_null(strstr(a, "gnt-exportfs"));
    assert_non_null(strstr(a, ": weekly"));
    free(a);
    free(b);
    opcode_free(op);
}

static void parameters_by_version(void **state)
{
    static const struct {
        const char *name, *value;
        unsigned major, minor; /* the first that knows it */
    } rows[] = {
        {"long_sleep", "True", 2, 14},         {"zero_free_space", "True", 2, 12},
        {"zeroing_timeout_fixed", "3", 2, 12}, {"compress", "gzip", 2, 11},
        {"target_node_uuid", "x", 2, 9},       {"instance_uuid", "x", 2, 9},
    };
    struct err err;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct opcode *op = export_op();

        assert_int_equal(gjob_check_version(op, 2, 3, &err), 0);
        set(op, rows[i].name, rows[i].value);
        assert_int_equal(gjob_check_version(op, rows[i].major, rows[i].minor - 1, &err), -EINVAL);
        assert_int_equal(err.class, ERR_PREREQ);
        assert_non_null(strstr(err.text, rows[i].name));
        assert_int_equal(gjob_check_version(op, rows[i].major, rows[i].minor, &err), 0);
        assert_int_equal(gjob_check_version(op, 3, 0, &err), 0);
        opcode_free(op);
    }
}

/* The remote API of 2.3 would pass over them in silence (spec §10.2). */
static void what_only_the_opcode_knew(void **state)
{
    struct opcode *op = export_op();
    struct err err;

    (void)state;
    set(op, "shutdown_timeout", "7");
    assert_int_equal(gjob_check_version(op, 2, 3, &err), -EINVAL);
    set(op, "shutdown_timeout", "120");
    set(op, "remove_instance", "True");
    assert_int_equal(gjob_check_version(op, 2, 3, &err), 0);
    opcode_free(op);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(at_its_defaults),           cmocka_unit_test(what_is_no_part_of_it),
        cmocka_unit_test(all_kinds_of_values),       cmocka_unit_test(what_is_no_text),
        cmocka_unit_test(reasons_are_unique),        cmocka_unit_test(parameters_by_version),
        cmocka_unit_test(what_only_the_opcode_knew),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
