/* node_ops.export_info and export_open: what an export holds, however odd it is. */
#include "export/exportini.h"
#include "export/node_list.h"

#include "tests/unit/node_help.h"

#define CONFIG "[export]\nversion = 0\ntimestamp = 1690000000\n\n[instance]\nname = " IN "\n"

static struct err err;
static struct node_export_info *info;

static int setup(void **state)
{
    return node_setup(state) < 0 ? -1 : mkdir(path("export/" IN), 0700);
}

static int teardown(void **state)
{
    node_export_info_free(info);
    info = NULL;
    return node_teardown(state);
}

static void files_config_and_identity(void **state)
{
    const struct timespec times[2] = {{.tv_sec = T}, {.tv_sec = T}};
    const struct timespec published[2] = {{.tv_sec = T + 77}, {.tv_sec = T + 77}};
    struct stat st;

    (void)state;
    put(path("export/" IN "/config.ini"), CONFIG, 0600);
    put(path("export/" IN "/disk0.raw"), "data", 0600);
    assert_int_equal(truncate(path("export/" IN "/disk0.raw"), 1 << 20), 0);
    utimensat(AT_FDCWD, path("export/" IN "/config.ini"), times, 0);
    utimensat(AT_FDCWD, path("export/" IN), published, 0);
    assert_int_equal(node_list_info(&node, IN, &info, &err), 0);
    assert_int_equal(info->nfiles, 2);
    assert_string_equal(info->files[0].name, "config.ini");
    assert_string_equal(info->files[1].name, "disk0.raw");
    assert_int_equal(stat(path("export/" IN "/disk0.raw"), &st), 0);
    assert_int_equal(info->files[1].size, 1 << 20);
    assert_int_equal(info->files[1].blocks512, st.st_blocks);
    assert_int_equal(info->files[1].ino, st.st_ino);
    assert_int_equal(info->files[1].mtime.tv_sec, st.st_mtim.tv_sec);
    assert_int_equal(info->published, T + 77);
    assert_int_equal(info->timestamp, 1690000000);
    assert_null(info->config_error);
    assert_string_equal(ini_get(info->config, "instance", "name"), IN);
    assert_int_equal(stat(path("export/" IN), &st), 0);
    assert_int_equal(info->id.dev, st.st_dev);
    assert_int_equal(info->id.ino, st.st_ino);
    assert_int_equal(info->id.t, T);
    assert_int_equal(info->id.size, strlen(CONFIG));
}

static void only_regular_visible_files(void **state)
{
    (void)state;
    assert_true(shell("cd %s/%s && mkdir sub && mkfifo fifo && ln -s /etc/passwd link && "
                      "ln -s disk0.raw alias && touch .hidden z a",
                      export_dir, IN));
    assert_int_equal(node_list_info(&node, IN, &info, &err), 0);
    assert_int_equal(info->nfiles, 2);
    assert_string_equal(info->files[0].name, "a");
    assert_string_equal(info->files[1].name, "z");
}

static void a_bad_config_is_told_and_the_rest_shown(void **state)
{
    static const char *const make[] = {
        "true", /* absent */
        ": >config.ini; ln -sf ../victim.ini config.ini",
        "mkfifo config.ini",
        "mkdir config.ini",
        "echo 'no section' >config.ini",
        "printf '[export]\\nversion' >config.ini", /* truncated */
        "head -c 3000000 /dev/zero >config.ini",
        "head -c 1000 /dev/urandom >config.ini",
    };

    (void)state;
    put(path("export/victim.ini"), CONFIG, 0600);
    for (size_t i = 0; i < sizeof make / sizeof *make; i++) {
        assert_true(shell("cd %s/%s && rm -rf config.ini && touch disk0.raw && %s", export_dir, IN,
                          make[i]));
        assert_int_equal(node_list_info(&node, IN, &info, &err), 0);
        print_message("%s: %s\n", make[i], info->config_error);
        assert_null(info->config);
        assert_non_null(info->config_error);
        assert_int_equal(info->timestamp, 0);
        assert_true(info->nfiles >= 1);
        assert_string_equal(info->files[info->nfiles - 1].name, "disk0.raw");
        node_export_info_free(info);
        info = NULL;
    }
}

