/* sftp_connection.c - a connection that cannot be had, is lost, hangs, or is ended: every call
 * returns, with the reason; the next one finds a new connection; nothing stays behind. */
#include "tests/unit/ganeti/sftp_fixture.h"

#include <pthread.h>

#define SIZE (64 * 1024 * 1024)

static int stat_dir(struct env *e)
{
    struct sftp_attrs a;

    return sftp_stat(e->s, e->dir, false, &a, &e->err);
}

static void use(struct env *e, struct sftp *s)
{
    sftp_free(e->s);
    e->s = s;
}

static void program_that_does_not_exist(void **state)
{
    const char *const argv[] = {"/nonexistent/ssh", NULL}, *const name[] = {"no-such-ssh", NULL};
    struct env *e = *state;

    use(e, client(argv, 60, 60));
    assert_int_equal(stat_dir(e), -EHOSTUNREACH);
    assert_non_null(strstr(e->err.text, "/nonexistent/ssh"));
    assert_non_null(strstr(e->err.text, "No such file"));
    assert_non_null(strstr(e->err.text, "node1"));
    use(e, client(name, 60, 60));
    assert_int_equal(stat_dir(e), -EHOSTUNREACH);
    assert_int_equal(sftp_generation(e->s), 0);
}

static void program_is_looked_for_in_path(void **state)
{
    const char *const argv[] = {"sh", "-c", "exec " SERVER, NULL};
    struct env *e = *state;

    use(e, client(argv, 60, 60));
    assert_int_equal(stat_dir(e), 0);
}

/* As ssh does; what it said is the reason, also of the calls that come too soon after it. */
static void last_words_are_the_reason(void **state)
{
    struct env *e = *state;
    char command[256];
    struct stat st;

    snprintf(command, sizeof command,
             "echo >>'%s/started'; printf 'Host key \\033[1mchanged\\r\\n@@@@@\\r\\nHost key"
             " verification failed.\\r\\n' >&2; exit 255",
             e->dir);
    use(e, shell_client(command, 60));
    for (int i = 0; i < 5; i++) {
        assert_int_equal(stat_dir(e), -EHOSTUNREACH);
        assert_non_null(strstr(e->err.text, "Host key verification failed."));
        assert_null(strchr(e->err.text, '\033'));
        assert_null(strchr(e->err.text, '@'));
    }
    assert_int_equal(stat(at(e, "started"), &st), 0);
    assert_true(st.st_size < 5);
}

static void exit_status_if_there_are_no_words(void **state)
{
    struct env *e = *state;

    use(e, shell_client("exit 42", 60));
    assert_int_equal(stat_dir(e), -EHOSTUNREACH);
    assert_non_null(strstr(e->err.text, "42"));
}

/* What ssh says of hosts whose key it does not keep is not why it ended. */
static void usual_words_are_no_reason(void **state)
{
    struct env *e = *state;

    use(e, shell_client(
               "printf \"Warning: Permanently added '172.30.77.13' (ED25519) to the list of known"
               " hosts.\\r\\n\" >&2; exit 42",
               60));
    assert_int_equal(stat_dir(e), -EHOSTUNREACH);
    assert_null(strstr(e->err.text, "Permanently"));
    assert_non_null(strstr(e->err.text, "42"));
}

static void tried_again_a_while_later(void **state)
{
    struct env *e = *state;
    char command[256];

    snprintf(command, sizeof command, "test -e '%s/ready' || exit 1; exec " SERVER, e->dir);
    use(e, shell_client(command, 60));
    assert_int_equal(stat_dir(e), -EHOSTUNREACH);
    make_file(at(e, "ready"), 0);
    assert_true(BECOMES(stat_dir(e) == 0));
}

static void no_answer_at_all(void **state)
{
    struct env *e = *state;

    use(e, shell_client("echo 'still thinking' >&2; sleep 1000", 1));
    assert_int_equal(stat_dir(e), -EHOSTUNREACH);
    assert_non_null(strstr(e->err.text, "still thinking"));
    assert_true(BECOMES(children(NULL) == 0));
}

static void floods_of_words_are_survived(void **state)
{
    struct env *e = *state;

    use(e, shell_client("while :; do echo 'a line of many'; done >&2", 1));
    assert_int_equal(stat_dir(e), -EHOSTUNREACH);
    assert_non_null(strstr(e->err.text, "a line of many"));
}

struct killer {
    pid_t pid;
    int signal;
};

static void *kill_soon(void *arg)
{
    struct killer *k = arg;

    usleep(30000);
    kill(k->pid, k->signal);
    return NULL;
}

