/* gfile: what is in memory already is had without the node, and nothing else. */
#include "tests/unit/ganeti/gfile_help.h"

#define SIZE (20u * MIB + 4711)
#define PART (128u * 1024)

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

/* Reads on to the end, what is ready first; how many reads were. */
static unsigned read_on(uint64_t off)
{
    CLEANUP_FREE unsigned char *got = malloc(PART), *want = malloc(PART);
    unsigned ready = 0;

    assert_non_null(got);
    assert_non_null(want);
    for (; off < SIZE; off += PART) {
        size_t len = SIZE - off < PART ? (size_t)(SIZE - off) : PART;
        int r = node_file_read_ready(f, got, len, off);

        if (r == 0)
            ready++;
        else
            assert_int_equal(f->ops->read(f, got, len, off), 0);
        fill(want, len, off);
        assert_memory_equal(got, want, len);
    }
    return ready;
}

static void nothing_is_ready_at_first(void **state)
{
    unsigned char byte;

    (void)state;
    assert_int_equal(node_file_read_ready(f, &byte, 1, 0), -EAGAIN);
    assert_int_equal(node_file_read_ready(f, &byte, 1, SIZE), -EAGAIN);
    assert_int_equal(node_file_read_ready(f, &byte, 1, UINT64_MAX), -EAGAIN);
    assert_int_equal(gfile_bytes(f), 0);
}

static void of_a_run_much_is(void **state)
{
    (void)state;
    assert_true(read_on(0) > SIZE / PART / 2);
    assert_hash(f, SIZE);
}

static void elsewhere_nothing_is(void **state)
{
    unsigned char byte;

    (void)state;
    for (unsigned i = 0; i < 8; i++)
        assert_int_equal(read_and_compare(f, PART, i * PART), 0);
    assert_int_equal(node_file_read_ready(f, &byte, 1, 15 * MIB), -EAGAIN);
    assert_true(read_on(8 * PART) > 0);
    assert_hash(f, SIZE);
}

static void what_was_dropped_is_not(void **state)
{
    unsigned char byte;
    uint64_t off = 0;

    (void)state;
    for (; off < 4 * MIB; off += PART)
        assert_int_equal(read_and_compare(f, PART, off), 0);
    assert_true(gfile_bytes(f) > 0);
    f->ops->drop(f);
    for (off = 0; off < 8 * MIB; off += PART)
        assert_int_equal(node_file_read_ready(f, &byte, 1, off), -EAGAIN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(nothing_is_ready_at_first, setup, teardown),
        cmocka_unit_test_setup_teardown(of_a_run_much_is, setup, teardown),
        cmocka_unit_test_setup_teardown(elsewhere_nothing_is, setup, teardown),
        cmocka_unit_test_setup_teardown(what_was_dropped_is_not, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
