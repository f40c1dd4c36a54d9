/* A job that nobody waits for is cancelled while Ganeti can do that, and else goes on without us.
 */
#include "gjob_world.h"

#define DELETE_IT "DELETE /2/jobs/12"

static void before_it_is_submitted(void **state)
{
    static const struct step script[] = {{0}};

    (void)state;
    world_begin(script);
    cancel_it();
    assert_int_equal(world_run_op(export_op(), false, 60), -ECANCELED);
    assert_int_equal(world.err.class, ERR_CANCELED);
    assert_int_equal(fake_rapi.requests, 0);
}

static void while_it_is_queued(void **state)
{
    static const char *const states[] = {JOB("queued", "", "null"), JOB("waiting", "", "null")};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        const struct step script[] = {{SUBMIT, 0, "12", 0, 0},
                                      {ASK, 0, states[i], 0, cancel_it},
                                      {DELETE_IT, 0, "[true,\"Job successfully cancelled\"]", 0, 0},
                                      {0}};

        assert_int_equal(world_run(script, false), -ECANCELED);
        assert_true(fake_rapi_done());
        assert_int_equal(world.err.class, ERR_CANCELED);
        assert_int_equal(heard("Job 12 is canceled"), 1);
        assert_int_equal(world.commits, 0);
    }
}

static void it_began_meanwhile(void **state)
{
    static const struct step script[] = {
        {SUBMIT, 0, "12", 0, 0},
        {ASK, 0, JOB("waiting", "", "null"), 0, cancel_it},
        {DELETE_IT, 0,
         "[false,\"Job exited before it could have been canceled, status JOB_STATUS_SUCCESS\"]", 0,
         0},
        {ASK, 0, JOB("running", "", "null"), 0, 0},
        {0}};

    (void)state;
    assert_int_equal(world_run(script, false), -ECANCELED);
    assert_true(fake_rapi_done());
    assert_int_equal(heard("Job 12 could not be canceled (Job exited before"), 1);
}

/* Ganeti answers late: the job's state tells. */
static void no_answer_to_it(void **state)
{
    static const struct step script[] = {{SUBMIT, 0, "12", 0, 0},
                                         {ASK, 0, JOB("waiting", "", "null"), 0, cancel_it},
                                         {DELETE_IT, -ETIMEDOUT, NULL, 0, 0},
                                         {ASK, 0, JOB("canceled", "", "\"x\""), 0, 0},
                                         {0}};

    (void)state;
    assert_int_equal(world_run(script, false), -ECANCELED);
    assert_int_equal(heard("Job 12 is canceled"), 1);
}

static void one_that_runs_goes_on(void **state)
{
    static const struct step script[] = {
        {SUBMIT, 0, "12", 0, 0}, {ASK, 0, JOB("running", "", "null"), 0, cancel_it}, {0}};

    (void)state;
    assert_int_equal(world_run(script, false), -ECANCELED);
    assert_true(fake_rapi_done());
    assert_int_equal(heard("it goes on without us"), 1);
    assert_int_equal(world.commits, 1);
}

/* commit() says that it was given up just now. */
static void refused_at_the_last_moment(void **state)
{
    static const char *const states[] = {JOB("running", "", "null"), JOB("success", "", WELL)};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        const struct step script[] = {{SUBMIT, 0, "12", 0, 0}, {ASK, 0, states[i], 0, 0}, {0}};

        world_begin(script);
        world.refuse_commit = true;
        assert_int_equal(world_run_op(export_op(), false, 60), -ECANCELED);
        assert_int_equal(world.err.class, ERR_CANCELED);
        assert_int_equal(world.commits, 1);
    }
}

static void by_somebody_else(void **state)
{
    static const struct step script[] = {
        {SUBMIT, 0, "12", 0, 0},
        {ASK, 0, JOB("canceling", "", "null"), 0, 0},
        {ASK, 0, JOB("canceled", "", "\"Job canceled by request\""), 0, 0},
        {0}};

    (void)state;
    assert_int_equal(world_run(script, false), -ECANCELED);
    assert_int_equal(world.err.class, ERR_EXEC);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(before_it_is_submitted), cmocka_unit_test(while_it_is_queued),
        cmocka_unit_test(it_began_meanwhile),     cmocka_unit_test(no_answer_to_it),
        cmocka_unit_test(one_that_runs_goes_on),  cmocka_unit_test(refused_at_the_last_moment),
        cmocka_unit_test(by_somebody_else),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
