/* spec §4.1: result code and output of one script. */
#include "export/hook_script.h"

#include "tests/unit/need_pidfd.h"
#include "tests/unit/node_help.h"

static const char *const env[] = {"PATH=/sbin:/bin:/usr/sbin:/usr/bin", NULL};
static struct node_hook_result result;

static int teardown(void **state)
{
    free(result.output);
    result = (struct node_hook_result){0};
    return node_teardown(state);
}

static void run(const char *text)
{
    put(path("script"), text, 0755);
    free(result.output);
    result.output = NULL;
    assert_int_equal(hook_script_run(path("script"), env, 60, NULL, &result), 0);
}

static void code_and_output(void **state)
{
    static const struct {
        const char *body;
        enum node_hook_code code;
        const char *output;
    } table[] = {
        {"exit 0", HKR_SUCCESS, ""},
        {"echo fine", HKR_SUCCESS, "fine"},
        {"echo no-go; exit 3", HKR_FAIL, "no-go (exit status 3)"},
        {"exit 255", HKR_FAIL, "(no output) (exit status 255)"},
        {"echo oh; kill -9 $$", HKR_FAIL, "oh (killed by signal 9)"},
        {"kill -15 $$", HKR_FAIL, "(no output) (killed by signal 15)"},
        /* stripped at both ends, not in between */
        {"printf ' \\t\\r\\n a  b \\v\\f\\n\\n'", HKR_SUCCESS, "a  b"},
        {"printf ' \\n\\t '", HKR_SUCCESS, ""},
        /* non-printables as \xNN */
        {"printf 'a\\tb\\nc\\rd'", HKR_SUCCESS, "a\\x09b\\x0ac\\x0dd"},
        {"printf 'a\\000b\\001\\033\\177c'", HKR_SUCCESS, "a\\x00b\\x01\\x1b\\x7fc"},
        {"printf 'g\\303\\274n'", HKR_SUCCESS, "g\\xc3\\xbcn"},
        {"printf 'a\\\\b~ !'", HKR_SUCCESS, "a\\b~ !"},
        /* closing the output is not the end */
        {"exec >&- 2>&-; sleep 0.2; exit 4", HKR_FAIL, "(no output) (exit status 4)"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        char text[256];

        snprintf(text, sizeof text, "#!/bin/sh\n%s\n", table[i].body);
        run(text);
        assert_string_equal(result.output, table[i].output);
        assert_int_equal(result.code, table[i].code);
    }
}

static void what_cannot_be_executed_fails(void **state)
{
    (void)state;
    run("#!/no/such/interpreter\n");
    assert_int_equal(result.code, HKR_FAIL);
    assert_string_equal(result.output, "Hook script execution error: No such file or directory");
    run("no interpreter line");
    assert_int_equal(result.code, HKR_FAIL);
    assert_string_equal(result.output, "Hook script execution error: Exec format error");
}

static void output_up_to_the_limit_is_whole(void **state)
{
    (void)state;
    run("#!/bin/sh\nhead -c 65536 /dev/zero | tr '\\0' x\n");
    assert_int_equal(result.code, HKR_SUCCESS);
    assert_int_equal(strlen(result.output), 65536);
    assert_int_equal(strspn(result.output, "x"), 65536);
}

static void more_output_is_counted_and_said(void **state)
{
    (void)state;
    run("#!/bin/sh\nhead -c 10000000 /dev/zero | tr '\\0' x\nexit 1\n");
    assert_int_equal(result.code, HKR_FAIL);
    assert_int_equal(strspn(result.output, "x"), 65536);
    assert_string_equal(result.output + 65536, " [9934464 more bytes left out] (exit status 1)");
}

static void encoded_output_is_bounded_too(void **state)
{
    (void)state;
    run("#!/bin/sh\nhead -c 65536 /dev/zero\n");
    assert_int_equal(strncmp(result.output, "\\x00\\x00", 8), 0);
    assert_string_equal(result.output + 65536, " [49152 more bytes left out]");
}

int main(void)
{
#define T_(f) cmocka_unit_test_setup_teardown(f, node_setup, teardown)
    const struct CMUnitTest tests[] = {
        T_(code_and_output),
        T_(what_cannot_be_executed_fails),
        T_(output_up_to_the_limit_is_whole),
        T_(more_output_is_counted_and_said),
        T_(encoded_output_is_bounded_too),
    };

    NEED_PIDFD();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
