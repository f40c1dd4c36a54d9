/* An owner's place in the queue outlives a timed-out attempt, until it is granted. */
#include "lock_test.h"

struct scene {
    struct lock_owner *holder, *old, *late;
    struct waiter wold, wlate;
};

static void scene_start(struct env *e, struct scene *s)
{
    struct waiter w = {.rq = {LOCK_NODE, LOCK_EXCLUSIVE}, .name = "x", .timeout_ms = LOCK_FOREVER};

    s->holder = owner(e->m, "holder");
    s->old = owner(e->m, "old");
    s->late = owner(e->m, "late");
    s->wold = s->wlate = w;
    s->wold.o = s->old;
    s->wlate.o = s->late;
    assert_int_equal(get(s->holder, LOCK_NODE, LOCK_EXCLUSIVE, 0, NAMES("x")), 0);
}

static void scene_end(struct env *e, struct scene *s, bool old_first)
{
    struct waiter *first = old_first ? &s->wold : &s->wlate;
    struct waiter *second = old_first ? &s->wlate : &s->wold;

    waiter_start(&s->wlate);
    await_waiting(e->m, "late", LOCK_NODE);
    waiter_start(&s->wold); /* comes back after the other one */
    await_waiting(e->m, "old", LOCK_NODE);
    assert_int_equal(lock_release(s->holder, LOCK_NODE), 0);
    assert_int_equal(waiter_end(first), 0);
    assert_true(reported(e->m, old_first ? "late" : "old", true, LOCK_NODE));
    assert_int_equal(lock_release(first->o, LOCK_NODE), 0);
    assert_int_equal(waiter_end(second), 0);
    lock_owner_free(s->holder);
    lock_owner_free(s->old);
    lock_owner_free(s->late);
}

static void kept_over_a_timeout(void **state)
{
    struct scene s;

    scene_start(*state, &s);
    assert_int_equal(get(s.old, LOCK_NODE, LOCK_EXCLUSIVE, 5, NAMES("x")), -ETIMEDOUT);
    scene_end(*state, &s, true);
}

/* As a job does after each timeout: it lets everything go, and begins with the BGL. */
static void kept_over_release_of_everything(void **state)
{
    struct scene s;

    scene_start(*state, &s);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(get(s.old, LOCK_NODE, LOCK_EXCLUSIVE, 1, NAMES("x")), -ETIMEDOUT);
        lock_release_all(s.old);
        assert_int_equal(get(s.old, LOCK_CLUSTER, LOCK_SHARED, 0, NAMES(LOCK_BGL)), 0);
    }
    scene_end(*state, &s, true);
}

static void given_up_by_a_grant(void **state)
{
    struct scene s;

    scene_start(*state, &s);
    assert_int_equal(get(s.old, LOCK_NODE, LOCK_EXCLUSIVE, 5, NAMES("x")), -ETIMEDOUT);
    assert_int_equal(get(s.old, LOCK_NODE, LOCK_EXCLUSIVE, 5, NAMES("other")), 0);
    assert_int_equal(lock_release(s.old, LOCK_NODE), 0);
    scene_end(*state, &s, false);
}

static void no_place_without_an_attempt(void **state)
{
    struct scene s;

    scene_start(*state, &s);
    scene_end(*state, &s, false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(kept_over_a_timeout),
        TEST(kept_over_release_of_everything),
        TEST(given_up_by_a_grant),
        TEST(no_place_without_an_attempt),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
