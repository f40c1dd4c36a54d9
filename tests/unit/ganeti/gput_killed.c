/* gput: wherever the process dies, the whole old export has its name or the whole new one, and the
 * next to look at the node removes what is left. */
#include "tests/unit/ganeti/gput_help.h"

/* False: it did not come to that. */
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
    assert_true(n > 10);
}

static int teardown(void **state)
{
    cancel_destroy(&cancel);
    return node_teardown(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(process_killed, gput_setup_dirs, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
