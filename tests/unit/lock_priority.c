/* More important requests (lower numbers) are served first, also when they become so while
 * they wait (spec §2.4, §2.7). */
#include "lock_test.h"

struct scene {
    struct lock_owner *holder;
    struct waiter old, late; /* in this order */
};

/* Two exclusive requests wait for x; the older one's priority is 0. */
static void scene_start(struct env *e, struct scene *s, int late_priority)
{
    struct waiter w = {.rq = {LOCK_NODE, LOCK_EXCLUSIVE}, .name = "x", .timeout_ms = LOCK_FOREVER};

    s->holder = owner(e->m, "holder");
    assert_int_equal(get(s->holder, LOCK_NODE, LOCK_EXCLUSIVE, 0, NAMES("x")), 0);
    s->old = s->late = w;
    s->old.o = owner(e->m, "old");
    s->late.o = owner(e->m, "late");
    assert_int_equal(lock_owner_set_priority(s->late.o, late_priority), 0);
    waiter_start(&s->old);
    await_waiting(e->m, "old", LOCK_NODE);
    waiter_start(&s->late);
    await_waiting(e->m, "late", LOCK_NODE);
}

/* Lets go; checks who comes first, and that the other one comes too. */
static void scene_end(struct env *e, struct scene *s, bool late_first)
{
    struct waiter *first = late_first ? &s->late : &s->old;
    struct waiter *second = late_first ? &s->old : &s->late;

    assert_int_equal(lock_release(s->holder, LOCK_NODE), 0);
    assert_int_equal(waiter_end(first), 0);
    assert_true(reported(e->m, late_first ? "old" : "late", true, LOCK_NODE));
    lock_owner_free(first->o);
    assert_int_equal(waiter_end(second), 0);
    lock_owner_free(second->o);
    lock_owner_free(s->holder);
}

static void equal_priority_is_first_come(void **state)
{
    struct scene s;

    scene_start(*state, &s, 0);
    scene_end(*state, &s, false);
}

static void lower_number_first(void **state)
{
    struct scene s;

    scene_start(*state, &s, -1);
    scene_end(*state, &s, true);
}

static void higher_number_last(void **state)
{
    struct scene s;

    scene_start(*state, &s, 1);
    scene_end(*state, &s, false);
}

static void increase_while_waiting_counts(void **state)
{
    struct scene s;

    scene_start(*state, &s, 1);
    assert_int_equal(lock_owner_set_priority(s.late.o, -20), 0);
    scene_end(*state, &s, true);
}

/* A request in the way of another one loses importance: the other one need not wait for a
 * release. */
static void decrease_lets_others_pass_at_once(void **state)
{
    struct env *e = *state;
    struct lock_owner *a = owner(e->m, "a"), *b = owner(e->m, "b"), *c = owner(e->m, "c");
    struct waiter wb = {.o = b, .rq = {LOCK_NODE, LOCK_EXCLUSIVE}, .name = "x"};
    struct waiter wc = {.o = c, .rq = {LOCK_NODE, LOCK_SHARED}, .name = "x"};

    assert_int_equal(get(a, LOCK_NODE, LOCK_SHARED, 0, NAMES("x")), 0);
    wb.timeout_ms = wc.timeout_ms = LOCK_FOREVER;
    waiter_start(&wb);
    await_waiting(e->m, "b", LOCK_NODE);
    waiter_start(&wc);
    await_waiting(e->m, "c", LOCK_NODE);
    assert_int_equal(lock_owner_set_priority(b, 5), 0);
    assert_int_equal(waiter_end(&wc), 0);
    lock_owner_free(c);
    lock_owner_free(a);
    assert_int_equal(waiter_end(&wb), 0);
    lock_owner_free(b);
}

/* Someone important does not get past a holder, but past all who wait. */
static void important_newcomer_passes_waiters(void **state)
{
    struct env *e = *state;
    struct lock_owner *a = owner(e->m, "a"), *b = owner(e->m, "b"), *c = owner(e->m, "c");
    struct waiter wb = {.o = b, .rq = {LOCK_NODE, LOCK_EXCLUSIVE}, .name = "x"};

    assert_int_equal(get(a, LOCK_NODE, LOCK_SHARED, 0, NAMES("x")), 0);
    wb.timeout_ms = LOCK_FOREVER;
    waiter_start(&wb);
    await_waiting(e->m, "b", LOCK_NODE);
    assert_int_equal(lock_owner_set_priority(c, -1), 0);
    assert_int_equal(get(c, LOCK_NODE, LOCK_SHARED, 0, NAMES("x")), 0);
    assert_int_equal(lock_release(c, LOCK_NODE), 0);
    assert_int_equal(get(c, LOCK_NODE, LOCK_EXCLUSIVE, 0, NAMES("x")), -ETIMEDOUT);
    lock_owner_free(a);
    assert_int_equal(waiter_end(&wb), 0);
    lock_owner_free(b);
    lock_owner_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(equal_priority_is_first_come),
        TEST(lower_number_first),
        TEST(higher_number_last),
        TEST(increase_while_waiting_counts),
        TEST(decrease_lets_others_pass_at_once),
        TEST(important_newcomer_passes_waiters),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
