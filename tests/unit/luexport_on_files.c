/* luexport_on_files.c - exports of a real cluster directory, from disk files to verified images,
 * with the real locks, nodes, copy and image. */
#include "lu_cluster.h"
#include "need_pidfd.h"

#define EXPORT2 "nodes/" NODE2 "/export/" WEB1
#define EXPORT3 "nodes/" NODE3 "/export/" WEB1

static void run_ok(struct opcode *op, int64_t t, struct image *img)
{
    if (cl_run(op, t, img) < 0)
        fail_msg("%s\n%s", cl_err.text, cl_log);
}

static void verify_sums(const char *dir)
{
    char path[300];
    struct sums_entry *e;
    size_t n, len;

    snprintf(path, sizeof path, "%s/" SUMS_FILE, dir);

    CLEANUP_FREE char *text = cl_read(path, &len);

    assert_int_equal(sums_parse(text, len, &e, &n, &cl_err), 0);
    assert_int_equal(n, 3);
    assert_string_equal(e[0].name, "config.ini");
    assert_string_equal(e[1].name, "disk0.raw");
    assert_string_equal(e[2].name, "disk1.raw");
    for (size_t i = 0; i < n; i++) {
        XXH128_canonical_t digest;

        snprintf(path, sizeof path, "%s/%s", dir, e[i].name);

        CLEANUP_FREE char *data = cl_read(path, &len);

        XXH128_canonicalFromHash(&digest, XXH3_128bits(data, len));
        assert_memory_equal(&digest, &e[i].digest, sizeof digest);
    }
    free(e);
}

static void a_stopped_instance(void **state)
{
    struct stat st;

    (void)state;
    run_ok(cl_export("node2"), 1700000000, NULL);
    cl_assert_same(EXPORT2 "/disk0.raw", "disk0");
    cl_assert_same(EXPORT2 "/disk1.raw", "disk1");
    verify_sums(EXPORT2);
    assert_int_equal(cl_entries(EXPORT2), 4);
    assert_int_equal(cl_entries("nodes/" NODE2 "/export"), 1); /* nothing staged is left */
    assert_int_equal(stat(fixture_path(EXPORT2 "/disk0.raw"), &st), 0);
    assert_int_equal(st.st_mtime, 1700000000);
    assert_true(cl_result.fin_resu && cl_result.ndisks == 2);
}

static void the_stale_copy_goes(void **state)
{
    (void)state;
    run_ok(cl_export("node2"), 1700000000, NULL);
    run_ok(cl_export("node3"), 1700000001, NULL);
    assert_false(cl_exists(EXPORT2));
    assert_int_equal(cl_entries("nodes/" NODE2 "/export"), 0);
    verify_sums(EXPORT3);
}

static void again_to_the_same_node(void **state)
{
    (void)state;
    run_ok(cl_export("node2"), 1700000000, NULL);
    run_ok(cl_export("node2"), 1700000001, NULL);
    verify_sums(EXPORT2);
    assert_int_equal(cl_entries("nodes/" NODE2 "/export"), 1);
}

static void a_shared_export_directory_is_not_emptied(void **state)
{
    (void)state;
    fixture_mkdir("nodes/" NODE2 "/export");
    assert_int_equal(symlink("../" NODE2 "/export", fixture_path("nodes/" NODE3 "/export")), 0);
    run_ok(cl_export("node2"), 1700000000, NULL);
    verify_sums(EXPORT2);
}

static void the_image_is_read_while_and_after(void **state)
{
    static char buf[DISK0_BYTES];
    struct image *img;
    size_t len;

    (void)state;
    assert_int_equal(image_new(WEB1, &img), 0);
    run_ok(cl_export("node2"), 1700000000, img);
    assert_int_equal(image_state(img), IMAGE_PUBLISHED);
    assert_int_equal(image_t(img), 1700000000);
    assert_int_equal(image_read(img, IMAGE_DISK(0), 0, buf, sizeof buf), sizeof buf);

    CLEANUP_FREE char *data = cl_read("disk0", &len);

    assert_memory_equal(buf, data, len);
    CLEANUP_FREE char *sums = cl_read(EXPORT2 "/" SUMS_FILE, &len);

    assert_int_equal(image_read(img, IMAGE_SUMS, 0, buf, sizeof buf), len);
    assert_memory_equal(buf, sums, len);
    image_unref(img);
}

