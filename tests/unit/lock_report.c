/* The report: who holds and who waits for what, in queue order, with who is in the way. */
#include "lock_test.h"

/* Rows as text lines: OWNER holds|waits LEVEL MODE NAMES [PRIORITY] [< BLOCKER] */
struct text {
    char s[2000];
    int64_t oldest, newest;
    int pid;
};

static void add_row(const struct lock_row *r, void *arg)
{
    struct text *t = arg;
    size_t len = strlen(t->s);
    int n = snprintf(t->s + len, sizeof t->s - len, "%s %s %s %s", r->owner,
                     r->waiting ? "waits" : "holds", lock_level_name(r->level),
                     r->mode == LOCK_SHARED ? "shared" : "exclusive");

    len += (size_t)n;
    if (!r->names)
        len += (size_t)snprintf(t->s + len, sizeof t->s - len, " ALL");
    for (size_t i = 0; i < r->n; i++)
        len += (size_t)snprintf(t->s + len, sizeof t->s - len, " %s", r->names[i]);
    len += (size_t)snprintf(t->s + len, sizeof t->s - len, " %d", r->priority);
    if (r->blocker)
        len += (size_t)snprintf(t->s + len, sizeof t->s - len, " < %s", r->blocker);
    snprintf(t->s + len, sizeof t->s - len, "\n");
    if (!t->oldest || r->since < t->oldest)
        t->oldest = r->since;
    if (r->since > t->newest)
        t->newest = r->since;
    t->pid = r->pid;
}

static void empty(void **state)
{
    struct env *e = *state;
    struct lock_owner *o = bare_owner(e->m, "idle");
    struct text t = {0};

    assert_int_equal(lock_report(e->m, add_row, &t), 0);
    assert_string_equal(t.s, "");
    lock_owner_free(o);
}

static void holds_waits_and_blockers(void **state)
{
    struct env *e = *state;
    struct lock_owner *a = bare_owner(e->m, "job 1 BACKUP_EXPORT(web1)");
    struct lock_owner *b = bare_owner(e->m, "b"), *c = bare_owner(e->m, "c");
    struct waiter wb = {.o = b, .rq = {LOCK_CLUSTER, LOCK_EXCLUSIVE}, .name = LOCK_BGL};
    struct waiter wc = {.o = c, .rq = {LOCK_CLUSTER, LOCK_SHARED}, .name = LOCK_BGL};
    int64_t start = (int64_t)time(NULL);
    struct text t = {0};

    assert_int_equal(get(a, LOCK_CLUSTER, LOCK_SHARED, 0, NAMES(LOCK_BGL)), 0);
    assert_int_equal(get(a, LOCK_INSTANCE, LOCK_EXCLUSIVE, 0, NAMES("web2", "web1")), 0);
    assert_int_equal(get_set(a, LOCK_NODE, LOCK_SHARED, 0), 0);
    assert_int_equal(lock_owner_set_priority(c, 3), 0);
    wb.timeout_ms = wc.timeout_ms = LOCK_FOREVER;
    waiter_start(&wb);
    await_waiting(e->m, "b", LOCK_CLUSTER);
    waiter_start(&wc);
    await_waiting(e->m, "c", LOCK_CLUSTER);

    assert_int_equal(lock_report(e->m, add_row, &t), 0);
    assert_string_equal(t.s, "job 1 BACKUP_EXPORT(web1) holds cluster shared BGL 0\n"
                             "b waits cluster exclusive BGL 0 < job 1 BACKUP_EXPORT(web1)\n"
                             "c waits cluster shared BGL 3 < b\n"
                             "job 1 BACKUP_EXPORT(web1) holds instance exclusive web1 web2 0\n"
                             "job 1 BACKUP_EXPORT(web1) holds node shared ALL 0\n");
    assert_true(t.oldest >= start && t.newest <= (int64_t)time(NULL));
    assert_int_equal(t.pid, getpid());
    lock_owner_free(a);
    assert_int_equal(waiter_end(&wb), 0);
    lock_owner_free(b);
    assert_int_equal(waiter_end(&wc), 0);
    lock_owner_free(c);
}

static void both_modes_of_one_level(void **state)
{
    struct env *e = *state;
    struct lock_owner *a = bare_owner(e->m, "a");
    struct text t = {0};

    assert_int_equal(get(a, LOCK_CLUSTER, LOCK_SHARED, 0, NAMES(LOCK_BGL)), 0);
    assert_int_equal(get(a, LOCK_NODE, LOCK_EXCLUSIVE, 0, NAMES("x", "y")), 0);
    assert_int_equal(lock_downgrade(a, LOCK_NODE, NAMES("x")), 0);
    assert_int_equal(lock_report(e->m, add_row, &t), 0);
    assert_non_null(strstr(t.s, "a holds node shared x 0\n"));
    assert_non_null(strstr(t.s, "a holds node exclusive y 0\n"));
    lock_owner_free(a);
}

static int holds_and_waits(struct child_side *side)
{
    struct lock_owner *o = child_owner(side, "from elsewhere");

    say(side->to, 'h');
    hear(side->from);
    if (get(o, LOCK_NODE, LOCK_SHARED, LOCK_FOREVER, NAMES("x")) != 0)
        return 1;
    lock_owner_free(o);
    lock_manager_close(side->m);
    return 0;
}

static void other_processes_are_shown(void **state)
{
    struct env *e = *state;
    struct text t = {0};
    struct lock_owner *a;
    struct child c;

    child_start(&c, e->dir, holds_and_waits);
    assert_int_equal(hear(c.from), 'h');
    assert_int_equal(lock_manager_open(e->dir, &e->m), 0);
    assert_int_equal(lock_report(e->m, add_row, &t), 0);
    assert_string_equal(t.s, "from elsewhere holds cluster shared BGL 0\n");
    assert_int_equal(t.pid, c.pid);

    a = owner(e->m, "here");
    assert_int_equal(get(a, LOCK_NODE, LOCK_EXCLUSIVE, 0, NAMES("x")), 0);
    say(c.to, 'g');
    await_waiting(e->m, "from elsewhere", LOCK_NODE);
    t = (struct text){0};
    assert_int_equal(lock_report(e->m, add_row, &t), 0);
    assert_non_null(strstr(t.s, "here holds node exclusive x 0\n"
                                "from elsewhere waits node shared x 0 < here\n"));
    lock_owner_free(a);
    assert_int_equal(child_end(&c), 0);
}

static void level_names(void **state)
{
    (void)state;
    assert_string_equal(lock_level_name(LOCK_CLUSTER), "cluster");
    assert_string_equal(lock_level_name(LOCK_INSTANCE), "instance");
    assert_string_equal(lock_level_name(LOCK_NODE), "node");
    assert_string_equal(lock_level_name(LOCK_EXPORT), "export");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(empty),
        TEST(holds_waits_and_blockers),
        TEST(both_modes_of_one_level),
        TEST_DIR(other_processes_are_shown),
        cmocka_unit_test(level_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
