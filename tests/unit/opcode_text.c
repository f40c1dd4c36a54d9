/* opcode_text.c - values as text: what is read as what, and written so that it is read back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "export/opcode.h"
#include "lock/cleanup.h"

static const struct {
    const char *text;
    enum opcode_kind kind;
    const char *written;
} good[] = {
    {"None", VAL_NULL, "None"},
    {"null", VAL_NULL, "None"},
    {"none", VAL_STRING, "none"},
    {"True", VAL_BOOL, "True"},
    {"tRuE", VAL_BOOL, "True"},
    {" FALSE ", VAL_BOOL, "False"},
    {"0", VAL_INT, "0"},
    {"-9223372036854775808", VAL_INT, "-9223372036854775808"},
    {"+7", VAL_INT, "7"},
    {"007", VAL_INT, "7"},
    {"9223372036854775808", VAL_STRING, "9223372036854775808"},
    {"1.5", VAL_FLOAT, "1.5"},
    {"1e3", VAL_FLOAT, "1000.0"},
    {"0.05", VAL_FLOAT, "0.05"},
    {"0.1", VAL_FLOAT, "0.1"},
    {"1e999", VAL_STRING, "1e999"},
    {"0x10", VAL_STRING, "0x10"},
    {"nan", VAL_STRING, "nan"},
    {"-", VAL_STRING, "-"},
    {"e", VAL_STRING, "e"},
    {"", VAL_STRING, "''"},
    {"''", VAL_STRING, "''"},
    {"'None'", VAL_STRING, "'None'"},
    {"\"true\"", VAL_STRING, "'true'"},
    {"'12'", VAL_STRING, "'12'"},
    {"node1.example.com", VAL_STRING, "node1.example.com"},
    {"two words, a comma]", VAL_STRING, "two words, a comma]"},
    {"'it\\'s'", VAL_STRING, "it's"},
    {"\"'a'\"", VAL_STRING, "'\\'a\\''"},
    {"'a\\nb'", VAL_STRING, "'a\\nb'"},
    {"' blank '", VAL_STRING, "' blank '"},
    {"'[x'", VAL_STRING, "'[x'"},
    {"[]", VAL_LIST, "[]"},
    {"[ ]", VAL_LIST, "[]"},
    {"[a, 'b c', 1,None,True, [2]]", VAL_LIST, "['a', 'b c', 1, None, True, [2]]"},
    {"[a,]", VAL_LIST, "['a']"},
    {"[[[[[[[[]]]]]]]]", VAL_LIST, "[[[[[[[[]]]]]]]]"},
};

static void read_and_written(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        CLEANUP_FREE char *text = NULL, *again = NULL;
        struct opcode_value v, back;
        struct err err;

        if (opcode_value_parse(good[i].text, &v, &err) < 0)
            fail_msg("%s: %s", good[i].text, err.text);
        if (v.kind != good[i].kind)
            fail_msg("%s is of kind %d", good[i].text, v.kind);
        assert_int_equal(opcode_value_format(&v, &text), 0);
        assert_string_equal(text, good[i].written);
        assert_int_equal(opcode_value_parse(text, &back, &err), 0);
        assert_int_equal(opcode_value_format(&back, &again), 0);
        assert_int_equal(back.kind, v.kind);
        assert_string_equal(again, text);
        opcode_value_clear(&v);
        opcode_value_clear(&back);
    }
}

static void refused(void **state)
{
    static const char *const bad[] = {"'a",
                                      "\"a'",
                                      "'a' b",
                                      "[a",
                                      "[a b",
                                      "['a' b]",
                                      "[",
                                      "[a] b",
                                      "[[a]",
                                      "'a\\'",
                                      "[[[[[[[[[]]]]]]]]]"};

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct opcode_value v = {.kind = VAL_INT, .i = 42};
        struct err err;

        if (opcode_value_parse(bad[i], &v, &err) != -EINVAL)
            fail_msg("%s was taken", bad[i]);
        assert_int_equal(v.i, 42);
        assert_int_equal(err.ecode, ECODE_INVAL);
    }
}

static void a_deep_nest_does_not_exhaust_the_stack(void **state)
{
    CLEANUP_FREE char *text = malloc(1000001);
    struct opcode_value v;
    struct err err;

    (void)state;
    memset(text, '[', 1000000);
    text[1000000] = '\0';
    assert_int_equal(opcode_value_parse(text, &v, &err), -EINVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(read_and_written),
        cmocka_unit_test(refused),
        cmocka_unit_test(a_deep_nest_does_not_exhaust_the_stack),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
