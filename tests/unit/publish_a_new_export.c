/* node_ops.finalize_export: what a published export looks like, on each kind of file system. */
#include "tests/unit/publish_help.h"

#include "export/node_list.h"

#include <time.h>

static struct err err;

static void with_all_its_files_times_and_identity(void **state)
{
    struct node_export_id id;
    struct stat st;
    time_t before = time(NULL);

    (void)state;
    assert_int_equal(publish_tag("one", &id, &err), 0);
    assert_true(is_whole("one"));
    assert_int_equal(count(export_dir), 1);
    assert_int_equal(stat(path("export/" IN "/config.ini"), &st), 0);
    assert_int_equal(st.st_mtim.tv_sec, T);
    assert_int_equal(st.st_mtim.tv_nsec, 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    assert_int_equal(stat(path("export/" IN "/disk0.raw"), &st), 0);
    assert_int_equal(st.st_mtim.tv_sec, T);
    assert_int_equal(stat(path("export/" IN), &st), 0);
    assert_int_equal(st.st_mode & 07777, 0700);
    /* the directory tells when it was published */
    assert_in_range(st.st_mtim.tv_sec, before - 1, time(NULL));
    assert_int_equal(id.dev, st.st_dev);
    assert_int_equal(id.ino, st.st_ino);
    assert_int_equal(id.t, T);
    assert_int_equal(id.size, strlen("[export]\nversion = 0\ntag = one\n"));
    assert_int_not_equal(id.hash, 0);
}

static void without_any_file(void **state)
{
    struct node_stage *stage;
    struct node_export_id id;

    (void)state;
    assert_int_equal(stage_begin(&node, IN, &stage, &err), 0);
    assert_int_equal(publish(stage, T, &id, &err), 0);
    assert_int_equal(count(path("export/" IN)), 0);
    assert_int_equal(id.size, 0);
}

static void over_an_old_one_whose_open_files_live_on(void **state)
{
    struct node_export_id id, newer;
    char text[8] = "";

    (void)state;
    assert_int_equal(publish_tag("old", &id, &err), 0);

    int fd = open(path("export/" IN "/disk0.raw"), O_RDONLY);

    assert_int_equal(publish_tag("new", &newer, &err), 0);
    assert_true(is_whole("new"));
    assert_int_equal(count(export_dir), 1);
    assert_int_equal(pread(fd, text, 3, 27), 3);
    assert_string_equal(text, "old");
    close(fd);
    assert_int_not_equal(id.hash, newer.hash);
}

static void nothing_over_a_foreign_file(void **state)
{
    struct node_stage *stage;
    struct node_export_id id;

    (void)state;
    assert_int_equal(stage_begin(&node, IN, &stage, &err), 0);
    put(path("export/" IN), "mine", 0600); /* since then */
    assert_int_equal(publish(stage, T, &id, &err), -ENOTDIR);
    assert_non_null(strstr(err.text, path("export/" IN)));
    assert_string_equal(get(path("export/" IN)), "mine");
    assert_int_equal(count(export_dir), 1);
}

static void on(const char *type, unsigned mib)
{
    struct node_export_id id;

    NEED_MOUNT(type, path("mnt"), mib);
    snprintf(export_dir, sizeof export_dir, "%s/mnt/export", base);
    assert_int_equal(publish_tag("old", &id, &err), 0);
    assert_int_equal(publish_tag("new", &id, &err), 0);
    assert_true(is_whole("new"));
    assert_int_equal(count(export_dir), 1);
    assert_int_equal(published_remove(&node, IN, &id, &err), 0);
    assert_int_equal(count(export_dir), 0);
    assert_int_equal(umount(path("mnt")), 0);
}

static void on_tmpfs(void **state)
{
    (void)state;
    on("tmpfs", 8);
}

static void on_xfs(void **state)
{
    (void)state;
    on("xfs", 320);
}

static void on_ext4(void **state)
{
    (void)state;
    on("ext4", 32);
}

static void on_btrfs(void **state)
{
    (void)state;
    on("btrfs", 128);
}

static void a_full_disk_leaves_the_old_one(void **state)
{
    struct node_export_id id;
    struct node_stage *stage;
    char block[65536] = "x";
    int fd;

    (void)state;
    NEED_MOUNT("ext4", path("mnt"), 16);
    snprintf(export_dir, sizeof export_dir, "%s/mnt/export", base);
    assert_int_equal(publish_tag("old", &id, &err), 0);
    assert_int_equal(stage_begin(&node, IN, &stage, &err), 0);
    assert_int_equal(stage_create(stage, "disk0.raw", &fd, &err), 0);
    while (write(fd, block, sizeof block) > 0)
        ;
    assert_int_equal(errno, ENOSPC);
    close(fd);
    stage_abort(stage);
    assert_true(is_whole("old"));
    assert_int_equal(count(export_dir), 1);
    assert_int_equal(publish_tag("new", &id, &err), 0); /* and the space is back */
    assert_int_equal(umount(path("mnt")), 0);
}

static void a_read_only_file_system_is_said(void **state)
{
    struct node_stage *stage;

    (void)state;
    NEED_MOUNT("tmpfs", path("mnt"), 8);
    snprintf(export_dir, sizeof export_dir, "%s/mnt/export", base);
    assert_int_equal(mkdir(export_dir, 0700), 0);
    assert_int_equal(mount("none", path("mnt"), "none", MS_REMOUNT | MS_RDONLY, NULL), 0);
    assert_int_equal(stage_begin(&node, IN, &stage, &err), -EROFS);
    assert_non_null(strstr(err.text, export_dir));
    assert_non_null(strstr(err.text, "Read-only file system"));
    assert_int_equal(umount(path("mnt")), 0);
}

int main(void)
{
#define T_(f) cmocka_unit_test_setup_teardown(f, node_setup, node_teardown)
    const struct CMUnitTest tests[] = {
        T_(with_all_its_files_times_and_identity),
        T_(without_any_file),
        T_(over_an_old_one_whose_open_files_live_on),
        T_(nothing_over_a_foreign_file),
        T_(on_tmpfs),
        T_(on_xfs),
        T_(on_ext4),
        T_(on_btrfs),
        T_(a_full_disk_leaves_the_old_one),
        T_(a_read_only_file_system_is_said),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
