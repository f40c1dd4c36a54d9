/* luexport_written_on_files.c - images written to a real cluster directory, with the real locks,
 * nodes, copy and publication. */
#include "lu_cluster.h"
#include "need_pidfd.h"
#include "written_files.h"

#define EXPORT2 "nodes/" NODE2 "/export/" WEB1
#define EXPORT3 "nodes/" NODE3 "/export/" WEB1

static int run_written(struct written_files *f, const char *node, int64_t t)
{
    struct lu_run run = {
        .cancel = &cl_cancel, .feedback = cl_feedback, .image_t = t, .written = &f->w};
    struct opcode *op = cl_export(node);
    int r;

    lu_result_clear(&cl_result);
    opcode_set_string(op, "instance_name", f->w.instance);
    r = cl->ops->run(cl, &run, op, &cl_result, &cl_err);
    opcode_free(op);
    free(f->text);
    assert_int_equal(f->drops, 0);
    return r;
}

static void write_ok(const char *name, const char *from, const char *node, int64_t t)
{
    struct written_files f;

    written_files_init(&f, name, from);
    if (run_written(&f, node, t) < 0)
        fail_msg("%s\n%s", cl_err.text, cl_log);
}

static void export_to_node2(void)
{
    if (cl_run(cl_export("node2"), 1700000000, NULL) < 0)
        fail_msg("%s\n%s", cl_err.text, cl_log);
}

/* A copy of what was exported, as somebody who pulled it has it. */
static void pull(void)
{
    char cmd[700];

    snprintf(cmd, sizeof cmd, "cp -r '%s/" EXPORT2 "' '%s/pulled'", fixture_dir, fixture_dir);
    assert_int_equal(system(cmd), 0);
}

static char *tar_of(const char *node, size_t *len)
{
    struct catalog *cat;
    struct image *img;
    char *bytes;

    cl->ops->refresh(cl, WEB1);
    cat = cl->ops->catalog(cl);
    assert_non_null(catalog_find(cat, node, WEB1));
    assert_int_equal(cl->ops->open(cl, node, catalog_find(cat, node, WEB1), true, &img, &cl_err),
                     0);
    *len = image_size(img, IMAGE_TAR);
    bytes = malloc(*len);
    assert_int_equal(image_read(img, IMAGE_TAR, 0, bytes, *len), *len);
    image_unref(img);
    catalog_unref(cat);
    return bytes;
}

static void the_same_bytes_come_back(void **state)
{
    size_t before_len, after_len;
    char *before, *after;
    struct stat st;

    (void)state;
    export_to_node2();
    before = tar_of(NODE2, &before_len);
    pull();
    write_ok(WEB1, "pulled", "node3", 1700000500);
    cl_assert_same(EXPORT3 "/config.ini", "pulled/config.ini");
    cl_assert_same(EXPORT3 "/disk0.raw", "pulled/disk0.raw");
    cl_assert_same(EXPORT3 "/disk1.raw", "pulled/disk1.raw");
    cl_assert_same(EXPORT3 "/XXH128SUMS", "pulled/XXH128SUMS");
    assert_int_equal(cl_entries(EXPORT3), 4);
    after = tar_of(NODE3, &after_len);
    assert_int_equal(after_len, before_len);
    assert_memory_equal(after, before, after_len);
    free(before);
    free(after);
    assert_int_equal(stat(fixture_path(EXPORT3 "/config.ini"), &st), 0);
    assert_int_equal(st.st_mtime, 1700000500);
    /* it is the export now: the other is stale */
    assert_false(cl_exists(EXPORT2));
    assert_int_equal(cl_entries("nodes/" NODE3 "/export"), 1);
}

static void over_the_one_that_is_there(void **state)
{
    (void)state;
    export_to_node2();
    pull();
    write_ok(WEB1, "pulled", "node2", 1700000500);
    cl_assert_same(EXPORT2 "/disk0.raw", "disk0");
    assert_int_equal(cl_entries("nodes/" NODE2 "/export"), 1);
}

