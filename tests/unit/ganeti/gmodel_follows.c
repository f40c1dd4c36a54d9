/* gmodel.h: the model follows the cluster, tells of it once, and stands while it cannot be asked.
 */
#include "tests/unit/ganeti/fake_rapi.h"

#include "tests/unit/ganeti/gmodel_rows.h"

#include <stdatomic.h>

#define INFO                                                                                       \
    "200\n{\"name\": \"cluster.example.com\", \"master\": \"n1.example.com\", "                    \
    "\"software_version\": \"3.1.0~rc2\"}"

static struct rapi *rapi;
static struct gmodel *g;
static atomic_int told;

static void changed(void *arg)
{
    assert_ptr_equal(arg, &told);
    model_unref(gmodel_get(g)); /* no lock is held */
    atomic_fetch_add(&told, 1);
}

/* Takes the rows. */
static void say(const char *what, json_t *rows)
{
    json_t *data = json_array(), *r, *v;
    size_t i, j;
    char name[64];

    json_array_foreach(rows, i, r)
    {
        json_t *pairs = json_array();

        json_array_foreach(r, j, v) json_array_append_new(pairs, json_pack("[iO]", 0, v));
        json_array_append_new(data, pairs);
    }

    json_t *all = json_pack("{so}", "data", data);
    CLEANUP_FREE char *text = json_dumps(all, 0), *whole = NULL;

    assert_true(asprintf(&whole, "200\n%s", text) > 0);
    snprintf(name, sizeof name, "answer-2-query-%s", what);
    write_text(name, 0600, whole);
    json_decref(all);
    json_decref(rows);
}

static void say_nothing(const char *how)
{
    write_text("answer-2-query-node", 0600, how);
    write_text("answer-2-query-instance", 0600, how);
}

static void say_all(void)
{
    say("node", two_nodes());
    say("instance", json_pack("[o]", instance_row()));
}

static int setup(void **state)
{
    rapi = NULL;
    g = NULL;
    atomic_store(&told, 0);
    options = (struct gmodel_options){.export_dir = "/var/lib/ganeti/export", .refresh_s = 1};
    if (node_setup(state) < 0)
        return -1;
    cert_self_signed("own", "ganeti.example.com", 2);
    server_start("own.pem");
    rapi = client("own-cert.pem", false, false);
    write_text("answer-2-info", 0600, INFO);
    say_all();
    return 0;
}

static int teardown(void **state)
{
    gmodel_close(g);
    rapi_close(rapi);
    server_stop();
    return node_teardown(state);
}

static void start(void)
{
    if (gmodel_open(rapi, &options, changed, &told, &g, &err) < 0)
        fail_msg("%s", err.text);
    assert_int_equal(gmodel_start(g), 0);
}

#define WAIT_FOR(condition)                                                                        \
    do {                                                                                           \
        int64_t wait_end = clock_ms() + 120000;                                                    \
        while (!(condition) && clock_ms() < wait_end)                                              \
            usleep(20000);                                                                         \
        assert_true(condition);                                                                    \
    } while (0)

/* n more looks of the thread's. */
static void wait_for_looks(unsigned n)
{
    unsigned now = count_requests("PUT /2/query/instance");

    WAIT_FOR(count_requests("PUT /2/query/instance") >= now + n);
}

static bool has_error(const char *word)
{
    CLEANUP_MODEL struct model *m = gmodel_get(g);

    return word ? m->error && strstr(m->error, word) : !m->error;
}

static bool is_up(void)
{
    CLEANUP_MODEL struct model *m = gmodel_get(g);
    const struct model_instance *i = model_find_instance(m, "web.example.com");

    return i && i->admin_state == ADMIN_UP;
}

static void what_it_says_of_itself(void **state)
{
    (void)state;
    start();
    assert_string_equal(gmodel_cluster(g)->name, "cluster.example.com");
    assert_string_equal(gmodel_cluster(g)->master, "n1.example.com");
    assert_int_equal(gmodel_cluster(g)->major, 3);
    assert_int_equal(gmodel_cluster(g)->minor, 1);
    assert_int_equal(gmodel_cluster(g)->micro, 0);
}

static void nothing_is_told_while_nothing_changes(void **state)
{
    (void)state;
    start();
    wait_for_looks(3);
    assert_int_equal(atomic_load(&told), 0);
    assert_int_equal(count_requests("/2/info"), 1);
}

static void a_change_is_told(void **state)
{
    (void)state;
    start();
    say("instance", json_pack("[o]", instance_with("admin_state", "\"up\"")));
    WAIT_FOR(atomic_load(&told) == 1);
    assert_true(is_up());
    wait_for_looks(2);
    assert_int_equal(atomic_load(&told), 1);
}

