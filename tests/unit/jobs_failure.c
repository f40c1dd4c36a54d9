/* A failed run: its readers get the errno, the reason stands in status, its T is never used again
 * (DESIGN §2, §3). */
#include "fake_cluster.h"

static void readers_get_the_errno(void **state)
{
    struct fake *f = fake_new(1);
    struct jobs *j = fake_jobs(f, (struct jobs_options){0});
    struct jobs_reader *r, *late;
    struct jobs_view v, after;
    struct err err;
    struct image *img;
    char *text;
    size_t len;

    (void)state;
    err_set(&f->run_err, ERR_HOOKS_ABORT, ECODE_NONE, EPERM, "node1: 10-deny: no-go");
    assert_int_equal(jobs_view(j, "web0.example.com", &v), 0);
    assert_int_equal(jobs_reader_open(j, "web0.example.com", v.t, &r, &err), 0);
    assert_int_equal(jobs_reader_open(j, "web0.example.com", v.t, &late, &err), 0);
    assert_int_equal(jobs_reader_trigger(r, &err), 0);
    fake_go(f);
    assert_int_equal(fake_wait_image(r), IMAGE_FAILED);
    img = jobs_reader_image(r);
    image_error(img, &err);
    image_unref(img);
    assert_int_equal(err.errnum, EPERM);

    for (int i = 0; i < 2000 && jobs_view(j, "web0.example.com", &after) == 0 && after.t == v.t;
         i++)
        usleep(10000);
    assert_true(after.t > v.t);
    assert_int_equal(jobs_reader_trigger(late, &err), -EPERM); /* not a second attempt */
    assert_int_equal(f->started, 1);

    assert_int_equal(jobs_instance_status_text(j, "web0.example.com", &text, &len), 0);
    assert_non_null(strstr(text, "error: HooksAbort: node1: 10-deny: no-go\n"));
    free(text);
    jobs_reader_close(r);
    jobs_reader_close(late);
    jobs_close(j);
    fake_free(f);
}

static void refused_at_once(void **state)
{
    struct fake *f = fake_new(1);
    struct jobs *j = fake_jobs(f, (struct jobs_options){0});
    struct jobs_reader *r;
    struct jobs_view v;
    struct err err;
    char *text;
    size_t len;

    (void)state;
    err_prereq(&f->check_err, ECODE_NORES, "Not enough space on node1");
    assert_int_equal(jobs_view(j, "web0.example.com", &v), 0);
    assert_int_equal(jobs_reader_open(j, "web0.example.com", v.t, &r, &err), 0);
    assert_int_equal(jobs_reader_trigger(r, &err), -ENOSPC);
    assert_int_equal(jobs_touch(j, "web0.example.com", NULL, &err), -ENOSPC);
    assert_int_equal(f->started, 0);
    assert_int_equal(jobs_instance_status_text(j, "web0.example.com", &text, &len), 0);
    assert_non_null(
        strstr(text, "error: OpPrereqError (insufficient_resources): Not enough space on node1\n"));
    free(text);
    jobs_reader_close(r);
    jobs_close(j);
    fake_free(f);
}

static struct jobs_reader *open_next(struct jobs *j)
{
    struct jobs_reader *r;
    struct jobs_view v;
    struct err err;

    assert_int_equal(jobs_view(j, "web0.example.com", &v), 0);
    assert_int_equal(jobs_reader_open(j, "web0.example.com", v.t, &r, &err), 0);
    return r;
}

static void wait_ended(struct jobs *j)
{
    char *text;
    size_t len;
    bool ended = false;

    for (int i = 0; i < 2000 && !ended; i++) {
        usleep(10000);
        assert_int_equal(jobs_instance_status_text(j, "web0.example.com", &text, &len), 0);
        ended = strstr(text, "job_state: error\n") != NULL;
        free(text);
    }
    assert_true(ended);
}

/* Backup tools retry: for retry_after seconds they get the error without another attempt; a touch,
 * or other params, override. */
static void readers_who_retry(void **state)
{
    struct fake *f = fake_new(1);
    struct jobs *j = fake_jobs(f, (struct jobs_options){.retry_after_s = 600});
    struct jobs_reader *r;
    struct err err;

    (void)state;
    fake_go(f);
    err_exec(&f->run_err, "disk is broken");
    r = open_next(j);
    assert_int_equal(jobs_reader_trigger(r, &err), 0);
    assert_int_equal(fake_wait_image(r), IMAGE_FAILED);
    jobs_reader_close(r);
    wait_ended(j);

    r = open_next(j);
    assert_int_equal(jobs_reader_trigger(r, &err), -EIO);
    assert_string_equal(err.text, "disk is broken");
    assert_int_equal(f->started, 1);
    assert_int_equal(jobs_params_set(j, "web0.example.com", "priority = 10\n", 14, &err), 0);
    assert_int_equal(jobs_reader_trigger(r, &err), 0);
    assert_int_equal(fake_wait_image(r), IMAGE_FAILED);
    assert_int_equal(f->started, 2);
    jobs_reader_close(r);
    wait_ended(j);

    f->run_err.errnum = 0;
    assert_int_equal(jobs_touch(j, "web0.example.com", NULL, &err), 0);
    assert_true(fake_wait_started(f, 3));
    jobs_close(j);
    fake_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(readers_get_the_errno),
        cmocka_unit_test(refused_at_once),
        cmocka_unit_test(readers_who_retry),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
