/* params_text.c - instances/NAME/params: lines read, errors with their line, text written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "export/params.h"
#include "lock/cleanup.h"

static struct opcode *parse(const char *text, bool shutdown, int wanted, struct err *err)
{
    struct opcode *op;
    int r;

    assert_int_equal(opcode_new("OP_BACKUP_EXPORT", &op, err), 0);
    r = params_parse(text, strlen(text), shutdown, op, err);
    if (r != wanted)
        fail_msg("\"%s\": %d %s", text, r, err->text);
    return op;
}

static void lines_comments_and_blanks(void **state)
{
    struct err err;
    struct opcode *op = parse("# a comment\n\n ; another\r\n  shutdown=True\r\n"
                              "shutdown_timeout =  7 \n\ttarget_node = node2\ncomment = 'a = b'",
                              false, 0, &err);

    (void)state;
    assert_true(opcode_get_bool(op, "shutdown"));
    assert_int_equal(opcode_get_int(op, "shutdown_timeout", 0), 7);
    assert_string_equal(opcode_get_string(op, "target_node"), "node2");
    assert_string_equal(opcode_get_string(op, "comment"), "a = b");
    opcode_free(op);
}

static void shutdown_has_the_mounts_default(void **state)
{
    struct err err;

    (void)state;
    for (int on = 0; on <= 1; on++) {
        struct opcode *op = parse("long_sleep = True\n", on, 0, &err);

        assert_int_equal(opcode_get_bool(op, "shutdown"), on);
        opcode_free(op);
    }
}

static void target_none_is_chosen_later(void **state)
{
    struct err err;
    struct opcode *op = parse("target_node = None\n", false, 0, &err);

    (void)state;
    assert_int_equal(opcode_get(op, "target_node")->kind, VAL_NULL);
    opcode_set_string(op, "instance_name", "web1");
    assert_int_equal(opcode_validate(op, &err), -EINVAL);
    assert_non_null(strstr(err.text, "target_node' missing"));
    opcode_free(op);
}

static const struct {
    const char *text, *begins, *has;
} bad[] = {
    {"shutdwon = True\n", "line 1: ", "unknown parameter 'shutdwon'"},
    {"\n\nno equals sign\n", "line 3: ", "'name = value'"},
    {"# x\nshutdown = 1\n", "line 2: ", "shutdown' fails validation [true or false]"},
    {"shutdown_timeout = -1\n", "line 1: ", "whole number >= 0"},
    {"mode = sideways\n", "line 1: ", "local or remote"},
    {"comment = 'open\n", "line 1: ", "unclosed quote"},
    {"instance_name = web1\n", "line 1: ", "unknown parameter"},
    {"instance_uuid = a\n", "line 1: ", "unknown parameter"},
    {"compress = gzip\n", "line 1: ", "not supported"},
    {"zero_free_space = True\n", "line 1: ", "not supported"},
    {" = 1\n", "line 1: ", "unknown parameter ''"},
    {"priority = 5\n", "line 1: ", "-10 (high), 0 or 10 (low)"},
};

static void errors_name_their_line(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct err err;
        struct opcode *op = parse(bad[i].text, false, -EINVAL, &err);

        if (strncmp(err.text, bad[i].begins, strlen(bad[i].begins)) != 0 ||
            !strstr(err.text, bad[i].has))
            fail_msg("\"%s\": %s", bad[i].text, err.text);
        opcode_free(op);
    }
}

/* A line appended to the text that params shows (echo ... >>params) counts. */
static void the_last_of_two_counts(void **state)
{
    struct err err;
    struct opcode *op = parse("shutdown = False\nshutdown = True\n", false, 0, &err);

    (void)state;
    assert_true(opcode_get_bool(op, "shutdown"));
    opcode_free(op);
}

static void a_nul_byte_is_refused(void **state)
{
    struct opcode *op;
    struct err err;

    (void)state;
    assert_int_equal(opcode_new("OP_BACKUP_EXPORT", &op, &err), 0);
    assert_int_equal(params_parse("shutdown = True\0\n", 17, false, op, &err), -EINVAL);
    opcode_free(op);
}

static void what_is_written_is_read_back(void **state)
{
    CLEANUP_FREE char *text = NULL, *again = NULL;
    struct opcode *op, *back;
    struct err err;
    size_t len, len2;

    (void)state;
    op = parse("shutdown = True\ncomment = 'x\\ny'\nreason = [[a, b, 1]]\n", false, 0, &err);
    assert_int_equal(params_format(op, &text, &len), 0);
    assert_int_equal(len, strlen(text));
    back = parse(text, false, 0, &err);
    assert_int_equal(params_format(back, &again, &len2), 0);
    assert_string_equal(again, text);
    opcode_free(op);
    opcode_free(back);
}

static void all_parameters_but_the_instances_are_shown(void **state)
{
    const struct opcode_desc *d = opcode_find("OP_BACKUP_EXPORT");
    CLEANUP_FREE char *text = NULL;
    struct opcode *op;
    struct err err;
    size_t len;

    (void)state;
    op = parse("", false, 0, &err);
    assert_int_equal(params_format(op, &text, &len), 0);
    for (size_t i = 0; i < d->n; i++) {
        bool hidden = strncmp(d->params[i].name, "instance_", 9) == 0;
        char line[100];

        snprintf(line, sizeof line, "\n%s = ", d->params[i].name);
        assert_int_equal(strstr(text, line) == NULL, hidden);
    }
    assert_non_null(strstr(text, "\ntarget_node = None\n"));
    assert_non_null(strstr(text, "\nshutdown = False\n"));
    assert_non_null(strstr(text, "\ncompress = none\n"));
    opcode_free(op);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_comments_and_blanks),
        cmocka_unit_test(shutdown_has_the_mounts_default),
        cmocka_unit_test(target_none_is_chosen_later),
        cmocka_unit_test(errors_name_their_line),
        cmocka_unit_test(the_last_of_two_counts),
        cmocka_unit_test(a_nul_byte_is_refused),
        cmocka_unit_test(what_is_written_is_read_back),
        cmocka_unit_test(all_parameters_but_the_instances_are_shown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
