/* T promised for the next export: the same for all mounts and after a remount, greater than every T
 * that was published or given up (DESIGN §3). */
#include "export/promise.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
/* cmocka wants the ones above first */
#include <cmocka.h>

#include "tests/unit/temp_dir.h"

/* time(2) may be some milliseconds behind, and so a second. */
static int64_t now_s(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_REALTIME, &ts);
    return ts.tv_sec;
}

#define TEN(s) s s s s s s s s s s

static void kept_until_the_floor_rises(void **state)
{
    int64_t now = now_s(), t = promise_make(dir, "web1", 0, 0, INT64_MAX);

    (void)state;
    /* a whole second, later than whatever was before it */
    assert_true(t > now && t <= now_s() + 1);
    assert_int_equal(promise_make(dir, "web1", 0, 0, INT64_MAX), t);
    assert_int_equal(promise_make(dir, "web1", t - 1, 0, INT64_MAX), t);
    assert_int_equal(promise_make(dir, "web1", t + 7, 0, INT64_MAX), t + 8);
    assert_int_equal(promise_make(dir, "web1", t + 7, 0, INT64_MAX), t + 8);
}

static void instances_are_told_apart(void **state)
{
    int64_t far = now_s() + 50;

    (void)state;
    assert_int_equal(promise_make(dir, "a", far, 0, INT64_MAX), far + 1);
    assert_true(promise_make(dir, "b", 0, 0, INT64_MAX) < far);
}

