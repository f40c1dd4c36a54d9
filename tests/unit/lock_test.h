/* lock_test.h - what the tests of the lock manager share: a directory, owners, waiters in
 * threads, children in processes.
 */
#ifndef LOCK_TEST_H
#define LOCK_TEST_H

#include "lock/lock.h"

#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* cmocka.h wants the above first. */
#include <cmocka.h>

#define UNUSED      __attribute__((unused))
#define PATIENCE_MS 30000 /* for what must happen at all; a loaded machine may be slow */

struct env {
    char top[200];
    char dir[220];
    struct lock_manager *m;
};

static UNUSED void pause_ms(long ms)
{
    struct timespec ts = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};

    nanosleep(&ts, NULL);
}

static UNUSED int64_t clock_ms(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* A directory without a manager, for tests that fork first. */
static UNUSED int setup_dir(void **state)
{
    static struct env e;
    const char *tmp = getenv("TMPDIR");

    e = (struct env){0};
    snprintf(e.top, sizeof e.top, "%s/lock-test.XXXXXX", tmp ? tmp : "/tmp");
    assert_non_null(mkdtemp(e.top));
    snprintf(e.dir, sizeof e.dir, "%s/state", e.top);
    *state = &e;
    return 0;
}

static UNUSED int setup(void **state)
{
    struct env *e;

    setup_dir(state);
    e = *state;
    assert_int_equal(lock_manager_open(e->dir, &e->m), 0);
    return 0;
}

static UNUSED int teardown(void **state)
{
    struct env *e = *state;
    struct dirent *de;
    DIR *d;

    if (e->m)
        lock_manager_close(e->m);
    d = opendir(e->dir);
    while (d && (de = readdir(d)))
        if (de->d_name[0] != '.')
            unlinkat(dirfd(d), de->d_name, 0);
    if (d)
        closedir(d);
    rmdir(e->dir);
    return rmdir(e->top);
}

#define TEST(f)     cmocka_unit_test_setup_teardown(f, setup, teardown)
#define TEST_DIR(f) cmocka_unit_test_setup_teardown(f, setup_dir, teardown)

/* The names of a call: NAMES("a", "b") gives the two arguments names, n. */
#define NAMES(...)                                                                                 \
    (const char *const[]){__VA_ARGS__},                                                            \
        sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *)

static UNUSED int get(struct lock_owner *o, enum lock_level level, enum lock_mode mode,
                      int64_t timeout_ms, const char *const *names, size_t n)
{
    struct lock_request rq = {.level = level, .mode = mode, .names = names, .n = n};

    return lock_acquire(o, &rq, timeout_ms);
}

static UNUSED int get_set(struct lock_owner *o, enum lock_level level, enum lock_mode mode,
                          int64_t timeout_ms)
{
    struct lock_request rq = {.level = level, .mode = mode, .all = true};

    return lock_acquire(o, &rq, timeout_ms);
}

static UNUSED struct lock_owner *bare_owner(struct lock_manager *m, const char *description)
{
    struct lock_owner *o = NULL;

    assert_int_equal(lock_owner_new(m, description, LOCK_PRIO_NORMAL, &o), 0);
    return o;
}

/* An owner that shares the BGL. */
static UNUSED struct lock_owner *owner(struct lock_manager *m, const char *description)
{
    struct lock_owner *o = bare_owner(m, description);

    assert_int_equal(get(o, LOCK_CLUSTER, LOCK_SHARED, 0, NAMES(LOCK_BGL)), 0);
    return o;
}

/* A request that runs in a thread of its own. */
struct waiter {
    struct lock_owner *o;
    struct lock_request rq;
    const char *name; /* of a request for one name */
    int64_t timeout_ms;
    bool adding;
    int result;
    pthread_t thread;
};

static UNUSED void *waiter_main(void *arg)
{
    struct waiter *w = arg;

    w->result = w->adding ? lock_add(w->o, w->rq.level, w->rq.names, w->rq.n, w->timeout_ms)
                          : lock_acquire(w->o, &w->rq, w->timeout_ms);
    return NULL;
}

