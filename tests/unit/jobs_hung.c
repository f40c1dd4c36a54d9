/* A run that hangs in its node: its readers are told, its slot goes to others, another export of
 * the instance is refused as long as it hangs; afterwards all is as before (hung.c). */
#include "fake_cluster.h"

#define HUNG  "web0.example.com"
#define OTHER "web1.example.com"

static bool has_state(struct jobs_reader *r, enum image_state state)
{
    struct image *img = jobs_reader_image(r);
    bool is = img && image_state(img) == state;

    image_unref(img);
    return is;
}

static bool soon(struct jobs_reader *r, enum image_state state)
{
    for (int i = 0; i < 6000; i++) {
        if (has_state(r, state))
            return true;
        usleep(10000);
    }
    return false;
}

static ssize_t read_one(struct jobs_reader *r)
{
    struct image *img = jobs_reader_image(r);
    char byte;
    ssize_t n = image_read(img, IMAGE_CONFIG, 0, &byte, 1);

    image_unref(img);
    return n;
}

static int read_anew(struct jobs *j, const char *name)
{
    struct jobs_reader *r;
    struct jobs_view v;
    struct err err;
    int e;

    assert_int_equal(jobs_view(j, name, &v), 0);
    assert_int_equal(jobs_reader_open(j, name, v.t, &r, &err), 0);
    e = jobs_reader_trigger(r, &err);
    jobs_reader_close(r);
    return e;
}

static void status_has(struct jobs *j, const char *line)
{
    char *text;
    size_t len;

    assert_int_equal(jobs_status_text(j, &text, &len), 0);
    assert_non_null(strstr(text, line));
    free(text);
}

static void hear(struct fake *f)
{
    pthread_mutex_lock(&f->mu);
    f->hear = true;
    pthread_cond_broadcast(&f->cond);
    pthread_mutex_unlock(&f->mu);
}

static void its_slot_goes_to_others(void **state)
{
    struct fake *f = fake_new(2);
    struct jobs *j;
    struct jobs_reader *hung, *other;
    struct err err;

    (void)state;
    f->deaf = f->go = true;
    j = fake_jobs(f, (struct jobs_options){.max_jobs = 1, .stall_s = 1, .retry_after_s = 600});
    hung = fake_reader(j, HUNG);
    assert_true(fake_wait_started(f, 1));
    other = fake_reader(j, OTHER);
    status_has(j, "jobs_hung: 0\n");

    assert_true(soon(hung, IMAGE_FAILED));
    assert_int_equal(read_one(hung), -ETIMEDOUT);
    assert_true(soon(other, IMAGE_PUBLISHED));
    status_has(j, "jobs_hung: 1\n");
    assert_int_equal(f->running, 1);
    assert_int_equal(read_anew(j, HUNG), -ETIMEDOUT);
    assert_int_equal(jobs_touch(j, HUNG, NULL, &err), -EBUSY);
    assert_int_equal(jobs_touch(j, OTHER, NULL, &err), 0);

    hear(f);
    for (int i = 0; i < 6000 && jobs_touch(j, HUNG, NULL, &err) < 0; i++)
        usleep(10000);
    assert_int_equal(jobs_touch(j, HUNG, NULL, &err), 0);
    status_has(j, "jobs_hung: 0\n");
    jobs_reader_close(hung);
    jobs_reader_close(other);
    jobs_close(j);
    fake_free(f);
}

static void a_stop_leaves_it_behind(void **state)
{
    static struct fake *f;
    static struct jobs *j; /* nobody may free it */
    struct jobs_reader *hung;

    (void)state;
    f = fake_new(1);
    f->deaf = f->go = true;
    j = fake_jobs(f, (struct jobs_options){.max_jobs = 2});
    hung = fake_reader(j, HUNG);
    assert_true(fake_wait_started(f, 1));
    assert_false(jobs_stop(j));
    jobs_reader_close(hung);
    /* it comes back to memory that is still there */
    hear(f);
    for (int i = 0; i < 6000 && f->running; i++)
        usleep(10000);
    assert_int_equal(f->running, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(its_slot_goes_to_others),
        cmocka_unit_test(a_stop_leaves_it_behind),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
