/* All readers of one version of an instance's image join one run (DESIGN §2): a second reader never
 * causes a second export, and no run is started before the first read. */
#include "fake_cluster.h"

static void second_reader_joins(void **state)
{
    struct fake *f = fake_new(1);
    struct jobs *j = fake_jobs(f, (struct jobs_options){0});
    struct jobs_reader *a, *b;
    struct jobs_view v;
    struct err err;

    (void)state;
    assert_int_equal(jobs_view(j, "web0.example.com", &v), 0);
    assert_false(v.fresh);
    assert_int_equal(jobs_reader_open(j, "web0.example.com", v.t, &a, &err), 0);
    assert_int_equal(jobs_reader_open(j, "web0.example.com", v.t, &b, &err), 0);
    assert_null(jobs_reader_image(a));
    assert_int_equal(f->started, 0);

    assert_int_equal(jobs_reader_trigger(a, &err), 0);
    assert_int_equal(jobs_reader_trigger(b, &err), 0);
    assert_int_equal(jobs_reader_trigger(a, &err), 0);
    fake_go(f);
    assert_int_equal(fake_wait_image(a), IMAGE_PUBLISHED);
    assert_int_equal(fake_wait_image(b), IMAGE_PUBLISHED);
    assert_true(jobs_reader_published(a));
    assert_int_equal(f->started, 1);
    assert_int_equal(f->last_t, v.t);
    jobs_reader_close(a);
    jobs_reader_close(b);
    jobs_close(j);
    fake_free(f);
}

/* The version does not change while its run is under way, nor is it promised twice. */
static void version_is_stable(void **state)
{
    struct fake *f = fake_new(1);
    struct jobs *j = fake_jobs(f, (struct jobs_options){0});
    struct jobs_reader *a;
    struct jobs_view v, w;
    struct err err;

    (void)state;
    assert_int_equal(jobs_view(j, "web0.example.com", &v), 0);
    assert_int_equal(jobs_view(j, "web0.example.com", &w), 0);
    assert_int_equal(v.t, w.t);
    assert_int_equal(jobs_reader_open(j, "web0.example.com", v.t, &a, &err), 0);
    assert_int_equal(jobs_reader_trigger(a, &err), 0);
    assert_true(fake_wait_started(f, 1));
    assert_int_equal(jobs_view(j, "web0.example.com", &w), 0);
    assert_int_equal(v.t, w.t);
    fake_go(f);
    assert_int_equal(fake_wait_image(a), IMAGE_PUBLISHED);
    jobs_reader_close(a);
    jobs_close(j);
    fake_free(f);
}

static void unknown_version_is_stale(void **state)
{
    struct fake *f = fake_new(1);
    struct jobs *j = fake_jobs(f, (struct jobs_options){0});
    struct jobs_reader *a;
    struct err err;

    (void)state;
    assert_int_equal(jobs_reader_open(j, "web0.example.com", 12345, &a, &err), -ESTALE);
    assert_int_equal(jobs_reader_open(j, "nobody.example.com", 12345, &a, &err), -ENOENT);
    jobs_close(j);
    fake_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(second_reader_joins),
        cmocka_unit_test(version_is_stable),
        cmocka_unit_test(unknown_version_is_stale),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
