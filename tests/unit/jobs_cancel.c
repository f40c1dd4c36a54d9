/* An export that no one waits for any more is cancelled; one that was touched, or that still has a
 * reader, goes on (DESIGN §2). */
#include "fake_cluster.h"

static bool wait_idle(struct fake *f)
{
    for (int i = 0; i < 2000; i++) {
        pthread_mutex_lock(&f->mu);
        bool idle = f->running == 0;
        pthread_mutex_unlock(&f->mu);
        if (idle)
            return true;
        usleep(10000);
    }
    return false;
}

static void last_reader_gone(void **state)
{
    struct fake *f = fake_new(1);
    struct jobs *j = fake_jobs(f, (struct jobs_options){0});
    struct jobs_reader *a = fake_reader(j, "web0.example.com"),
                       *b = fake_reader(j, "web0.example.com");

    (void)state;
    assert_true(fake_wait_started(f, 1));
    jobs_reader_close(a);
    usleep(50000);
    assert_int_equal(f->running, 1);
    jobs_reader_close(b);
    assert_true(wait_idle(f));
    assert_int_equal(f->last_t, 0); /* nothing was published */
    jobs_close(j);
    fake_free(f);
}

/* One that still waits for a job slot never begins. */
static void queued_one(void **state)
{
    struct fake *f = fake_new(2);
    struct jobs *j = fake_jobs(f, (struct jobs_options){.max_jobs = 1});
    struct jobs_reader *a = fake_reader(j, "web0.example.com"), *b;
    struct jobs_view v;

    (void)state;
    assert_true(fake_wait_started(f, 1));
    b = fake_reader(j, "web1.example.com");
    jobs_reader_close(b);
    fake_go(f);
    assert_int_equal(fake_wait_image(a), IMAGE_PUBLISHED);
    jobs_reader_close(a);
    assert_int_equal(jobs_view(j, "web1.example.com", &v), 0);
    jobs_close(j);
    assert_int_equal(f->started, 1);
    fake_free(f);
}

static void touched_one_goes_on(void **state)
{
    struct fake *f = fake_new(1);
    struct jobs *j = fake_jobs(f, (struct jobs_options){0});
    struct jobs_reader *a = fake_reader(j, "web0.example.com");
    struct err err;

    (void)state;
    assert_true(fake_wait_started(f, 1));
    assert_int_equal(jobs_touch(j, "web0.example.com", NULL, &err), 0);
    jobs_reader_close(a);
    fake_go(f);
    assert_true(wait_idle(f));
    assert_int_not_equal(f->last_t, 0);
    assert_int_equal(f->started, 1);
    jobs_close(j);
    fake_free(f);
}

/* Somebody who comes while the cancelled run still rolls back gets a run of their own. */
static void newcomer_gets_a_new_run(void **state)
{
    struct fake *f = fake_new(1);
    struct jobs *j = fake_jobs(f, (struct jobs_options){0});
    struct jobs_reader *a = fake_reader(j, "web0.example.com"), *b;

    (void)state;
    assert_true(fake_wait_started(f, 1));
    jobs_reader_close(a);
    b = fake_reader(j, "web0.example.com");
    assert_true(fake_wait_started(f, 2));
    fake_go(f);
    assert_int_equal(fake_wait_image(b), IMAGE_PUBLISHED);
    jobs_reader_close(b);
    jobs_close(j);
    fake_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(last_reader_gone),
        cmocka_unit_test(queued_one),
        cmocka_unit_test(touched_one_goes_on),
        cmocka_unit_test(newcomer_gets_a_new_run),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
