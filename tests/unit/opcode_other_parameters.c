/* opcode_other_parameters.c - the common parameters, and those of remove and query (spec §1.1). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "opcode_rows.h"

static const struct opcode_row common[] = {
    {"dry_run", "None", {"None", "True", "False"}, {"1", "yes", "[]"}},
    {"debug_level", "None", {"None", "0", "3"}, {"-1", "True", "1.0", "x"}},
    {"priority", "0", {"-10", "0", "10"}, {"1", "-20", "True", "None", "high", "0.0"}},
    {"depends",
     "None",
     {"None", "[]", "[[12, [success]]]", "[[-1, []], [2, [error, canceled]]]"},
     {"12", "[12]", "[[12]]", "[[0, []]]", "[['12', []]]", "[[12, success]]", "[[12, [1]]]"}},
    {"comment", "None", {"None", "'a b'", "''"}, {"1", "True", "[]"}},
    {"reason",
     "[]",
     {"None", "[]", "[[user, 'why not', 1700000000000000000]]"},
     {"x", "[x]", "[[a, b]]", "[[a, b, c]]", "[[a, 1, 2]]", "[[a, b, True]]"}},
};

static const struct opcode_row remove_rows[] = {
    {"instance_name", NULL, {"web1", "'any text'"}, {"None", "''", "1", "[a]"}},
    {"instance_uuid", "None", {"None", "abc"}, {"''", "1"}},
    {"node_name", "None", {"None", "node2"}, {"''", "1", "[a]"}},
};

static const struct opcode_row query_rows[] = {
    {"nodes", "[]", {"[]", "[a]", "[a, b]"}, {"None", "a", "['']", "[1]", "[True]"}},
    {"use_locking", "False", {"True", "False"}, {"None", "1"}},
};

#define LEN(a) (sizeof(a) / sizeof *(a))

static void common_to_all(void **state)
{
    (void)state;
    opcode_check_rows("OP_BACKUP_EXPORT", common, LEN(common));
    opcode_check_rows("OP_BACKUP_REMOVE", common, LEN(common));
    opcode_check_rows("OP_BACKUP_QUERY", common, LEN(common));
}

static void of_remove(void **state)
{
    (void)state;
    opcode_check_rows("OP_BACKUP_REMOVE", remove_rows, LEN(remove_rows));
    assert_int_equal(opcode_find("OP_BACKUP_REMOVE")->n, LEN(remove_rows) + LEN(common));
}

static void of_query(void **state)
{
    (void)state;
    opcode_check_rows("OP_BACKUP_QUERY", query_rows, LEN(query_rows));
    assert_int_equal(opcode_find("OP_BACKUP_QUERY")->n, LEN(query_rows) + LEN(common));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(common_to_all),
        cmocka_unit_test(of_remove),
        cmocka_unit_test(of_query),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