static void make_foreign(const char *name)
{
    char text[1000];

    fixture_mkdir("foreign");
    snprintf(text, sizeof text,
             "; of another age\n[instance]\nname: %s\ndisk2_dump = 5f0a-uuid\ndisk2_size = 1\n"
             "disk0_dump = lv.snap\ndisk0_size = 1\n[export]\nversion = 0\nos = x%%%%y\n",
             name);
    fixture_write("foreign/config.ini", text);
    fixture_write("foreign/lv.snap", "data of no particular length");
    fixture_write("foreign/5f0a-uuid", "");
}

static void verify(const char *dir, const char *const names[3])
{
    char path[300];
    struct sums_entry *e;
    size_t n, len;

    snprintf(path, sizeof path, "%s/" SUMS_FILE, dir);

    CLEANUP_FREE char *text = cl_read(path, &len);

    assert_int_equal(sums_parse(text, len, &e, &n, &cl_err), 0);
    assert_int_equal(n, 3);
    for (size_t i = 0; i < n; i++) {
        XXH128_canonical_t digest;

        assert_string_equal(e[i].name, names[i]);
        snprintf(path, sizeof path, "%s/%s", dir, names[i]);

        CLEANUP_FREE char *data = cl_read(path, &len);

        XXH128_canonicalFromHash(&digest, XXH3_128bits(data, len));
        assert_memory_equal(&digest, &e[i].digest, sizeof digest);
    }
    free(e);
}

/* As it is, with checksums that it did not have. */
static void a_foreign_one_of_a_machine_that_is_gone(void **state)
{
    static const char *const names[] = {"config.ini", "lv.snap", "5f0a-uuid"};
    static const char there[] = "nodes/" NODE3 "/export/gone.example.com";

    (void)state;
    make_foreign("gone.example.com");
    write_ok("gone.example.com", "foreign", "node3", 1700000500);
    cl_assert_same("nodes/" NODE3 "/export/gone.example.com/config.ini", "foreign/config.ini");
    cl_assert_same("nodes/" NODE3 "/export/gone.example.com/lv.snap", "foreign/lv.snap");
    assert_int_equal(cl_entries(there), 4);
    verify(there, names);
}

static void assert_old_one_untouched(void)
{
    cl_assert_same(EXPORT2 "/config.ini", "pulled/config.ini");
    cl_assert_same(EXPORT2 "/disk0.raw", "pulled/disk0.raw");
    assert_int_equal(cl_entries("nodes/" NODE2 "/export"), 1);
    if (cl_exists("nodes/" NODE3 "/export"))
        assert_int_equal(cl_entries("nodes/" NODE3 "/export"), 0);
    assert_int_equal(cl_entries("state/journal"), 0);
}

static void one_that_breaks_off(void **state)
{
    struct written_files f;

    (void)state;
    export_to_node2();
    pull();
    for (int node = 2; node <= 3; node++) {
        written_files_init(&f, WEB1, "pulled");
        f.fail_after = 1;
        assert_int_equal(run_written(&f, node == 2 ? "node2" : "node3", 1700000500), -EBADMSG);
        assert_non_null(strstr(cl_err.text, "it has changed"));
        assert_old_one_untouched();
    }
}

static void a_hook_vetoes(void **state)
{
    static const char hook[] = "nodes/" NODE3 "/hooks/instance-export-pre.d/10-test";
    struct written_files f;

    (void)state;
    if (!have_pidfd())
        skip();
    export_to_node2();
    pull();
    fixture_mkdir("nodes/" NODE3 "/hooks");
    fixture_mkdir("nodes/" NODE3 "/hooks/instance-export-pre.d");
    fixture_write(hook, "#!/bin/sh\necho no-go for $GANETI_INSTANCE_NAME on $GANETI_EXPORT_NODE\n"
                        "exit 1\n");
    assert_int_equal(chmod(fixture_path(hook), 0700), 0);
    written_files_init(&f, WEB1, "pulled");
    assert_int_equal(run_written(&f, "node3", 1700000500), -EPERM);
    assert_non_null(strstr(cl_err.text, "no-go for " WEB1 " on " NODE3));
    assert_old_one_untouched();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CL_TEST(the_same_bytes_come_back),
        CL_TEST(over_the_one_that_is_there),
        CL_TEST(a_foreign_one_of_a_machine_that_is_gone),
        CL_TEST(one_that_breaks_off),
        CL_TEST(a_hook_vetoes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
