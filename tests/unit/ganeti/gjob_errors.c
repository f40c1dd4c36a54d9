/* How a job failed becomes an errno by DESIGN §4, and its own words are kept. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "export/ganeti/gjob_parts.h"

static int error_of(const char *result, const char *failure, struct err *err)
{
    json_t *j = json_loads(result, JSON_DECODE_ANY, NULL);
    int r;

    assert_non_null(j);
    memset(err, 0, sizeof *err);
    r = gjob_error(j, failure, err);
    json_decref(j);
    assert_int_equal(r, -err->errnum);
    return r;
}

static void prerequisites(void **state)
{
    static const struct {
        const char *result;
        int r;
        enum ecode ecode;
        const char *text;
    } rows[] = {
        /* as recorded */
        {"[\"OpPrereqError\",[\"Instance 'nosuch.gnt.example' not known\",\"unknown_entity\"]]",
         -ENOENT, ECODE_NOENT, "Instance 'nosuch.gnt.example' not known"},
        {"[\"OpPrereqError\",[\"Can't use offline node: node4.gnt.example\",\"wrong_state\"]]",
         -EHOSTDOWN, ECODE_STATE, "Can't use offline node: node4.gnt.example"},
        {"[\"OpPrereqError\",[\"Can't use drained node node4.gnt.example\",\"wrong_state\"]]",
         -EBUSY, ECODE_STATE, "Can't use drained node node4.gnt.example"},
        {"[\"OpPrereqError\",[\"Instance 'node-is.x' is marked to be offline, no\","
         "\"wrong_state\"]]",
         -EBUSY, ECODE_STATE, "Instance 'node-is.x' is marked to be offline, no"},
        {"[\"OpPrereqError\",[\"a\",\"wrong_input\"]]", -EINVAL, ECODE_INVAL, "a"},
        {"[\"OpPrereqError\",[\"a\",\"insufficient_resources\"]]", -ENOSPC, ECODE_NORES, "a"},
        {"[\"OpPrereqError\",[\"a\",\"temp_insufficient_resources\"]]", -ENOSPC, ECODE_TEMP_NORES,
         "a"},
        {"[\"OpPrereqError\",[\"a\",\"already_exists\"]]", -EEXIST, ECODE_EXISTS, "a"},
        {"[\"OpPrereqError\",[\"a\",\"resource_not_unique\"]]", -EIO, ECODE_NOTUNIQUE, "a"},
        {"[\"OpPrereqError\",[\"a\",\"resolver_error\"]]", -EIO, ECODE_RESOLVER, "a"},
        {"[\"OpPrereqError\",[\"a\",\"environment_error\"]]", -EIO, ECODE_ENVIRON, "a"},
        {"[\"OpPrereqError\",[\"a\",\"internal_error\"]]", -EIO, ECODE_FAULT, "a"},
        {"[\"OpPrereqError\",[\"a\"]]", -EIO, ECODE_NONE, "a"},
        {"[\"OpPrereqError\",[\"a\",\"\"]]", -EIO, ECODE_NONE, "a"},
        {"[\"OpPrereqError\",[\"a\",\"of the future\"]]", -EIO, ECODE_NONE, "a"},
        {"[\"OpPrereqError\",[\"a\",7]]", -EIO, ECODE_NONE, "a"},
    };
    struct err err;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(error_of(rows[i].result, "", &err), rows[i].r);
        assert_int_equal(err.class, ERR_PREREQ);
        assert_int_equal(err.ecode, rows[i].ecode);
        assert_string_equal(err.text, rows[i].text);
    }
}

static void a_veto_names_its_script(void **state)
{
    struct err err;

    (void)state;
    assert_int_equal(
        error_of("[\"HooksAbort\",[[[\"9fcbe8ea-56f0\",\"instance-export-pre.d/20-deny\","
                 "\"no-go\\\\nsecond line\"],[\"4711\",\"b\",\"\"]]]]",
                 "", &err),
        -EPERM);
    assert_int_equal(err.class, ERR_HOOKS_ABORT);
    assert_non_null(strstr(err.text, "node: 9fcbe8ea-56f0, script: instance-export-pre.d/20-deny, "
                                     "output: no-go\\nsecond line"));
    assert_non_null(strstr(err.text, "node: 4711, script: b"));
}

