/* Copies that wait for their share: they live, can be stopped, see a new limit, and holes are free.
 * Limits are such that a test which had to wait for them would not end. */
#include "lock/clock.h"
#include "tests/unit/copy_files.h"

#include "export/thread.h"

#define ONE_A_SECOND 1

struct copier {
    struct copy_job job;
    struct err err;
    int result;
    XXH128_canonical_t digest;
};

static void *copy(void *arg)
{
    struct copier *c = arg;

    c->result = copy_run(&c->job, &c->digest, &c->err);
    return NULL;
}

static const struct range dense[] = {{0, 4 * MIB}, {0, 0}};

static struct throttle *new_throttle(uint64_t rate)
{
    struct throttle *t = NULL;

    assert_int_equal(throttle_new(rate, &t), 0);
    return t;
}

/* Until it has given so many signs of life. */
static void see_it_live(struct cancel *c, uint64_t signs)
{
    uint64_t was = cancel_life(c);

    for (int i = 0; i < 3000 && cancel_life(c) < was + signs; i++)
        usleep(10000);
    assert_true(cancel_life(c) >= was + signs);
}

static void begin(struct copier *c, struct cancel *cancel, struct throttle *t, pthread_t *thread)
{
    *c = (struct copier){.job = {.src = make_source("src", 4 * MIB, dense),
                                 .dst = make_empty("dst"),
                                 .bytes = 4 * MIB,
                                 .cancel = cancel,
                                 .throttle = t}};
    assert_int_equal(cancel_init(cancel), 0);
    assert_int_equal(thread_start(thread, copy, c), 0);
}

static void end(struct copier *c, struct cancel *cancel, struct throttle *t)
{
    close(c->job.src);
    close(c->job.dst);
    cancel_destroy(cancel);
    throttle_free(t);
}

static void it_lives_and_can_be_stopped(void **state)
{
    struct throttle *t = new_throttle(ONE_A_SECOND);
    struct cancel cancel;
    struct copier c;
    pthread_t thread;

    (void)state;
    begin(&c, &cancel, t, &thread);
    see_it_live(&cancel, 20);
    cancel_request(&cancel);
    pthread_join(thread, NULL);
    assert_int_equal(c.result, -ECANCELED);
    assert_int_equal(c.err.class, ERR_CANCELED);
    end(&c, &cancel, t);
}

static void it_sees_a_new_limit(void **state)
{
    struct throttle *t = new_throttle(ONE_A_SECOND);
    struct cancel cancel;
    struct copier c;
    pthread_t thread;

    (void)state;
    begin(&c, &cancel, t, &thread);
    see_it_live(&cancel, 5);
    throttle_set(t, 0);
    assert_int_equal(throttle_rate(t), 0);
    pthread_join(thread, NULL);
    assert_int_equal(c.result, 0);
    check_copy(&c.digest);
    end(&c, &cancel, t);
}

static void holes_are_free(void **state)
{
    static const struct range little[] = {{512 * MIB, 4096}, {0, 0}};
    struct throttle *t = new_throttle(ONE_A_SECOND);
    struct copier c = {.job = {.src = make_source("src", GIB, little),
                               .dst = make_empty("dst"),
                               .bytes = GIB,
                               .throttle = t}};

    (void)state;
    copy(&c);
    assert_int_equal(c.result, 0);
    close(c.job.src);
    close(c.job.dst);
    throttle_free(t);
}

/* Three copies of 4 MiB, at 8 MiB a second: not before what is paid for, together. */
static void several_share_it(void **state)
{
    struct throttle *t = new_throttle(8 * MIB);
    struct copier c[3];
    pthread_t threads[3];
    int src = make_source("src", 4 * MIB, dense);
    int64_t begun = clock_ms();

    (void)state;
    for (int i = 0; i < 3; i++) {
        c[i] = (struct copier){.job = {.src = src, .dst = -1, .bytes = 4 * MIB, .throttle = t}};
        assert_int_equal(thread_start(&threads[i], copy, &c[i]), 0);
    }
    for (int i = 0; i < 3; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(c[i].result, 0);
    }
    close(src);
    /* 12 MiB, of which the first may go at once and 0.4 may have been saved up */
    assert_true(clock_ms() - begun >= (12 - 1 - 1) * 1000 / 8);
    throttle_free(t);
}

static void none_is_no_limit(void **state)
{
    struct err err;

    (void)state;
    assert_int_equal(throttle_take(NULL, UINT64_MAX, NULL, &err), 0);
    assert_int_equal(throttle_rate(NULL), 0);
    throttle_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_lives_and_can_be_stopped),
        cmocka_unit_test(it_sees_a_new_limit),
        cmocka_unit_test(holes_are_free),
        cmocka_unit_test(several_share_it),
        cmocka_unit_test(none_is_no_limit),
    };

    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
