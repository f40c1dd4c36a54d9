/* processor_backoff.c - attempts, rising priority, the bound on the whole, cancellation (spec §2.7,
 * §2.8).  The lock manager is a stand-in that lets requests time out at once. */
#include "lu_world.h"

#include "lu_world_copy.h"
#include "lu_world_image.h"
#include "lu_world_locks.h"

static void a_timed_out_attempt_gives_everything_back_and_starts_again(void **state)
{
    (void)state;
    world_locks.answer = -ETIMEDOUT;
    world_locks.answer_level = LOCK_EXPORT;
    w.env.lock_timeout_ms = 0; /* one attempt */
    assert_int_equal(world_run(world_export(NODE2)), -ETIMEDOUT);
    world_locks.answer_level = -1;
    world_assert_order("lock export", "unlock node");
    world_assert_order("unlock node", "unlock instance");
    world_assert_order("unlock instance", "unlock cluster");
    assert_int_equal(w.err.class, ERR_LOCK);
    assert_int_equal(w.err.errnum, ETIMEDOUT);
    assert_non_null(strstr(w.err.text, "export/web1.example.com (exclusive)"));
}

static void the_next_attempt_begins_with_the_bgl(void **state)
{
    (void)state;
    world_locks.timeouts = 1;
    assert_int_equal(world_run(world_export(NODE2)), 0);
    assert_int_equal(world_logged("lock cluster"), 2);
    assert_int_equal(world_logged("lock instance"), 1);
}

static void after_28_attempts_the_priority_rises(void **state)
{
    (void)state;
    w.env.lock_timeout_ms = -1;
    world_locks.timeouts = 28;
    assert_int_equal(world_run(world_export(NODE2)), 0);
    assert_int_equal(world_logged("priority=-1"), 1);
    assert_int_equal(world_logged("priority=-2"), 0);
}

static void not_before(void **state)
{
    (void)state;
    w.env.lock_timeout_ms = -1;
    world_locks.timeouts = 27;
    assert_int_equal(world_run(world_export(NODE2)), 0);
    assert_int_equal(world_logged("priority="), 0);
}

static void at_the_highest_priority_it_blocks_for_good(void **state)
{
    struct opcode *op = world_export(NODE2);

    (void)state;
    w.env.lock_timeout_ms = -1;
    opcode_set_int(op, "priority", -10);
    world_locks.timeouts = 28 * 11; /* priorities -10 ... -20 */
    assert_int_equal(world_run(op), 0);
    assert_int_equal(world_logged("priority=-20"), 1);
    assert_int_equal(world_logged("priority=-21"), 0);
    assert_int_equal(world_locks.last_timeout, LOCK_FOREVER);
}

static void no_attempt_outlasts_the_whole(void **state)
{
    (void)state;
    w.env.lock_timeout_ms = 1000;
    assert_int_equal(world_run(world_export(NODE2)), 0);
    assert_in_range(world_locks.last_timeout, 0, 1000);
}

static void an_attempt_is_one_budget_over_all_levels(void **state)
{
    (void)state;
    w.env.lock_timeout_ms = -1;
    assert_int_equal(world_run(world_export(NODE2)), 0);
    assert_in_range(world_locks.last_timeout, 0, 5250); /* 5 s, varied by 5 % */
}

static void canceled_while_waiting(void **state)
{
    (void)state;
    world_locks.answer = -ECANCELED;
    world_locks.answer_level = LOCK_NODE;
    assert_int_equal(world_run(world_export(NODE2)), -ECANCELED);
    world_locks.answer_level = -1;
    assert_int_equal(w.err.class, ERR_CANCELED);
    assert_int_equal(w.locks, 0);
    assert_int_equal(world_logged("refresh"), 0);
}

static void canceled_before_the_next_level_asks_for_no_more(void **state)
{
    (void)state;
    w.cancel_call = "lock instance";
    assert_int_equal(world_run(world_export(NODE2)), -ECANCELED);
    assert_int_equal(world_logged("lock node"), 0);
    assert_int_equal(w.locks, 0);
}

static void a_name_deleted_meanwhile_is_unknown(void **state)
{
    (void)state;
    world_locks.answer = -EIDRM;
    world_locks.answer_level = LOCK_INSTANCE;
    assert_int_equal(world_run(world_export(NODE2)), -ENOENT);
    world_locks.answer_level = -1;
    assert_int_equal(w.err.ecode, ECODE_NOENT);
}

static struct lock_owner *told;
static int brackets;

static void owner(void *arg, struct lock_owner *o)
{
    (void)arg;
    assert_true((told == NULL) != (o == NULL));
    told = o;
    brackets++;
}

static void every_wait_is_bracketed(void **state)
{
    (void)state;
    w.run.lock_owner = owner;
    assert_int_equal(world_run(world_export(NODE2)), 0);
    assert_null(told);
    assert_int_equal(brackets, 8); /* four levels */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(a_timed_out_attempt_gives_everything_back_and_starts_again),
        WORLD_TEST(the_next_attempt_begins_with_the_bgl),
        WORLD_TEST(after_28_attempts_the_priority_rises),
        WORLD_TEST(not_before),
        WORLD_TEST(at_the_highest_priority_it_blocks_for_good),
        WORLD_TEST(no_attempt_outlasts_the_whole),
        WORLD_TEST(an_attempt_is_one_budget_over_all_levels),
        WORLD_TEST(canceled_while_waiting),
        WORLD_TEST(canceled_before_the_next_level_asks_for_no_more),
        WORLD_TEST(a_name_deleted_meanwhile_is_unknown),
        WORLD_TEST(every_wait_is_bracketed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
