/* What copies is of low priority, and its caller is not. */
#include "export/lowly.h"

#include <errno.h>
#include <linux/ioprio.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

struct seen {
    pid_t tid;
    int nice, io_class;
    bool signals; /* any that is not blocked */
};

static void look(struct seen *s)
{
    sigset_t set;

    s->tid = gettid();
    errno = 0;
    s->nice = getpriority(PRIO_PROCESS, (id_t)s->tid);
    assert_int_equal(errno, 0);
    s->io_class = (int)IOPRIO_PRIO_CLASS(syscall(SYS_ioprio_get, IOPRIO_WHO_PROCESS, 0));
    pthread_sigmask(SIG_BLOCK, NULL, &set);
    s->signals = !sigismember(&set, SIGTERM) || !sigismember(&set, SIGINT);
}

static int note(void *arg)
{
    look(arg);
    return -42;
}

static void run(const struct lowly *l, struct seen *in, struct seen *out)
{
    struct seen before;

    look(&before);
    assert_int_equal(lowly_run(l, note, in), -42);
    look(out);
    assert_int_equal(out->tid, before.tid);
    assert_int_equal(out->nice, before.nice);
    assert_int_equal(out->io_class, before.io_class);
}

static void both(void **state)
{
    const struct lowly l = {.nice = 19, .idle_io = true};
    struct seen in, out;

    (void)state;
    run(&l, &in, &out);
    assert_int_not_equal(in.tid, out.tid);
    assert_int_equal(in.nice, 19);
    assert_int_equal(in.io_class, IOPRIO_CLASS_IDLE);
    assert_false(in.signals);
}

static void only_nice(void **state)
{
    const struct lowly l = {.nice = 19};
    struct seen in, out;

    (void)state;
    run(&l, &in, &out);
    assert_int_equal(in.nice, 19);
    assert_int_equal(in.io_class, out.io_class);
}

static void only_io(void **state)
{
    const struct lowly l = {.idle_io = true};
    struct seen in, out;

    (void)state;
    run(&l, &in, &out);
    assert_int_equal(in.nice, out.nice);
    assert_int_equal(in.io_class, IOPRIO_CLASS_IDLE);
}

static void neither(void **state)
{
    const struct lowly l = {0};
    struct seen in, out;

    (void)state;
    run(&l, &in, &out);
    assert_int_equal(in.nice, out.nice);
    assert_int_equal(in.io_class, out.io_class);
    run(NULL, &in, &out);
    assert_int_equal(in.nice, out.nice);
}

/* A daemon that was started with a higher value keeps it. */
static int below(void *arg)
{
    const struct lowly l = {.nice = 1};
    struct seen s;

    (void)arg;
    lowly_begin(&l);
    look(&s);
    return s.nice;
}

static void never_raised(void **state)
{
    const struct lowly l = {.nice = 19};

    (void)state;
    assert_int_equal(lowly_run(&l, below, NULL), 19);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both),    cmocka_unit_test(only_nice),    cmocka_unit_test(only_io),
        cmocka_unit_test(neither), cmocka_unit_test(never_raised),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
