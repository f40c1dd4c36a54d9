/* The pure queue: who is in whose way, for every combination of two owners' claims. */
#include "lock/table.h"
#include "lock_test.h"

enum kind { NOTHING, SET, X, Y, XY, KINDS };

static struct claim make(enum kind kind, int mode)
{
    static const char *const x = "x", *const y = "y";
    struct claim c = {.level = LOCK_NODE, .mode = (enum lock_mode)mode, .all = kind == SET};

    if (kind == X || kind == XY)
        assert_int_equal(claim_add(&c, &x, 1), 0);
    if (kind == Y || kind == XY)
        assert_int_equal(claim_add(&c, &y, 1), 0);
    return c;
}

static const bool common[KINDS][KINDS] = {
    [SET] = {false, true, true, true, true},
    [X] = {false, true, true, false, true},
    [Y] = {false, true, false, true, true},
    [XY] = {false, true, true, true, true},
};

static bool expected(int k1, int m1, int k2, int m2)
{
    return common[k1][k2] && (m1 == LOCK_EXCLUSIVE || m2 == LOCK_EXCLUSIVE);
}

/* Calls f for every pair of claims. */
static void for_all_pairs(void (*f)(int k1, int m1, int k2, int m2))
{
    for (int k1 = 0; k1 < KINDS; k1++)
        for (int m1 = LOCK_SHARED; m1 <= LOCK_EXCLUSIVE; m1++)
            for (int k2 = 0; k2 < KINDS; k2++)
                for (int m2 = LOCK_SHARED; m2 <= LOCK_EXCLUSIVE; m2++)
                    f(k1, m1, k2, m2);
}

static void check_conflict(int k1, int m1, int k2, int m2)
{
    struct claim a = make((enum kind)k1, m1), b = make((enum kind)k2, m2);

    assert_int_equal(claim_conflicts(&a, &b), expected(k1, m1, k2, m2));
    b.level = LOCK_EXPORT;
    assert_false(claim_conflicts(&a, &b));
    claim_clear(&a);
    claim_clear(&b);
}

static void conflicts(void **state)
{
    (void)state;
    for_all_pairs(check_conflict);
}

struct pair {
    struct table t;
    struct holder a, b;
};

static void pair_start(struct pair *p, int kb, int mb)
{
    LIST_INIT(&p->t);
    holder_init(&p->a);
    holder_init(&p->b);
    LIST_INSERT_HEAD(&p->t, &p->a, link);
    LIST_INSERT_HEAD(&p->t, &p->b, link);
    p->b.want = make((enum kind)kb, mb);
    p->b.waiting = true;
    p->b.ticket = 10;
}

static void pair_end(struct pair *p)
{
    holder_clear(&p->a);
    holder_clear(&p->b);
}

static void check_held(int k1, int m1, int k2, int m2)
{
    struct holder *blocker;
    struct pair p;

    pair_start(&p, k2, m2);
    p.a.held[LOCK_NODE][m1] = make((enum kind)k1, m1);
    p.a.priority = 5; /* no matter: it has it */
    for (int adding = 0; adding < 2; adding++) {
        p.b.adding = adding;
        blocker = table_blocker(&p.t, &p.b);
        assert_ptr_equal(blocker, expected(k1, m1, k2, m2) ? &p.a : NULL);
    }
    pair_end(&p);
}

static void holders_are_in_the_way(void **state)
{
    (void)state;
    for_all_pairs(check_held);
}

static void check_waits(int k1, int m1, int k2, int m2)
{
    static const struct {
        int priority;
        uint64_t ticket;
        bool ahead;
    } cases[] = {{0, 9, true}, {0, 11, false}, {-1, 11, true}, {1, 9, false}, {-1, 9, true}};
    struct pair p;

    pair_start(&p, k2, m2);
    p.a.want = make((enum kind)k1, m1);
    p.a.waiting = true;
    for (size_t i = 0; i < ITEM_COUNT(cases); i++) {
        bool blocks = cases[i].ahead && expected(k1, m1, k2, m2);

        p.a.priority = cases[i].priority;
        p.a.ticket = cases[i].ticket;
        assert_ptr_equal(table_blocker(&p.t, &p.b), blocks ? &p.a : NULL);
        p.b.adding = true;
        assert_null(table_blocker(&p.t, &p.b));
        p.b.adding = false;
    }
    p.a.ticket = 1;
    p.a.priority = 0;
    p.a.waiting = false; /* a place kept without waiting is in nobody's way */
    assert_null(table_blocker(&p.t, &p.b));
    pair_end(&p);
}

static void waiters_ahead_are_in_the_way(void **state)
{
    (void)state;
    for_all_pairs(check_waits);
}

static void oneself_is_not_in_the_way(void **state)
{
    struct pair p;

    (void)state;
    pair_start(&p, SET, LOCK_EXCLUSIVE);
    p.b.held[LOCK_NODE][LOCK_SHARED] = make(X, LOCK_SHARED);
    assert_null(table_blocker(&p.t, &p.b));
    pair_end(&p);
}

static void a_holder_is_named_before_a_waiter(void **state)
{
    struct holder c;
    struct pair p;

    (void)state;
    pair_start(&p, X, LOCK_EXCLUSIVE);
    p.a.held[LOCK_NODE][LOCK_SHARED] = make(X, LOCK_SHARED);
    holder_init(&c);
    c.want = make(SET, LOCK_EXCLUSIVE);
    c.waiting = true;
    LIST_INSERT_HEAD(&p.t, &c, link);
    assert_ptr_equal(table_blocker(&p.t, &p.b), &p.a);
    holder_clear(&c);
    pair_end(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(conflicts),
        cmocka_unit_test(holders_are_in_the_way),
        cmocka_unit_test(waiters_ahead_are_in_the_way),
        cmocka_unit_test(oneself_is_not_in_the_way),
        cmocka_unit_test(a_holder_is_named_before_a_waiter),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
