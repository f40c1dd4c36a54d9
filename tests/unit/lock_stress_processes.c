/* Several processes never have at once what excludes each other, though others are killed
 * in the middle of whatever they do with the same locks. */
#include "lock_stress.h"

#include <sys/mman.h>

#define WORKERS 3
#define ROUNDS  60
#define VICTIMS 12

static struct stress *counters; /* shared by all */

static int work(struct child_side *side)
{
    unsigned seed = (unsigned)getpid();

    for (int i = 0; i < ROUNDS; i++)
        if (stress_once(counters, side->m, &seed) != 0)
            return 1;
    lock_manager_close(side->m);
    return 0;
}

/* Takes and gives back until it is killed; with counters of its own, that nobody checks. */
static int work_until_killed(struct child_side *side)
{
    struct stress own = {0};
    unsigned seed = (unsigned)getpid();

    say(side->to, 'h');
    while (stress_once(&own, side->m, &seed) == 0)
        ;
    return 1;
}

static void exclusion(void **state)
{
    struct env *e = *state;
    struct child worker[WORKERS], victim;

    counters =
        mmap(NULL, sizeof *counters, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(counters != MAP_FAILED);
    for (int i = 0; i < WORKERS; i++)
        child_start(&worker[i], e->dir, work);
    for (int i = 0; i < VICTIMS; i++) {
        child_start(&victim, e->dir, work_until_killed);
        assert_int_equal(hear(victim.from), 'h');
        pause_ms(5 + i);
        assert_int_equal(kill(victim.pid, SIGKILL), 0);
        assert_int_equal(child_end(&victim), 128 + SIGKILL);
    }
    for (int i = 0; i < WORKERS; i++)
        assert_int_equal(child_end(&worker[i]), 0);
    assert_int_equal(counters->violations, 0);
    assert_true(counters->granted > WORKERS * ROUNDS / 4);
    munmap(counters, sizeof *counters);
}

int main(void)
{
    const struct CMUnitTest tests[] = {TEST_DIR(exclusion)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
