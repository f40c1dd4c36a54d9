/* Which pending signals of a reader end its wait (DESIGN §9): all but stop and continue. */
#include "fs/interrupt.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static char text[512];

static bool real(char state, uint64_t thread, uint64_t process, uint64_t blocked, uint64_t ignored)
{
    snprintf(text, sizeof(text),
             "Name:\tcp\nState:\t%c (x)\nSigQ:\t0/100\nSigPnd:\t%016jx\nShdPnd:\t%016jx\n"
             "SigBlk:\t%016jx\nSigIgn:\t%016jx\nSigCgt:\t0000000000000000\n",
             state, (uintmax_t)thread, (uintmax_t)process, (uintmax_t)blocked, (uintmax_t)ignored);
    return interrupt_is_real_status(text);
}

static void nothing_pending_is_no_interrupt(void **state)
{
    (void)state;
    assert_false(real('S', 0, 0, 0, 0));
}

static void deadly_and_caught_signals_are(void **state)
{
    (void)state;
    static const int signals[] = {SIGINT, SIGTERM, SIGKILL, SIGHUP, SIGALRM, SIGUSR1, 64};
    for (size_t k = 0; k < sizeof(signals) / sizeof(signals[0]); k++) {
        assert_true(real('S', BIT(signals[k]), 0, 0, 0));
        assert_true(real('S', 0, BIT(signals[k]), 0, 0));
    }
}

/* borg prints its progress on SIGUSR1, and gives a file up that answers EINTR. */
static void caught_messages_are_not(void **state)
{
    (void)state;
    static const int messages[] = {SIGUSR1, SIGUSR2, SIGWINCH, SIGCHLD, SIGURG, SIGIO, SIGPROF};
    for (size_t k = 0; k < sizeof(messages) / sizeof(messages[0]); k++) {
        uint64_t bit = BIT(messages[k]);
        assert_true(real('S', bit, 0, 0, 0)); /* it ends the program, or nobody would see it */
        snprintf(strstr(text, "SigCgt:"), 32, "SigCgt:\t%016jx\n", (uintmax_t)(bit | BIT(SIGINT)));
        assert_false(interrupt_is_real_status(text));
    }
    real('S', BIT(SIGINT), 0, 0, 0);
    snprintf(strstr(text, "SigCgt:"), 32, "SigCgt:\t%016jx\n", (uintmax_t)UINT64_MAX);
    assert_true(interrupt_is_real_status(text)); /* caught, and yet it is to stop */
}

static void job_control_is_not(void **state)
{
    (void)state;
    static const int signals[] = {SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU, SIGCONT};
    uint64_t all = 0;
    for (size_t k = 0; k < sizeof(signals) / sizeof(signals[0]); k++) {
        assert_false(real('S', BIT(signals[k]), 0, 0, 0));
        all |= BIT(signals[k]);
    }
    assert_false(real('S', all, all, 0, 0));
    assert_true(real('S', all | BIT(SIGINT), all, 0, 0));
}

static void blocked_and_ignored_signals_are_not(void **state)
{
    (void)state;
    assert_false(real('S', 0, BIT(SIGINT), BIT(SIGINT), 0));
    assert_false(real('S', 0, BIT(SIGHUP), 0, BIT(SIGHUP)));
}

/* Where the kernel interrupts nothing, only what asks a program to end ends its wait. */
static void only_four_signals_mean_the_end(void **state)
{
    (void)state;
    static const int end[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM};
    uint64_t all = 0;
    for (size_t k = 0; k < sizeof(end) / sizeof(end[0]); k++) {
        all |= BIT(end[k]);
        real('D', 0, BIT(end[k]), 0, 0);
        assert_true(interrupt_is_end_status(text));
        real('D', 0, BIT(end[k]), BIT(end[k]), 0);
        assert_false(interrupt_is_end_status(text));
    }
    real('D', ~all & ~BIT(SIGKILL), ~all & ~BIT(SIGKILL), 0, 0);
    assert_false(interrupt_is_end_status(text));
    real('Z', 0, 0, 0, 0);
    assert_true(interrupt_is_end_status(text));
}

static void the_dead_wait_no_more(void **state)
{
    (void)state;
    assert_true(real('Z', 0, 0, 0, 0));
    assert_true(real('X', 0, 0, 0, 0));
    assert_true(interrupt_is_real(0)); /* cannot be seen from here */
}

static void this_thread_is_not_interrupted(void **state)
{
    (void)state;
    assert_false(interrupt_is_real(getpid()));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_pending_is_no_interrupt),
        cmocka_unit_test(deadly_and_caught_signals_are),
        cmocka_unit_test(caught_messages_are_not),
        cmocka_unit_test(job_control_is_not),
        cmocka_unit_test(blocked_and_ignored_signals_are_not),
        cmocka_unit_test(only_four_signals_mean_the_end),
        cmocka_unit_test(the_dead_wait_no_more),
        cmocka_unit_test(this_thread_is_not_interrupted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
