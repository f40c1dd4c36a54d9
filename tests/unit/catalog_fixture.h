/* catalog_fixture.h - a watched cluster directory with exports on its nodes, and node calls that
 * can be made to fail or hang. */
#ifndef TESTS_CATALOG_FIXTURE_H
#define TESTS_CATALOG_FIXTURE_H

#include "modeldir_fixture.h"

#include "export/catalog.h"
#include "export/modeldir.h"
#include "export/node_list.h"

#include <pthread.h>
#include <time.h>

#define NODE1 "node1.example.com"
#define NODE2 "node2.example.com"

static pthread_mutex_t mu = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static unsigned calls, infos_read;
static const char *sick_node;        /* whose calls ... */
static int sick_errno;               /* fail with this, or hang while it is 0 */
static const char *fixture_bad_spot; /* an export that cannot be read for EIO, or NULL */
static struct modelwatch *models;
static struct catalog_scanner *scanner;

static inline void make_sick(const char *node, int errnum)
{
    pthread_mutex_lock(&mu);
    sick_node = node;
    sick_errno = errnum;
    pthread_cond_broadcast(&cond);
    pthread_mutex_unlock(&mu);
}

static inline int sick(const struct model_node *node, struct err *err)
{
    int r = 0;

    pthread_mutex_lock(&mu);
    while (sick_node && !strcmp(node->name, sick_node) && !sick_errno)
        pthread_cond_wait(&cond, &mu);
    if (sick_node && !strcmp(node->name, sick_node))
        r = -sick_errno;
    pthread_mutex_unlock(&mu);
    return r ? err_sys(err, r, "node %s", node->name) : 0;
}

static inline int fake_list(void *ctx, const struct model_node *node, struct strvec *ret,
                            struct err *err)
{
    (void)ctx;
    int r = sick(node, err);

    return r ? r : node_list_names(node, ret, err);
}

static inline int fake_info(void *ctx, const struct model_node *node, const char *name,
                            struct node_export_info **ret, struct err *err)
{
    (void)ctx;
    pthread_mutex_lock(&mu);
    infos_read++;
    pthread_mutex_unlock(&mu);

    int r = sick(node, err);

    if (fixture_bad_spot && !strcmp(name, fixture_bad_spot))
        return err_sys(err, -EIO, "export %s", name);
    return r ? r : node_list_info(node, name, ret, err);
}

static inline int fake_space(void *ctx, const struct model_node *node, struct node_space *ret,
                             struct err *err)
{
    (void)ctx;
    int r = sick(node, err);

    return r ? r : node_list_space(node, ret, err);
}

static struct node_ops fake_ops = {
    .export_list = fake_list, .export_info = fake_info, .export_space = fake_space};

static inline void catalog_news(void *arg)
{
    (void)arg;
    pthread_mutex_lock(&mu);
    calls++;
    pthread_cond_broadcast(&cond);
    pthread_mutex_unlock(&mu);
}

static inline struct model *models_now(void *arg)
{
    (void)arg;
    return modelwatch_get(models);
}

static inline void models_news(void *arg)
{
    (void)arg;
    catalog_model_changed(scanner);
}

/* An export of one disk; t: its mtime. */
static inline void put_export(const char *node, const char *name, long t)
{
    char path[300];
    struct timespec times[2] = {{t, 0}, {t, 0}};

    snprintf(path, sizeof path, "nodes/%s/export", node);
    mkdir(fixture_path(path), 0700);
    snprintf(path, sizeof path, "nodes/%s/export/%s", node, name);
    mkdir(fixture_path(path), 0700);
    snprintf(path, sizeof path, "nodes/%s/export/%s/disk0.raw", node, name);
    fixture_write(path, "data");
    snprintf(path, sizeof path, "nodes/%s/export/%s/config.ini", node, name);

    char text[300];

    snprintf(text, sizeof text,
             "[export]\nversion = 0\ntimestamp = %ld\n[instance]\nname = %s\n"
             "disk0_dump = disk0.raw\ndisk0_size = 1\ndisk_count = 1\n",
             t, name);
    fixture_write(path, text);
    assert_int_equal(utimensat(-1, fixture_path(path), times, 0), 0);
}

static inline void catalog_begin(unsigned stall_s)
{
    struct err err = {0};

    if (modelwatch_open(fixture_dir, models_news, NULL, &models, &err) < 0 ||
        catalog_open(&fake_ops, NULL, models_now, stall_s, catalog_news, NULL, &scanner, &err) < 0)
        fail_msg("%s", err.text);
}

static inline void catalog_watch(void)
{
    assert_int_equal(catalog_start(scanner), 0);
    assert_int_equal(modelwatch_start(models), 0);
}

static inline bool catalog_end(void)
{
    modelwatch_close(models);
    return catalog_close(scanner);
}

static inline int catalog_setup(void **state)
{
    make_sick(NULL, 0);
    return fixture_setup(state);
}

/* Waits for the catalog to satisfy ok(), at most 30 s. */
static inline void wait_until(bool (*ok)(const struct catalog *c))
{
    struct timespec until;

    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += 30;
    for (;;) {
        pthread_mutex_lock(&mu);

        unsigned seen = calls;

        pthread_mutex_unlock(&mu);

        struct catalog *c = catalog_get(scanner);
        bool good = ok(c);

        catalog_unref(c);
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

#define CATALOG_TEST(f) cmocka_unit_test_setup_teardown(f, catalog_setup, fixture_teardown)

#endif
