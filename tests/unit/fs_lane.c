/* What hangs in one node's lane costs that node's jobs only, and few threads (lane.h). */
#include "fs/lane.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <unistd.h>

#include <cmocka.h>

#define MANY 200

struct job {
    struct lane_job job;
    bool hangs;
};

static pthread_mutex_t mu = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static bool go;
static atomic_uint begun, done;

static void run_job(struct lane_job *j)
{
    bool hangs = ((struct job *)j)->hangs;

    begun++;
    pthread_mutex_lock(&mu);
    while (hangs && !go)
        pthread_cond_wait(&cond, &mu);
    pthread_mutex_unlock(&mu);
    free(j);
    done++;
}

static struct lane_job *job(bool hangs)
{
    struct job *j = calloc(1, sizeof(*j));

    assert_non_null(j);
    *j = (struct job){.job = {.run = run_job}, .hangs = hangs};
    return &j->job;
}

static bool soon(atomic_uint *n, unsigned wanted)
{
    for (int i = 0; i < 3000 && *n != wanted; i++)
        usleep(10000);
    return *n == wanted;
}

static void let_go(bool how)
{
    pthread_mutex_lock(&mu);
    go = how;
    pthread_cond_broadcast(&cond);
    pthread_mutex_unlock(&mu);
}

static int setup(void **state)
{
    (void)state;
    let_go(false);
    begun = done = 0;
    return 0;
}

static void a_node_that_hangs_costs_its_own(void **state)
{
    struct lanes *ls;
    struct lane_job *queued = job(false);

    (void)state;
    assert_int_equal(lanes_new(&ls), 0);
    struct lane *hung = lanes_get(ls, "hung"), *well = lanes_get(ls, "well");
    assert_ptr_equal(lanes_get(ls, "hung"), hung);
    assert_ptr_not_equal(hung, well);

    for (int i = 0; i < MANY; i++)
        assert_int_equal(lane_add(hung, job(true)), 0);
    assert_true(soon(&begun, THREADS));
    for (int i = 0; i < MANY; i++)
        assert_int_equal(lane_add(well, job(false)), 0);
    assert_true(soon(&done, MANY));
    assert_int_equal(begun, MANY + THREADS);

    /* what was not begun can be taken back */
    assert_int_equal(lane_add(hung, queued), 0);
    assert_true(lane_take_back(hung, queued));
    assert_false(lane_take_back(hung, queued));
    free(queued);

    let_go(true);
    assert_true(soon(&done, 2 * MANY));
    assert_int_equal(lane_add(hung, job(false)), 0);
    assert_true(lanes_free(ls));
    assert_int_equal(done, 2 * MANY + 1); /* the end comes after what is queued */
}

static void the_end_does_not_wait_for_it(void **state)
{
    static struct lanes *ls; /* nobody may free it */

    (void)state;
    assert_int_equal(lanes_new(&ls), 0);
    assert_int_equal(lane_add(lanes_get(ls, "hung"), job(true)), 0);
    assert_true(soon(&begun, 1));
    assert_false(lanes_free(ls));
    let_go(true);
    assert_true(soon(&done, 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_node_that_hangs_costs_its_own, setup),
        cmocka_unit_test_setup(the_end_does_not_wait_for_it, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
