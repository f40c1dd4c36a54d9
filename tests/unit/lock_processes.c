/* Owners of several processes exclude each other by the same rules as those of one. */
#include "lock_test.h"

/* Takes x exclusively, tells, and lets go when told. */
static int holds_x(struct child_side *side)
{
    struct lock_owner *o = child_owner(side, "child");

    if (get(o, LOCK_NODE, LOCK_EXCLUSIVE, PATIENCE_MS, NAMES("x")) != 0)
        return 1;
    say(side->to, 'h');
    hear(side->from);
    lock_owner_free(o);
    say(side->to, 'r');
    hear(side->from);
    lock_manager_close(side->m);
    return 0;
}

static void exclusion_and_release(void **state)
{
    struct env *e = *state;
    struct lock_owner *o;
    struct child c;

    child_start(&c, e->dir, holds_x);
    assert_int_equal(lock_manager_open(e->dir, &e->m), 0);
    o = owner(e->m, "parent");
    assert_int_equal(hear(c.from), 'h');
    assert_int_equal(get(o, LOCK_NODE, LOCK_SHARED, 0, NAMES("x")), -ETIMEDOUT);
    assert_int_equal(get_set(o, LOCK_NODE, LOCK_SHARED, 80), -ETIMEDOUT);
    assert_int_equal(get(o, LOCK_NODE, LOCK_EXCLUSIVE, 0, NAMES("y")), 0);
    assert_int_equal(lock_release(o, LOCK_NODE), 0);
    say(c.to, 'g');
    assert_int_equal(hear(c.from), 'r');
    assert_int_equal(get(o, LOCK_NODE, LOCK_EXCLUSIVE, 0, NAMES("x")), 0);
    say(c.to, 'q');
    assert_int_equal(child_end(&c), 0);
    lock_owner_free(o);
}

static void a_release_elsewhere_ends_the_wait(void **state)
{
    struct env *e = *state;
    struct child c;
    struct waiter w = {.rq = {LOCK_NODE, LOCK_EXCLUSIVE}, .name = "x", .timeout_ms = PATIENCE_MS};

    child_start(&c, e->dir, holds_x);
    assert_int_equal(lock_manager_open(e->dir, &e->m), 0);
    w.o = owner(e->m, "parent");
    assert_int_equal(hear(c.from), 'h');
    waiter_start(&w);
    await_waiting(e->m, "parent", LOCK_NODE);
    say(c.to, 'g');
    assert_int_equal(waiter_end(&w), 0);
    say(c.to, 'q');
    assert_int_equal(hear(c.from), 'r');
    assert_int_equal(child_end(&c), 0);
    lock_owner_free(w.o);
}

/* The parent waits exclusively since before; the child's sharer may not pass it. */
static int tries_to_share_x(struct child_side *side)
{
    struct lock_owner *o = child_owner(side, "child");
    int r = get(o, LOCK_NODE, LOCK_SHARED, 0, NAMES("x"));

    lock_owner_free(o);
    lock_manager_close(side->m);
    return r == -ETIMEDOUT ? 0 : 1;
}

static int tries_when_told(struct child_side *side)
{
    hear(side->from);
    return tries_to_share_x(side);
}

static void waiters_elsewhere_are_not_passed(void **state)
{
    struct env *e = *state;
    struct lock_owner *a;
    struct child c;
    struct waiter w = {.rq = {LOCK_NODE, LOCK_EXCLUSIVE}, .name = "x", .timeout_ms = LOCK_FOREVER};

    child_start(&c, e->dir, tries_when_told);
    assert_int_equal(lock_manager_open(e->dir, &e->m), 0);
    a = owner(e->m, "a");
    w.o = owner(e->m, "w");
    assert_int_equal(get(a, LOCK_NODE, LOCK_SHARED, 0, NAMES("x")), 0);
    waiter_start(&w);
    await_waiting(e->m, "w", LOCK_NODE);
    say(c.to, 'g');
    assert_int_equal(child_end(&c), 0);
    lock_owner_free(a);
    assert_int_equal(waiter_end(&w), 0);
    lock_owner_free(w.o);
}

static int shares_x(struct child_side *side)
{
    struct lock_owner *o = child_owner(side, "child");
    int r;

    hear(side->from);
    r = get(o, LOCK_NODE, LOCK_SHARED, LOCK_FOREVER, NAMES("x"));
    lock_owner_free(o);
    lock_manager_close(side->m);
    return r == 0 ? 0 : 1;
}

/* The child's sharer waits behind an exclusive waiter here, until that one becomes less
 * important; the lock itself stays shared all the time. */
static void a_changed_priority_counts_elsewhere(void **state)
{
    struct env *e = *state;
    struct lock_owner *a;
    struct child c;
    struct waiter w = {.rq = {LOCK_NODE, LOCK_EXCLUSIVE}, .name = "x", .timeout_ms = LOCK_FOREVER};

    child_start(&c, e->dir, shares_x);
    assert_int_equal(lock_manager_open(e->dir, &e->m), 0);
    a = owner(e->m, "a");
    w.o = owner(e->m, "w");
    assert_int_equal(get(a, LOCK_NODE, LOCK_SHARED, 0, NAMES("x")), 0);
    waiter_start(&w);
    await_waiting(e->m, "w", LOCK_NODE);
    say(c.to, 'g');
    await_waiting(e->m, "child", LOCK_NODE);
    assert_int_equal(lock_owner_set_priority(w.o, LOCK_PRIO_LOWEST), 0);
    assert_int_equal(child_end(&c), 0);
    lock_owner_free(a);
    assert_int_equal(waiter_end(&w), 0);
    lock_owner_free(w.o);
}

/* Two managers of one process are as good as two processes. */
static void managers_of_one_process(void **state)
{
    struct env *e = *state;
    struct lock_manager *other;
    struct lock_owner *a, *b;

    assert_int_equal(lock_manager_open(e->dir, &e->m), 0);
    assert_int_equal(lock_manager_open(e->dir, &other), 0);
    a = owner(e->m, "a");
    b = owner(other, "b");
    assert_int_equal(get_set(a, LOCK_NODE, LOCK_SHARED, 0), 0);
    assert_int_equal(get(b, LOCK_NODE, LOCK_EXCLUSIVE, 0, NAMES("x")), -ETIMEDOUT);
    assert_int_equal(get(b, LOCK_NODE, LOCK_SHARED, 0, NAMES("x")), 0);
    lock_owner_free(b);
    lock_manager_close(other);
    lock_owner_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_DIR(exclusion_and_release),
        TEST_DIR(a_release_elsewhere_ends_the_wait),
        TEST_DIR(waiters_elsewhere_are_not_passed),
        TEST_DIR(a_changed_priority_counts_elsewhere),
        TEST_DIR(managers_of_one_process),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