static void execution(void **state)
{
    struct err err;

    (void)state;
    assert_int_equal(
        error_of("[\"OpExecError\",[\"Export failed, errors in disk(s) 0\"]]", "", &err), -EIO);
    assert_int_equal(err.class, ERR_EXEC);
    assert_string_equal(err.text, "Export failed, errors in disk(s) 0");

    /* the log knows more */
    assert_int_equal(error_of("[\"OpExecError\",[\"Export failed, errors in disk(s) 0\"]]",
                              "disk/0 failed to receive data: Exited with status 1", &err),
                     -EIO);
    assert_non_null(strstr(err.text, "disk/0 failed to receive data: Exited with status 1"));
    assert_int_equal(error_of("[\"OpExecError\",[\"Export failed, errors in disk(s) 0\"]]",
                              "disk/0 failed to receive data: No space left on device", &err),
                     -ENOSPC);

    assert_int_equal(error_of("[\"OpExecError\",[\"Not all disks could be snapshotted, and you "
                              "requested a live export; aborting\"]]",
                              "", &err),
                     -EBUSY);
}

static void others(void **state)
{
    struct err err;

    (void)state;
    assert_int_equal(error_of("[\"HooksFailure\",[\"Communication Failure\"]]", "", &err), -EIO);
    assert_string_equal(err.text, "HooksFailure: Communication Failure");
    assert_int_equal(error_of("[\"LockError\",[\"a\",\"b\"]]", "", &err), -EIO);
    assert_string_equal(err.text, "LockError: a, b");
}

static void of_any_shape(void **state)
{
    static const char *const results[] = {
        "null",
        "true",
        "7",
        "\"Job canceled by request\"",
        "{}",
        "[]",
        "[null]",
        "[7,8]",
        "[\"OpPrereqError\"]",
        "[\"OpPrereqError\",null]",
        "[\"OpPrereqError\",\"text\"]",
        "[\"OpPrereqError\",[]]",
        "[\"OpPrereqError\",[{}]]",
        "[\"OpExecError\",[null]]",
        "[\"OpExecError\",[[[]]]]",
        "[\"Unheard\",{\"a\":1}]",
        "[\"Unheard\",[1,2]]",
        "[[\"OpPrereqError\"],[\"x\"]]",
    };
    struct err err;

    (void)state;
    for (size_t i = 0; i < sizeof results / sizeof *results; i++) {
        assert_int_equal(error_of(results[i], "", &err), -EIO);
        assert_true(err.text[0] != '\0');
    }
    assert_int_equal(error_of("[\"HooksAbort\",[[[],[7],\"x\",null]]]", "", &err), -EPERM);
    assert_int_equal(error_of("[\"HooksAbort\",[]]", "", &err), -EPERM);
    assert_int_equal(error_of("[\"HooksAbort\",7]", "", &err), -EPERM);
}

static void text_without_end(void **state)
{
    json_t *scripts = json_array(), *j;
    char *out = calloc(1, 3000);
    struct err err;

    (void)state;
    assert_non_null(out);
    memset(out, 'x', 2999);
    for (int i = 0; i < 100; i++)
        json_array_append_new(scripts, json_pack("[s,s,s]", "node", "script", out));
    j = json_pack("[s,[o]]", "HooksAbort", scripts);
    assert_int_equal(gjob_error(j, "", &err), -EPERM);
    json_decref(j);
    j = json_pack("[s,[s,s,s]]", "Other", out, out, out);
    assert_int_equal(gjob_error(j, "", &err), -EIO);
    assert_true(strlen(err.text) < sizeof err.text);
    json_decref(j);
    free(out);
}

static void ends_that_are_none(void **state)
{
    static const struct {
        const char *result;
        int r;
    } rows[] = {
        {"[true,[true]]", 0},
        {"[true,[true,true]]", 0},
        {"[true,[]]", 0},
        {"[true,[true,false]]", -EIO},
        {"[false,[true]]", -EIO},
        {"[true]", -EIO},
        {"[true,null]", -EIO},
        {"null", -EIO},
        {"[\"true\",[true]]", -EIO},
        {"[true,[1]]", -EIO},
    };
    struct opcode *op;
    struct err err;

    (void)state;
    assert_int_equal(opcode_new("OP_BACKUP_EXPORT", &op, &err), 0);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        json_t *j = json_loads(rows[i].result, JSON_DECODE_ANY, NULL);

        assert_int_equal(gjob_check_result(op, j, "", &err), rows[i].r);
        json_decref(j);
    }
    opcode_set_bool(op, "dry_run", true);
    assert_int_equal(gjob_check_result(op, json_null(), "", &err), 0);
    opcode_free(op);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(prerequisites),      cmocka_unit_test(a_veto_names_its_script),
        cmocka_unit_test(execution),          cmocka_unit_test(others),
        cmocka_unit_test(of_any_shape),       cmocka_unit_test(text_without_end),
        cmocka_unit_test(ends_that_are_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
