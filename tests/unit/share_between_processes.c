/* Job slots and reserved space are shared by all processes that have a cluster mounted; those of a
 * killed one are free at once. */
#include "export/share.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
/* cmocka wants the ones above first */
#include <cmocka.h>

#include "tests/unit/temp_dir.h"

/* Two opened in one process are as two processes: the locks are of open files. */
static struct share *a, *b;
static int r1, r2, r3; /* owners */

static int open_two(void **state)
{
    (void)state;
    if (temp_dir_make(state) < 0 || share_open(dir, &a) < 0 || share_open(dir, &b) < 0)
        return -1;
    return 0;
}

static int close_two(void **state)
{
    share_close(a);
    share_close(b);
    return temp_dir_remove(state);
}

static void reserved_by_all_but_oneself(void **state)
{
    (void)state;
    assert_int_equal(share_add(a, &r1, "node1", 100), 0);
    assert_int_equal(share_add(b, &r1, "node1", 20), 0); /* the same pointer means nothing there */
    assert_int_equal(share_add(b, &r2, "node2", 3), 0);
    assert_int_equal(share_reserved(a, "node1", &r1), 20);
    assert_int_equal(share_reserved(b, "node1", &r1), 100);
    assert_int_equal(share_reserved(a, "node1", NULL), 120);
    assert_int_equal(share_reserved(a, "node2", NULL), 3);
    assert_int_equal(share_add(b, &r1, "node1", 50), 0); /* in place of what it had */
    assert_int_equal(share_reserved(a, "node1", &r1), 50);
    share_drop(b, &r1);
    share_drop(b, &r1);
    assert_int_equal(share_reserved(a, "node1", &r1), 0);
    assert_int_equal(share_add(b, &r3, "node1", UINT64_MAX), 0);
    assert_true(share_reserved(a, "node1", NULL) == UINT64_MAX);
}

static void slots_of_all_first_come_first_served(void **state)
{
    unsigned running, queued;

    (void)state;
    share_add(a, &r1, "n", 0);
    share_add(b, &r2, "n", 0);
    share_add(a, &r3, "n", 0);
    assert_true(share_begin(a, &r1, 1));
    assert_false(share_begin(a, &r3, 1)); /* asks first, but came later */
    assert_false(share_begin(b, &r2, 1));
    share_others(b, &running, &queued);
    assert_int_equal(running, 1);
    assert_int_equal(queued, 1);
    share_drop(a, &r1);
    assert_false(share_begin(a, &r3, 1));
    assert_true(share_begin(b, &r2, 1));
    assert_false(share_begin(a, &r3, 1));
    assert_true(share_begin(a, &r3, 2)); /* a mount with another limit */
    assert_true(share_begin(a, &r3, 1)); /* it has begun */
}

static void who_does_not_ask_holds_up_nobody(void **state)
{
    (void)state;
    share_add(a, &r1, "n", 0); /* its process is busy */
    share_add(b, &r2, "n", 0);
    assert_true(share_begin(b, &r2, 1));
}

static void of_a_killed_process_nothing_is_left(void **state)
{
    int ready[2];
    char c;
    pid_t pid;

    (void)state;
    assert_int_equal(pipe(ready), 0);
    pid = fork();
    if (pid == 0) {
        struct share *s;

        if (share_open(dir, &s) == 0 && share_add(s, &r1, "n", 7) == 0 && share_begin(s, &r1, 1))
            (void)!write(ready[1], "x", 1);
        pause();
        _exit(0);
    }
    assert_int_equal(read(ready[0], &c, 1), 1);
    share_add(a, &r2, "n", 0);
    assert_false(share_begin(a, &r2, 1));
    assert_int_equal(share_reserved(a, "n", NULL), 7);
    kill(pid, SIGKILL);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    assert_int_equal(share_reserved(a, "n", NULL), 0);
    assert_true(share_begin(a, &r2, 1));
    close(ready[0]);
    close(ready[1]);
}

static void foreign_files_do_no_harm(void **state)
{
    char path[128];
    int fd;

    (void)state;
    snprintf(path, sizeof path, "%s/jobs/1.9", dir);
    fd = open(path, O_WRONLY | O_CREAT, 0600);
    assert_int_equal(write(fd, "r 1 2\nw x y z\n\xff\nr 1 9 n\n", 24), 24);
    assert_int_equal(share_reserved(a, "n", NULL), 0); /* nobody holds it: it goes */
    assert_int_equal(access(path, F_OK), -1);
    close(fd);
    snprintf(path, sizeof path, "%s/jobs/dir", dir);
    assert_int_equal(mkdir(path, 0700), 0);
    snprintf(path, sizeof path, "%s/jobs/pipe", dir);
    assert_int_equal(mkfifo(path, 0600), 0);
    share_add(a, &r1, "n", 0);
    assert_true(share_begin(a, &r1, 1));
}

static void alone_without_a_directory(void **state)
{
    struct share *s;
    unsigned running, queued;

    (void)state;
    assert_int_equal(share_open("/nonexistent", &s), -ENOENT);
    assert_int_equal(share_open(NULL, &s), 0);
    assert_int_equal(share_add(s, &r1, "", 5), 0);
    assert_int_equal(share_add(s, &r2, "n", 5), 0);
    assert_true(share_begin(s, &r1, 1));
    assert_false(share_begin(s, &r2, 1));
    assert_int_equal(share_reserved(s, "n", &r1), 5);
    share_others(s, &running, &queued);
    assert_int_equal(running + queued, 0);
    share_close(s);
}

int main(void)
{
#define SHARE_TEST(f) cmocka_unit_test_setup_teardown(f, open_two, close_two)
    const struct CMUnitTest tests[] = {
        SHARE_TEST(reserved_by_all_but_oneself),
        SHARE_TEST(slots_of_all_first_come_first_served),
        SHARE_TEST(who_does_not_ask_holds_up_nobody),
        SHARE_TEST(of_a_killed_process_nothing_is_left),
        SHARE_TEST(foreign_files_do_no_harm),
        SHARE_TEST(alone_without_a_directory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
