/* node_file_local(): the file goes with its last reference, or when it is dropped under readers. */
#include "export/node_file.h"
#include "tests/unit/format_tools.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>

#define LEN     (256 * 1024)
#define READERS 3

static struct node_file *new_file(void)
{
    static char data[LEN];
    struct node_file *f = NULL;
    int fd;

    memset(data, 'x', LEN);
    write_file(in_scratch("f"), data, LEN);
    fd = open(in_scratch("f"), O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(node_file_local(fd, "node1", &f), 0);
    return f;
}

/* Is the file still open anywhere?  A write lease is refused then. */
static bool is_held(void)
{
    int fd = open(in_scratch("f"), O_RDWR | O_CLOEXEC);
    bool held;

    assert_true(fd >= 0);
    held = fcntl(fd, F_SETLEASE, F_WRLCK) < 0;
    if (held && errno != EAGAIN) {
        close(fd);
        skip(); /* a file system without leases */
    }
    close(fd);
    return held;
}

static void counted(void **state)
{
    struct node_file *f = new_file();
    char c = 0;

    (void)state;
    assert_ptr_equal(node_file_ref(f), f);
    node_file_unref(f);
    assert_int_equal(f->ops->read(f, &c, 1, 5), 0);
    assert_int_equal(c, 'x');
    assert_true(is_held());
    node_file_unref(f);
    assert_false(is_held());
    node_file_unref(NULL);
}

static void dropped(void **state)
{
    CLEANUP_NODE_FILE struct node_file *f = new_file();
    struct node_file_facts now;
    uint64_t at = 0;
    char c;

    (void)state;
    f->ops->drop(f);
    assert_false(is_held());
    assert_int_equal(f->ops->read(f, &c, 1, 5), -EIO);
    assert_int_equal(f->ops->read(f, &c, 1, 0), -EIO);
    assert_true(f->ops->seek(f, 5, SEEK_HOLE, &at) < 0);
    assert_true(f->ops->facts(f, &now) < 0 || now.size < LEN); /* so no hole is believed */
    f->ops->drop(f);
    assert_int_equal(f->ops->read(f, &c, 1, 0), -EIO);
}

static atomic_uint reads[READERS];

/* Reads until it fails; what is read before is the file's. */
static void *reader(void *arg)
{
    struct node_file *f = arg;
    static atomic_uint next;
    unsigned me = atomic_fetch_add(&next, 1);
    char buf[4096];

    for (uint64_t off = 0;; off = (off + sizeof buf) % LEN) {
        memset(buf, 0, sizeof buf);

        int r = f->ops->read(f, buf, sizeof buf, off);

        for (size_t i = 0; r == 0 && i < sizeof buf; i++)
            if (buf[i] != 'x')
                r = 1;
        if (r) {
            node_file_unref(f);
            return (void *)(intptr_t)r;
        }
        atomic_fetch_add(&reads[me], 1);
    }
}

static void dropped_under_readers(void **state)
{
    struct node_file *f = new_file();
    pthread_t threads[READERS];

    (void)state;
    for (unsigned i = 0; i < READERS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, reader, node_file_ref(f)), 0);
    for (unsigned i = 0; i < READERS; i++)
        while (!atomic_load(&reads[i]))
            sched_yield();
    f->ops->drop(f);
    node_file_unref(f);
    for (unsigned i = 0; i < READERS; i++) {
        void *r;

        pthread_join(threads[i], &r);
        assert_int_equal((intptr_t)r, -EIO);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counted),
        cmocka_unit_test(dropped),
        cmocka_unit_test(dropped_under_readers),
    };

    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
