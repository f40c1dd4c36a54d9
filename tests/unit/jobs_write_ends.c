/* jobs_write_ends.c - who writes an image is told once how its export ended, after the image was
 * let go of; whoever looks finds it in status. */
#include "fake_cluster.h"

#include "fake_written.h"

#define NAME "web0.example.com"
#define NODE "node1.example.com"

static void well(void **state)
{
    struct fake *f = fake_new(1);
    struct jobs *j = fake_jobs(f, (struct jobs_options){0});
    struct fake_written fw;
    struct err err;

    (void)state;
    fake_written_init(&fw, NAME);
    assert_int_equal(fake_write_to(j, NODE, &fw, &err), 0);
    assert_true(fake_wait_started(f, 1));
    assert_true(fake_status_has(j, NAME, "trigger: write\n"));
    assert_true(fake_status_has(j, NULL, "running " NAME " to " NODE));
    assert_int_equal(share_reserved(f->base.share, NODE, NULL), 1000);
    assert_int_equal(fw.ended, 0);
    fake_go(f);
    assert_true(fake_wait_for(&fw.ended));
    assert_int_equal(fw.result, 0);
    assert_true(fw.dropped_first);
    assert_int_equal(fw.filled, 1);
    assert_int_equal(share_reserved(f->base.share, NODE, NULL), 0);
    assert_true(fake_status_has(j, NAME, "job_state: success\n"));
    assert_true(fake_status_has(j, NULL, "jobs_succeeded: 1\n"));
    jobs_close(j);
    fake_free(f);
}

/* Whatever params say. */
static void only_what_concerns_it_is_taken_from_params(void **state)
{
    static const char params[] = "shutdown = True\nremove_instance = True\ndry_run = True\n"
                                 "target_node = node1.example.com\n";
    struct fake *f = fake_new(1);
    struct jobs *j = fake_jobs(f, (struct jobs_options){.shutdown = true});
    struct fake_written fw;
    struct err err;

    (void)state;
    fake_go(f);
    assert_int_equal(jobs_params_set(j, NAME, params, strlen(params), &err), 0);
    fake_written_init(&fw, NAME);
    assert_int_equal(fake_write_to(j, NULL, &fw, &err), 0);
    assert_true(fake_wait_for(&fw.ended));
    assert_int_equal(fw.result, 0);
    assert_false(f->last_shutdown);
    assert_false(f->last_remove);
    assert_string_equal(f->last_target, NODE);
    jobs_close(j);
    fake_free(f);
}

static void badly(void **state)
{
    struct fake *f = fake_new(1);
    struct jobs *j = fake_jobs(f, (struct jobs_options){0});
    struct fake_written fw;
    struct err err;

    (void)state;
    fake_go(f);
    fake_written_init(&fw, NAME);
    fw.fail = EBADMSG;
    assert_int_equal(fake_write_to(j, NODE, &fw, &err), 0);
    assert_true(fake_wait_for(&fw.ended));
    assert_int_equal(fw.result, -EBADMSG);
    assert_string_equal(fw.err.text, "fill failed");
    assert_true(fw.dropped_first);
    assert_true(fake_status_has(j, NAME, "fill failed"));
    assert_true(fake_node_status_has(j, NODE, " of " NAME " failed: fill failed\n"));
    jobs_close(j);
    fake_free(f);
}

static void refused(void **state)
{
    struct fake *f = fake_new(1);
    struct jobs *j = fake_jobs(f, (struct jobs_options){0});
    struct fake_written fw;
    struct err err;

    (void)state;
    err_set(&f->check_err, ERR_PREREQ, ECODE_STATE, EHOSTDOWN, "no such luck");
    fake_written_init(&fw, NAME);
    assert_int_equal(fake_write_to(j, NODE, &fw, &err), -EHOSTDOWN);
    assert_int_equal(fw.dropped, 1);
    assert_true(fake_status_has(j, NAME, "no such luck"));
    jobs_close(j);
    assert_int_equal(fw.ended, 0);
    fake_free(f);
}

static void of_an_instance_that_nobody_knows(void **state)
{
    struct fake *f = fake_new(1);
    struct jobs *j = fake_jobs(f, (struct jobs_options){0});
    struct fake_written fw;
    struct err err;

    (void)state;
    fake_go(f);
    fake_written_init(&fw, "gone.example.com");
    assert_int_equal(fake_write_to(j, NULL, &fw, &err), 0);
    assert_true(fake_wait_for(&fw.ended));
    assert_int_equal(fw.result, 0);
    assert_string_equal(f->last_target, NODE);
    jobs_close(j);
    fake_free(f);
}

/* One runs, one waits for a slot in a worker, one is in the queue. */
static void by_an_unmount(void **state)
{
    static const char *const names[] = {NAME, NAME, "web1.example.com"};
    struct fake *f = fake_new(2);
    struct jobs *j = fake_jobs(f, (struct jobs_options){.max_jobs = 1});
    struct fake_written fw[3];
    struct err err;

    (void)state;
    for (int i = 0; i < 3; i++) {
        fake_written_init(&fw[i], names[i]);
        assert_int_equal(fake_write_to(j, NODE, &fw[i], &err), 0);
    }
    assert_true(fake_wait_started(f, 1));
    assert_true(jobs_stop(j));
    for (int i = 0; i < 3; i++) {
        assert_int_equal(fw[i].ended, 1);
        assert_int_equal(fw[i].result, -ECANCELED);
        assert_true(fw[i].dropped_first);
        assert_int_equal(fw[i].filled, 0);
    }
    fake_written_init(&fw[0], NAME);
    assert_int_equal(fake_write_to(j, NODE, &fw[0], &err), -ESHUTDOWN);
    assert_int_equal(fw[0].dropped, 1);
    jobs_close(j);
    fake_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(well),
        cmocka_unit_test(only_what_concerns_it_is_taken_from_params),
        cmocka_unit_test(badly),
        cmocka_unit_test(refused),
        cmocka_unit_test(of_an_instance_that_nobody_knows),
        cmocka_unit_test(by_an_unmount),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
