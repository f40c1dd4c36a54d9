/* A copy that is told to stop, whose source shrinks, or whose target cannot be written. */
#include "tests/unit/copy_files.h"

#include <signal.h>
#include <sys/resource.h>

struct act {
    uint64_t at, last;
    struct cancel *cancel;
    const char *shrink;
    unsigned calls;
};

static void progress(void *arg, uint64_t watermark)
{
    struct act *a = arg;

    assert_true(watermark > a->last);
    a->last = watermark;
    a->calls++;
    if (watermark < a->at)
        return;
    if (a->cancel)
        cancel_request(a->cancel);
    if (a->shrink)
        assert_int_equal(truncate(a->shrink, (off_t)a->at), 0);
}

static const struct range all_data[] = {{0, 8 * MIB}, {0, 0}};

static void test_progress_is_monotonic_and_true(void **state)
{
    struct act a = {.at = UINT64_MAX};
    struct copy_job job = {.src = make_source("src", 8 * MIB, all_data),
                           .dst = make_empty("dst"),
                           .bytes = 8 * MIB,
                           .progress = progress,
                           .arg = &a};
    XXH128_canonical_t digest;
    struct err err;

    (void)state;
    assert_int_equal(copy_run(&job, &digest, &err), 0);
    assert_int_equal(a.last, 8 * MIB);
    assert_true(a.calls >= 4);
    close(job.src);
    close(job.dst);
}

static void test_cancel(void **state)
{
    struct cancel cancel;
    struct act a = {.at = 2 * MIB, .cancel = &cancel};
    struct copy_job job = {.src = make_source("src", 8 * MIB, all_data),
                           .dst = make_empty("dst"),
                           .bytes = 8 * MIB,
                           .cancel = &cancel,
                           .progress = progress,
                           .arg = &a};
    XXH128_canonical_t digest;
    struct err err = {0};

    (void)state;
    assert_int_equal(cancel_init(&cancel), 0);
    assert_int_equal(copy_run(&job, &digest, &err), -ECANCELED);
    assert_int_equal(err.class, ERR_CANCELED);
    assert_true(a.last < 8 * MIB);
    cancel_destroy(&cancel);
    close(job.src);
    close(job.dst);
}

static void shrunk(const struct range *data)
{
    static char path[600];
    struct act a = {.at = 2 * MIB, .shrink = path};
    struct copy_job job = {.src = make_source("src", 8 * MIB, data),
                           .dst = make_empty("dst"),
                           .bytes = 8 * MIB,
                           .progress = progress,
                           .arg = &a};
    XXH128_canonical_t digest;
    struct err err = {0};

    snprintf(path, sizeof path, "%s", in_scratch("src"));
    assert_int_equal(copy_run(&job, &digest, &err), -EIO);
    assert_non_null(strstr(err.text, "is shorter than the 8388608 bytes it had"));
    close(job.src);
    close(job.dst);
}

static void test_data_shrinks(void **state)
{
    (void)state;
    shrunk(all_data);
}

/* data before and after a hole that is gone when the copy arrives there */
static void test_hole_shrinks(void **state)
{
    static const struct range data[] = {{0, 2 * MIB}, {7 * MIB, MIB}, {0, 0}};

    (void)state;
    shrunk(data);
}

static void test_short_from_the_start(void **state)
{
    XXH128_canonical_t digest;
    struct err err = {0};
    int src = make_source("src", 100, NULL);
    struct copy_job job = {.src = src, .dst = make_empty("dst"), .bytes = 101};

    (void)state;
    assert_int_equal(copy_run(&job, &digest, &err), -EIO);
    assert_int_equal(hash_of(src, 101, &digest, &err), -EIO);
    close(src);
    close(job.dst);
}

/* No room: the errno comes out, whatever it is. */
static void test_target_limit(void **state)
{
    struct copy_job job = {
        .src = make_source("src", 8 * MIB, all_data), .dst = make_empty("dst"), .bytes = 8 * MIB};
    struct rlimit old, small = {4 * MIB, 4 * MIB};
    XXH128_canonical_t digest;
    struct err err = {0};

    (void)state;
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    small.rlim_max = old.rlim_max;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    assert_int_equal(copy_run(&job, &digest, &err), -EFBIG);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    assert_int_equal(err.errnum, EFBIG);
    close(job.src);
    close(job.dst);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_progress_is_monotonic_and_true),
        cmocka_unit_test(test_cancel),
        cmocka_unit_test(test_data_shrinks),
        cmocka_unit_test(test_hole_shrinks),
        cmocka_unit_test(test_short_from_the_start),
        cmocka_unit_test(test_target_limit),
    };

    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
