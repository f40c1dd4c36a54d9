/* sftp_change.c - files are written whole, made and renamed without replacing anything, removed. */
#include "tests/unit/ganeti/sftp_fixture.h"

#define SIZE (9 * 1024 * 1024 + 321)

static void *content(size_t n)
{
    uint8_t *p = malloc(n);

    assert_non_null(p);
    for (size_t i = 0; i < n; i++)
        p[i] = byte_at(i);
    return p;
}

static void check_file(struct env *e, const char *name, size_t size)
{
    CLEANUP_FREE uint8_t *p = malloc(size + 1);
    CLEANUP_CLOSE int fd = open(at(e, name), O_RDONLY);

    assert_true(fd >= 0);
    for (size_t n = 0; n < size;) {
        ssize_t got = read(fd, p + n, size + 1 - n);

        assert_true(got > 0);
        n += (size_t)got;
    }
    assert_int_equal(read(fd, p, 1), 0);
    assert_true(is_content(p, size, 0));
}

static void writes_all_then_syncs_and_dates(void **state)
{
    struct env *e = *state;
    CLEANUP_FREE uint8_t *p = content(SIZE);
    struct sftp_attrs a;
    struct sftp_file *f;
    struct stat st;

    umask(0);
    assert_int_equal(sftp_open(e->s, at(e, "f"), O_RDWR | O_CREAT | O_EXCL, 0600, &f, &e->err), 0);
    assert_int_equal(sftp_pwrite(f, p + 100000, SIZE - 100000, 100000, &e->err), 0);
    assert_int_equal(sftp_pwrite(f, p, 100000, 0, &e->err), 0);
    assert_int_equal(sftp_pwrite(f, p, 0, 5, &e->err), 0);
    assert_int_equal(sftp_fsync(f, &e->err), 0);
    assert_int_equal(sftp_set_mtime(f, 1234567890, &e->err), 0);
    assert_int_equal(sftp_fstat(f, &a, &e->err), 0);
    assert_int_equal(a.size, SIZE);
    assert_int_equal(a.mtime, 1234567890);
    sftp_close(f);
    check_file(e, "f", SIZE);
    assert_int_equal(stat(at(e, "f"), &st), 0);
    assert_int_equal(st.st_mode, S_IFREG | 0600);
    assert_int_equal(st.st_mtime, 1234567890);
}

static void write_fails_as_a_whole(void **state)
{
    struct env *e = *state;
    CLEANUP_FREE uint8_t *p = content(SIZE);
    struct sftp_file *f;

    make_file(at(e, "f"), 10);
    assert_int_equal(sftp_open(e->s, at(e, "f"), O_RDONLY, 0, &f, &e->err), 0);
    assert_true(sftp_pwrite(f, p, SIZE, 0, &e->err) < 0); /* not open for that */
    assert_int_equal(sftp_pwrite(f, p, 2, INT64_MAX, &e->err), -EINVAL);
    assert_int_equal(sftp_set_mtime(f, -1, &e->err), -EINVAL);
    sftp_close(f);
    check_file(e, "f", 10);
    assert_int_equal(sftp_open(e->s, "/dev/full", O_WRONLY, 0, &f, &e->err), 0);
    assert_int_equal(sftp_pwrite(f, p, SIZE, 0, &e->err), -EIO);
    sftp_close(f);
}

static void exclusive_means_new(void **state)
{
    struct env *e = *state;
    struct sftp_file *f = NULL;

    make_file(at(e, "f"), 10);
    assert_int_equal(sftp_open(e->s, at(e, "f"), O_WRONLY | O_CREAT | O_EXCL, 0600, &f, &e->err),
                     -EEXIST);
    assert_null(f);
    check_file(e, "f", 10);
    assert_int_equal(sftp_open(e->s, at(e, "f"), O_WRONLY | O_CREAT, 0600, &f, &e->err), 0);
    sftp_close(f);
    check_file(e, "f", 10);
}

static void rename_never_replaces(void **state)
{
    struct env *e = *state;
    struct stat st;

    make_file(at(e, "a"), 10);
    make_file(at(e, "b"), 20);
    mkdir(at(e, "d"), 0700);
    mkdir(at(e, "empty"), 0700);
    assert_int_equal(sftp_rename(e->s, at(e, "a"), at(e, "b"), &e->err), -EEXIST);
    assert_int_equal(sftp_rename(e->s, at(e, "d"), at(e, "empty"), &e->err), -EEXIST);
    assert_int_equal(sftp_rename(e->s, at(e, "d"), at(e, "a"), &e->err), -EEXIST);
    check_file(e, "a", 10);
    check_file(e, "b", 20);
    assert_int_equal(stat(at(e, "d"), &st), 0);
    assert_int_equal(sftp_rename(e->s, at(e, "none"), at(e, "c"), &e->err), -ENOENT);

    assert_int_equal(sftp_rename(e->s, at(e, "a"), at(e, "c"), &e->err), 0);
    assert_int_equal(sftp_rename(e->s, at(e, "d"), at(e, "d2"), &e->err), 0);
    check_file(e, "c", 10);
    assert_int_equal(access(at(e, "a"), F_OK), -1);
    assert_int_equal(stat(at(e, "d2"), &st), 0);
}

static void makes_and_removes(void **state)
{
    struct env *e = *state;
    struct stat st;

    umask(0);
    assert_int_equal(sftp_mkdir(e->s, at(e, "d"), 0750, &e->err), 0);
    assert_int_equal(stat(at(e, "d"), &st), 0);
    assert_int_equal(st.st_mode, S_IFDIR | 0750);
    assert_int_equal(sftp_mkdir(e->s, at(e, "d"), 0750, &e->err), -EEXIST);
    assert_int_equal(sftp_mkdir(e->s, at(e, "none/d"), 0750, &e->err), -ENOENT);

    make_file(at(e, "d/f"), 1);
    assert_int_equal(sftp_rmdir(e->s, at(e, "d"), &e->err), -EIO);
    assert_true(sftp_unlink(e->s, at(e, "d"), &e->err) < 0);
    assert_true(sftp_rmdir(e->s, at(e, "d/f"), &e->err) < 0);
    assert_int_equal(access(at(e, "d/f"), F_OK), 0);
    assert_int_equal(sftp_unlink(e->s, at(e, "d/f"), &e->err), 0);
    assert_int_equal(sftp_unlink(e->s, at(e, "d/f"), &e->err), -ENOENT);
    assert_int_equal(sftp_rmdir(e->s, at(e, "d"), &e->err), 0);
    assert_int_equal(access(at(e, "d"), F_OK), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(writes_all_then_syncs_and_dates, setup, teardown),
        cmocka_unit_test_setup_teardown(write_fails_as_a_whole, setup, teardown),
        cmocka_unit_test_setup_teardown(exclusive_means_new, setup, teardown),
        cmocka_unit_test_setup_teardown(rename_never_replaces, setup, teardown),
        cmocka_unit_test_setup_teardown(makes_and_removes, setup, teardown),
    };

    NEED_PIDFD();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
