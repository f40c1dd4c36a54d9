/* Freshness (b), DESIGN §2: an export that was read within linger seconds stays fresh after
 * max_age, at most hold seconds; but never once something newer was promised. */
#include "fake_cluster.h"

#define WEB "web0.example.com"

static const struct jobs_options lingering = {.max_age_s = 100, .linger_s = 1000, .hold_s = 5000};

static struct jobs_view view_of(struct jobs *j)
{
    struct jobs_view v;

    assert_int_equal(jobs_view(j, WEB, &v), 0);
    return v;
}

static void read_some(struct jobs *j, int64_t t, uint64_t bytes)
{
    struct jobs_reader *r;
    struct err err;

    assert_int_equal(jobs_reader_open(j, WEB, t, &r, &err), 0);
    assert_int_equal(jobs_reader_trigger(r, &err), 0);
    if (bytes)
        jobs_reader_served(r, bytes, false);
    jobs_reader_close(r);
}

static void age(struct fake *f, int64_t seconds)
{
    f->exports[0]->info->published = time(NULL) - seconds;
}

static void reading_keeps_it_fresh(void **state)
{
    struct fake *f = fake_new(1);
    struct jobs *j = fake_jobs(f, lingering);

    (void)state;
    fake_export(f, WEB, 1000, 50);
    read_some(j, 1000, 1);
    age(f, 200);
    assert_int_equal(view_of(j).t, 1000);
    assert_int_equal(view_of(j).fresh, FRESH_READ);
    read_some(j, 1000, 1);
    assert_int_equal(f->started, 0);
    age(f, 5001);
    assert_int_equal(view_of(j).fresh, STALE); /* hold */
    jobs_close(j);
    fake_free(f);
}

/* What the kernel reads by itself. */
static void so_does_what_was_read_elsewhere(void **state)
{
    struct fake *f = fake_new(1);
    struct jobs *j = fake_jobs(f, lingering);

    (void)state;
    fake_export(f, WEB, 1000, 50);
    jobs_was_read(j, WEB, 999); /* an older one */
    jobs_was_read(j, "unknown.example.com", 1000);
    age(f, 200);
    assert_int_equal(view_of(j).fresh, STALE);
    jobs_close(j);
    fake_free(f);

    f = fake_new(1);
    j = fake_jobs(f, lingering);
    fake_export(f, WEB, 1000, 50);
    jobs_was_read(j, WEB, 1000);
    age(f, 200);
    assert_int_equal(view_of(j).t, 1000);
    assert_int_equal(view_of(j).fresh, FRESH_READ);
    jobs_close(j);
    fake_free(f);
}

static void opening_does_not(void **state)
{
    struct fake *f = fake_new(1);
    struct jobs *j = fake_jobs(f, lingering);

    (void)state;
    fake_export(f, WEB, 1000, 50);
    read_some(j, 1000, 0);
    age(f, 200);
    assert_int_equal(view_of(j).fresh, STALE);
    jobs_close(j);
    fake_free(f);
}

static void not_without_linger(void **state)
{
    struct fake *f = fake_new(1);
    struct jobs *j = fake_jobs(f, (struct jobs_options){.max_age_s = 100, .hold_s = 5000});

    (void)state;
    fake_export(f, WEB, 1000, 50);
    read_some(j, 1000, 1);
    age(f, 200);
    assert_int_equal(view_of(j).fresh, STALE);
    jobs_close(j);
    fake_free(f);
}

/* A handle from before reads on: the newer T was seen, so the old bytes may not come under it. */
static void stale_once_is_stale_for_good(void **state)
{
    struct fake *f = fake_new(1);
    struct jobs *j = fake_jobs(f, lingering);
    struct jobs_reader *r;
    struct jobs_view v;
    struct err err;

    (void)state;
    fake_export(f, WEB, 1000, 50);
    assert_int_equal(jobs_reader_open(j, WEB, 1000, &r, &err), 0);
    assert_int_equal(jobs_reader_trigger(r, &err), 0);
    age(f, 200);
    v = view_of(j);
    assert_int_equal(v.fresh, STALE);
    jobs_reader_served(r, 1, false);
    assert_int_equal(view_of(j).t, v.t);
    assert_int_equal(view_of(j).fresh, STALE);
    jobs_reader_close(r);
    jobs_close(j);
    j = fake_jobs(f, (struct jobs_options){.max_age_s = 1000, .linger_s = 1000, .hold_s = 5000});
    assert_int_equal(view_of(j).t, v.t); /* nor after a remount */
    jobs_close(j);
    fake_free(f);
}

/* Two mounts, of which one reads: the other one does not promise anything newer meanwhile. */
static void another_mount_reads(void **state)
{
    struct fake *f = fake_new(1);
    struct jobs *a = fake_jobs(f, lingering), *b = fake_jobs(f, lingering);

    (void)state;
    fake_export(f, WEB, 1000, 50);
    assert_int_equal(view_of(b).fresh, FRESH_AGE);
    read_some(a, 1000, 1);
    age(f, 200);
    assert_int_equal(view_of(b).fresh, FRESH_READ);
    assert_int_equal(view_of(b).t, 1000);
    assert_int_equal(view_of(a).t, 1000);
    read_some(b, 1000, 1);
    assert_int_equal(f->started, 0);
    jobs_close(a);
    a = fake_jobs(f, lingering);
    assert_int_equal(view_of(a).fresh, FRESH_READ); /* and after a remount */
    jobs_close(a);
    jobs_close(b);
    fake_free(f);
}

/* What a failed run promised is given up: the export of before is what there is. */
static void fresh_again_after_a_failed_touch(void **state)
{
    struct fake *f = fake_new(1);
    struct jobs *j = fake_jobs(f, lingering);
    struct err err;

    (void)state;
    fake_export(f, WEB, 1000, 50);
    err_set(&f->run_err, ERR_EXEC, ECODE_NONE, EIO, "no");
    assert_int_equal(jobs_touch(j, WEB, NULL, &err), 0);
    assert_true(view_of(j).t > 1000);
    fake_go(f);
    for (int i = 0; i < 2000 && view_of(j).t != 1000; i++)
        usleep(10000);
    assert_int_equal(view_of(j).t, 1000);
    jobs_close(j);
    j = fake_jobs(f, lingering);
    assert_int_equal(view_of(j).t, 1000);
    jobs_close(j);
    fake_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reading_keeps_it_fresh),
        cmocka_unit_test(so_does_what_was_read_elsewhere),
        cmocka_unit_test(opening_does_not),
        cmocka_unit_test(not_without_linger),
        cmocka_unit_test(stale_once_is_stale_for_good),
        cmocka_unit_test(another_mount_reads),
        cmocka_unit_test(fresh_again_after_a_failed_touch),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
