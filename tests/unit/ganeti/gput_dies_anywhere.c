/* gput: wherever the connection is lost, or the process dies, the whole old export has its name or
 * the whole new one, and whoever looks at the node next removes what is left. */
#include "tests/unit/ganeti/gput_help.h"

/* The server that is started next dies so. */
static void let_it_die(unsigned n, const char *mode)
{
    char text[64];

    snprintf(text, sizeof text, "%u %s", n, mode);
    put(path("die"), text, 0600);
    unlink(path("died"));
}

static void check_one(bool with_old, bool published, const struct image_of_two *im)
{
    if (published)
        assert_true(is_there(export_dir, im));
    else if (with_old)
        assert_true(old_is_there(export_dir, "old"));
    assert_int_equal(count(export_dir), published || with_old);
    assert_int_equal(count(path("spool")) > 0, 0);
}

static void begin_anew(bool with_old)
{
    assert_true(shell("rm -rf '%s'", export_dir));
    assert_int_equal(mkdir(export_dir, 0700), 0);
    if (with_old)
        make_old(export_dir, "old");
}

/* False: it did not come to that. */
static bool connection_lost(unsigned n, const char *mode, bool with_old)
{
    struct image_of_two im = image_of_two("new");
    int r;

    begin_anew(with_old);
    model.nnodes = 1;
    assert_int_equal(gput_open_nodes(), 0);
    gput_close_nodes();
    let_it_die(n, mode);
    assert_int_equal(gput_open_nodes(), 0);
    r = upload(&im);
    look_at_node();
    check_one(with_old, r == 0, &im);
    gput_close_nodes();
    return exists(path("died"));
}

static void lost(const char *mode, bool with_old)
{
    unsigned n = 1;

    while (connection_lost(n, mode, with_old))
        n++;
    print_message("%u requests\n", n - 1);
    assert_true(n > 20);
}

static void before_a_request(void **state)
{
    (void)state;
    lost("before", true);
}

static void after_a_request(void **state)
{
    (void)state;
    lost("after", true);
}

static void after_a_request_with_nothing_there(void **state)
{
    (void)state;
    lost("after", false);
}

static bool killed(unsigned n)
{
    struct image_of_two im = image_of_two("new");
    pid_t pid;
    bool published;
    int status;

    begin_anew(true);
    let_it_die(n, "kill");
    pid = fork();
    if (pid == 0) {
        model.nnodes = 1;
        _exit(gput_open_nodes() < 0 || upload(&im) < 0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    if (!exists(path("died")))
        assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    model.nnodes = 1;
    assert_int_equal(gput_open_nodes(), 0);
    gput_sweep(&world);
    look_at_node();
    published = is_there(export_dir, &im);
    check_one(true, published, &im);
    gput_close_nodes();
    return exists(path("died"));
}

static void process_killed(void **state)
{
    unsigned n = 1;

    (void)state;
    while (killed(n))
        n++;
    assert_true(n > 20);
}

static int teardown(void **state)
{
    cancel_destroy(&cancel);
    return node_teardown(state);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, gput_setup_dirs, teardown)
    const struct CMUnitTest tests[] = {
        TEST(before_a_request),
        TEST(after_a_request),
        TEST(after_a_request_with_nothing_there),
        TEST(process_killed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
