/* gfile: whoever reads it and however, the bytes are the file's. */
#include "tests/unit/ganeti/gfile_help.h"

#include <pthread.h>

#define SIZE (37u * MIB + 12345)

static struct node_file *f;

static int setup(void **state)
{
    if (client_setup(state) < 0)
        return -1;
    make_file(path("big"), SIZE);
    return gfile_open(client, path("big"), 20, &f, &err);
}

static int teardown(void **state)
{
    node_file_unref(STEAL(f));
    return client_teardown(state);
}

static void front_to_back(void **state)
{
    static const size_t lengths[] = {4096, 128 * 1024, 1000 * 1000, 3 * MIB, 9 * MIB + 1};

    (void)state;
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++)
        for (uint64_t off = 0; off < SIZE; off += lengths[i])
            if (i > 0 || off < 4 * MIB)
                assert_int_equal(
                    read_and_compare(f, SIZE - off < lengths[i] ? SIZE - off : lengths[i], off), 0);
}

static void here_and_there(void **state)
{
    (void)state;
    srand48(1);
    for (int i = 0; i < 300; i++) {
        size_t len = 1 + (size_t)lrand48() % (i % 10 ? 8192 : 2 * MIB);
        uint64_t off = (uint64_t)lrand48() % (SIZE - len);

        assert_int_equal(read_and_compare(f, len, off), 0);
    }
}

static void a_read_that_follows_none_fetches_nothing_else(void **state)
{
    (void)state;
    srand48(2);
    for (unsigned i = 0; i < 60; i++)
        assert_int_equal(read_and_compare(f, 4096, (i * 7919 + 13) % 9000 * 4096 + MIB), 0);
    assert_int_equal(gfile_bytes(f), 0);
}

static void nothing_is_read_beyond_the_end(void **state)
{
    unsigned char byte;

    (void)state;
    assert_int_equal(read_and_compare(f, 100, SIZE - 100), 0);
    assert_int_equal(f->ops->read(f, &byte, 1, SIZE), -EIO);
    assert_int_equal(read_and_compare(f, 101, SIZE - 100), -EIO);
    assert_int_equal(f->ops->read(f, &byte, 1, UINT64_MAX), -EIO);
}

/* --- several at once --- */

#define PIECE (256u * 1024)

static atomic_uint next_piece, wrong;

/* Together they read it from front to back, each the next piece that none has. */
static void *share_pieces(void *arg)
{
    uint64_t off;

    while ((off = (uint64_t)atomic_fetch_add(&next_piece, 1) * PIECE) < SIZE)
        if (read_and_compare(f, SIZE - off < PIECE ? SIZE - off : PIECE, off) != 0)
            atomic_fetch_add(&wrong, 1);
    return arg;
}

/* Each reads all of it, one of them backwards. */
static void *read_all(void *arg)
{
    size_t n = (SIZE + PIECE - 1) / PIECE;

    for (size_t i = 0; i < n; i++) {
        uint64_t off = (arg ? n - 1 - i : i) * PIECE;

        if (read_and_compare(f, SIZE - off < PIECE ? SIZE - off : PIECE, off) != 0)
            atomic_fetch_add(&wrong, 1);
    }
    return NULL;
}

static void many_readers(void **state)
{
    pthread_t threads[8];

    (void)state;
    for (int i = 0; i < 6; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, share_pieces, NULL), 0);
    assert_int_equal(pthread_create(&threads[6], NULL, read_all, NULL), 0);
    assert_int_equal(pthread_create(&threads[7], NULL, read_all, &wrong), 0);
    for (int i = 0; i < 8; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(wrong, 0);
}

/* --- what else is asked of it --- */

static void it_is_dense(void **state)
{
    uint64_t at = 0;

    (void)state;
    assert_int_equal(f->ops->seek(f, 77, SEEK_DATA, &at), 0);
    assert_int_equal(at, 77);
    assert_int_equal(f->ops->seek(f, 77, SEEK_HOLE, &at), 0);
    assert_int_equal(at, SIZE);
    assert_int_equal(f->ops->seek(f, SIZE, SEEK_DATA, &at), -ENXIO);
    assert_int_equal(f->ops->seek(f, SIZE, SEEK_HOLE, &at), -ENXIO);
}

static void facts(void **state)
{
    struct node_file_facts facts;

    (void)state;
    set_mtime(path("big"), T);
    assert_int_equal(f->ops->facts(f, &facts), 0);
    assert_int_equal(facts.size, SIZE);
    assert_int_equal(facts.mtime.tv_sec, T);
    assert_int_equal(facts.mtime.tv_nsec, 0);
    assert_int_equal(facts.ino, 0);
    assert_true(facts.blocks512 * 512 >= SIZE);
    assert_true(f->may_hang);
}

static void dropped_is_read_no_more(void **state)
{
    (void)state;
    assert_int_equal(read_and_compare(f, 4096, 0), 0);
    f->ops->drop(f);
    assert_int_equal(read_and_compare(f, 4096, 0), -EIO);
    assert_int_equal(read_and_compare(f, 4096, MIB), -EIO);
}

static void what_is_no_file_is_refused(void **state)
{
    struct node_file *none = NULL;

    (void)state;
    assert_true(shell("cd '%s' && ln -s big link && mkfifo pipe && mkdir dir", base));
    assert_int_equal(gfile_open(client, path("link"), 5, &none, &err), -ELOOP);
    assert_int_equal(gfile_open(client, path("pipe"), 5, &none, &err), -EINVAL);
    assert_int_equal(gfile_open(client, path("dir"), 5, &none, &err), -EINVAL);
    assert_int_equal(gfile_open(client, path("absent"), 5, &none, &err), -ENOENT);
    assert_null(none);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(front_to_back, setup, teardown),
        cmocka_unit_test_setup_teardown(here_and_there, setup, teardown),
        cmocka_unit_test_setup_teardown(a_read_that_follows_none_fetches_nothing_else, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(nothing_is_read_beyond_the_end, setup, teardown),
        cmocka_unit_test_setup_teardown(many_readers, setup, teardown),
        cmocka_unit_test_setup_teardown(it_is_dense, setup, teardown),
        cmocka_unit_test_setup_teardown(facts, setup, teardown),
        cmocka_unit_test_setup_teardown(dropped_is_read_no_more, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_no_file_is_refused, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
