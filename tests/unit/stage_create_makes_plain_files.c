/* node_ops.stage_create: new files of plain names, readable and writable, 0600. */
#include "tests/unit/publish_help.h"

static struct err err;
static struct node_stage *stage;

static int setup(void **state)
{
    return node_setup(state) < 0 ? -1 : stage_begin(&node, IN, &stage, &err);
}

static int teardown(void **state)
{
    stage_abort(stage);
    return node_teardown(state);
}

static void readable_and_writable_by_the_owner(void **state)
{
    struct stat st;
    char back[2];
    int fd;

    (void)state;
    assert_int_equal(stage_create(stage, "disk0.raw", &fd, &err), 0);
    assert_int_equal(pwrite(fd, "ab", 2, 0), 2);
    assert_int_equal(pread(fd, back, 2, 0), 2);
    assert_int_equal(fstat(fd, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
    close(fd);
}

static void each_name_once(void **state)
{
    int fd, second = -7;

    (void)state;
    assert_int_equal(stage_create(stage, "disk0.raw", &fd, &err), 0);
    close(fd);
    assert_int_equal(stage_create(stage, "disk0.raw", &second, &err), -EEXIST);
    assert_non_null(strstr(err.text, "disk0.raw"));
    assert_int_equal(second, -7);
}

static void no_name_that_leaves_or_hides(void **state)
{
    static const char *const bad[] = {"", ".", "..", "../x", "a/b", "/x", ".hidden", "a\nb"};
    int fd = -7;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(stage_create(stage, bad[i], &fd, &err), -EINVAL);
    assert_int_equal(fd, -7);
    assert_int_equal(count(path("export/%s", stage->dir)), 0);
}

int main(void)
{
#define T_(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T_(readable_and_writable_by_the_owner),
        T_(each_name_once),
        T_(no_name_that_leaves_or_hides),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