static void make_it_run(void)
{
    cluster_close(cl);
    cl_write_instance("up");
    mkdir(fixture_path("state"), 0700);
    mkdir(fixture_path("state/fake"), 0700);
    fixture_write("state/fake/" WEB1, "");
    cl_open();
}

static void a_running_one_runs_again(void **state)
{
    struct opcode *op = cl_export("node2");

    (void)state;
    make_it_run();
    opcode_set_bool(op, "long_sleep", true); /* if these files cannot be cloned */
    run_ok(op, 1700000000, NULL);
    assert_true(cl_exists("state/fake/" WEB1));
    assert_non_null(strstr(cl_log, "Shutting down instance " WEB1));
    assert_non_null(strstr(cl_log, "Starting instance " WEB1));
    cl_assert_same(EXPORT2 "/disk0.raw", "disk0");
}

static void write_hook(const char *script)
{
    fixture_mkdir("nodes/" NODE2 "/hooks");
    fixture_mkdir("nodes/" NODE2 "/hooks/instance-export-pre.d");
    fixture_write("nodes/" NODE2 "/hooks/instance-export-pre.d/10-test", script);
    assert_int_equal(
        chmod(fixture_path("nodes/" NODE2 "/hooks/instance-export-pre.d/10-test"), 0700), 0);
}

static void a_hook_vetoes_and_the_old_export_stays(void **state)
{
    struct opcode *op;

    (void)state;
    if (!have_pidfd())
        skip();
    op = cl_export("node2");
    opcode_set_bool(op, "long_sleep", true); /* if these files cannot be cloned */
    run_ok(cl_export("node2"), 1700000000, NULL);
    make_it_run();
    write_hook("#!/bin/sh\necho no-go for $GANETI_INSTANCE_NAME\nexit 1\n");
    assert_int_equal(cl_run(op, 1700000001, NULL), -EPERM);
    assert_non_null(strstr(cl_err.text, "no-go for " WEB1));
    assert_non_null(strstr(cl_log, "10-test on " NODE2 ": no-go for " WEB1));
    assert_true(cl_exists("state/fake/" WEB1));
    verify_sums(EXPORT2);
}

static void removed_after_the_export(void **state)
{
    struct opcode *op = cl_export("node2");

    (void)state;
    opcode_set_bool(op, "remove_instance", true);
    run_ok(op, 1700000000, NULL);
    assert_false(cl_exists("disk0"));
    assert_false(cl_exists("disk1"));
    assert_false(cl_exists("instances/" WEB1 ".ini"));
    verify_sums(EXPORT2);
    assert_int_equal(cl_run(cl_export("node2"), 1700000001, NULL), -ENOENT);
}

static void remove_and_query(void **state)
{
    CLEANUP_FREE char *text = NULL;
    struct opcode *op;

    (void)state;
    run_ok(cl_export("node2"), 1700000000, NULL);
    assert_int_equal(opcode_new("OP_BACKUP_QUERY", &op, &cl_err), 0);
    assert_int_equal(opcode_set_text(op, "nodes", "[node2]", &cl_err), 0);
    run_ok(op, 0, NULL);
    assert_int_equal(lu_result_format(&cl_result, &text), 0);
    assert_string_equal(text, "{'" NODE2 "': ['" WEB1 "']}");
    assert_int_equal(opcode_new("OP_BACKUP_REMOVE", &op, &cl_err), 0);
    opcode_set_string(op, "instance_name", WEB1);
    run_ok(op, 0, NULL);
    assert_int_equal(cl_entries("nodes/" NODE2 "/export"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CL_TEST(a_stopped_instance),
        CL_TEST(the_stale_copy_goes),
        CL_TEST(again_to_the_same_node),
        CL_TEST(a_shared_export_directory_is_not_emptied),
        CL_TEST(the_image_is_read_while_and_after),
        CL_TEST(a_running_one_runs_again),
        CL_TEST(a_hook_vetoes_and_the_old_export_stays),
        CL_TEST(removed_after_the_export),
        CL_TEST(remove_and_query),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
