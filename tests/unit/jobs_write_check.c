/* jobs_write_check.c - where an image would go, and whether it may, before anything of it is there.
 */
#include "fake_cluster.h"

#include "fake_written.h"

#define NAME "web0.example.com"
#define NODE "node1.example.com"

static void by_the_usual_rule(void **state)
{
    struct fake *f = fake_new(1);
    struct jobs *j = fake_jobs(f, (struct jobs_options){0});
    char target[300] = "";
    struct err err;

    (void)state;
    assert_int_equal(jobs_write_check(j, NAME, NULL, 1, target, &err), 0);
    assert_string_equal(target, NODE);
    target[0] = '\0';
    assert_int_equal(jobs_write_check(j, "gone.example.com", "node1", 1, target, &err), 0);
    assert_string_equal(target, NODE);
    assert_int_equal(jobs_write_check(j, NAME, NULL, 1, NULL, &err), 0);
    assert_int_equal(f->started, 0);
    jobs_close(j);
    fake_free(f);
}

static void nowhere(void **state)
{
    struct fake *f = fake_new(1);
    struct jobs *j = fake_jobs(f, (struct jobs_options){0});
    char target[300] = "untouched";
    struct err err;

    (void)state;
    f->node.state = NODE_OFFLINE;
    assert_int_equal(jobs_write_check(j, NAME, NULL, 1, target, &err), -EHOSTDOWN);
    assert_string_equal(target, "untouched");
    assert_true(fake_status_has(j, NAME, "No node is online"));
    jobs_close(j);
    fake_free(f);
}

static void refused(void **state)
{
    struct fake *f = fake_new(1);
    struct jobs *j = fake_jobs(f, (struct jobs_options){0});
    struct err err;

    (void)state;
    err_set(&f->check_err, ERR_PREREQ, ECODE_NORES, ENOSPC, "full");
    assert_int_equal(jobs_write_check(j, NAME, NODE, 1, NULL, &err), -ENOSPC);
    assert_true(fake_status_has(j, NAME, "insufficient_resources): full"));
    assert_int_equal(jobs_write_check(j, "gone.example.com", NODE, 1, NULL, &err), -ENOSPC);
    jobs_close(j);
    fake_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_the_usual_rule),
        cmocka_unit_test(nowhere),
        cmocka_unit_test(refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
