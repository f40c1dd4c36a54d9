/* DESIGN §5, P1: a crash before any system call of a publication, and a failure of any of them,
 * leaves the whole old export or the whole new one under the name; the next stage clears up.
 *
 * The calls that change the file system are defined here, in front of libc's: each counts, and the
 * one that is chosen kills the process or fails.
 */
#include "tests/unit/publish_help.h"

#include <signal.h>
#include <sys/syscall.h>

static int calls;        /* since begin_counting() */
static int chosen;       /* this call is the one; 0: none */
static int fault;        /* errno that it fails with; 0: it kills */
static bool no_flags;    /* renameat2 knows no flags, as on NFS */
static bool last_was_rm; /* the chosen call was a removal */

static void begin_counting(int call, int with)
{
    calls = 0;
    chosen = call;
    fault = with;
    last_was_rm = false;
}

static bool fails(bool is_removal)
{
    if (++calls != chosen)
        return false;
    last_was_rm = is_removal;
    if (fault == 0)
        raise(SIGKILL);
    errno = fault;
    return true;
}

int fsync(int fd)
{
    return fails(false) ? -1 : (int)syscall(SYS_fsync, fd);
}

int futimens(int fd, const struct timespec times[2])
{
    return fails(false) ? -1 : (int)syscall(SYS_utimensat, fd, NULL, times, 0);
}

int mkdirat(int fd, const char *name, mode_t mode)
{
    return fails(false) ? -1 : (int)syscall(SYS_mkdirat, fd, name, mode);
}

int unlinkat(int fd, const char *name, int flags)
{
    return fails(true) ? -1 : (int)syscall(SYS_unlinkat, fd, name, flags);
}

int renameat(int from_fd, const char *from, int to_fd, const char *to)
{
    return fails(false) ? -1 : (int)syscall(SYS_renameat2, from_fd, from, to_fd, to, 0);
}

int renameat2(int from_fd, const char *from, int to_fd, const char *to, unsigned flags)
{
    struct stat st;

    if (no_flags && flags) {
        /* the kernel looks the names up first */
        if (flags == RENAME_EXCHANGE && fstatat(to_fd, to, &st, AT_SYMLINK_NOFOLLOW) < 0)
            return -1;
        errno = EINVAL;
        return -1;
    }
    return fails(false) ? -1 : (int)syscall(SYS_renameat2, from_fd, from, to_fd, to, flags);
}

/* The next stage finds the whole export and leaves nothing else behind. */
static void assert_cleared_up(bool must_be_there)
{
    struct node_stage *stage;
    struct err err;

    begin_counting(0, 0);
    assert_int_equal(stage_begin(&node, IN, &stage, &err), 0);
    stage_abort(stage);
    assert_int_equal(count(export_dir), must_be_there || exists(path("export/" IN)) ? 1 : 0);
}

/* The fault at call n while "new" is published.  Returns 1 when there was no such call. */
static int crash_at(int n)
{
    int status;
    pid_t pid = fork();

    if (pid == 0) {
        struct node_export_id id;
        struct err err;

        begin_counting(n, 0);
        _exit(publish_tag("new", &id, &err) < 0 ? 2 : 0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    if (WIFEXITED(status))
        assert_int_equal(WEXITSTATUS(status), 0);
    else
        assert_int_equal(WTERMSIG(status), SIGKILL);
    return WIFEXITED(status);
}

static void publish_old(void)
{
    struct node_export_id id;
    struct err err;

    begin_counting(0, 0);
    shell("rm -rf %s/* %s/.[a-z]*", export_dir, export_dir);
    assert_int_equal(publish_tag("old", &id, &err), 0);
}

/* old_at: the name is there at every instant (false where there is no exchange) */
static void crash_everywhere(bool always_there)
{
    int n, olds = 0, news = 0, gaps = 0;

    for (n = 1;; n++) {
        publish_old();

        bool finished = crash_at(n);

        if (is_whole("new"))
            news++;
        else if (is_whole("old"))
            olds++;
        else
            gaps++;
        if (!exists(path("export/" IN)))
            assert_false(always_there);
        else
            assert_true(is_whole("new") || is_whole("old"));
        assert_cleared_up(true);
        assert_true(is_whole("new") || is_whole("old"));
        if (finished)
            break;
    }
    assert_true(is_whole("new"));
    print_message("%d crash points: %d left the old, %d the new, %d were repaired\n", n - 1, olds,
                  news, gaps);
    assert_true(olds > 0 && news > 1); /* else the calls were not met at all */
    assert_true(always_there ? gaps == 0 : gaps > 0);
}

static void a_crash_anywhere(void **state)
{
    (void)state;
    no_flags = false;
    crash_everywhere(true);
}

static void a_crash_anywhere_without_exchange(void **state)
{
    (void)state;
    no_flags = true;
    crash_everywhere(false);
}

static void fail_everywhere(int with)
{
    int n, failed = 0;

    for (n = 1;; n++) {
        struct node_export_id id;
        struct err err;

        publish_old();
        begin_counting(n, with);

        int r = publish_tag("new", &id, &err);
        bool met = calls >= n;

        if (r < 0) {
            failed++;
            assert_int_equal(r, -with);
            assert_non_null(strstr(err.text, export_dir));
            /* nothing staged stays, unless it is the old export after the exchange */
            if (is_whole("old") && !last_was_rm)
                assert_int_equal(count(export_dir), 1);
        } else {
            assert_true(is_whole("new"));
        }
        assert_true(is_whole("new") || is_whole("old"));
        assert_cleared_up(true);
        assert_true(is_whole("new") || is_whole("old"));
        if (!met)
            break;
    }
    assert_true(failed >= 6);
}

static void a_failure_anywhere(void **state)
{
    (void)state;
    no_flags = false;
    fail_everywhere(EIO);
    fail_everywhere(ENOSPC);
}

static void a_failure_anywhere_without_exchange(void **state)
{
    (void)state;
    no_flags = true;
    fail_everywhere(EIO);
}

static void a_crash_anywhere_in_a_removal(void **state)
{
    (void)state;
    no_flags = false;
    for (int n = 1;; n++) {
        publish_old();

        int status;
        pid_t pid = fork();

        if (pid == 0) {
            struct err err;

            begin_counting(n, 0);
            _exit(published_remove(&node, IN, NULL, &err) < 0 ? 2 : 0);
        }
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(is_whole("old") || !exists(path("export/" IN)));
        assert_cleared_up(false);
        if (WIFEXITED(status)) {
            assert_int_equal(WEXITSTATUS(status), 0);
            assert_false(exists(path("export/" IN)));
            assert_true(n > 3);
            break;
        }
    }
}

int main(void)
{
#define T_(f) cmocka_unit_test_setup_teardown(f, node_setup, node_teardown)
    const struct CMUnitTest tests[] = {
        T_(a_crash_anywhere),
        T_(a_crash_anywhere_without_exchange),
        T_(a_failure_anywhere),
        T_(a_failure_anywhere_without_exchange),
        T_(a_crash_anywhere_in_a_removal),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
