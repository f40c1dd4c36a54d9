/* put_is_swept.c - what a dead process was writing goes, what a living one writes never does, also
 * in the moment in which it begins; where nothing tells them apart, an hour must have passed. */
#include "export/put.h"

#include "export/stage.h"
#include "tests/unit/node_help.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/file.h>
#include <sys/syscall.h>

static struct err err;
static struct put *p;
static bool no_locks; /* as on some network file systems */
static int sweeps;    /* so many sweeps come between the making of a directory and its lock */

static void sweep_away(int fd)
{
    char dir[PATH_MAX], link[64];

    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, dir, sizeof dir - 1);

    assert_true(n > 0);
    dir[n] = '\0';
    assert_int_equal(rmdir(dir), 0);
}

int flock(int fd, int op)
{
    if (no_locks) {
        errno = ENOLCK;
        return -1;
    }
    if (sweeps > 0) {
        sweeps--;
        sweep_away(fd);
    }
    return (int)syscall(SYS_flock, fd, op);
}

static int setup(void **state)
{
    no_locks = false;
    sweeps = 0;
    return node_setup(state);
}

static void sweep(void)
{
    assert_int_equal(put_sweep(&node, &err), 0);
}

static void a_dead_ones(void **state)
{
    int status;

    (void)state;
    if (fork() == 0) {
        int fd, r = put_begin(&node, IN, &p, &err);

        _exit(r < 0 || put_open(p, "disk0.raw", O_RDWR | O_CREAT, &fd, &err) < 0);
    }
    assert_true(wait(&status) > 0);
    assert_int_equal(status, 0);
    assert_int_equal(count(export_dir), 1);
    sweep();
    assert_int_equal(count(export_dir), 0);
}

static void not_a_living_ones(void **state)
{
    (void)state;
    assert_int_equal(put_begin(&node, IN, &p, &err), 0);
    assert_true(shell("touch -d '3 days ago' %s/%s", export_dir, p->dir));
    sweep();
    assert_true(exists(path("export/%s", p->dir)));
    /* nor is it a stage of that name */
    assert_int_equal(stage_sweep_node(&node, IN, &err), 0);
    assert_true(exists(path("export/%s", p->dir)));
    put_abort(p);
}

static void nothing_else(void **state)
{
    (void)state;
    assert_true(
        shell("cd %s && mkdir web1 .put .put-abcdef ..put-abcdef .web1.put-abc .web1.new-abcdef "
              ".web1.putt-abcdef .-x.put-abcdef .web1.put-ABCDEF && mkdir ../elsewhere && "
              "touch ../elsewhere/file .x.put-abcdef && ln -s ../elsewhere .y.put-abcdef",
              export_dir));
    int n = count(export_dir);

    sweep();
    assert_int_equal(count(export_dir), n);
    assert_true(exists(path("elsewhere/file")));
}

static void without_a_directory(void **state)
{
    (void)state;
    assert_int_equal(rmdir(export_dir), 0);
    sweep();
    assert_false(exists(export_dir));
}

static void without_locks_only_after_an_hour(void **state)
{
    (void)state;
    no_locks = true;
    assert_int_equal(put_begin(&node, IN, &p, &err), 0);
    assert_true(shell("cd %s/%s && touch file && touch -d '3 hours ago' .", export_dir, p->dir));
    sweep();
    assert_true(exists(path("export/%s", p->dir)));
    assert_true(shell("cd %s/%s && touch -d '2 hours ago' file .", export_dir, p->dir));
    sweep();
    assert_int_equal(count(export_dir), 0);
    put_abort(p);
}

static void one_that_is_swept_as_it_begins(void **state)
{
    (void)state;
    sweeps = 3;
    assert_int_equal(put_begin(&node, IN, &p, &err), 0);
    assert_int_equal(sweeps, 0);
    assert_true(exists(path("export/%s", p->dir)));
    put_abort(p);
    sweeps = INT_MAX;
    assert_int_equal(put_begin(&node, IN, &p, &err), -EAGAIN); /* and not for ever */
    assert_int_equal(count(export_dir), 0);
}

static atomic_bool stop;

static void *sweep_all_the_time(void *arg)
{
    struct err ignored;

    while (!stop)
        put_sweep(&node, &ignored);
    return arg;
}

static void one_that_begins_beside_a_sweeper(void **state)
{
    pthread_t sweeper;
    int fd;

    (void)state;
    stop = false;
    assert_int_equal(pthread_create(&sweeper, NULL, sweep_all_the_time, NULL), 0);
    for (int i = 0; i < 2000; i++) {
        assert_int_equal(put_begin(&node, IN, &p, &err), 0);
        if (put_open(p, "file", O_RDWR | O_CREAT, &fd, &err) < 0)
            fail_msg("%d: %s", i, err.text);
        close(fd);
        assert_true(exists(path("export/%s/file", p->dir)));
        put_abort(p);
    }
    stop = true;
    pthread_join(sweeper, NULL);
    assert_int_equal(count(export_dir), 0);
}

int main(void)
{
#define T_(f) cmocka_unit_test_setup_teardown(f, setup, node_teardown)
    const struct CMUnitTest tests[] = {
        T_(a_dead_ones),
        T_(not_a_living_ones),
        T_(nothing_else),
        T_(without_a_directory),
        T_(without_locks_only_after_an_hour),
        T_(one_that_is_swept_as_it_begins),
        T_(one_that_begins_beside_a_sweeper),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
