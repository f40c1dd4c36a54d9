/* Many threads on one manager never have at once what excludes each other, and all come to
 * their turn. */
#include "lock_stress.h"

#define THREADS 8
#define ROUNDS  150

static struct stress counters;
static struct lock_manager *manager;

static void *work(void *arg)
{
    unsigned seed = (unsigned)(size_t)arg;

    for (int i = 0; i < ROUNDS; i++)
        if (stress_once(&counters, manager, &seed) != 0)
            return &counters; /* anything but NULL: failed */
    return NULL;
}

static void exclusion(void **state)
{
    struct env *e = *state;
    pthread_t t[THREADS];

    manager = e->m;
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&t[i], NULL, work, (void *)(i + 1)), 0);
    for (size_t i = 0; i < THREADS; i++) {
        void *result;

        pthread_join(t[i], &result);
        assert_null(result);
    }
    assert_int_equal(counters.violations, 0);
    assert_true(counters.granted > THREADS * ROUNDS / 4);
    for (int i = 0; i < STRESS_NAMES; i++)
        assert_int_equal(counters.users[i], 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(exclusion)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
