/* gfile_hash: the bytes that went by, in order, however they were read. */
#include "tests/unit/ganeti/gfile_help.h"

#include <pthread.h>

#define SIZE  (21u * MIB + 777)
#define PIECE (256u * 1024)

static struct node_file *f;

static int setup(void **state)
{
    if (client_setup(state) < 0)
        return -1;
    make_file(path("big"), SIZE);
    return gfile_open(client, path("big"), 30, &f, &err);
}

static int teardown(void **state)
{
    node_file_unref(STEAL(f));
    return client_teardown(state);
}

static void read_range(uint64_t off, uint64_t end)
{
    for (; off < end; off += PIECE)
        assert_int_equal(read_and_compare(f, end - off < PIECE ? end - off : PIECE, off), 0);
}

static uint64_t position(void)
{
    XXH128_hash_t hash;
    uint64_t pos;

    gfile_hash(f, &pos, &hash);
    return pos;
}

static void front_to_back(void **state)
{
    (void)state;
    assert_int_equal(position(), 0);
    read_range(0, SIZE);
    assert_hash(f, SIZE);
    read_range(0, SIZE); /* a second time changes nothing */
    assert_hash(f, SIZE);
}

static void in_one_read(void **state)
{
    (void)state;
    read_range(5 * MIB, 5 * MIB + 100);
    assert_int_equal(position(), 0);
    assert_int_equal(read_and_compare(f, SIZE, 0), 0);
    assert_hash(f, SIZE);
}

static void interrupted_and_gone_on_with(void **state)
{
    uint64_t pos;

    (void)state;
    read_range(0, 7 * MIB);
    pos = position();
    assert_true(pos >= 7 * MIB);
    assert_true(pos < SIZE);
    read_range(15 * MIB, 16 * MIB); /* elsewhere */
    read_range(pos, SIZE);
    assert_hash(f, SIZE);
}

static void backwards_it_is_not_known(void **state)
{
    XXH128_hash_t hash;
    uint64_t pos;

    (void)state;
    for (uint64_t n = SIZE / PIECE; n-- > 40;)
        assert_int_equal(read_and_compare(f, PIECE, n * PIECE), 0);
    assert_false(gfile_hash(f, &pos, &hash));
    assert_true(pos <= 40 * PIECE);
    for (uint64_t off = pos; off < SIZE; off = position())
        read_range(off, off + PIECE < SIZE ? off + PIECE : SIZE);
    assert_hash(f, SIZE);
}

/* Neighbours change places, as several readers of one stream make them. */
static void slightly_out_of_order(void **state)
{
    (void)state;
    for (uint64_t off = 0; off < 21 * MIB; off += 4 * PIECE) {
        static const unsigned order[] = {2, 0, 3, 1};

        for (unsigned i = 0; i < 4; i++)
            read_range(off + order[i] * PIECE, off + (order[i] + 1) * PIECE);
    }
    read_range(21 * MIB, SIZE);
    assert_hash(f, SIZE);
}

static atomic_uint next_piece, wrong;

static void *share_pieces(void *arg)
{
    uint64_t off;

    while ((off = (uint64_t)atomic_fetch_add(&next_piece, 1) * PIECE) < SIZE)
        if (read_and_compare(f, SIZE - off < PIECE ? SIZE - off : PIECE, off) != 0)
            atomic_fetch_add(&wrong, 1);
    return arg;
}

/* By several threads together: where it has not gone by in order it can be gone on with. */
static void by_several_readers(void **state)
{
    pthread_t threads[4];

    (void)state;
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, share_pieces, NULL), 0);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(wrong, 0);
    for (uint64_t off = position(); off < SIZE; off = position())
        read_range(off, off + PIECE < SIZE ? off + PIECE : SIZE);
    assert_hash(f, SIZE);
}

static void an_empty_file(void **state)
{
    struct node_file *empty;
    XXH128_hash_t got;
    uint64_t pos;

    (void)state;
    make_file(path("empty"), 0);
    assert_int_equal(gfile_open(client, path("empty"), 5, &empty, &err), 0);
    assert_true(gfile_hash(empty, &pos, &got));
    assert_true(XXH128_isEqual(got, XXH3_128bits("", 0)));
    node_file_unref(empty);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(front_to_back, setup, teardown),
        cmocka_unit_test_setup_teardown(in_one_read, setup, teardown),
        cmocka_unit_test_setup_teardown(interrupted_and_gone_on_with, setup, teardown),
        cmocka_unit_test_setup_teardown(backwards_it_is_not_known, setup, teardown),
        cmocka_unit_test_setup_teardown(slightly_out_of_order, setup, teardown),
        cmocka_unit_test_setup_teardown(by_several_readers, setup, teardown),
        cmocka_unit_test_setup_teardown(an_empty_file, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
