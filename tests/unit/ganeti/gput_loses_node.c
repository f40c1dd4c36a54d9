/* gput: wherever the connection is lost, the whole old export has its name or, if that is said, the
 * whole new one, and whoever looks at the node next removes what is left. */
#include "tests/unit/ganeti/gput_help.h"

/* False: it did not come to that. */
static bool connection_lost(unsigned n, const char *mode, bool with_old)
{
    struct image_of_two im = image_of_two("new");
    int r;

    begin_anew(with_old);
    model.nnodes = 1;
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
    assert_true(n > 10);
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
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
