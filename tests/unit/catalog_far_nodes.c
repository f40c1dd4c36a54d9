/* Nodes that are not directories of this machine: asked again and again, and never looked for here,
 * whatever lies here by the name that their EXPORT_DIR has there. */
#include "catalog_fixture.h"

#include <errno.h>

static atomic_uint infos;
static const char *_Atomic export_name;

static int far_list(void *ctx, const struct model_node *node, struct strvec *ret, struct err *err)
{
    (void)ctx, (void)err;
    return strvec_add(ret,
                      node->address && !strcmp(node->address, "192.0.2.2") ? "other" : export_name);
}

static int far_info(void *ctx, const struct model_node *node, const char *name,
                    struct node_export_info **ret, struct err *err)
{
    (void)ctx, (void)node, (void)name, (void)err;
    *ret = calloc(1, sizeof **ret);
    assert_non_null(*ret);
    (*ret)->config_error = strdup("none");
    atomic_fetch_add(&infos, 1);
    catalog_news(NULL);
    return 0;
}

static int far_space(void *ctx, const struct model_node *node, struct node_space *ret,
                     struct err *err)
{
    (void)ctx, (void)node, (void)err;
    *ret = (struct node_space){.remote = true};
    return 0;
}

static const struct node_ops far_ops = {
    .export_list = far_list, .export_info = far_info, .export_space = far_space};

static struct model_node far_node;
static struct model far_model = {.nnodes = 1, .nodes = &far_node};

static struct model *the_model(void *arg)
{
    (void)arg;
    return model_ref(&far_model);
}

static void begin(void)
{
    struct err err;

    atomic_store(&far_model.refs, 1);
    far_node = (struct model_node){.name = (char *)NODE1,
                                   .export_dir = (char *)fixture_path("nodes/" NODE1 "/export"),
                                   .address = (char *)"192.0.2.1",
                                   .hooks_dir = (char *)"/nonexistent"};
    atomic_store(&infos, 0);
    export_name = "web1";
    assert_int_equal(
        catalog_open(&far_ops, NULL, the_model, 30, catalog_news, NULL, &scanner, &err), 0);
    assert_int_equal(catalog_start(scanner), 0);
}

static bool has(const char *name)
{
    struct catalog *c = catalog_get(scanner);
    bool found = catalog_find(c, NODE1, name);

    catalog_unref(c);
    return found;
}

static bool read_four_times(const struct catalog *c)
{
    (void)c;
    return atomic_load(&infos) >= 4;
}

static bool has_web2(const struct catalog *c)
{
    return catalog_find(c, NODE1, "web2") && !catalog_find(c, NODE1, "web1");
}

static bool has_other(const struct catalog *c)
{
    return catalog_find(c, NODE1, "other");
}

/* The directory here has an export of that name that does not change: it says nothing. */
static void is_asked_again(void **state)
{
    (void)state;
    put_export(NODE1, "web1", 1000);
    begin();
    assert_true(has("web1"));
    wait_until(read_four_times);
    export_name = "web2"; /* nothing tells of it */
    wait_until(has_web2);
    assert_true(catalog_close(scanner));
}

static void another_address_is_another_node(void **state)
{
    (void)state;
    begin();
    assert_true(has("web1"));
    pthread_mutex_lock(&mu);
    far_node.address = (char *)"192.0.2.2";
    pthread_mutex_unlock(&mu);
    catalog_model_changed(scanner);
    wait_until(has_other);
    assert_true(catalog_close(scanner));
}

/* What is for directories refuses such a node. */
static void no_directory_is_opened(void **state)
{
    struct model_node node = {.name = (char *)NODE1, .address = (char *)"192.0.2.1"};
    struct strvec names = {0};
    struct err err;

    (void)state;
    put_export(NODE1, "web1", 1000);
    node.export_dir = (char *)fixture_path("nodes/" NODE1 "/export");
    assert_int_equal(node_list_names(&node, &names, &err), -EHOSTUNREACH);
    assert_int_equal(names.n, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CATALOG_TEST(is_asked_again),
        CATALOG_TEST(another_address_is_another_node),
        CATALOG_TEST(no_directory_is_opened),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
