/* One probe that hangs costs its own result and nothing else; its data outlives the relay. */
#include "export/relay.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static pthread_mutex_t mu = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static bool release_all;
static atomic_uint started;
static unsigned destroyed;

struct probe {
    bool hangs, ran;
};

static void work(void *data)
{
    struct probe *p = data;

    pthread_mutex_lock(&mu);
    started++;
    while (p->hangs && !release_all)
        pthread_cond_wait(&cond, &mu);
    pthread_mutex_unlock(&mu);
    p->ran = true;
}

static void destroy(void *data)
{
    pthread_mutex_lock(&mu);
    destroyed++;
    pthread_cond_broadcast(&cond);
    pthread_mutex_unlock(&mu);
    free(data);
}

static struct relay_item item(const char *key, bool hangs)
{
    struct probe *p = calloc(1, sizeof *p);

    assert_non_null(p);
    p->hangs = hangs;
    return (struct relay_item){.key = key, .data = p};
}

static void took(struct relay_item *i, bool done)
{
    assert_int_equal(i->done, done);
    if (!done) {
        assert_null(i->data);
        return;
    }
    assert_true(((struct probe *)i->data)->ran);
    free(i->data);
}

static void hung_ones_are_left(void **state)
{
    struct relay *r;

    (void)state;
    assert_int_equal(relay_open(&r), 0);
    assert_int_equal(relay_run(r, NULL, 0, work, destroy, 100), 0);

    struct relay_item a[] = {item("a", false), item("b", true), item("c", false), item("d", true)};

    assert_int_equal(relay_run(r, a, 4, work, destroy, 1000), 0);
    took(&a[0], true);
    took(&a[1], false);
    took(&a[2], true);
    took(&a[3], false);
    assert_int_equal(started, 4);

    /* what is still out is not asked again */
    struct relay_item b[] = {item("b", true), item("a", false), item("d", true)};

    assert_int_equal(relay_run(r, b, 3, work, destroy, 1000), 0);
    took(&b[0], false);
    took(&b[1], true);
    took(&b[2], false);
    assert_int_equal(started, 5);

    relay_close(r);
    pthread_mutex_lock(&mu);
    release_all = true;
    pthread_cond_broadcast(&cond);
    while (destroyed < 4)
        pthread_cond_wait(&cond, &mu);
    pthread_mutex_unlock(&mu);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(hung_ones_are_left)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
