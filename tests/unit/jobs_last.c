/* What status and log tell of is the latest export, also when an earlier one, cancelled, takes
 * longer to end. */
#include "fake_cluster.h"

#define NAME "web0.example.com"

static struct jobs_reader *reading(struct jobs *j)
{
    struct jobs_reader *r;
    struct jobs_view v;
    struct err err;

    assert_int_equal(jobs_view(j, NAME, &v), 0);
    assert_int_equal(jobs_reader_open(j, NAME, v.t, &r, &err), 0);
    assert_int_equal(jobs_reader_trigger(r, &err), 0);
    return r;
}

static void wait_for_two_canceled(struct jobs *j)
{
    for (int i = 0; i < 2000; i++) {
        char *text;
        size_t len;

        assert_int_equal(jobs_status_text(j, &text, &len), 0);

        bool both = strstr(text, "jobs_canceled: 2\n");

        free(text);
        if (both)
            return;
        usleep(10000);
    }
    fail_msg("two runs were cancelled");
}

static void later_run_is_told_of(void **state)
{
    struct fake *f = fake_new(1);
    struct jobs *j = fake_jobs(f, (struct jobs_options){.max_jobs = 1});
    struct jobs_reader *r = reading(j);
    char *text;
    size_t len;
    uint64_t id;

    (void)state;
    assert_true(fake_wait_started(f, 1));
    pthread_mutex_lock(&f->mu); /* run 1 cannot end */
    jobs_reader_close(r);
    jobs_reader_close(reading(j)); /* run 2 comes and goes in the queue */
    pthread_mutex_unlock(&f->mu);
    wait_for_two_canceled(j);
    assert_int_equal(jobs_log_text(j, NAME, &id, &text, &len), 0);
    assert_int_equal(id, 2);
    free(text);
    jobs_close(j);
    fake_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(later_run_is_told_of),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
