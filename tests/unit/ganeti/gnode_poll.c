/* gnode: a node where nothing happens is asked for one listing a look; what happens is seen. */
#include "export/ganeti/gnode_conn.h"

#include "tests/unit/ganeti/gnode_help.h"

#include <pthread.h>

static struct node_export_info *info;
static atomic_int asked_t;
static int64_t t_now;

static int64_t t_of(void *arg, const char *where, const char *name, const struct node_export_id *id,
                    int64_t timestamp)
{
    assert_ptr_equal(arg, &t_now);
    assert_string_equal(where, node.name);
    assert_string_equal(name, IN);
    assert_int_equal(id->t, T);
    assert_int_equal(timestamp, 1690000000);
    atomic_fetch_add(&asked_t, 1);
    return t_now;
}

static void make_export(const char *name, const char *word)
{
    assert_true(shell("cd '%s' && mkdir %s && printf '[export]\\ntimestamp = 1690000000\\n"
                      "version = %s\\n' >%s/config.ini && touch -d @%d %s/config.ini && "
                      "touch -d @%d %s",
                      export_dir, name, word, name, T, name, T + 9, name));
}

static int setup(void **state)
{
    if (nodes_setup_with(state, (struct gnode_options){.t_of = t_of, .arg = &t_now}) < 0)
        return -1;
    make_export(IN, "0");
    t_now = T + 1000;
    return 0;
}

static int teardown(void **state)
{
    node_export_info_free(STEAL(info));
    return nodes_teardown(state);
}

/* As the catalog does it. */
static void look(void)
{
    CLEANUP_STRVEC struct strvec names = {0};

    node_export_info_free(STEAL(info));
    assert_int_equal(gnode_ops.export_list(nodes, &node, &names, &err), 0);
    assert_true(strvec_has(&names, IN));
    assert_int_equal(gnode_ops.export_info(nodes, &node, IN, &info, &err), 0);
}

/* The last log line may still be on its way. */
static unsigned opendirs(void)
{
    unsigned before = 0, now = asked("opendir");

    while (now != before) {
        sleep_ms(50);
        before = now;
        now = asked("opendir");
    }
    return now;
}

/* Looks until a look is one listing and nothing else. */
static void come_to_rest(void)
{
    unsigned before, after;

    WAIT_FOR((before = opendirs(), look(), after = opendirs(), after - before == 1) ||
             (sleep_ms(500), false));
}

static const char *version(void)
{
    return ini_get(info->config, "export", "version");
}

static void one_listing_a_look(void **state)
{
    unsigned dirs, opens, servers, asks;

    (void)state;
    come_to_rest();
    dirs = opendirs();
    opens = asked("open \"");
    servers = servers_started();
    asks = (unsigned)atomic_load(&asked_t);
    for (int i = 0; i < 10; i++)
        look();
    assert_int_equal(opendirs(), dirs + 10);
    assert_int_equal(asked("open \""), opens);
    assert_int_equal(servers_started(), servers);
    assert_int_equal(atomic_load(&asked_t), asks + 10); /* but for its T it is asked each time */
    assert_int_equal(info->id.t, T + 1000);
    t_now++;
    look();
    assert_int_equal(info->id.t, T + 1001);
    assert_string_equal(version(), "0");
    assert_int_equal(info->nfiles, 1);
    assert_int_equal(info->published, T + 9);
}

static void what_comes_and_goes_is_seen_at_once(void **state)
{
    (void)state;
    come_to_rest();
    put(path("export/" IN "/disk0.raw"), "data", 0600);
    look();
    assert_int_equal(info->nfiles, 2);
    put(path("export/" IN "/disk1.raw"), "data", 0600); /* in the same second perhaps */
    look();
    assert_int_equal(info->nfiles, 3);
    assert_int_equal(unlink(path("export/" IN "/disk0.raw")), 0);
    look();
    assert_int_equal(info->nfiles, 2);
}

static void a_replaced_export_is_seen_at_once(void **state)
{
    struct node_export_id before;

    (void)state;
    come_to_rest();
    before = info->id;
    make_export("other", "1");
    assert_true(shell("cd '%s' && touch -d @%d other && rm -rf %s && mv other %s", export_dir,
                      T + 10, IN, IN));
    look();
    assert_string_equal(version(), "1");
    assert_false(node_export_id_same_copy(&before, &info->id));
}

static void whoever_asks_for_itself_asks_the_node(void **state)
{
    (void)state;
    come_to_rest();
    /* in place, and the directory's mtime is the same: a listing does not show it */
    assert_true(shell("cd '%s/%s' && sed -i 's/version = 0/version = 7/' config.ini && "
                      "touch -d @%d config.ini && touch -d @%d .",
                      export_dir, IN, T, T + 9));
    look();
    assert_string_equal(version(), "0");
    node_export_info_free(STEAL(info));
    assert_int_equal(gnode_ops.export_info(nodes, &node, IN, &info, &err), 0);
    assert_string_equal(version(), "7");
}

static void *ask(void *arg)
{
    gnode_ops.export_info(nodes, &node, IN, arg, &err);
    return NULL;
}

static void another_thread_does_not_get_what_was_kept(void **state)
{
    CLEANUP_STRVEC struct strvec names = {0};
    pthread_t thread;

    (void)state;
    come_to_rest();
    assert_int_equal(gnode_ops.export_list(nodes, &node, &names, &err), 0);
    assert_true(shell("cd '%s/%s' && sed -i 's/version = 0/version = 7/' config.ini && "
                      "touch -d @%d config.ini && touch -d @%d .",
                      export_dir, IN, T, T + 9));
    node_export_info_free(STEAL(info));
    assert_int_equal(pthread_create(&thread, NULL, ask, &info), 0);
    pthread_join(thread, NULL);
    assert_non_null(info);
    assert_string_equal(version(), "7");
}

static void nothing_is_believed_for_long(void **state)
{
    struct gnode_conn *c = NULL;

    (void)state;
    come_to_rest();
    assert_true(shell("cd '%s/%s' && sed -i 's/version = 0/version = 7/' config.ini && "
                      "touch -d @%d config.ini && touch -d @%d .",
                      export_dir, IN, T, T + 9));
    assert_int_equal(gnode_conn_get(nodes, &node, &c, &err), 0);
    /* half a minute and a little ago */
    for (size_t i = 0; i < c->cache.n; i++) {
        c->cache.v[i].since_ms -= 36000;
        c->cache.v[i].read_ms -= 36000;
    }
    gnode_conn_put(c);
    look();
    assert_string_equal(version(), "7");
}

static void what_is_no_directory_is_not_asked_for(void **state)
{
    CLEANUP_STRVEC struct strvec names = {0};
    struct node_export_info *none = NULL;
    unsigned stats;

    (void)state;
    put(path("export/file"), "", 0600);
    assert_int_equal(symlink(IN, path("export/link")), 0);
    assert_int_equal(gnode_ops.export_list(nodes, &node, &names, &err), 0);
    stats = asked("stat name");
    assert_int_equal(gnode_ops.export_info(nodes, &node, "file", &none, &err), -ENOTDIR);
    assert_int_equal(gnode_ops.export_info(nodes, &node, "link", &none, &err), -ENOTDIR);
    assert_int_equal(asked("stat name"), stats);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(one_listing_a_look),
        TEST(what_comes_and_goes_is_seen_at_once),
        TEST(a_replaced_export_is_seen_at_once),
        TEST(whoever_asks_for_itself_asks_the_node),
        TEST(another_thread_does_not_get_what_was_kept),
        TEST(nothing_is_believed_for_long),
        TEST(what_is_no_directory_is_not_asked_for),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
