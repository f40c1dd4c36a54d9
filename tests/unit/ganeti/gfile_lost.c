/* gfile: the connection is lost while it is read. */
#include "tests/unit/ganeti/gfile_help.h"

#include <pthread.h>

#define SIZE (48u * MIB)

static struct node_file *f;

static int setup(void **state)
{
    if (client_setup(state) < 0)
        return -1;
    make_file(path("big"), SIZE);
    set_mtime(path("big"), T);
    return gfile_open(client, path("big"), 30, &f, &err);
}

static int teardown(void **state)
{
    node_file_unref(STEAL(f));
    return client_teardown(state);
}

static void read_on_after_the_server_was_killed(void **state)
{
    (void)state;
    for (uint64_t off = 0; off < SIZE; off += 256 * 1024) {
        assert_int_equal(read_and_compare(f, 256 * 1024, off), 0);
        if (off % (12 * MIB) == 5 * MIB)
            kill_server();
    }
    assert_true(servers_started() > 1);
    assert_hash(f, SIZE);
}

static void *reader(void *arg)
{
    int *wrong = arg;

    for (uint64_t off = 0; off < SIZE; off += 128 * 1024)
        if (read_and_compare(f, 128 * 1024, off) != 0)
            ++*wrong;
    return NULL;
}

static void killed_in_the_middle_of_reads(void **state)
{
    pthread_t threads[3];
    int wrong[3] = {0};

    (void)state;
    for (int i = 0; i < 3; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, reader, &wrong[i]), 0);
    for (int i = 0; i < 4; i++) {
        sleep_ms(15);
        kill_server();
    }
    for (int i = 0; i < 3; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(wrong[i], 0);
    }
    assert_true(servers_started() > 1);
}

/* Of what it was there may be some more that came before; then never again, even if it comes back.
 */
static void assert_never_again(void)
{
    assert_int_equal(read_and_compare(f, 4096, 40 * MIB), -EIO);
    assert_true(shell("cd '%s' && rm -rf big && mv kept big", base));
    assert_int_equal(read_and_compare(f, 4096, 41 * MIB), -EIO);
    assert_int_equal(read_and_compare(f, MIB, 20 * MIB), -EIO);
}

static void another_file_is_not_read(void **state)
{
    static const char *const replace[] = {
        "cp -p big new && printf x >>new && touch -r big new", /* another size */
        "cp big new && touch -d @1700000001 new",              /* another mtime */
        "ln -s kept new",                                      /* a link to the same */
        "mkdir new",
    };

    for (size_t i = 0; i < sizeof replace / sizeof *replace; i++) {
        if (i > 0) {
            teardown(state);
            assert_int_equal(setup(state), 0);
        }
        assert_int_equal(read_and_compare(f, MIB, 0), 0);
        assert_true(shell("cd '%s' && %s && mv big kept && mv new big", base, replace[i]));
        kill_server();
        assert_never_again();
    }
}

static void a_file_that_is_gone(void **state)
{
    (void)state;
    assert_int_equal(read_and_compare(f, MIB, 0), 0);
    assert_true(shell("cd '%s' && mv big kept && cp -p kept was", base));
    assert_int_equal(read_and_compare(f, MIB, 30 * MIB), 0); /* it is open */
    kill_server();
    assert_never_again();
}

static void patience_is_limited(void **state)
{
    int64_t begun;
    int r;

    (void)state;
    node_file_unref(STEAL(f));
    assert_int_equal(gfile_open(client, path("big"), 2, &f, &err), 0);
    assert_int_equal(read_and_compare(f, MIB, 0), 0);
    assert_true(shell("touch '%s/stop'", base));
    kill_server();
    begun = clock_ms();
    WAIT_FOR((r = read_and_compare(f, MIB, 30 * MIB)) != 0);
    assert_true(r == -EHOSTUNREACH || r == -ETIMEDOUT);
    assert_true(clock_ms() - begun >= 1900);
}

static void reached_again_within_its_patience(void **state)
{
    (void)state;
    assert_int_equal(read_and_compare(f, MIB, 0), 0);
    assert_true(shell("touch '%s/stop'", base));
    kill_server();

    assert_true(shell("(sleep 2; rm '%s/stop') &", base));
    assert_int_equal(read_and_compare(f, MIB, 30 * MIB), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(read_on_after_the_server_was_killed, setup, teardown),
        cmocka_unit_test_setup_teardown(killed_in_the_middle_of_reads, setup, teardown),
        cmocka_unit_test_setup_teardown(another_file_is_not_read, setup, teardown),
        cmocka_unit_test_setup_teardown(a_file_that_is_gone, setup, teardown),
        cmocka_unit_test_setup_teardown(patience_is_limited, setup, teardown),
        cmocka_unit_test_setup_teardown(reached_again_within_its_patience, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
