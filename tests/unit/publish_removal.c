/* node_ops.export_remove: the export that is meant, all of it, and nothing else. */
#include "tests/unit/publish_help.h"

static struct err err;
static struct node_export_id id;

static void of_any_export_of_that_name(void **state)
{
    (void)state;
    assert_int_equal(publish_tag("x", &id, &err), 0);
    assert_true(
        shell("mkdir -p %s/%s/foreign/deep && ln -s / %s/%s/link", export_dir, IN, export_dir, IN));
    assert_int_equal(published_remove(&node, IN, NULL, &err), 0);
    assert_int_equal(count(export_dir), 0);
}

static void of_none(void **state)
{
    (void)state;
    assert_int_equal(published_remove(&node, IN, NULL, &err), -ENOENT);
    assert_non_null(strstr(err.text, IN));
}

static void of_the_one_that_is_meant(void **state)
{
    (void)state;
    assert_int_equal(publish_tag("x", &id, &err), 0);
    assert_int_equal(published_remove(&node, IN, &id, &err), 0);
    assert_int_equal(count(export_dir), 0);
}

static void not_of_one_with_another(const char *what, struct node_export_id other)
{
    assert_int_equal(publish_tag("x", &id, &err), 0);
    other.dev = id.dev;
    other.ino = id.ino; /* inode numbers come again */
    print_message("%s\n", what);
    assert_int_equal(published_remove(&node, IN, &other, &err), -ESTALE);
    assert_true(is_whole("x"));
}

static void not_of_a_newer_one_in_the_same_inode(void **state)
{
    struct node_export_id other;

    (void)state;
    assert_int_equal(publish_tag("x", &id, &err), 0);
    other = id;
    other.t--;
    not_of_one_with_another("t", other);
    other = id;
    other.size++;
    not_of_one_with_another("size", other);
    other = id;
    other.hash++;
    not_of_one_with_another("hash", other);
}

static void of_the_same_content_seen_through_another_mount(void **state)
{
    (void)state;
    assert_int_equal(publish_tag("x", &id, &err), 0);
    id.dev++;
    id.ino++;
    assert_int_equal(published_remove(&node, IN, &id, &err), 0);
    assert_int_equal(count(export_dir), 0);
}

static void without_config_the_directory_counts(void **state)
{
    (void)state;
    assert_int_equal(publish_tag("x", &id, &err), 0);
    assert_int_equal(unlink(path("export/" IN "/config.ini")), 0);
    assert_int_equal(published_remove(&node, IN, &id, &err), -ESTALE);

    struct node_export_id none = {.dev = id.dev, .ino = id.ino + 1};

    assert_int_equal(published_remove(&node, IN, &none, &err), -ESTALE);
    none.ino = id.ino;
    assert_int_equal(published_remove(&node, IN, &none, &err), 0);
}

static void not_of_something_else(void **state)
{
    static const char *const bad[] = {"", ".", "..", "../export", "a/b", "/", ".hidden"};

    (void)state;
    put(path("export/" IN), "mine", 0600);
    assert_int_equal(published_remove(&node, IN, NULL, &err), -ENOTDIR);
    assert_true(
        shell("cd %s && mkdir target && touch target/kept && ln -s ../target link.x", export_dir));
    assert_int_equal(published_remove(&node, "link.x", NULL, &err), -ENOTDIR);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(published_remove(&node, bad[i], NULL, &err), -EINVAL);
    assert_int_equal(count(export_dir), 3);
    assert_true(exists(path("export/target/kept")));
}

static void leaves_no_older_one_to_come_back(void **state)
{
    struct node_stage *stage;

    (void)state;
    /* set aside by a publication that died after the second rename, where there is no exchange */
    assert_int_equal(mkdir(path("export/." IN ".old-abcdef"), 0700), 0);
    assert_int_equal(publish_tag("x", &id, &err), 0);
    assert_int_equal(mkdir(path("export/." IN ".old-abcdef"), 0700), 0);
    assert_int_equal(published_remove(&node, IN, NULL, &err), 0);
    assert_int_equal(stage_begin(&node, IN, &stage, &err), 0);
    stage_abort(stage);
    assert_int_equal(count(export_dir), 0);
}

int main(void)
{
#define T_(f) cmocka_unit_test_setup_teardown(f, node_setup, node_teardown)
    const struct CMUnitTest tests[] = {
        T_(of_any_export_of_that_name),
        T_(of_none),
        T_(of_the_one_that_is_meant),
        T_(not_of_a_newer_one_in_the_same_inode),
        T_(of_the_same_content_seen_through_another_mount),
        T_(without_config_the_directory_counts),
        T_(not_of_something_else),
        T_(leaves_no_older_one_to_come_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