/* Reads a big file again and again until that fails, while its server is sent a signal. */
static int read_until_it_fails(struct env *e, struct sftp_file **f, int signal)
{
    CLEANUP_FREE uint8_t *buf = malloc(SIZE);
    struct killer k = {.signal = signal};
    pthread_t thread;
    ssize_t n;

    assert_int_equal(truncate(at(e, "big"), SIZE), 0);
    assert_int_equal(sftp_open(e->s, at(e, "big"), O_RDONLY, 0, f, &e->err), 0);
    assert_int_equal(children(&k.pid), 1);
    assert_int_equal(pthread_create(&thread, NULL, kill_soon, &k), 0);
    do
        n = sftp_pread(*f, buf, SIZE, 0, &e->err);
    while (n == SIZE);
    pthread_join(thread, NULL);
    return (int)n;
}

static void check_stale(struct env *e, struct sftp_file *f)
{
    struct sftp_read *r = NULL;
    struct sftp_attrs a;
    char byte = 0;

    assert_int_equal(sftp_pread(f, &byte, 1, 0, &e->err), -ESTALE);
    assert_int_equal(sftp_read_begin(f, &byte, 1, 0, &r, &e->err), -ESTALE);
    assert_int_equal(sftp_pwrite(f, &byte, 1, 0, &e->err), -ESTALE);
    assert_int_equal(sftp_fstat(f, &a, &e->err), -ESTALE);
    assert_int_equal(sftp_fsync(f, &e->err), -ESTALE);
    assert_int_equal(sftp_set_mtime(f, 0, &e->err), -ESTALE);
}

static void server_dies_under_way(void **state)
{
    struct env *e = *state;
    struct sftp_file *f;

    make_file(at(e, "big"), 0);
    assert_int_equal(read_until_it_fails(e, &f, SIGKILL), -ECONNRESET);
    assert_non_null(strstr(e->err.text, "node1"));
    check_stale(e, f);
    assert_int_equal(stat_dir(e), 0);
    assert_int_equal(sftp_generation(e->s), 2);
    check_stale(e, f);
    sftp_close(f);
}

static void server_that_hangs_is_given_up(void **state)
{
    struct env *e = *state;
    struct sftp_file *f;

    use(e, real_client(1));
    make_file(at(e, "big"), 0);
    assert_int_equal(read_until_it_fails(e, &f, SIGSTOP), -ETIMEDOUT);
    check_stale(e, f);
    sftp_close(f);
    assert_int_equal(stat_dir(e), 0);
    assert_int_equal(sftp_generation(e->s), 2);
    assert_true(BECOMES(children(NULL) == 1));
}

/* More than fits between here and a server that takes nothing. */
static void server_that_takes_nothing_is_given_up(void **state)
{
    struct env *e = *state;
    CLEANUP_FREE uint8_t *buf = calloc(1, SIZE);
    struct sftp_file *f;
    pid_t pid;

    use(e, real_client(1));
    assert_int_equal(sftp_open(e->s, at(e, "f"), O_WRONLY | O_CREAT, 0600, &f, &e->err), 0);
    assert_int_equal(children(&pid), 1);
    assert_int_equal(kill(pid, SIGSTOP), 0);
    assert_int_equal(sftp_pwrite(f, buf, SIZE, 0, &e->err), -ETIMEDOUT);
    sftp_close(f);
    assert_int_equal(stat_dir(e), 0);
}

/* Slow, but it moves: several times the limit in all. */
static void a_slow_answer_is_no_hang(void **state)
{
    struct env *e = *state;
    struct sftp_attrs a;

    use(e, python_client("hello()\n"
                         "t, i, b = hear()\n"
                         "answer = i + u32(1) + u64(4711)\n"
                         "for c in u32(len(answer) + 1) + bytes([105]) + answer:\n"
                         "    time.sleep(0.3)\n"
                         "    say(bytes([c]))\n"
                         "time.sleep(1000)\n",
                         2));
    assert_int_equal(sftp_stat(e->s, "/x", false, &a, &e->err), 0);
    assert_int_equal(a.size, 4711);
}

static void idle_connection_that_is_lost_is_made_again(void **state)
{
    struct env *e = *state;
    pid_t pid;

    assert_int_equal(stat_dir(e), 0);
    assert_int_equal(sftp_generation(e->s), 1);
    assert_int_equal(children(&pid), 1);
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_true(BECOMES(sftp_generation(e->s) == 0));
    assert_int_equal(stat_dir(e), 0);
    assert_int_equal(sftp_generation(e->s), 2);
}

static void *end_it_soon(void *arg)
{
    struct env *e = arg;

    usleep(30000);
    sftp_free(STEAL(e->s));
    return NULL;
}

static void freed_under_way(void **state)
{
    struct env *e = *state;
    CLEANUP_FREE uint8_t *buf = malloc(SIZE);
    struct sftp_file *f;
    pthread_t thread;
    ssize_t n;

    make_file(at(e, "big"), 0);
    assert_int_equal(truncate(at(e, "big"), SIZE), 0);
    assert_int_equal(sftp_open(e->s, at(e, "big"), O_RDONLY, 0, &f, &e->err), 0);
    assert_int_equal(pthread_create(&thread, NULL, end_it_soon, e), 0);
    do
        n = sftp_pread(f, buf, SIZE, 0, &e->err);
    while (n == SIZE);
    pthread_join(thread, NULL);
    assert_true(n == -ECONNRESET || n == -ESTALE);
    check_stale(e, f);
    sftp_close(f);
}

