/* node_ops.export_add_file: into the export that is meant, whole or not at all. */
#include "tests/unit/publish_help.h"

static struct err err;
static struct node_export_id id;

static int add(const char *file, const char *text)
{
    return published_add_file(&node, IN, &id, file, text, strlen(text), T, &err);
}

static void a_new_one_with_the_images_time(void **state)
{
    struct stat st, dir;

    (void)state;
    assert_int_equal(publish_tag("x", &id, &err), 0);

    const struct timespec past[2] = {{.tv_sec = 1000}, {.tv_sec = 1000, .tv_nsec = 5}};

    assert_int_equal(utimensat(AT_FDCWD, path("export/" IN), past, 0), 0);
    assert_int_equal(add("XXH128SUMS", "sums\n"), 0);
    assert_string_equal(get(path("export/" IN "/XXH128SUMS")), "sums\n");
    assert_int_equal(stat(path("export/" IN "/XXH128SUMS"), &st), 0);
    assert_int_equal(st.st_mtim.tv_sec, T);
    assert_int_equal(st.st_mode & 07777, 0600);
    assert_int_equal(count(path("export/" IN)), 3);
    /* when it was published is still told */
    assert_int_equal(stat(path("export/" IN), &dir), 0);
    assert_int_equal(dir.st_mtim.tv_sec, 1000);
    assert_int_equal(dir.st_mtim.tv_nsec, 5);
}

static void in_place_of_an_old_one(void **state)
{
    (void)state;
    assert_int_equal(publish_tag("x", &id, &err), 0);
    assert_int_equal(add("XXH128SUMS", "first, longer\n"), 0);
    assert_int_equal(add("XXH128SUMS", "second\n"), 0);
    assert_string_equal(get(path("export/" IN "/XXH128SUMS")), "second\n");
    assert_int_equal(count(path("export/" IN)), 3);
}

/* Killed while it was written aside. */
static void what_the_dead_left_aside_goes(void **state)
{
    (void)state;
    assert_int_equal(publish_tag("x", &id, &err), 0);
    put(path("export/" IN "/.XXH128SUMS.new-abcdef"), "su", 0600);
    put(path("export/" IN "/.other.new-abcdef"), "not ours", 0600);
    assert_int_equal(add("XXH128SUMS", "sums\n"), 0);
    assert_string_equal(get(path("export/" IN "/XXH128SUMS")), "sums\n");
    assert_false(exists(path("export/" IN "/.XXH128SUMS.new-abcdef")));
    assert_true(exists(path("export/" IN "/.other.new-abcdef")));
}

static void not_into_another_export(void **state)
{
    struct node_export_id other;

    (void)state;
    assert_int_equal(publish_tag("x", &id, &err), 0);
    assert_int_equal(publish_tag("y", &other, &err), 0);
    assert_int_equal(add("XXH128SUMS", "sums\n"), -ESTALE);
    assert_true(is_whole("y"));
}

static void not_into_none(void **state)
{
    (void)state;
    assert_int_equal(publish_tag("x", &id, &err), 0);
    assert_int_equal(published_remove(&node, IN, &id, &err), 0);
    assert_int_equal(add("XXH128SUMS", "sums\n"), -ENOENT);
    assert_int_equal(count(export_dir), 0);
}

static void under_a_plain_visible_name_only(void **state)
{
    (void)state;
    assert_int_equal(publish_tag("x", &id, &err), 0);
    assert_int_equal(add("../XXH128SUMS", ""), -EINVAL);
    assert_int_equal(add(".hidden", ""), -EINVAL);
    assert_int_equal(add("", ""), -EINVAL);
    assert_true(is_whole("x"));
}

static void never_through_a_symlink(void **state)
{
    (void)state;
    assert_int_equal(publish_tag("x", &id, &err), 0);
    put(path("victim"), "kept", 0600);
    assert_int_equal(symlink(path("victim"), path("export/" IN "/XXH128SUMS")), 0);
    assert_int_equal(add("XXH128SUMS", "sums\n"), 0);
    assert_string_equal(get(path("victim")), "kept");
    assert_string_equal(get(path("export/" IN "/XXH128SUMS")), "sums\n");
}

static void a_failure_leaves_nothing_behind(void **state)
{
    (void)state;
    assert_int_equal(publish_tag("x", &id, &err), 0);
    assert_int_equal(mkdir(path("export/" IN "/XXH128SUMS"), 0700), 0);
    assert_int_equal(add("XXH128SUMS", "sums\n"), -EISDIR);
    assert_int_equal(count(path("export/" IN)), 3);
}

int main(void)
{
#define T_(f) cmocka_unit_test_setup_teardown(f, node_setup, node_teardown)
    const struct CMUnitTest tests[] = {
        T_(a_new_one_with_the_images_time),  T_(in_place_of_an_old_one),
        T_(not_into_another_export),         T_(not_into_none),
        T_(under_a_plain_visible_name_only), T_(never_through_a_symlink),
        T_(a_failure_leaves_nothing_behind), T_(what_the_dead_left_aside_goes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