static UNUSED void waiter_start(struct waiter *w)
{
    if (w->name) {
        w->rq.names = &w->name;
        w->rq.n = 1;
    }
    w->result = -EINPROGRESS;
    assert_int_equal(pthread_create(&w->thread, NULL, waiter_main, w), 0);
}

static UNUSED int waiter_end(struct waiter *w)
{
    pthread_join(w->thread, NULL);
    return w->result;
}

struct sighting {
    const char *description;
    bool waiting;
    enum lock_level level;
    int seen;
    char blocker[100];
    int priority;
};

static UNUSED void sight(const struct lock_row *r, void *arg)
{
    struct sighting *s = arg;

    if (strcmp(r->owner, s->description) != 0 || r->waiting != s->waiting || r->level != s->level)
        return;
    s->seen++;
    s->priority = r->priority;
    snprintf(s->blocker, sizeof s->blocker, "%s", r->blocker ? r->blocker : "");
}

/* Does the report show this owner as waiting (or holding) at this level? */
static UNUSED bool reported(struct lock_manager *m, const char *description, bool waiting,
                            enum lock_level level)
{
    struct sighting s = {.description = description, .waiting = waiting, .level = level};

    assert_int_equal(lock_report(m, sight, &s), 0);
    return s.seen > 0;
}

static UNUSED void await(struct lock_manager *m, const char *description, bool waiting,
                         enum lock_level level)
{
    int64_t until = clock_ms() + PATIENCE_MS;

    while (!reported(m, description, waiting, level)) {
        assert_true(clock_ms() < until);
        pause_ms(2);
    }
}

static UNUSED void await_waiting(struct lock_manager *m, const char *description,
                                 enum lock_level level)
{
    await(m, description, true, level);
}

static UNUSED void await_holding(struct lock_manager *m, const char *description,
                                 enum lock_level level)
{
    await(m, description, false, level);
}

/* A second process with a manager of its own on the same directory.  It runs act(), which
 * tells by child_say() and hears by child_hear(); what it returns is its exit status. */
struct child {
    pid_t pid;
    int to, from; /* the parent's ends */
};

struct child_side {
    struct lock_manager *m;
    int to, from;
};

static UNUSED void say(int fd, char c)
{
    if (write(fd, &c, 1) != 1)
        _exit(120);
}

/* The next byte, or -1 when the other side is gone. */
static UNUSED int hear(int fd)
{
    unsigned char c;
    ssize_t n;

    while ((n = read(fd, &c, 1)) < 0 && errno == EINTR)
        ;
    return n == 1 ? c : -1;
}

static UNUSED void child_start(struct child *c, const char *dir,
                               int (*act)(struct child_side *side))
{
    int down[2], up[2];

    assert_int_equal(pipe(down), 0);
    assert_int_equal(pipe(up), 0);
    fflush(NULL);
    c->pid = fork();
    assert_true(c->pid >= 0);
    if (c->pid == 0) {
        struct child_side side = {.to = up[1], .from = down[0]};
        int r;

        close(down[1]);
        close(up[0]);
        if (lock_manager_open(dir, &side.m) != 0)
            _exit(121);
        r = act(&side);
        _exit(r);
    }
    close(down[0]);
    close(up[1]);
    c->to = down[1];
    c->from = up[0];
}

/* Waits for it; returns its exit status, or 128 + the signal that ended it. */
static UNUSED int child_end(struct child *c)
{
    int status;

    close(c->to);
    close(c->from);
    assert_int_equal(waitpid(c->pid, &status, 0), c->pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* For children, where cmocka's assertions mean nothing: an owner that shares the BGL. */
static UNUSED struct lock_owner *child_owner(struct child_side *side, const char *description)
{
    struct lock_owner *o;

    if (lock_owner_new(side->m, description, LOCK_PRIO_NORMAL, &o) != 0 ||
        get(o, LOCK_CLUSTER, LOCK_SHARED, PATIENCE_MS, NAMES(LOCK_BGL)) != 0)
        _exit(122);
    return o;
}

#define ITEM_COUNT(a) (sizeof(a) / sizeof *(a))

#endif