static void timestamps_that_are_none(void **state)
{
    static const char *const texts[] = {"", "x", "12x", "-5", "99999999999999999999"};

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        char text[128];

        snprintf(text, sizeof text, "[export]\nversion = 0\ntimestamp = %s\n", texts[i]);
        put(path("export/" IN "/config.ini"), text, 0600);
        assert_int_equal(node_list_info(&node, IN, &info, &err), 0);
        assert_non_null(info->config);
        assert_int_equal(info->timestamp, 0);
        node_export_info_free(info);
        info = NULL;
    }
}

static void too_many_files_are_an_error(void **state)
{
    (void)state;
    assert_true(shell("cd %s/%s && seq 4096 | xargs touch", export_dir, IN));
    assert_int_equal(node_list_info(&node, IN, &info, &err), 0);
    assert_int_equal(info->nfiles, 4096);
    node_export_info_free(info);
    info = NULL;
    put(path("export/" IN "/one-more"), "", 0600);
    assert_int_equal(node_list_info(&node, IN, &info, &err), -EOVERFLOW);
    assert_non_null(strstr(err.text, IN));
}

static void what_is_no_export(void **state)
{
    static const char *const bad[] = {"", ".", "..", "../export", "a/b", ".hidden"};

    (void)state;
    assert_int_equal(node_list_info(&node, "absent", &info, &err), -ENOENT);
    put(path("export/file"), "", 0600);
    assert_int_equal(node_list_info(&node, "file", &info, &err), -ENOTDIR);
    assert_int_equal(symlink(IN, path("export/link")), 0);
    assert_int_equal(node_list_info(&node, "link", &info, &err), -ENOTDIR);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(node_list_info(&node, bad[i], &info, &err), -EINVAL);
    assert_null(info);
}

static void opening_a_file(void **state)
{
    char text[5] = "";
    CLEANUP_NODE_FILE struct node_file *f = NULL;

    (void)state;
    put(path("export/" IN "/disk0.raw"), "data", 0600);
    assert_int_equal(node_list_open(&node, IN, "disk0.raw", &f, &err), 0);
    assert_int_equal(f->ops->read(f, text, 4, 0), 0);
    assert_string_equal(text, "data");
    assert_int_equal(write(node_file_fd(f), "x", 1), -1);
}

static void opening_nothing_else(void **state)
{
    static const struct {
        const char *file;
        int r;
    } table[] = {
        {"absent", -ENOENT},      {"link", -ELOOP},  {"fifo", -EINVAL},        {"sub", -EINVAL},
        {"../" IN "/x", -EINVAL}, {"..", -EINVAL},   {".", -EINVAL},           {"", -EINVAL},
        {"sub/x", -EINVAL},       {"null", -EINVAL}, {"link/passwd", -EINVAL},
    };
    struct node_file *f = NULL;

    (void)state;
    assert_true(shell("cd %s/%s && mkdir sub && mkfifo fifo && ln -s /etc/passwd link && "
                      "touch x sub/x && (mknod null c 1 3 || mkdir null)",
                      export_dir, IN));
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        assert_int_equal(node_list_open(&node, IN, table[i].file, &f, &err), table[i].r);
    assert_null(f);
}

int main(void)
{
#define T_(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T_(files_config_and_identity),
        T_(only_regular_visible_files),
        T_(a_bad_config_is_told_and_the_rest_shown),
        T_(timestamps_that_are_none),
        T_(too_many_files_are_an_error),
        T_(what_is_no_export),
        T_(opening_a_file),
        T_(opening_nothing_else),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
