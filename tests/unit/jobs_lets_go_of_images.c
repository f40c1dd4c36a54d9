/* A run that has ended does not hold the published dumps open: their space, and the file system
 * that they lie on, are free once the last reader has gone. */
#include "fake_cluster.h"

#define WEB "web0.example.com"

/* Descriptors of this process that are open on the fake dump. */
static unsigned open_dumps(struct fake *f)
{
    char want[128], link[64], target[128];
    unsigned n = 0;

    snprintf(want, sizeof want, "%s/dump", f->dir);
    for (int fd = 0; fd < 256; fd++) {
        snprintf(link, sizeof link, "/proc/self/fd/%d", fd);

        ssize_t len = readlink(link, target, sizeof target - 1);

        if (len < 0)
            continue;
        target[len] = '\0';
        n += strcmp(target, want) == 0;
    }
    return n;
}

static bool soon_open(struct fake *f, unsigned n)
{
    for (int i = 0; i < 2000 && open_dumps(f) != n; i++)
        usleep(10000);
    return open_dumps(f) == n;
}

static void touched_run(void **state)
{
    struct fake *f = fake_new(1);
    struct jobs *j = fake_jobs(f, (struct jobs_options){.max_age_s = 100});
    struct err err;

    (void)state;
    f->dump = true;
    fake_go(f);
    assert_int_equal(jobs_touch(j, WEB, NULL, &err), 0);
    assert_true(fake_wait_started(f, 1));
    for (int i = 0; i < 2000 && f->last_t == 0; i++)
        usleep(10000);
    assert_true(f->last_t > 0);
    assert_true(soon_open(f, 0));
    jobs_close(j);
    fake_free(f);
}

static void reader_keeps_it_to_the_end(void **state)
{
    struct fake *f = fake_new(1);
    struct jobs *j = fake_jobs(f, (struct jobs_options){.max_age_s = 100});
    struct jobs_reader *r;
    struct jobs_view v;
    struct err err;

    (void)state;
    f->dump = true;
    assert_int_equal(jobs_view(j, WEB, &v), 0);
    assert_int_equal(jobs_reader_open(j, WEB, v.t, &r, &err), 0);
    assert_int_equal(jobs_reader_trigger(r, &err), 0);
    fake_go(f);
    assert_int_equal(fake_wait_image(r), IMAGE_PUBLISHED);
    for (int i = 0; i < 2000 && f->running; i++)
        usleep(10000);
    usleep(100000); /* the run has ended */
    assert_int_equal(open_dumps(f), 1);
    jobs_reader_close(r);
    assert_true(soon_open(f, 0));
    jobs_close(j);
    fake_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(touched_run),
        cmocka_unit_test(reader_keeps_it_to_the_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