static void set_record(const char *name, const char *text)
{
    char path[128];
    FILE *f;

    snprintf(path, sizeof path, "%s/promise/%s", dir, name);
    f = fopen(path, "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static void junk_is_no_promise(void **state)
{
    static const char *const junk[] = {"",
                                       "12",
                                       "000000000000000000x\n",
                                       "-000000000000000001\n",
                                       "9999999999999999999\n",
                                       "00000000ffffffff\n",
                                       TEN("0000000fffffffff\n"),
                                       TEN("ffffffffffffffff\n"),
                                       TEN("000000000000000g\n")};

    (void)state;
    promise_make(dir, "j", 0, 0, INT64_MAX);
    for (size_t i = 0; i < sizeof junk / sizeof *junk; i++) {
        int64_t t;

        set_record("j", junk[i]);
        t = promise_make(dir, "j", 0, 0, INT64_MAX);
        assert_true(t > 0 && t <= now_s() + 1);
    }
}

/* A clock that was wrong for a while: what it promised would never be caught up with. */
static void far_future_is_no_promise(void **state)
{
    int64_t far = now_s() + 1000000;
    struct promise p;

    (void)state;
    assert_int_equal(promise_make(dir, "far", far, 0, INT64_MAX), far + 1);
    promise_get(dir, "far", &p);
    assert_int_equal(p.t, 0);
    /* but with an export of then there must be a later one */
    assert_int_equal(promise_make(dir, "far", 0, far, INT64_MAX), far + 1);
}

/* Another mount's reader keeps the current export: nothing newer is promised.  What has been
 * promised stays, whoever reads afterwards. */
static void read_lately_by_another(void **state)
{
    int64_t now = now_s(), t;

    (void)state;
    promise_note_read(dir, "r", 1000, now - 10);
    assert_int_equal(promise_make(dir, "r", 0, 1000, now - 10), 0);
    assert_true(promise_make(dir, "other", 0, 1000, now - 10) > 1000);
    assert_true((t = promise_make(dir, "r", 0, 1000, now - 9)) > 1000);
    promise_note_read(dir, "r", 1000, now);
    assert_int_equal(promise_make(dir, "r", 0, 1000, now - 10), t);
    promise_note_read(dir, "r", 999, now + 1); /* an old handle */
    promise_note_read(dir, "r2", 999, now);
    assert_true(promise_make(dir, "r2", 0, 1000, now - 10) > 1000);
}

static void given_up_is_not_promised_again(void **state)
{
    int64_t t = promise_make(dir, "g", 0, 1000, INT64_MAX);

    (void)state;
    promise_retire(dir, "g", t);
    assert_int_equal(promise_make(dir, "g", 0, 1000, INT64_MAX), t + 1);
    promise_retire(dir, "g", t - 5); /* less than that is given up already */
    assert_int_equal(promise_make(dir, "g", 0, 1000, INT64_MAX), t + 1);
    /* with it given up the export of before may be read again */
    promise_retire(dir, "g", t + 1);
    promise_note_read(dir, "g", 1000, t);
    assert_int_equal(promise_make(dir, "g", 0, 1000, t), 0);
}

static void all_of_it_comes_back(void **state)
{
    const struct proof proof = {0x0123456789abcdef, UINT64_MAX};
    struct promise p;
    int64_t now = now_s(), t = promise_make(dir, "all", 0, 0, INT64_MAX);

    (void)state;
    promise_retire(dir, "all", 7);
    promise_note_read(dir, "all", 12, now);
    promise_note_made(dir, "all", 13, true, &proof);
    assert_int_equal(promise_config_mtime(dir, "all", 99, 500), 500);
    assert_int_equal(promise_config_mtime(dir, "all", 99, 501), 500);
    promise_get(dir, "all", &p);
    assert_int_equal(p.t, t);
    assert_int_equal(p.floor, 7);
    assert_int_equal(p.read_t, 12);
    assert_int_equal(p.read_at, now);
    assert_int_equal(p.for_readers, 13);
    assert_int_equal(p.proof_t, 13);
    assert_true(p.proof.hi == proof.hi && p.proof.lo == proof.lo);
    assert_int_equal(p.config, 99);
    assert_int_equal(p.config_mtime, 500);
    assert_true(promise_config_mtime(dir, "all", 100, 400) >= now);
    promise_note_made(dir, "all", 14, false, NULL);
    promise_get(dir, "all", &p);
    assert_int_equal(p.for_readers, 0);
    assert_int_equal(p.proof_t, 0);
    promise_get(dir, "none", &p);
    assert_int_equal(p.t, 0);
}

/* No directory, a planted link: still a promise, and nothing is written elsewhere. */
static void without_a_record(void **state)
{
    char link[128], victim[128];
    struct stat st;
    int64_t t = promise_make("/nonexistent", "web1", 5, 0, INT64_MAX);

    (void)state;
    assert_true(t > 5);
    snprintf(victim, sizeof victim, "%s/victim", dir);
    snprintf(link, sizeof link, "%s/promise/planted", dir);
    fclose(fopen(victim, "w"));
    assert_int_equal(symlink(victim, link), 0);
    assert_true(promise_make(dir, "planted", 0, 0, INT64_MAX) > 0);
    assert_int_equal(stat(victim, &st), 0);
    assert_int_equal(st.st_size, 0);
    assert_true(promise_make(dir, "../victim", 0, 0, INT64_MAX) > 0);
    assert_int_equal(stat(victim, &st), 0);
    assert_int_equal(st.st_size, 0);
}

/* What somebody has bytes of is published under its T by that run, or never. */
static void told_is_used_up_when_its_run_is_over(void **state)
{
    int64_t t = promise_make(dir, "told", 0, 0, INT64_MAX);
    int fd = promise_tell(dir, "told", t);
    struct promise p;

    (void)state;
    assert_true(fd >= 0);
    promise_get(dir, "told", &p);
    assert_int_equal(p.told, t);
    assert_true(p.floor < t); /* it lives, and others wait for it */
    assert_int_equal(promise_make(dir, "told", 0, 0, INT64_MAX), t);
    close(fd);
    promise_get(dir, "told", &p);
    assert_int_equal(p.floor, t);
    assert_true(promise_make(dir, "told", 0, 0, INT64_MAX) > t);
}

/* Nor does it come back when that export is gone. */
static void made_is_used_up(void **state)
{
    int64_t t = promise_make(dir, "made", 0, 0, INT64_MAX);
    int fd = promise_tell(dir, "made", t);
    struct promise p;

    (void)state;
    assert_true(fd >= 0);
    promise_note_made(dir, "made", t, true, NULL);
    close(fd);
    promise_get(dir, "made", &p);
    assert_int_equal(p.made, t);
    assert_true(promise_make(dir, "made", 0, 0, INT64_MAX) > t);
}

static void told_by_a_killed_process(void **state)
{
    int64_t t = promise_make(dir, "killed", 0, 0, INT64_MAX);
    int ready[2];
    char c;

    (void)state;
    assert_int_equal(pipe(ready), 0);

    pid_t pid = fork();

    if (pid == 0) {
        c = promise_tell(dir, "killed", t) >= 0;
        (void)!write(ready[1], &c, 1);
        pause();
        _exit(0);
    }
    assert_int_equal(read(ready[0], &c, 1), 1);
    assert_int_equal(c, 1);
    assert_int_equal(promise_make(dir, "killed", 0, 0, INT64_MAX), t);
    kill(pid, SIGKILL);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    assert_true(promise_make(dir, "killed", 0, 0, INT64_MAX) > t);
    close(ready[0]);
    close(ready[1]);
}

/* A run that ends late does not hide what a later one has told. */
static void told_last_is_what_counts(void **state)
{
    int64_t t = promise_make(dir, "late", 0, 0, INT64_MAX);
    int later = promise_tell(dir, "late", t + 1), late = promise_tell(dir, "late", t);
    struct promise p;

    (void)state;
    close(later);
    close(late);
    promise_get(dir, "late", &p);
    assert_int_equal(p.floor, t + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kept_until_the_floor_rises),
        cmocka_unit_test(instances_are_told_apart),
        cmocka_unit_test(junk_is_no_promise),
        cmocka_unit_test(far_future_is_no_promise),
        cmocka_unit_test(read_lately_by_another),
        cmocka_unit_test(given_up_is_not_promised_again),
        cmocka_unit_test(all_of_it_comes_back),
        cmocka_unit_test(without_a_record),
        cmocka_unit_test(told_is_used_up_when_its_run_is_over),
        cmocka_unit_test(made_is_used_up),
        cmocka_unit_test(told_by_a_killed_process),
        cmocka_unit_test(told_last_is_what_counts),
    };

    return cmocka_run_group_tests(tests, temp_dir_make, temp_dir_remove);
}
