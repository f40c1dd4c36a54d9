/* gfile: what is fetched ahead is bounded, and given back. */
#include "tests/unit/ganeti/gfile_help.h"

#define SIZE (40u * MIB)

static struct node_file *f;
static atomic_int let_go;

static void count_let_go(void *arg)
{
    (void)arg;
    atomic_fetch_add(&let_go, 1);
}

static const struct gfile_owner owner = {.let_go = count_let_go};

static int setup(void **state)
{
    if (client_setup(state) < 0)
        return -1;
    make_file(path("big"), SIZE);
    atomic_store(&let_go, 0);
    return gfile_open_owned(client, path("big"), 20, &owner, &f, &err);
}

static int teardown(void **state)
{
    node_file_unref(STEAL(f));
    return client_teardown(state);
}

static void read_range(uint64_t off, uint64_t end, size_t *most)
{
    for (; off < end; off += 128 * 1024) {
        size_t now;

        assert_int_equal(read_and_compare(f, 128 * 1024, off), 0);
        now = gfile_bytes(f);
        *most = now > *most ? now : *most;
    }
}

static void never_more_than_8_mib(void **state)
{
    size_t most = 0;

    (void)state;
    read_range(0, SIZE, &most);
    read_range(20 * MIB, 30 * MIB, &most);
    read_range(3 * MIB, 9 * MIB, &most);
    assert_true(most > MIB); /* it is fetched ahead at all */
    assert_true(most <= 8 * MIB);
}

static void an_idle_file_holds_nothing(void **state)
{
    size_t most = 0;

    (void)state;
    read_range(0, 10 * MIB, &most);
    assert_true(gfile_bytes(f) > 0);
    WAIT_FOR(gfile_bytes(f) == 0);
    read_range(10 * MIB, 20 * MIB, &most); /* and again */
    assert_true(gfile_bytes(f) > 0);
    WAIT_FOR(gfile_bytes(f) == 0);
    node_file_unref(STEAL(f));
    WAIT_FOR(atomic_load(&let_go) == 1);
}

/* The server does not answer any more: whoever lets go of the file does not wait for it. */
static void letting_go_never_waits(void **state)
{
    size_t most = 0;
    int64_t begun;
    int pid = 0;
    FILE *p = fopen(path("pids"), "r");

    (void)state;
    assert_non_null(p);
    assert_int_equal(fscanf(p, "%d", &pid), 1);
    fclose(p);
    read_range(0, 4 * MIB, &most);
    kill(pid, SIGSTOP);
    begun = clock_ms();
    node_file_unref(STEAL(f));
    assert_true(clock_ms() - begun < 5000);
    kill(pid, SIGCONT);
    WAIT_FOR(atomic_load(&let_go) == 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(never_more_than_8_mib, setup, teardown),
        cmocka_unit_test_setup_teardown(an_idle_file_holds_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(letting_go_never_waits, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
