/* The text form of a process's state gives back what was put in. */
#include "lock/state.h"
#include "lock_test.h"

static void fill(struct holder *h)
{
    static const char *const names[] = {"b", "a", "with space", "end", " lead"};

    holder_init(h);
    h->description = strdup("job 3 BACKUP_EXPORT(web1)");
    h->priority = -20;
    h->held[LOCK_CLUSTER][LOCK_SHARED].all = true;
    assert_int_equal(claim_add(&h->held[LOCK_INSTANCE][LOCK_EXCLUSIVE], names, 5), 0);
    assert_int_equal(claim_add(&h->held[LOCK_INSTANCE][LOCK_SHARED], names, 2), 0);
    h->since[LOCK_INSTANCE] = 1700000000;
    h->want.level = LOCK_NODE;
    h->want.mode = LOCK_EXCLUSIVE;
    h->want.all = true;
    assert_int_equal(claim_add(&h->want, names, 1), 0);
    h->want_since = 1700000001;
    h->ticket = 12345678901234;
    h->serial = 12345678901235;
    h->waiting = true;
    h->adding = true;
}

static void same_claim(const struct claim *a, const struct claim *b)
{
    assert_int_equal(a->level, b->level);
    assert_int_equal(a->mode, b->mode);
    assert_int_equal(a->all, b->all);
    assert_int_equal(a->names.n, b->names.n);
    for (size_t i = 0; i < a->names.n; i++)
        assert_string_equal(a->names.v[i], b->names.v[i]);
}

static void round_trip(void **state)
{
    CLEANUP_TABLE struct table in = LIST_HEAD_INITIALIZER(in), out = LIST_HEAD_INITIALIZER(out);
    CLEANUP_FREE char *text = NULL;
    struct holder h, *got;
    size_t len;

    (void)state;
    fill(&h);
    LIST_INSERT_HEAD(&in, &h, link);
    assert_int_equal(state_format(&in, 77, &text, &len), 0);
    assert_int_equal(state_parse(text, len, &out), 0);
    got = LIST_FIRST(&out);
    assert_non_null(got);
    assert_null(LIST_NEXT(got, link));
    assert_string_equal(got->description, h.description);
    assert_int_equal(got->pid, 77);
    assert_true(got->foreign);
    assert_int_equal(got->priority, -20);
    for (int l = 0; l < LOCK_LEVELS; l++)
        for (int m = LOCK_SHARED; m <= LOCK_EXCLUSIVE; m++)
            same_claim(&got->held[l][m], &h.held[l][m]);
    assert_int_equal(got->since[LOCK_INSTANCE], 1700000000);
    same_claim(&got->want, &h.want);
    assert_true(got->waiting && got->adding);
    assert_int_equal(got->want_since, 1700000001);
    assert_true(got->ticket == h.ticket && got->serial == h.serial);
    LIST_REMOVE(&h, link);
    table_free(&out);
    holder_clear(&h);
}

static void idle_and_foreign_owners_are_left_out(void **state)
{
    CLEANUP_FREE char *text = NULL;
    struct table t = LIST_HEAD_INITIALIZER(t);
    struct holder idle, foreign;
    size_t len;

    (void)state;
    holder_init(&idle);
    fill(&foreign);
    foreign.foreign = true;
    LIST_INSERT_HEAD(&t, &idle, link);
    LIST_INSERT_HEAD(&t, &foreign, link);
    assert_int_equal(state_format(&t, 5, &text, &len), 0);
    assert_string_equal(text, "gnt-lock 1 5\nend\n");
    assert_int_equal(len, strlen(text));
    holder_clear(&foreign);
}

static void what_follows_the_end_is_old(void **state)
{
    static const char text[] = "gnt-lock 1 5\nend\nowner 0 old\nhold node shared 1\nset\nend\n";
    struct table t = LIST_HEAD_INITIALIZER(t);

    (void)state;
    assert_int_equal(state_parse(text, sizeof text - 1, &t), 0);
    assert_true(LIST_EMPTY(&t));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(round_trip),
        cmocka_unit_test(idle_and_foreign_owners_are_left_out),
        cmocka_unit_test(what_follows_the_end_is_old),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
