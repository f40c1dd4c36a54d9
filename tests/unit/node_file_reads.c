/* node_file_local(): all that was asked for or an error, holes, facts. */
#include "export/node_file.h"
#include "tests/unit/format_tools.h"

#include <errno.h>
#include <limits.h>

#define LEN (1024 * 1024)

/* LEN bytes: data in the first and last 64 KiB, a hole between. */
static struct node_file *sparse(void)
{
    static char data[65536];
    struct node_file *f = NULL;
    int fd = open(in_scratch("f"), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    assert_true(fd >= 0);
    memset(data, 'x', sizeof data);
    assert_int_equal(pwrite(fd, data, sizeof data, 0), sizeof data);
    assert_int_equal(pwrite(fd, data, sizeof data, LEN - sizeof data), sizeof data);
    assert_int_equal(node_file_local(fd, "node1", &f), 0);
    return f;
}

static void reads(void **state)
{
    CLEANUP_NODE_FILE struct node_file *f = sparse();
    char buf[100] = "";

    (void)state;
    assert_int_equal(f->ops->read(f, buf, 10, 65530), 0);
    assert_memory_equal(buf, "xxxxxx\0\0\0\0", 10);
    assert_int_equal(f->ops->read(f, buf, 10, LEN - 10), 0);
    assert_memory_equal(buf, "xxxxxxxxxx", 10);
    assert_int_equal(f->ops->read(f, buf, 0, LEN), 0);
}

static void past_the_end_is_eio(void **state)
{
    CLEANUP_NODE_FILE struct node_file *f = sparse();
    char buf[100];

    (void)state;
    assert_int_equal(f->ops->read(f, buf, 10, LEN - 9), -EIO);
    assert_int_equal(f->ops->read(f, buf, 1, LEN), -EIO);
    assert_int_equal(f->ops->read(f, buf, 1, LEN * 10ULL), -EIO);
    assert_int_equal(truncate(in_scratch("f"), 50), 0);
    assert_int_equal(f->ops->read(f, buf, 100, 0), -EIO);
    assert_int_equal(f->ops->read(f, buf, 50, 0), 0);
}

static void holes(void **state)
{
    CLEANUP_NODE_FILE struct node_file *f = sparse();
    uint64_t at = 7;

    (void)state;
    assert_int_equal(f->ops->seek(f, LEN, SEEK_DATA, &at), -ENXIO);
    assert_int_equal(f->ops->seek(f, LEN + 5, SEEK_HOLE, &at), -ENXIO);
    assert_int_equal(at, 7); /* untouched */
    assert_int_equal(f->ops->seek(f, 100, SEEK_DATA, &at), 0);
    assert_int_equal(at, 100);
    assert_int_equal(f->ops->seek(f, LEN - 1, SEEK_HOLE, &at), 0);
    assert_int_equal(at, LEN);

    /* where the file system has holes at all */
    assert_int_equal(f->ops->seek(f, 0, SEEK_HOLE, &at), 0);
    if (at == LEN)
        skip();
    assert_in_range(at, 65536, LEN - 65536);
    assert_int_equal(f->ops->seek(f, at, SEEK_DATA, &at), 0);
    assert_in_range(at, 65537, LEN - 65536);
}

static void facts(void **state)
{
    CLEANUP_NODE_FILE struct node_file *f = sparse();
    const struct timespec times[2] = {{5, 6}, {1700000000, 123456789}};
    struct node_file_facts now;
    struct stat st;

    (void)state;
    assert_int_equal(utimensat(-1, in_scratch("f"), times, 0), 0);
    assert_int_equal(stat(in_scratch("f"), &st), 0);
    assert_int_equal(f->ops->facts(f, &now), 0);
    assert_int_equal(now.size, LEN);
    assert_int_equal(now.blocks512, st.st_blocks);
    assert_int_equal(now.ino, st.st_ino);
    assert_int_equal(now.mtime.tv_sec, st.st_mtim.tv_sec);
    assert_int_equal(now.mtime.tv_nsec, st.st_mtim.tv_nsec);
    assert_int_equal(truncate(in_scratch("f"), 3), 0);
    assert_int_equal(f->ops->facts(f, &now), 0);
    assert_int_equal(now.size, 3);
}

static void stays_what_it_was_opened_as(void **state)
{
    CLEANUP_NODE_FILE struct node_file *f = sparse();
    char c;

    (void)state;
    write_file(in_scratch("new"), "new", 3);
    assert_int_equal(rename(in_scratch("new"), in_scratch("f")), 0);
    assert_int_equal(f->ops->read(f, &c, 1, LEN - 1), 0);
    assert_int_equal(c, 'x');
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads),
        cmocka_unit_test(past_the_end_is_eio),
        cmocka_unit_test(holes),
        cmocka_unit_test(facts),
        cmocka_unit_test(stays_what_it_was_opened_as),
    };

    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
