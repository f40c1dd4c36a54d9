/* processor_real_locks.c - the processor with the real lock manager: exports of one instance
 * exclude each other, a wait can be cancelled from another thread, time runs out. */
#include "lu_world.h"

#include "lu_world_copy.h"
#include "lu_world_image.h"

#include <pthread.h>

static struct lock_manager *manager;
static struct lock_owner *other;
static char dir[64];

static int setup(void **state)
{
    const char *tmp = getenv("TMPDIR");

    world_copy_setup(state);
    snprintf(dir, sizeof dir, "%.40s/lu-XXXXXX", tmp ? tmp : "/tmp");
    assert_non_null(mkdtemp(dir));
    assert_int_equal(lock_manager_open(dir, &manager), 0);
    assert_int_equal(lock_owner_new(manager, "other", 0, &other), 0);
    w.env.locks = manager;
    return 0;
}

static int teardown(void **state)
{
    char command[100];

    lock_owner_free(other);
    lock_manager_close(manager);
    snprintf(command, sizeof command, "rm -rf %s", dir);
    assert_int_equal(system(command), 0);
    return world_teardown(state);
}

static void hold(enum lock_level level, const char *name, enum lock_mode mode)
{
    const struct lock_request rq = {.level = level, .mode = mode, .names = &name, .n = 1};

    assert_int_equal(lock_acquire(other, &rq, 1000), 0);
}

static void a_whole_export_and_then_everything_is_free(void **state)
{
    (void)state;
    assert_int_equal(world_run(world_export(NODE2)), 0);
    hold(LOCK_CLUSTER, LOCK_BGL, LOCK_EXCLUSIVE);
}

static void also_after_a_failure(void **state)
{
    (void)state;
    w.fail_call = "copy ";
    assert_int_equal(world_run(world_export(NODE2)), -EIO);
    hold(LOCK_CLUSTER, LOCK_BGL, LOCK_EXCLUSIVE);
}

static void a_held_instance_makes_it_wait_until_time_is_up(void **state)
{
    (void)state;
    hold(LOCK_CLUSTER, LOCK_BGL, LOCK_SHARED);
    hold(LOCK_INSTANCE, WEB1, LOCK_SHARED);
    w.env.lock_timeout_ms = 50;
    assert_int_equal(world_run(world_export(NODE2)), -ETIMEDOUT);
    assert_int_equal(w.err.class, ERR_LOCK);
    assert_non_null(strstr(w.err.text, "instance/web1.example.com"));
}

static void others_may_share_nodes_and_export_other_instances(void **state)
{
    (void)state;
    hold(LOCK_CLUSTER, LOCK_BGL, LOCK_SHARED);
    hold(LOCK_INSTANCE, IDLE, LOCK_EXCLUSIVE);
    hold(LOCK_NODE, NODE2, LOCK_SHARED);
    hold(LOCK_EXPORT, IDLE, LOCK_EXCLUSIVE);
    assert_int_equal(world_run(world_export(NODE2)), 0);
}

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t known = PTHREAD_COND_INITIALIZER;
static struct lock_owner *waiting;
static unsigned waits;

static void owner(void *arg, struct lock_owner *o)
{
    (void)arg;
    LOCK_SCOPE(&mutex);
    waiting = o;
    waits += o != NULL;
    pthread_cond_signal(&known);
}

/* Cancels once the second wait, that for the instance, has begun. */
static void *canceler(void *arg)
{
    (void)arg;
    LOCK_SCOPE(&mutex);
    while (waits < 2 || !waiting)
        pthread_cond_wait(&known, &mutex);
    cancel_request(&w.cancel);
    lock_cancel(waiting);
    return NULL;
}

static void another_thread_can_end_the_wait(void **state)
{
    pthread_t thread;

    (void)state;
    hold(LOCK_CLUSTER, LOCK_BGL, LOCK_SHARED);
    hold(LOCK_INSTANCE, WEB1, LOCK_EXCLUSIVE);
    w.run.lock_owner = owner;
    assert_int_equal(pthread_create(&thread, NULL, canceler, NULL), 0);
    assert_int_equal(world_run(world_export(NODE2)), -ECANCELED);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(w.err.class, ERR_CANCELED);
}

static void remove_instance_deletes_the_lock(void **state)
{
    struct opcode *op = world_export(NODE2);

    (void)state;
    opcode_set_bool(op, "remove_instance", true);
    assert_int_equal(world_run(op), 0);
    assert_int_equal(world_logged(">  - WARNING: the lock"), 0);
    hold(LOCK_CLUSTER, LOCK_BGL, LOCK_EXCLUSIVE);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_whole_export_and_then_everything_is_free),
        TEST(also_after_a_failure),
        TEST(a_held_instance_makes_it_wait_until_time_is_up),
        TEST(others_may_share_nodes_and_export_other_instances),
        TEST(another_thread_can_end_the_wait),
        TEST(remove_instance_deletes_the_lock),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
