/* The dumps of our own archives are cloned out of them where the file system can; where it cannot,
 * and out of other archives, they are copied; the bytes are the same. */
#include "tests/unit/loop_fs.h"
#include "tests/unit/untar_own.h"

/* Do all of the bytes of two files lie on blocks that they share? */
static void check_shared(const char *name)
{
    char *out = run_tool("filefrag -v %s | tail -n +4 | grep -c shared || true", name);

    assert_true(atoi(out) > 0);
    free(out);
}

static void split_in(const char *fs, const char *archive)
{
    struct manifest *m = accepted(archive);
    char prefix[32];
    struct err err;

    snprintf(prefix, sizeof prefix, "%s/", fs);
    if (split_to(prefix, archive, m, &err) < 0)
        fail_msg("%s", err.text);
    manifest_free(m);
    run_silently("cmp exp/disk0.raw %s/disk0.raw && cmp exp/disk1.raw %s/disk1.raw && sync", fs,
                 fs);
}

static void check_fs(const char *fs)
{
    char archive[64];

    make_export();
    pack(two, 4);
    snprintf(archive, sizeof archive, "%s/own.tar", fs);
    run_silently("cp --sparse=never own.tar %s", archive);
    split_in(fs, archive);
    need_tool("/usr/sbin/filefrag");

    char disk[64];

    snprintf(disk, sizeof disk, "%s/disk0.raw", fs);
    check_shared(disk);
}

static void test_xfs(void **state)
{
    (void)state;
    mount_new("xfs", "mkfs.xfs -q -m reflink=1", "320M");
    check_fs("xfs");
}

static void test_btrfs(void **state)
{
    (void)state;
    mount_new("btrfs", "mkfs.btrfs -q", "160M");
    check_fs("btrfs");
}

static void test_file_system_that_cannot(void **state)
{
    (void)state;
    mount_new("ext4", "mkfs.ext4 -q", "64M");
    make_export();
    pack(two, 4);
    run_silently("cp own.tar ext4/");
    split_in("ext4", "ext4/own.tar");
    run_silently("[ $(stat -c %%b ext4/disk0.raw) -lt 1024 ]");
}

static void test_unaligned_where_it_could(void **state)
{
    (void)state;
    mount_new("xfs", "mkfs.xfs -q -m reflink=1", "320M");
    make_export();
    free(run_tool(GNUTAR " -cf xfs/t.tar exp"));
    split_in("xfs", "xfs/t.tar");
}

static void test_target_is_full(void **state)
{
    struct err err = {0};

    (void)state;
    mount_new("ext4", "mkfs.ext4 -q", "8M");
    make_export();
    free(run_tool("seq 9000000 | head -c 20000000 > exp/disk0.raw && "
                  "sed -i s/disk0_size.*// exp/config.ini && rm exp/XXH128SUMS && " GNUTAR
                  " -cf t.tar exp"));

    struct manifest *m = accepted("t.tar");

    assert_int_equal(split_to("ext4/", "t.tar", m, &err), -ENOSPC);
    manifest_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_xfs, unmount),
        cmocka_unit_test_teardown(test_btrfs, unmount),
        cmocka_unit_test_teardown(test_file_system_that_cannot, unmount),
        cmocka_unit_test_teardown(test_unaligned_where_it_could, unmount),
        cmocka_unit_test_teardown(test_target_is_full, unmount),
    };

    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
