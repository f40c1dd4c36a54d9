/* gnode: a copy is removed if it is that copy, all of it, and nothing else. */
#include "tests/unit/ganeti/gnode_help.h"

static struct node_export_info *info;

/* T is whatever the caller says, and he may change his mind. */
static int64_t some_t;

static int64_t t_of(void *arg, const char *where, const char *name, const struct node_export_id *id,
                    int64_t timestamp)
{
    (void)arg, (void)where, (void)name, (void)id, (void)timestamp;
    return ++some_t;
}

static void make_export(const char *word)
{
    assert_true(
        shell("cd '%s' && mkdir %s && printf '[export]\\nversion = %s\\n' >%s/config.ini && "
              "touch %s/disk0.raw %s/.hidden && ln -s ../../outside %s/link && "
              "mkdir -p ../outside && touch ../outside/kept",
              export_dir, IN, word, IN, IN, IN, IN));
}

static int setup(void **state)
{
    if (nodes_setup_with(state, (struct gnode_options){.t_of = t_of}) < 0)
        return -1;
    make_export("0");
    return gnode_ops.export_info(nodes, &node, IN, &info, &err);
}

static int local_setup(void **state)
{
    if (nodes_setup_with(state, (struct gnode_options){.t_of = t_of}) < 0)
        return -1;
    node.address = NULL;
    make_export("0");
    return gnode_ops.export_info(nodes, &node, IN, &info, &err);
}

static int teardown(void **state)
{
    node_export_info_free(STEAL(info));
    return nodes_teardown(state);
}

static void that_copy(void **state)
{
    (void)state;
    assert_int_equal(gnode_ops.export_remove(nodes, &node, IN, &info->id, &err), 0);
    assert_int_equal(count(export_dir), 0);
    assert_true(exists(path("outside/kept")));
    assert_int_equal(gnode_ops.export_remove(nodes, &node, IN, &info->id, &err), -ENOENT);
}

static void any_copy(void **state)
{
    (void)state;
    assert_int_equal(gnode_ops.export_remove(nodes, &node, IN, NULL, &err), 0);
    assert_int_equal(count(export_dir), 0);
}

static void another_copy_stays(void **state)
{
    const struct node_export_id older = node_export_id_older_than(INT64_MAX);

    (void)state;
    assert_true(shell("rm -rf '%s/%s'", export_dir, IN));
    make_export("1");
    assert_int_equal(gnode_ops.export_remove(nodes, &node, IN, &info->id, &err), -ESTALE);
    assert_int_equal(gnode_ops.export_remove(nodes, &node, IN, &older, &err), -ESTALE);
    assert_true(shell("rm '%s/%s/config.ini'", export_dir, IN));
    assert_int_equal(gnode_ops.export_remove(nodes, &node, IN, &info->id, &err), -ESTALE);
    assert_int_equal(gnode_ops.export_remove(nodes, &node, IN, &older, &err), -ESTALE);
    assert_true(exists(path("export/" IN "/disk0.raw")));
}

static void an_incomplete_one(void **state)
{
    struct node_export_id complete = info->id;

    (void)state;
    assert_true(shell("rm '%s/%s/config.ini'", export_dir, IN));
    node_export_info_free(STEAL(info));
    assert_int_equal(gnode_ops.export_info(nodes, &node, IN, &info, &err), 0);
    assert_int_equal(gnode_ops.export_remove(nodes, &node, IN, &complete, &err), -ESTALE);
    assert_int_equal(gnode_ops.export_remove(nodes, &node, IN, &info->id, &err), 0);
    assert_int_equal(count(export_dir), 0);
}

static void what_is_no_export_stays(void **state)
{
    (void)state;
    assert_true(shell("cd '%s' && mv %s real && ln -s real %s", export_dir, IN, IN));
    assert_int_equal(gnode_ops.export_remove(nodes, &node, IN, &info->id, &err), -ENOTDIR);
    assert_int_equal(gnode_ops.export_remove(nodes, &node, IN, NULL, &err), -ENOTDIR);
    assert_int_equal(gnode_ops.export_remove(nodes, &node, "../outside", NULL, &err), -EINVAL);
    assert_true(exists(path("export/real/config.ini")));
    assert_true(exists(path("outside/kept")));
}

static void leftovers_are_swept(void **state)
{
    static const char *const left[] = {"." IN ".gone-abcdef", "." IN ".gone-012345"};
    static const char *const others[] = {".web2.example.com.gone-abcdef", "." IN ".gone-abc",
                                         "." IN ".new-abcdef", IN ".new"};

    (void)state;
    for (int i = 0; i < 2; i++)
        assert_true(shell("cd '%s' && mkdir %s && touch %s/x", export_dir, left[i], left[i]));
    for (int i = 0; i < 4; i++)
        assert_true(shell("cd '%s' && mkdir %s && touch %s/x", export_dir, others[i], others[i]));
    assert_int_equal(gnode_ops.export_sweep(nodes, &node, IN, &err), 0);
    assert_int_equal(count(export_dir), 5);
    assert_true(shell("cd '%s' && mkdir %s && touch %s/x", export_dir, left[0], left[0]));
    assert_int_equal(gnode_ops.export_remove(nodes, &node, IN, &info->id, &err), 0);
    assert_int_equal(count(export_dir), 4);
    for (int i = 0; i < 4; i++)
        assert_true(exists(path("export/%s/x", others[i])));
}

static void one_with_more_than_files_in_it_is_gone_all_the_same(void **state)
{
    CLEANUP_STRVEC struct strvec names = {0};

    (void)state;
    assert_true(shell("cd '%s/%s' && mkdir empty full && touch full/x", export_dir, IN));
    assert_true(gnode_ops.export_remove(nodes, &node, IN, &info->id, &err) < 0);
    assert_non_null(strstr(err.text, "is removed, but not all"));
    assert_int_equal(gnode_ops.export_list(nodes, &node, &names, &err), 0);
    assert_int_equal(names.n, 0);
    assert_false(exists(path("export/" IN)));
}

/* A node that is this machine: its own T is not what the caller goes by. */
static void that_copy_of_this_machine(void **state)
{
    struct node_export_id wrong = info->id;

    (void)state;
    assert_true(info->id.ino != 0);
    assert_int_equal(info->id.t, some_t);
    wrong.hash++;
    assert_int_equal(gnode_ops.export_remove(nodes, &node, IN, &wrong, &err), -ESTALE);
    assert_int_equal(gnode_ops.export_remove(nodes, &node, IN, &info->id, &err), 0);
    assert_int_equal(count(export_dir), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(that_copy),
        TEST(any_copy),
        TEST(another_copy_stays),
        TEST(an_incomplete_one),
        TEST(what_is_no_export_stays),
        TEST(leftovers_are_swept),
        TEST(one_with_more_than_files_in_it_is_gone_all_the_same),
        cmocka_unit_test_setup_teardown(that_copy_of_this_machine, local_setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