static void the_last_data_stand_while_it_cannot_be_asked(void **state)
{
    (void)state;
    start();
    say_nothing("502\n{\"message\": \"no master\"}");
    WAIT_FOR(atomic_load(&told) == 1);
    assert_true(has_error("cannot ask the cluster: "));
    assert_true(has_error("no master"));
    assert_false(is_up());
    say_nothing("502\n{\"message\": \"no master for 2 ms\"}");
    wait_for_looks(2); /* is told once */
    assert_int_equal(atomic_load(&told), 1);
    say("instance", json_pack("[o]", instance_with("admin_state", "\"up\"")));
    say("node", two_nodes());
    WAIT_FOR(has_error(NULL));
    assert_true(is_up());
}

static void one_that_has_gone(void **state)
{
    CLEANUP_MODEL struct model *m = NULL;

    (void)state;
    start();
    server_stop();
    assert_int_equal(gmodel_refresh(g, &m, &err), -EHOSTUNREACH);
    assert_null(m);
    assert_true(has_error("cannot ask the cluster: "));
    WAIT_FOR(atomic_load(&told) == 1); /* by the thread */
}

static void a_refresh_is_seen_at_once(void **state)
{
    CLEANUP_MODEL struct model *m = NULL;

    (void)state;
    options.refresh_s = 3600;
    start();
    say("instance", json_pack("[o]", instance_with("admin_state", "\"up\"")));
    assert_int_equal(gmodel_refresh(g, &m, &err), 0);
    assert_int_equal(m->instances[0]->admin_state, ADMIN_UP);
    assert_true(is_up());
    WAIT_FOR(atomic_load(&told) == 1); /* by the thread */
}

static void one_instance_is_looked_at(void **state)
{
    (void)state;
    options.refresh_s = 3600;
    start();
    assert_int_equal(gmodel_look(g, "web.example.com", 60000), 0);
    assert_int_equal(count_requests("\"qfilter\":[\"=\",\"name\",\"web.example.com\"]"), 1);
    say("instance", json_pack("[o]", instance_with("admin_state", "\"up\"")));
    assert_int_equal(gmodel_look(g, "web.example.com", 60000), 0);
    assert_true(is_up());
    WAIT_FOR(atomic_load(&told) == 1);
    assert_int_equal(gmodel_look(g, "nobody.example.com", 60000), -ENOENT);
    say("instance", json_array());
    assert_int_equal(gmodel_look(g, "web.example.com", 60000), -ENOENT);
    assert_true(is_up());
    write_text("answer-2-query-instance", 0600, "hang\n");
    assert_int_equal(gmodel_look(g, "web.example.com", 500), -ETIMEDOUT);
    assert_true(has_error(NULL));
}

/* While a refresh is under way there is none for others, but no longer than they want to wait. */
static void *refresh(void *arg)
{
    struct err ignored;

    (void)arg;
    gmodel_refresh(g, NULL, &ignored);
    return NULL;
}

static void a_look_does_not_wait_for_a_refresh(void **state)
{
    pthread_t thread;

    (void)state;
    options.refresh_s = 3600;
    start();
    say_nothing("hang\n");
    assert_int_equal(pthread_create(&thread, NULL, refresh, NULL), 0);
    WAIT_FOR(count_requests("PUT /2/query/instance") == 2);
    assert_int_equal(gmodel_look(g, "web.example.com", 300), -ETIMEDOUT);
    assert_int_equal(count_requests("qfilter"), 0);
    server_stop(); /* the refresh ends */
    pthread_join(thread, NULL);
}

static void directories_must_be_nodes(void **state)
{
    static const char *const bad[][2] = {
        {"n3=/srv/x"}, {"n=/srv/x"}, {"n1"}, {"n1=relative"}, {"=/srv/x"}};

    (void)state;
    options.nnodedirs = 1;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        options.nodedirs = bad[i];
        assert_int_equal(gmodel_open(rapi, &options, changed, &told, &g, &err), -EINVAL);
        assert_null(g);
        assert_says(bad[i][0]);
    }
}

static void one_that_does_not_answer(void **state)
{
    (void)state;
    write_text("answer-2-info", 0600, "200\n{\"name\": \"../x\", \"master\": \"n1\"}");
    assert_int_equal(gmodel_open(rapi, &options, changed, &told, &g, &err), -EBADMSG);
    write_text("answer-2-info", 0600, "401\n");
    assert_int_equal(gmodel_open(rapi, &options, changed, &told, &g, &err), -EACCES);
    write_text("answer-2-info", 0600, INFO);
    say_nothing("503\n");
    assert_int_equal(gmodel_open(rapi, &options, changed, &told, &g, &err), -EAGAIN);
    assert_null(g);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_it_says_of_itself),    TEST(nothing_is_told_while_nothing_changes),
        TEST(a_change_is_told),          TEST(the_last_data_stand_while_it_cannot_be_asked),
        TEST(one_that_has_gone),         TEST(a_refresh_is_seen_at_once),
        TEST(one_instance_is_looked_at), TEST(a_look_does_not_wait_for_a_refresh),
        TEST(directories_must_be_nodes), TEST(one_that_does_not_answer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
