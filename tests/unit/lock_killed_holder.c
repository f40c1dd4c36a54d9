/* The locks of a killed process are free at once, and what it waited for is in nobody's
 * way. */
#include "lock_test.h"

static int holds_and_waits_to_be_killed(struct child_side *side)
{
    struct lock_owner *o = child_owner(side, "child"), *w = child_owner(side, "child too");

    if (get(o, LOCK_INSTANCE, LOCK_EXCLUSIVE, PATIENCE_MS, NAMES("web1")) != 0 ||
        get_set(o, LOCK_NODE, LOCK_SHARED, PATIENCE_MS) != 0)
        return 1;
    say(side->to, 'h');
    get_set(w, LOCK_NODE, LOCK_EXCLUSIVE, LOCK_FOREVER);
    return 2;
}

static void a_waiter_gets_the_lock(void **state)
{
    struct env *e = *state;
    struct lock_owner *b;
    struct child c;
    struct waiter w = {
        .rq = {LOCK_INSTANCE, LOCK_EXCLUSIVE}, .name = "web1", .timeout_ms = LOCK_FOREVER};
    int64_t killed;

    child_start(&c, e->dir, holds_and_waits_to_be_killed);
    assert_int_equal(lock_manager_open(e->dir, &e->m), 0);
    w.o = owner(e->m, "waiter");
    b = owner(e->m, "b");
    assert_int_equal(hear(c.from), 'h');
    await_waiting(e->m, "child too", LOCK_NODE);
    waiter_start(&w);
    await_waiting(e->m, "waiter", LOCK_INSTANCE);
    assert_int_equal(get(b, LOCK_NODE, LOCK_SHARED, 0, NAMES("x")), -ETIMEDOUT);

    killed = clock_ms();
    assert_int_equal(kill(c.pid, SIGKILL), 0);
    assert_int_equal(waiter_end(&w), 0);
    assert_true(clock_ms() - killed < PATIENCE_MS);
    assert_int_equal(child_end(&c), 128 + SIGKILL);
    assert_int_equal(get(b, LOCK_NODE, LOCK_EXCLUSIVE, 0, NAMES("x")), 0);
    assert_false(reported(e->m, "child", false, LOCK_NODE));
    assert_false(reported(e->m, "child too", true, LOCK_NODE));
    lock_owner_free(w.o);
    lock_owner_free(b);
}

static int files_in(const char *dir, const char *prefix)
{
    DIR *d = opendir(dir);
    struct dirent *de;
    int n = 0;

    assert_non_null(d);
    while ((de = readdir(d)))
        n += strncmp(de->d_name, prefix, strlen(prefix)) == 0;
    closedir(d);
    return n;
}

static void its_file_is_cleared_away(void **state)
{
    struct env *e = *state;
    struct lock_owner *o;
    struct child c[3];

    for (int i = 0; i < 3; i++) {
        child_start(&c[i], e->dir, holds_and_waits_to_be_killed);
        assert_int_equal(hear(c[i].from), 'h');
        assert_int_equal(kill(c[i].pid, SIGKILL), 0);
        assert_int_equal(child_end(&c[i]), 128 + SIGKILL);
    }
    assert_int_equal(lock_manager_open(e->dir, &e->m), 0);
    o = owner(e->m, "o");
    assert_int_equal(get_set(o, LOCK_NODE, LOCK_EXCLUSIVE, 0), 0);
    assert_int_equal(files_in(e->dir, "process."), 1);
    lock_owner_free(o);
    lock_manager_close(e->m);
    e->m = NULL;
    assert_int_equal(files_in(e->dir, "process."), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_DIR(a_waiter_gets_the_lock),
        TEST_DIR(its_file_is_cleared_away),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
