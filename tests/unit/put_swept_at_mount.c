/* put_swept_at_mount.c - a mount sweeps what a dead one was writing to its nodes, and leaves alone
 * what it writes itself. */
#include "lu_cluster.h"

#include "export/put.h"

static void at_its_start(void **state)
{
    struct put *mine;

    (void)state;
    fixture_mkdir("nodes/" NODE2 "/export");
    fixture_mkdir("nodes/" NODE2 "/export/.web1.put-abcdef");
    fixture_write("nodes/" NODE2 "/export/.web1.put-abcdef/disk0.raw", "half of it");
    assert_int_equal(cl->ops->put_begin(cl, NODE2, WEB1, &mine, &cl_err), 0);
    assert_int_equal(cl->ops->start(cl), 0);
    for (int i = 0; i < 3000 && cl_exists("nodes/" NODE2 "/export/.web1.put-abcdef"); i++)
        usleep(10000);
    assert_int_equal(cl_entries("nodes/" NODE2 "/export"), 1);
    put_abort(mine);
    assert_int_equal(cl_entries("nodes/" NODE2 "/export"), 0);
}

static void only_on_nodes_that_there_are(void **state)
{
    struct put *mine;

    (void)state;
    assert_int_equal(cl->ops->put_begin(cl, "node9", WEB1, &mine, &cl_err), -ENOENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CL_TEST(at_its_start),
        CL_TEST(only_on_nodes_that_there_are),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
