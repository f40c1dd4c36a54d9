/* spec §7.1: every visible name in EXPORT_DIR, sorted, whatever it is. */
#include "export/node_list.h"

#include "tests/unit/node_help.h"

static struct err err;
static struct strvec names;

static void visible_names_in_byte_order(void **state)
{
    static const char *const expected[] = {"9",        "B",    "a.example.com", "a.example.com.new",
                                           "dangling", "fifo", "stray file"};

    (void)state;
    assert_true(shell("cd %s && mkdir a.example.com a.example.com.new B 9 lost+found "
                      ".a.example.com.new-abcdef && touch 'stray file' .hidden && mkfifo fifo && "
                      "ln -s nowhere dangling",
                      export_dir));
    assert_int_equal(node_list_names(&node, &names, &err), 0);
    assert_int_equal(names.n, sizeof expected / sizeof *expected);
    for (size_t i = 0; i < names.n; i++)
        assert_string_equal(names.v[i], expected[i]);
    strvec_clear(&names);
}

static void none(void **state)
{
    (void)state;
    assert_int_equal(node_list_names(&node, &names, &err), 0);
    assert_int_equal(names.n, 0);
}

static void no_exports_directory(void **state)
{
    (void)state;
    assert_int_equal(rmdir(export_dir), 0);
    assert_int_equal(node_list_names(&node, &names, &err), -ENOENT);
    assert_non_null(strstr(err.text, "No exports directory"));
    assert_non_null(strstr(err.text, export_dir));
    assert_false(exists(export_dir));
}

static void a_file_in_its_place(void **state)
{
    (void)state;
    assert_int_equal(rmdir(export_dir), 0);
    put(export_dir, "", 0600);
    assert_int_equal(node_list_names(&node, &names, &err), -ENOTDIR);
    assert_non_null(strstr(err.text, export_dir));
}

static void a_node_that_cannot_be_used(void **state)
{
    struct model_node bad = {.name = (char *)"node9", .error = (char *)"line 1: bad"};

    (void)state;
    assert_int_equal(node_list_names(&bad, &names, &err), -EHOSTUNREACH);
    assert_non_null(strstr(err.text, "node9"));
}

static void permission_denied(void **state)
{
    pid_t pid;
    int status;

    (void)state;
    if (geteuid() != 0)
        skip();
    assert_int_equal(chmod(base, 0711), 0);
    pid = fork();
    if (pid == 0)
        _exit(setuid(65534) < 0 || node_list_names(&node, &names, &err) != -EACCES);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

int main(void)
{
#define T_(f) cmocka_unit_test_setup_teardown(f, node_setup, node_teardown)
    const struct CMUnitTest tests[] = {
        T_(visible_names_in_byte_order), T_(none),
        T_(no_exports_directory),        T_(a_file_in_its_place),
        T_(a_node_that_cannot_be_used),  T_(permission_denied),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
