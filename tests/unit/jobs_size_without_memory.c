/* The size of an image's archive is true or an error, never 0 for want of memory, and the error is
 * not remembered (DESIGN §3, P9). */
#include "fake_cluster.h"

#include <dlfcn.h>

static bool no_memory;

/* In place of libarchive's. */
struct archive *archive_write_new(void);
struct archive *archive_write_new(void)
{
    struct archive *(*real)(void);

    if (no_memory)
        return NULL;
    *(void **)&real = dlsym(RTLD_NEXT, "archive_write_new");
    return real();
}

static void check(struct jobs *j)
{
    struct jobs_view v;

    no_memory = true;
    assert_int_equal(jobs_view(j, "web0.example.com", &v), -ENOMEM);
    no_memory = false;
    assert_int_equal(jobs_view(j, "web0.example.com", &v), 0);
    assert_true(v.size[IMAGE_TAR] > v.size[IMAGE_CONFIG]);
}

static void of_the_next_export(void **state)
{
    struct fake *f = fake_new(1);
    struct jobs *j = fake_jobs(f, (struct jobs_options){.max_jobs = 1});

    (void)state;
    check(j);
    jobs_close(j);
    fake_free(f);
}

static void of_a_fresh_export(void **state)
{
    struct fake *f = fake_new(1);

    (void)state;
    fake_export(f, "web0.example.com", 1700000000, 10);

    struct jobs *j = fake_jobs(f, (struct jobs_options){.max_jobs = 1, .max_age_s = 3600});

    check(j);
    jobs_close(j);
    fake_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(of_the_next_export),
        cmocka_unit_test(of_a_fresh_export),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
