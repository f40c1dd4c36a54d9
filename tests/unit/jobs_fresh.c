/* Freshness (a), DESIGN §2: a published export is served while less than max_age seconds have
 * passed since its publication; afterwards it looks changed. */
#include "fake_cluster.h"

static void fresh_export_is_served(void **state)
{
    struct fake *f = fake_new(1);
    struct jobs *j = fake_jobs(f, (struct jobs_options){.max_age_s = 100});
    struct jobs_reader *r;
    struct jobs_view v;
    struct err err;

    (void)state;
    fake_export(f, "web0.example.com", 1000, 50);
    assert_int_equal(jobs_view(j, "web0.example.com", &v), 0);
    assert_true(v.fresh);
    assert_int_equal(v.t, 1000);
    assert_int_equal(jobs_reader_open(j, "web0.example.com", 1000, &r, &err), 0);
    assert_true(jobs_reader_published(r));
    assert_int_equal(jobs_reader_trigger(r, &err), 0);
    assert_int_equal(f->started, 0);
    jobs_reader_close(r);
    jobs_close(j);
    fake_free(f);
}

static void stale_export_looks_changed(void **state)
{
    struct fake *f = fake_new(1);
    struct jobs *j = fake_jobs(f, (struct jobs_options){.max_age_s = 100});
    struct jobs_view v;
    int64_t future = time(NULL) + 5000;

    (void)state;
    fake_export(f, "web0.example.com", future, 100);
    assert_int_equal(jobs_view(j, "web0.example.com", &v), 0);
    assert_false(v.fresh);
    assert_int_equal(v.t, future + 1); /* max(now, previous T + 1) */
    jobs_close(j);
    fake_free(f);
}

/* A directory without checksums, or with dumps of other names, is nothing that readers are given.
 */
static void foreign_export_is_not_fresh(void **state)
{
    struct fake *f = fake_new(1);
    struct jobs *j = fake_jobs(f, (struct jobs_options){0});
    struct jobs_view v;

    (void)state;
    fake_export(f, "web0.example.com", 1000, 1);
    f->exports[0]->sums_file = -1;
    f->exports[0]->ours = false;
    f->exports[0]->normal_size = 8192;
    assert_int_equal(jobs_view(j, "web0.example.com", &v), 0);
    assert_false(v.fresh);
    jobs_close(j);
    fake_free(f);
}

/* ... but where that is how all exports are made: then it is shown in our form. */
static void foreign_export_is_served_in_our_form(void **state)
{
    struct fake *f = fake_new(1);
    struct jobs *j = fake_jobs(f, (struct jobs_options){0});
    struct jobs_view v;

    (void)state;
    f->base.normalises = true;
    fake_export(f, "web0.example.com", 1000, 1);
    f->exports[0]->sums_file = -1;
    f->exports[0]->ours = false;
    f->exports[0]->normal_size = 8192;
    assert_int_equal(jobs_view(j, "web0.example.com", &v), 0);
    assert_int_equal(v.fresh, FRESH_AGE);
    assert_int_equal(v.size[IMAGE_CONFIG], 8192);
    assert_int_equal(v.size[IMAGE_SUMS], 32 + 2 + strlen("config.ini") + 1);
    jobs_close(j);
    fake_free(f);
}

/* Two mounts: the other one published while this run waited for its locks.  It is the same T, in
 * between as well. */
static void superseded_by_another_mount(void **state)
{
    struct fake *f = fake_new(1);
    struct jobs *j = fake_jobs(f, (struct jobs_options){0});
    struct jobs_reader *r;
    struct jobs_view v, later;
    struct err err;
    struct image *img;

    (void)state;
    f->slow_end = true;
    assert_int_equal(jobs_view(j, "web0.example.com", &v), 0);
    assert_int_equal(jobs_reader_open(j, "web0.example.com", v.t, &r, &err), 0);
    assert_int_equal(jobs_reader_trigger(r, &err), 0);
    assert_true(fake_wait_started(f, 1));
    fake_export(f, "web0.example.com", v.t, 0);
    fake_go(f);
    assert_int_equal(fake_wait_image(r), IMAGE_PUBLISHED);
    img = jobs_reader_image(r);
    assert_int_equal(image_t(img), v.t);
    image_unref(img);
    assert_int_equal(jobs_view(j, "web0.example.com", &later), 0);
    assert_int_equal(later.t, v.t);
    f->end = true;
    for (int i = 0; i < 2000 && f->running; i++)
        usleep(10000);
    assert_int_equal(jobs_view(j, "web0.example.com", &later), 0);
    assert_int_equal(later.t, v.t);
    assert_int_equal(f->last_t, 0); /* no second export */
    jobs_reader_close(r);
    jobs_close(j);
    fake_free(f);
}

/* A touch wants its own export, under a T of its own. */
static void touch_is_not_superseded(void **state)
{
    struct fake *f = fake_new(1);
    struct jobs *j = fake_jobs(f, (struct jobs_options){0});
    struct jobs_view v;
    struct err err;

    (void)state;
    assert_int_equal(jobs_view(j, "web0.example.com", &v), 0);
    assert_int_equal(jobs_touch(j, "web0.example.com", NULL, &err), 0);
    assert_true(fake_wait_started(f, 1));
    fake_export(f, "web0.example.com", v.t, 0);
    fake_go(f);
    for (int i = 0; i < 2000 && f->running; i++)
        usleep(10000);
    assert_int_equal(f->last_t, v.t + 1);
    jobs_close(j);
    fake_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fresh_export_is_served),
        cmocka_unit_test(stale_export_looks_changed),
        cmocka_unit_test(foreign_export_is_not_fresh),
        cmocka_unit_test(foreign_export_is_served_in_our_form),
        cmocka_unit_test(superseded_by_another_mount),
        cmocka_unit_test(touch_is_not_superseded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
