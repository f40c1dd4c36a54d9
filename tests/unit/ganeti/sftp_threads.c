/* sftp_threads.c - many threads use one connection: each gets its own answers, and it stays one. */
#include "tests/unit/ganeti/sftp_fixture.h"

#include <pthread.h>

#define THREADS 16
#define ROUNDS  60
#define SIZE    (3 * 1024 * 1024 + 5)

struct worker {
    struct env *e;
    struct sftp_file *f; /* of all */
    unsigned seed;
    const char *failed;
};

#define MUST(condition)                                                                            \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            w->failed = #condition;                                                                \
            return NULL;                                                                           \
        }                                                                                          \
    } while (0)

static void *work(void *arg)
{
    struct worker *w = arg;
    struct env *e = w->e;
    CLEANUP_FREE uint8_t *buf = malloc(SIZE);
    struct sftp_attrs a;
    char name[32];
    struct err err;

    for (unsigned i = 0; i < ROUNDS; i++) {
        CLEANUP(sftp_entries_clear) struct sftp_entries all = {0};
        size_t off = (size_t)rand_r(&w->seed) % SIZE;
        size_t len = (size_t)rand_r(&w->seed) % (i % 8 ? 70000 : 1500000);
        size_t want = len < SIZE - off ? len : SIZE - off;
        struct sftp_file *mine;

        MUST(sftp_pread(w->f, buf, len, off, &err) == (ssize_t)want);
        MUST(is_content(buf, want, off));
        MUST(sftp_stat(e->s, at(e, "big"), false, &a, &err) == 0 && a.size == SIZE);
        snprintf(name, sizeof name, "own%p", (void *)w);
        MUST(sftp_open(e->s, at(e, name), O_RDWR | O_CREAT, 0600, &mine, &err) == 0);
        MUST(sftp_pwrite(mine, buf, want, i, &err) == 0);
        memset(buf, 0, want);
        MUST(sftp_pread(mine, buf, want, i, &err) == (ssize_t)want);
        MUST(is_content(buf, want, off));
        sftp_close(mine);
        MUST(sftp_list(e->s, e->dir, &all, &err) == 0 && all.n >= 2);
    }
    return NULL;
}

static void each_gets_its_own(void **state)
{
    struct env *e = *state;
    struct worker w[THREADS];
    pthread_t threads[THREADS];
    struct sftp_file *f;

    make_file(at(e, "big"), SIZE);
    assert_int_equal(sftp_open(e->s, at(e, "big"), O_RDONLY, 0, &f, &e->err), 0);
    for (unsigned i = 0; i < THREADS; i++) {
        w[i] = (struct worker){.e = e, .f = f, .seed = i};
        assert_int_equal(pthread_create(&threads[i], NULL, work, &w[i]), 0);
    }
    for (unsigned i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    for (unsigned i = 0; i < THREADS; i++) {
        if (w[i].failed)
            fprintf(stderr, "%s\n", w[i].failed);
        assert_null(w[i].failed);
    }
    assert_int_equal(sftp_generation(e->s), 1);
    sftp_close(f);
}

static void *first_call(void *arg)
{
    struct worker *w = arg;
    struct sftp_attrs a;
    struct err err;

    MUST(sftp_stat(w->e->s, w->e->dir, false, &a, &err) == 0);
    return NULL;
}

/* All who come while it is being made wait for the same connection. */
static void one_connection_for_all(void **state)
{
    struct env *e = *state;
    struct worker w[THREADS];
    pthread_t threads[THREADS];
    char command[256];

    sftp_free(e->s);
    snprintf(command, sizeof command, "echo >>'%s/started'; sleep 0.3; exec " SERVER, e->dir);
    e->s = shell_client(command, 60);
    for (unsigned i = 0; i < THREADS; i++) {
        w[i] = (struct worker){.e = e};
        assert_int_equal(pthread_create(&threads[i], NULL, first_call, &w[i]), 0);
    }
    for (unsigned i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    for (unsigned i = 0; i < THREADS; i++)
        assert_null(w[i].failed);

    struct stat st;

    assert_int_equal(stat(at(e, "started"), &st), 0);
    assert_int_equal(st.st_size, 1);
    assert_int_equal(sftp_generation(e->s), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_gets_its_own, setup, teardown),
        cmocka_unit_test_setup_teardown(one_connection_for_all, setup, teardown),
    };

    NEED_PIDFD();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
