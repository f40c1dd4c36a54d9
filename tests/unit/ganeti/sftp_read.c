/* sftp_read.c - what is read is what is there: at every border, in any size, to the end. */
#include "tests/unit/ganeti/sftp_fixture.h"

#define SIZE (6 * 1024 * 1024 + 12345)

static struct sftp_file *open_big(struct env *e)
{
    struct sftp_file *f;

    make_file(at(e, "big"), SIZE);
    assert_int_equal(sftp_open(e->s, at(e, "big"), O_RDONLY, 0, &f, &e->err), 0);
    return f;
}

static void check_read(struct env *e, struct sftp_file *f, uint8_t *buf, uint64_t off, size_t len)
{
    size_t left = off < SIZE ? SIZE - off : 0, want = len < left ? len : left;

    memset(buf, 0xa5, len + 1);
    assert_int_equal(sftp_pread(f, buf, len, off, &e->err), want);
    assert_true(is_content(buf, want, off));
    assert_int_equal(buf[len], 0xa5);
}

/* Lengths and offsets around those at which requests are cut: of 32 KiB, 255 KiB, 4 MiB. */
static void reads_around_borders(void **state)
{
    static const size_t borders[] = {0,          4096,   32768,   261120,
                                     2 * 261120, 262144, 4194304, 17 * 261120};
    const size_t n = sizeof borders / sizeof *borders;
    struct env *e = *state;
    struct sftp_file *f = open_big(e);
    CLEANUP_FREE uint8_t *buf = malloc(SIZE + 4096);

    for (size_t i = 0; i < n; i++)
        for (int by = -1; by <= 1; by++)
            for (size_t j = 0; j < n; j++) {
                if (by < 0 && (borders[i] == 0 || borders[j] == 0))
                    continue;
                check_read(e, f, buf, borders[i], borders[j] + (size_t)by);
                check_read(e, f, buf, borders[i] + (size_t)by, 1000);
            }
    sftp_close(f);
}

static void reads_around_end(void **state)
{
    struct env *e = *state;
    struct sftp_file *f = open_big(e);
    CLEANUP_FREE uint8_t *buf = malloc(SIZE + 4096);

    check_read(e, f, buf, 0, SIZE);
    check_read(e, f, buf, 0, SIZE + 4000);
    check_read(e, f, buf, SIZE - 1, 1);
    check_read(e, f, buf, SIZE - 1, 4000);
    check_read(e, f, buf, SIZE, 1);
    check_read(e, f, buf, SIZE + 1000000, 100);
    check_read(e, f, buf, 17, 0);
    assert_int_equal(sftp_pread(f, buf, 10, INT64_MAX, &e->err), -EINVAL);
    sftp_close(f);
}

/* Several reads at once, ended in another order than begun; the file closed before their end. */
static void reads_ahead(void **state)
{
    enum { N = 6, LEN = 1024 * 1024 + 77 };
    struct env *e = *state;
    struct sftp_file *f = open_big(e);
    CLEANUP_FREE uint8_t *buf = malloc((size_t)N * LEN);
    struct sftp_read *r[N];

    for (size_t i = 0; i < N; i++)
        assert_int_equal(sftp_read_begin(f, buf + i * LEN, LEN, i * LEN, &r[i], &e->err), 0);
    sftp_close(f);
    for (size_t i = N; i-- > 0;) {
        size_t want = (i + 1) * LEN > SIZE ? SIZE - i * LEN : LEN;

        assert_int_equal(sftp_read_end(r[i], &e->err), want);
        assert_true(is_content(buf + i * LEN, want, i * LEN));
    }
}

/* A file that is cut off while it is open ends there. */
static void reads_shorter_file(void **state)
{
    struct env *e = *state;
    struct sftp_file *f = open_big(e);
    CLEANUP_FREE uint8_t *buf = malloc(SIZE + 1);

    assert_int_equal(truncate(at(e, "big"), 300000), 0);
    assert_int_equal(sftp_pread(f, buf, SIZE, 0, &e->err), 300000);
    assert_true(is_content(buf, 300000, 0));
    assert_int_equal(sftp_pread(f, buf, 100, 400000, &e->err), 0);
    sftp_close(f);
}

static void refuses_what_cannot_be_read(void **state)
{
    struct env *e = *state;
    struct sftp_file *f = NULL;
    char byte;

    assert_int_equal(sftp_open(e->s, at(e, "none"), O_RDONLY, 0, &f, &e->err), -ENOENT);
    assert_null(f);
    assert_non_null(strstr(e->err.text, "node1"));
    assert_non_null(strstr(e->err.text, at(e, "none")));
    assert_int_equal(sftp_open(e->s, e->dir, O_RDONLY | O_APPEND, 0, &f, &e->err), -EINVAL);

    /* which only reading tells */
    assert_int_equal(sftp_open(e->s, e->dir, O_RDONLY, 0, &f, &e->err), 0);
    assert_int_equal(sftp_pread(f, &byte, 1, 0, &e->err), -EIO);
    sftp_close(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(reads_around_borders, setup, teardown),
        cmocka_unit_test_setup_teardown(reads_around_end, setup, teardown),
        cmocka_unit_test_setup_teardown(reads_ahead, setup, teardown),
        cmocka_unit_test_setup_teardown(reads_shorter_file, setup, teardown),
        cmocka_unit_test_setup_teardown(refuses_what_cannot_be_read, setup, teardown),
    };

    NEED_PIDFD();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
