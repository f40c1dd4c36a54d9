/* jobs_write_beside_readers.c - writes and what readers and touch have started do not spend, join
 * or cancel each other; what was promised to readers stands until a write publishes, under a later
 * T. */
#include "fake_cluster.h"

#include "fake_written.h"

#define NAME "web0.example.com"
#define NODE "node1.example.com"

static int64_t shown_t(struct jobs *j)
{
    struct jobs_view v;

    assert_int_equal(jobs_view(j, NAME, &v), 0);
    return v.t;
}

static struct jobs_reader *reader(struct jobs *j, int64_t t)
{
    struct jobs_reader *r;
    struct err err;

    assert_int_equal(jobs_reader_open(j, NAME, t, &r, &err), 0);
    return r;
}

static void write_it(struct jobs *j, struct fake_written *fw)
{
    struct err err;

    fake_written_init(fw, NAME);
    if (fake_write_to(j, NODE, fw, &err) < 0)
        fail_msg("%s", err.text);
}

static void end_write(struct fake_written *fw, int result)
{
    assert_true(fake_wait_for(&fw->ended));
    assert_int_equal(fw->result, result);
}

static void a_later_t_than_the_promised(void **state)
{
    struct fake *f = fake_new(1);
    struct jobs *j = fake_jobs(f, (struct jobs_options){0});
    struct fake_written fw;
    struct jobs_view v;
    int64_t t = shown_t(j);

    (void)state;
    fake_go(f);
    write_it(j, &fw);
    end_write(&fw, 0);
    assert_true(f->last_t > t);
    fake_export(f, NAME, f->last_t, 0); /* what the catalog would have seen */
    assert_int_equal(jobs_view(j, NAME, &v), 0);
    assert_int_equal(v.t, f->last_t);
    assert_int_equal(v.fresh, FRESH_AGE);
    jobs_close(j);
    fake_free(f);
}

/* What was said counts, also if it could not be put on record. */
static void nor_one_that_is_not_on_record(void **state)
{
    struct fake *f = fake_new(1);
    struct jobs *j = fake_jobs(f, (struct jobs_options){0});
    struct fake_written fw;
    char path[100];
    int64_t t;

    (void)state;
    snprintf(path, sizeof path, "%s/promise", f->dir);
    close(open(path, O_WRONLY | O_CREAT, 0600)); /* no directory can be made there */
    fake_export(f, NAME, time(NULL) + 1000, 7200);
    t = shown_t(j);
    assert_true(t > f->exports[0]->info->id.t);
    fake_go(f);
    write_it(j, &fw);
    end_write(&fw, 0);
    assert_true(f->last_t > t);
    jobs_close(j);
    fake_free(f);
}

static void what_is_promised_stands_meanwhile(void **state)
{
    struct fake *f = fake_new(1);
    struct jobs *j = fake_jobs(f, (struct jobs_options){0});
    struct fake_written fw;
    int64_t t = shown_t(j);

    (void)state;
    write_it(j, &fw);
    assert_true(fake_wait_started(f, 1));
    assert_int_equal(shown_t(j), t);
    fw.fail = EIO;
    fake_go(f);
    end_write(&fw, -EIO);
    assert_int_equal(shown_t(j), t); /* nothing came of it */
    jobs_close(j);
    fake_free(f);
}

static void a_readers_run_is_left_alone(void **state)
{
    struct fake *f = fake_new(1);
    struct jobs *j = fake_jobs(f, (struct jobs_options){0});
    int64_t t = shown_t(j);
    struct jobs_reader *r = reader(j, t);
    struct fake_written fw;
    struct err err;

    (void)state;
    f->in_turn = true;
    assert_int_equal(jobs_reader_trigger(r, &err), 0);
    assert_true(fake_wait_started(f, 1));
    write_it(j, &fw);
    assert_true(fake_wait_started(f, 2));
    assert_true(fake_status_has(j, NAME, "trigger: read\n"));
    assert_int_equal(shown_t(j), t);
    fake_go(f);
    assert_int_equal(fake_wait_image(r), IMAGE_PUBLISHED);
    end_write(&fw, 0);
    assert_true(f->last_t > t);
    jobs_reader_close(r);
    jobs_close(j);
    fake_free(f);
}

/* A reader that comes while one runs gets a run of its own, which finds what the write has made. */
static void a_reader_behind_a_write(void **state)
{
    struct fake *f = fake_new(1);
    struct jobs *j = fake_jobs(f, (struct jobs_options){.max_jobs = 1});
    int64_t t = shown_t(j);
    struct jobs_reader *r = reader(j, t);
    struct fake_written fw;
    struct image *img;
    struct err err;

    (void)state;
    write_it(j, &fw);
    assert_true(fake_wait_started(f, 1));
    assert_int_equal(jobs_reader_trigger(r, &err), 0);
    fake_export(f, NAME, time(NULL) + 100, 0);
    fake_go(f);
    end_write(&fw, 0);
    for (int i = 0; i < 2000 && !jobs_reader_published(r); i++)
        usleep(10000);
    img = jobs_reader_image(r);
    assert_non_null(img);
    assert_int_equal(image_t(img), f->exports[0]->info->id.t);
    image_unref(img);
    jobs_reader_close(r);
    jobs_close(j);
    fake_free(f);
}

static void a_touch_is_not_joined(void **state)
{
    struct fake *f = fake_new(1);
    struct jobs *j = fake_jobs(f, (struct jobs_options){.max_jobs = 3});
    struct fake_written a, b;
    struct err err;

    (void)state;
    write_it(j, &a);
    assert_int_equal(jobs_touch(j, NAME, NULL, &err), 0);
    write_it(j, &b);
    assert_true(fake_wait_started(f, 3));
    fake_go(f);
    end_write(&a, 0);
    end_write(&b, 0);
    jobs_close(j);
    fake_free(f);
}

/* Readers, who retry, get the error of their own run, and no new one because of a write. */
static void a_failed_run_is_remembered(void **state)
{
    struct fake *f = fake_new(1);
    struct jobs *j = fake_jobs(f, (struct jobs_options){.retry_after_s = 600});
    struct jobs_reader *r = reader(j, shown_t(j));
    struct fake_written fw;
    struct err err;

    (void)state;
    err_set(&f->run_err, ERR_EXEC, ECODE_NONE, EIO, "its disk is broken");
    fake_go(f);
    assert_int_equal(jobs_reader_trigger(r, &err), 0);
    assert_int_equal(fake_wait_image(r), IMAGE_FAILED);
    jobs_reader_close(r);
    assert_true(fake_status_has(j, NAME, "its disk is broken"));
    err_set(&f->run_err, ERR_EXEC, ECODE_NONE, EPERM, "somebody objects");
    write_it(j, &fw);
    end_write(&fw, -EPERM);
    assert_true(fake_status_has(j, NAME, "somebody objects"));
    r = reader(j, shown_t(j));
    assert_int_equal(jobs_reader_trigger(r, &err), -EIO);
    assert_string_equal(err.text, "its disk is broken");
    assert_int_equal(f->started, 2);
    jobs_reader_close(r);
    jobs_close(j);
    fake_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_later_t_than_the_promised),
        cmocka_unit_test(nor_one_that_is_not_on_record),
        cmocka_unit_test(what_is_promised_stands_meanwhile),
        cmocka_unit_test(a_readers_run_is_left_alone),
        cmocka_unit_test(a_reader_behind_a_write),
        cmocka_unit_test(a_touch_is_not_joined),
        cmocka_unit_test(a_failed_run_is_remembered),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
