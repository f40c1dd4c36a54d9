/* A tool that takes the files of an image one after the other gets one export: between two of them
 * nobody has the image open, and the run goes on (DESIGN §2, linger). */
#include "fake_cluster.h"

static struct jobs_reader *open_triggered(struct jobs *j, int64_t *t)
{
    struct jobs_reader *r;
    struct jobs_view v;
    struct err err;

    assert_int_equal(jobs_view(j, "web0.example.com", &v), 0);
    assert_int_equal(jobs_reader_open(j, "web0.example.com", v.t, &r, &err), 0);
    assert_int_equal(jobs_reader_trigger(r, &err), 0);
    *t = v.t;
    return r;
}

static void next_file_joins_the_same_run(void **state)
{
    struct fake *f = fake_new(1);
    struct jobs *j = fake_jobs(f, (struct jobs_options){.linger_s = 900});
    struct jobs_reader *config, *disk;
    int64_t t1, t2;

    (void)state;
    config = open_triggered(j, &t1);
    assert_true(fake_wait_started(f, 1));
    jobs_reader_served(config, 100, false);
    jobs_reader_served(config, 100, true);
    jobs_reader_close(config);
    usleep(50000);
    disk = open_triggered(j, &t2);
    assert_int_equal(t1, t2);
    fake_go(f);
    assert_int_equal(fake_wait_image(disk), IMAGE_PUBLISHED);
    assert_int_equal(f->started, 1);
    jobs_reader_close(disk);
    jobs_close(j);
    fake_free(f);
}

/* Whoever stops in the middle of a file does not come back. */
static void half_read_file_does_not_linger(void **state)
{
    struct fake *f = fake_new(1);
    struct jobs *j = fake_jobs(f, (struct jobs_options){.linger_s = 900});
    struct jobs_reader *r;
    int64_t t;

    (void)state;
    r = open_triggered(j, &t);
    assert_true(fake_wait_started(f, 1));
    jobs_reader_served(r, 100, false);
    jobs_reader_close(r);
    for (int i = 0; i < 2000 && f->running; i++)
        usleep(10000);
    assert_int_equal(f->running, 0);
    assert_int_equal(f->last_t, 0);
    jobs_close(j);
    fake_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(next_file_joins_the_same_run),
        cmocka_unit_test(half_read_file_does_not_linger),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
