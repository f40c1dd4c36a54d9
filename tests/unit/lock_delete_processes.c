/* A deletion reaches those who wait in other processes, also when the process that deleted
 * is gone; and requests made after it are not meant. */
#include "lock_test.h"

static int waits_for_x(struct child_side *side)
{
    struct lock_owner *o = child_owner(side, "child");
    int r;

    hear(side->from);
    r = get(o, LOCK_NODE, LOCK_SHARED, LOCK_FOREVER, NAMES("a", "x"));
    lock_owner_free(o);
    lock_manager_close(side->m);
    return r == -EIDRM ? 42 : 1;
}

static void a_waiter_elsewhere_fails(void **state)
{
    struct env *e = *state;
    struct lock_owner *o;
    struct child c;
    char path[300];

    child_start(&c, e->dir, waits_for_x);
    assert_int_equal(lock_manager_open(e->dir, &e->m), 0);
    o = owner(e->m, "o");
    assert_int_equal(get(o, LOCK_NODE, LOCK_EXCLUSIVE, 0, NAMES("x")), 0);
    say(c.to, 'g');
    await_waiting(e->m, "child", LOCK_NODE);
    assert_int_equal(lock_delete(o, LOCK_NODE, NAMES("x")), 0);
    /* The name can be had again at once: who is to fail is in nobody's way. */
    assert_int_equal(get(o, LOCK_NODE, LOCK_EXCLUSIVE, 0, NAMES("x")), 0);
    assert_int_equal(child_end(&c), 42);

    /* Nobody is left to be told: the mark goes with the next look. */
    assert_int_equal(lock_release(o, LOCK_NODE), 0);
    assert_int_equal(get(o, LOCK_NODE, LOCK_EXCLUSIVE, 0, NAMES("x")), 0);
    snprintf(path, sizeof path, "%s/deleted", e->dir);
    assert_int_not_equal(access(path, F_OK), 0);
    lock_owner_free(o);
}

static int deletes_x_and_dies(struct child_side *side)
{
    struct lock_owner *o = child_owner(side, "deleter");

    if (get(o, LOCK_NODE, LOCK_EXCLUSIVE, PATIENCE_MS, NAMES("x")) != 0)
        return 1;
    say(side->to, 'h');
    hear(side->from);
    if (lock_delete(o, LOCK_NODE, NAMES("x")) != 0)
        return 2;
    raise(SIGKILL);
    return 3;
}

static void the_deleter_may_die(void **state)
{
    struct env *e = *state;
    struct child c;
    struct waiter w = {.rq = {LOCK_NODE, LOCK_SHARED}, .name = "x", .timeout_ms = LOCK_FOREVER};

    child_start(&c, e->dir, deletes_x_and_dies);
    assert_int_equal(hear(c.from), 'h');
    assert_int_equal(lock_manager_open(e->dir, &e->m), 0);
    w.o = owner(e->m, "w");
    waiter_start(&w);
    await_waiting(e->m, "w", LOCK_NODE);
    say(c.to, 'g');
    assert_int_equal(child_end(&c), 128 + SIGKILL);
    assert_int_equal(waiter_end(&w), -EIDRM);
    lock_owner_free(w.o);
}

static int adds_and_holds(struct child_side *side)
{
    struct lock_owner *o = child_owner(side, "adder");

    hear(side->from);
    if (lock_add(o, LOCK_NODE, NAMES("taken"), LOCK_FOREVER) != -EEXIST)
        return 1;
    if (lock_add(o, LOCK_NODE, NAMES("new"), LOCK_FOREVER) != 0)
        return 2;
    say(side->to, 'h');
    hear(side->from);
    lock_owner_free(o);
    lock_manager_close(side->m);
    return 0;
}

static void names_added_elsewhere_are_held(void **state)
{
    struct env *e = *state;
    struct lock_owner *o;
    struct child c;

    child_start(&c, e->dir, adds_and_holds);
    assert_int_equal(lock_manager_open(e->dir, &e->m), 0);
    o = owner(e->m, "o");
    assert_int_equal(get(o, LOCK_NODE, LOCK_SHARED, 0, NAMES("taken")), 0);
    say(c.to, 'g');
    assert_int_equal(hear(c.from), 'h');
    assert_int_equal(lock_release(o, LOCK_NODE), 0);
    assert_int_equal(get_set(o, LOCK_NODE, LOCK_SHARED, 0), -ETIMEDOUT);
    assert_int_equal(lock_add(o, LOCK_NODE, NAMES("new"), LOCK_FOREVER), -EEXIST);
    say(c.to, 'g');
    assert_int_equal(child_end(&c), 0);
    assert_int_equal(get_set(o, LOCK_NODE, LOCK_EXCLUSIVE, 0), 0);
    lock_owner_free(o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_DIR(a_waiter_elsewhere_fails),
        TEST_DIR(the_deleter_may_die),
        TEST_DIR(names_added_elsewhere_are_held),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
