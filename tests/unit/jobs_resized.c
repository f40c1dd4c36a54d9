/* A disk that is grown while its export is queued retires the promised T (DESIGN §3): the next stat
 * looks changed, and the run publishes under what that stat said. */
#include "fake_cluster.h"

static struct model_instance *with_disk(const char *name, uint64_t bytes)
{
    struct model_instance *i = fake_instance(name);

    struct model_disk *disk = model_add_disk(i);

    assert_non_null(disk);
    disk->path = strdup("/nonexistent");
    disk->bytes = bytes;
    return i;
}

static void edit(struct fake *f, struct model_instance *by)
{
    model_instance_unref(f->model->instances[1]);
    f->model->instances[1] = by;
}

static void grown_while_queued(void **state)
{
    struct fake *f = fake_new(2);
    struct jobs_reader *busy, *old, *new;
    struct jobs_view v, w;
    struct err err;

    (void)state;
    edit(f, with_disk("web1.example.com", 4096));

    struct jobs *j = fake_jobs(f, (struct jobs_options){.max_jobs = 1});

    assert_int_equal(jobs_view(j, "web0.example.com", &v), 0);
    assert_int_equal(jobs_reader_open(j, "web0.example.com", v.t, &busy, &err), 0);
    assert_int_equal(jobs_reader_trigger(busy, &err), 0);
    assert_true(fake_wait_started(f, 1));
    assert_int_equal(jobs_view(j, "web1.example.com", &v), 0);
    assert_int_equal(jobs_reader_open(j, "web1.example.com", v.t, &old, &err), 0);
    assert_int_equal(jobs_reader_trigger(old, &err), 0);

    edit(f, with_disk("web1.example.com", 8192));
    assert_int_equal(jobs_view(j, "web1.example.com", &w), 0);
    assert_int_equal(w.size[IMAGE_DISK(0)], 8192);
    assert_true(w.t > v.t);
    assert_int_equal(jobs_reader_open(j, "web1.example.com", w.t, &new, &err), 0);
    assert_int_equal(jobs_reader_trigger(new, &err), 0);
    jobs_reader_close(old);
    fake_go(f);
    assert_int_equal(fake_wait_image(new), IMAGE_PUBLISHED);
    assert_int_equal(f->started, 2);
    assert_int_equal(f->last_t, w.t);
    jobs_reader_close(new);
    jobs_reader_close(busy);
    jobs_close(j);
    fake_free(f);
}

/* The only reader, who expects the old sizes, goes: the T that its stat showed does not come back.
 */
static void retired_though_cancelled(void **state)
{
    struct fake *f = fake_new(2);
    struct jobs_reader *old;
    struct jobs_view v, w;
    struct err err;

    (void)state;
    edit(f, with_disk("web1.example.com", 4096));

    struct jobs *j = fake_jobs(f, (struct jobs_options){0});

    assert_int_equal(jobs_view(j, "web1.example.com", &v), 0);
    assert_int_equal(jobs_reader_open(j, "web1.example.com", v.t, &old, &err), 0);
    assert_int_equal(jobs_reader_trigger(old, &err), 0);
    assert_true(fake_wait_started(f, 1));
    edit(f, with_disk("web1.example.com", 8192));
    assert_int_equal(jobs_view(j, "web1.example.com", &w), 0);
    jobs_reader_close(old);
    assert_int_equal(jobs_view(j, "web1.example.com", &w), 0);
    assert_true(w.t > v.t);
    jobs_close(j);
    fake_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grown_while_queued),
        cmocka_unit_test(retired_though_cancelled),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
