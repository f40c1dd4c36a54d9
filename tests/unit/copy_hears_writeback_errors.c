/* An error of writing back is reported once: whoever waits for it behind the copy must pass it on,
 * for the fsync before publication, through another descriptor, does not hear of it any more. */
#include "tests/unit/copy_files.h"

/* In place of libc's: what the kernel answers to the waiting. */
static int writeback_errno;
static unsigned waited;

int sync_file_range(int fd, off_t from, off_t len, unsigned flags)
{
    (void)fd, (void)from, (void)len;
    if (!(flags & SYNC_FILE_RANGE_WAIT_AFTER))
        return 0;
    waited++;
    errno = writeback_errno;
    return writeback_errno ? -1 : 0;
}

static int copy(int answer)
{
    static const struct range data[] = {{0, 128 * MIB}, {0, 0}};
    struct copy_job job = {
        .src = make_source("src", 128 * MIB, data),
        .dst = make_empty("dst"),
        .bytes = 128 * MIB,
    };
    XXH128_canonical_t digest;
    struct err err;
    int r;

    writeback_errno = answer;
    waited = 0;
    r = copy_run(&job, &digest, &err);
    assert_true(waited > 0);
    close(job.src);
    close(job.dst);
    return r;
}

static void test_errors_of_the_disk_end_the_copy(void **state)
{
    (void)state;
    assert_int_equal(copy(EIO), -EIO);
    assert_int_equal(copy(ENOSPC), -ENOSPC);
    assert_int_equal(copy(EDQUOT), -EDQUOT);
}

static void test_file_systems_that_cannot_wait_are_no_error(void **state)
{
    (void)state;
    assert_int_equal(copy(0), 0);
    assert_int_equal(copy(ENOSYS), 0);
    assert_int_equal(copy(EINVAL), 0);
}

static void test_what_was_in_the_dump_does_not_show_through_holes(void **state)
{
    static const struct range old[] = {{0, 64 * KIB}, {0, 0}};
    struct copy_job job = {
        .src = make_source("src", MIB, NULL), .dst = make_source("dst", MIB, old), .bytes = MIB};
    XXH128_canonical_t digest;
    struct err err;

    (void)state;
    assert_int_equal(copy_run(&job, &digest, &err), 0);
    assert_int_equal(blocks_of(job.dst), 0);
    close(job.src);
    close(job.dst);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_errors_of_the_disk_end_the_copy),
        cmocka_unit_test(test_file_systems_that_cannot_wait_are_no_error),
        cmocka_unit_test(test_what_was_in_the_dump_does_not_show_through_holes),
    };

    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
