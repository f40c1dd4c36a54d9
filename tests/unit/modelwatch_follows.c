/* Files edited, added and removed while watched: the model follows, and says so. */
#include "modeldir_fixture.h"

#include <pthread.h>
#include <time.h>

static pthread_mutex_t mu = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static unsigned calls;
static struct modelwatch *w;

static void changed(void *arg)
{
    assert_ptr_equal(arg, &calls);
    pthread_mutex_lock(&mu);
    calls++;
    pthread_cond_broadcast(&cond);
    pthread_mutex_unlock(&mu);
}

static int setup(void **state)
{
    struct err err = {0};

    fixture_setup(state);
    fixture_write("instances/web1.ini", "[instance]\nprimary_node = node1\ndisk0_path = disk0\n");
    fixture_write("disk0", "");
    if (modelwatch_open(fixture_dir, changed, &calls, &w, &err) < 0)
        fail_msg("%s", err.text);
    assert_int_equal(modelwatch_start(w), 0);
    return 0;
}

static int teardown(void **state)
{
    modelwatch_close(w);
    return fixture_teardown(state);
}

/* Waits until the model satisfies ok(): each time for the callback, at most 30 s in all. */
static void wait_until(bool (*ok)(const struct model *m))
{
    struct timespec until;

    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += 30;
    for (;;) {
        pthread_mutex_lock(&mu);

        unsigned seen = calls;

        pthread_mutex_unlock(&mu);

        struct model *m = modelwatch_get(w);
        bool good = ok(m);

        model_unref(m);
        if (good)
            return;
        pthread_mutex_lock(&mu);
        while (calls == seen)
            if (pthread_cond_timedwait(&cond, &mu, &until)) {
                pthread_mutex_unlock(&mu);
                fail_msg("the change was not seen");
            }
        pthread_mutex_unlock(&mu);
    }
}

static bool has_web2(const struct model *m)
{
    return model_find_instance(m, "web2");
}

static bool lacks_web1(const struct model *m)
{
    return !model_find_instance(m, "web1");
}

static bool web1_tagged(const struct model *m)
{
    const struct model_instance *i = model_find_instance(m, "web1");

    return i && !i->error && !strcmp(i->tags, "x");
}

static bool node3_drained(const struct model *m)
{
    const struct model_node *n = model_find_node(m, "node3.example.com");

    return n && n->drained;
}

static bool two_nodes(const struct model *m)
{
    return m->nnodes == 2;
}

static bool broken(const struct model *m)
{
    return m->error && strstr(m->error, "cluster.ini") && m->ninstances == 1 && m->nnodes == 2 &&
           !strcmp(m->name, "c1.example.com");
}

static bool mended(const struct model *m)
{
    return !m->error && !strcmp(m->name, "c2");
}

static bool disk_grown(const struct model *m)
{
    const struct model_instance *i = model_find_instance(m, "web1");

    return i && i->disks[0].bytes == 12345;
}

static void instances(void **state)
{
    (void)state;
    fixture_write("instances/web2.ini", "[instance]\nprimary_node = node1\n");
    wait_until(has_web2);
    fixture_write("instances/web1.ini", "[instance]\nprimary_node = node1\ntags = x\n");
    wait_until(web1_tagged);
    fixture_remove("instances/web1.ini");
    wait_until(lacks_web1);
}

static void nodes(void **state)
{
    (void)state;
    fixture_mkdir("nodes/node3.example.com");
    fixture_write("nodes/node3.example.com/node.ini", "[node]\ndrained = on\n");
    wait_until(node3_drained);
    fixture_remove("nodes/node3.example.com");
    wait_until(two_nodes);
}

static void a_directory_put_in_place_is_watched(void **state)
{
    (void)state;
    fixture_mkdir("new");
    assert_int_equal(rename(fixture_path("instances"), fixture_path("old")), 0);
    assert_int_equal(rename(fixture_path("new"), fixture_path("instances")), 0);
    wait_until(lacks_web1);
    fixture_write("instances/web2.ini", "[instance]\nprimary_node = node1\n");
    wait_until(has_web2);
}

static void broken_cluster_ini_keeps_the_last_good_data(void **state)
{
    (void)state;
    fixture_write("cluster.ini", "prose\n");
    wait_until(broken);

    struct model *m = NULL;
    struct err err = {0};

    assert_true(modelwatch_refresh(w, &m, &err) < 0);
    assert_null(m);
    fixture_has(err.text, "cluster.ini");
    fixture_write("cluster.ini", "[cluster]\nname = c2\nmaster_node = node1\n");
    wait_until(mended);
}

static void disk_sizes_are_seen_by_the_poll(void **state)
{
    (void)state;
    assert_int_equal(truncate(fixture_path("disk0"), 12345), 0);
    wait_until(disk_grown);
}

static void refresh_sees_at_once(void **state)
{
    struct model *m = NULL;
    struct err err = {0};

    (void)state;
    assert_int_equal(truncate(fixture_path("disk0"), 12345), 0);
    fixture_write("instances/web2.ini", "[instance]\nprimary_node = node1\n");
    assert_int_equal(modelwatch_refresh(w, &m, &err), 0);
    assert_true(has_web2(m));
    assert_true(disk_grown(m));
    model_unref(m);
    m = modelwatch_get(w);
    assert_true(has_web2(m));
    model_unref(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(instances, setup, teardown),
        cmocka_unit_test_setup_teardown(nodes, setup, teardown),
        cmocka_unit_test_setup_teardown(a_directory_put_in_place_is_watched, setup, teardown),
        cmocka_unit_test_setup_teardown(broken_cluster_ini_keeps_the_last_good_data, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(disk_sizes_are_seen_by_the_poll, setup, teardown),
        cmocka_unit_test_setup_teardown(refresh_sees_at_once, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
