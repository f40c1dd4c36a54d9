/* jobs_write_hung.c - a write that hangs in its node: its writer is told, the image stays until the
 * node lets go of it, and nothing else is exported of that instance meanwhile. */
#include "fake_cluster.h"

#include "fake_written.h"

#define NAME "web0.example.com"
#define NODE "node1.example.com"

static void told_at_once_dropped_later(void **state)
{
    struct fake *f = fake_new(1);
    struct jobs *j;
    struct fake_written fw, second;
    struct err err;

    (void)state;
    f->deaf = f->go = true;
    j = fake_jobs(f, (struct jobs_options){.max_jobs = 1, .stall_s = 1});
    fake_written_init(&fw, NAME);
    assert_int_equal(fake_write_to(j, NODE, &fw, &err), 0);
    assert_true(fake_wait_for(&fw.ended));
    assert_int_equal(fw.result, -ETIMEDOUT);
    assert_int_equal(fw.dropped, 0);
    assert_true(fake_status_has(j, NAME, "job_state: hung\n"));

    fake_written_init(&second, NAME);
    assert_int_equal(fake_write_to(j, NODE, &second, &err), -EBUSY);
    assert_int_equal(second.dropped, 1);
    assert_int_equal(jobs_write_check(j, NAME, NODE, 1, NULL, &err), -EBUSY);

    pthread_mutex_lock(&f->mu);
    f->hear = true;
    pthread_cond_broadcast(&f->cond);
    pthread_mutex_unlock(&f->mu);
    assert_true(fake_wait_for(&fw.dropped));
    for (int i = 0; i < 2000 && jobs_write_check(j, NAME, NODE, 1, NULL, &err) < 0; i++)
        usleep(10000);
    fake_written_init(&second, NAME);
    assert_int_equal(fake_write_to(j, NODE, &second, &err), 0);
    assert_true(fake_wait_for(&second.ended));
    assert_int_equal(second.result, 0);
    jobs_close(j);
    assert_int_equal(fw.ended, 1);
    fake_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(told_at_once_dropped_later)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
