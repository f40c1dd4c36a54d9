/* A touch while a run has published but not ended (it hashes, removes old copies): what is
 * published was taken before the touch, so the touch gets an export of its own, under the next T.
 */
#include "fake_cluster.h"

#define NAME "web0.example.com"

static struct jobs_reader *published_by_a_run_that_goes_on(struct fake *f, struct jobs *j,
                                                           int64_t *t)
{
    struct jobs_reader *r;
    struct jobs_view v;
    struct err err;

    f->slow_end = true;
    fake_go(f);
    assert_int_equal(jobs_view(j, NAME, &v), 0);
    assert_int_equal(jobs_reader_open(j, NAME, v.t, &r, &err), 0);
    assert_int_equal(jobs_reader_trigger(r, &err), 0);
    assert_int_equal(fake_wait_image(r), IMAGE_PUBLISHED);
    *t = v.t;
    return r;
}

static void touch_gets_its_own(void **state)
{
    struct fake *f = fake_new(1);
    struct jobs *j = fake_jobs(f, (struct jobs_options){0});
    struct jobs_reader *r;
    struct jobs_view v;
    struct err err;
    int64_t t;

    (void)state;
    r = published_by_a_run_that_goes_on(f, j, &t);
    f->go = false; /* the next waits, so that it can be looked at */
    assert_int_equal(jobs_touch(j, NAME, NULL, &err), 0);
    assert_int_equal(jobs_view(j, NAME, &v), 0);
    assert_true(v.t > t);
    assert_true(fake_wait_started(f, 2));
    fake_go(f);
    for (int i = 0; i < 2000 && f->last_t != v.t; i++)
        usleep(10000);
    assert_int_equal(f->last_t, v.t);
    assert_int_equal(f->running, 1); /* the first still ends */
    assert_true(jobs_reader_published(r));
    jobs_reader_close(r);
    f->end = true;
    jobs_close(j);
    fake_free(f);
}

/* Unmounting does not wait for the end of either. */
static void unmount_ends_both(void **state)
{
    struct fake *f = fake_new(1);
    struct jobs *j = fake_jobs(f, (struct jobs_options){0});
    struct jobs_reader *r;
    struct err err;
    int64_t t;

    (void)state;
    r = published_by_a_run_that_goes_on(f, j, &t);
    assert_int_equal(jobs_touch(j, NAME, NULL, &err), 0);
    jobs_reader_close(r);
    jobs_close(j);
    assert_int_equal(f->running, 0);
    fake_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(touch_gets_its_own),
        cmocka_unit_test(unmount_ends_both),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