static void nothing_is_left_behind(void **state)
{
    struct env *e = *state;
    struct sftp_file *f;
    unsigned before;

    use(e, NULL);
    before = descriptors();
    for (int i = 0; i < 20; i++) {
        struct sftp *s = i % 3 == 2 ? shell_client("exit 1", 60) : real_client(0);
        struct sftp_attrs a;

        make_file(at(e, "f"), 100);
        sftp_stat(s, e->dir, false, &a, &e->err);
        if (i % 3 == 1) {
            assert_int_equal(sftp_open(s, at(e, "f"), O_RDONLY, 0, &f, &e->err), 0);
            sftp_free(s);
            check_stale(e, f);
            sftp_close(f);
        } else {
            sftp_free(s);
        }
    }
    assert_true(BECOMES(children(NULL) == 0));
    assert_true(BECOMES(descriptors() == before));
}

/* The whole group goes with it, as the processes of ssh's jumps. */
static void grandchildren_go_too(void **state)
{
    struct env *e = *state;
    char command[256], pid[32] = "";

    snprintf(command, sizeof command,
             "sleep 1000 </dev/null >/dev/null 2>&1 & echo $! >'%s/pid'; " SERVER, e->dir);
    use(e, shell_client(command, 60));
    assert_int_equal(stat_dir(e), 0);

    CLEANUP_FCLOSE FILE *f = fopen(at(e, "pid"), "r");

    assert_non_null(f);
    assert_non_null(fgets(pid, sizeof pid, f));
    assert_int_equal(kill(atoi(pid), 0), 0);
    use(e, NULL);
    assert_true(BECOMES(is_gone(atoi(pid))));
}

/* It has no signal blocked, nor a descriptor of ours, though we have. */
static void child_is_clean(void **state)
{
    struct env *e = *state;
    char command[256], line[256];
    sigset_t all, old;
    bool seen = false;

    snprintf(command, sizeof command,
             "grep SigBlk /proc/self/status >'%s/signals'; ls /proc/$$/fd >'%s/fds'; exec " SERVER,
             e->dir, e->dir);
    use(e, shell_client(command, 60));
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &old);

    CLEANUP_CLOSE int fd = open("/dev/null", O_RDONLY);

    assert_int_equal(stat_dir(e), 0);
    pthread_sigmask(SIG_SETMASK, &old, NULL);

    CLEANUP_FCLOSE FILE *f = fopen(at(e, "signals"), "r");

    assert_non_null(f);
    while (fgets(line, sizeof line, f))
        seen = seen || !strcmp(line, "SigBlk:\t0000000000000000\n");
    assert_true(seen);

    CLEANUP_FCLOSE FILE *fds = fopen(at(e, "fds"), "r");

    assert_non_null(fds);
    while (fgets(line, sizeof line, fds))
        assert_true(atoi(line) <= 2 || atoi(line) >= 10); /* 10: the shell's own */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(program_that_does_not_exist, setup, teardown),
        cmocka_unit_test_setup_teardown(program_is_looked_for_in_path, setup, teardown),
        cmocka_unit_test_setup_teardown(last_words_are_the_reason, setup, teardown),
        cmocka_unit_test_setup_teardown(exit_status_if_there_are_no_words, setup, teardown),
        cmocka_unit_test_setup_teardown(usual_words_are_no_reason, setup, teardown),
        cmocka_unit_test_setup_teardown(tried_again_a_while_later, setup, teardown),
        cmocka_unit_test_setup_teardown(no_answer_at_all, setup, teardown),
        cmocka_unit_test_setup_teardown(floods_of_words_are_survived, setup, teardown),
        cmocka_unit_test_setup_teardown(server_dies_under_way, setup, teardown),
        cmocka_unit_test_setup_teardown(server_that_hangs_is_given_up, setup, teardown),
        cmocka_unit_test_setup_teardown(server_that_takes_nothing_is_given_up, setup, teardown),
        cmocka_unit_test_setup_teardown(a_slow_answer_is_no_hang, setup, teardown),
        cmocka_unit_test_setup_teardown(idle_connection_that_is_lost_is_made_again, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(freed_under_way, setup, teardown),
        cmocka_unit_test_setup_teardown(nothing_is_left_behind, setup, teardown),
        cmocka_unit_test_setup_teardown(grandchildren_go_too, setup, teardown),
        cmocka_unit_test_setup_teardown(child_is_clean, setup, teardown),
    };

    NEED_PIDFD();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
