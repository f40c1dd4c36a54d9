/* copy_reflink() on real file systems: XFS and btrfs share the blocks, ext4 and a pair of file
 * systems cannot.  The file systems are loop mounts; skipped without root or loop devices. */
#include "tests/unit/copy_files.h"
#include "tests/unit/loop_fs.h"

static void check_clone(const char *fs)
{
    const struct range data[] = {{0, 8 * MIB + 5000}, {0, 0}};
    char src_name[32], dst_name[32], hash[33];
    XXH128_canonical_t digest;
    struct err err;

    snprintf(src_name, sizeof src_name, "%s/src", fs);
    snprintf(dst_name, sizeof dst_name, "%s/dst", fs);

    int src = make_source(src_name, 8 * MIB + 5000, data);
    int dst = make_empty(dst_name);

    assert_int_equal(copy_reflink(src, dst, 8 * MIB + 5000), 0);
    run_silently("cmp %s %s", src_name, dst_name);
    assert_int_equal(hash_of(dst, 8 * MIB + 5000, &digest, &err), 0);
    hex(&digest, hash);
    run_silently("xxhsum -q -H128 %s | grep -q '^ *%s  '", dst_name, hash);

    /* cut to what was asked for */
    close(dst);
    dst = make_empty(dst_name);
    assert_int_equal(copy_reflink(src, dst, 5 * MIB + 1), 0);
    assert_int_equal(lseek(dst, 0, SEEK_END), 5 * MIB + 1);
    run_silently("cmp -n %llu %s %s", 5 * MIB + 1, src_name, dst_name);

    /* too short: refused, and nothing is left behind */
    close(dst);
    dst = make_empty(dst_name);
    assert_int_equal(copy_reflink(src, dst, 9 * MIB), -EIO);
    assert_int_equal(lseek(dst, 0, SEEK_END), 0);
    close(dst);

    /* holes stay holes, also the one at the end */
    int sparse = make_source(src_name, 9 * GIB, (const struct range[]){{GIB, 4096}, {0, 0}});

    dst = make_empty(dst_name);
    assert_int_equal(copy_reflink(sparse, dst, 9 * GIB), 0);
    assert_int_equal(lseek(dst, 0, SEEK_END), 9 * GIB);
    assert_int_equal(lseek(dst, 0, SEEK_DATA), GIB);
    close(sparse);
    close(src);
    close(dst);
}

/* A part of a file, whose tail is no whole block. */
static void check_clone_range(const char *fs)
{
    const struct range data[] = {{0, 4 * MIB}, {0, 0}};
    char src_name[32], dst_name[32];

    snprintf(src_name, sizeof src_name, "%s/part", fs);
    snprintf(dst_name, sizeof dst_name, "%s/taken", fs);

    int src = make_source(src_name, 4 * MIB, data);
    int dst = make_source(dst_name, 9 * MIB, data);

    assert_int_equal(copy_reflink_range(src, MIB, dst, 2 * MIB + 5), 0);
    run_silently("tail -c +%llu %s | head -c %llu | cmp - %s", MIB + 1, src_name, 2 * MIB + 5,
                 dst_name);
    assert_int_equal(copy_reflink_range(src, MIB, dst, 3 * MIB), 0);
    run_silently("tail -c +%llu %s | cmp - %s", MIB + 1, src_name, dst_name);

    /* not at a block, less than one, beyond the end: the copy is left empty */
    assert_int_equal(copy_reflink_range(src, 512, dst, MIB), -EOPNOTSUPP);
    assert_int_equal(copy_reflink_range(src, 0, dst, 4095), -EOPNOTSUPP);
    assert_int_equal(copy_reflink_range(src, 3 * MIB, dst, 2 * MIB), -EOPNOTSUPP);
    assert_int_equal(lseek(dst, 0, SEEK_END), 0);
    close(src);
    close(dst);
}

static void check_cannot(const char *src_name, const char *dst_name)
{
    int src = make_source(src_name, MIB, (const struct range[]){{0, MIB}, {0, 0}});
    int dst = make_empty(dst_name);

    assert_int_equal(copy_reflink(src, dst, MIB), -EOPNOTSUPP);
    assert_int_equal(copy_reflink_range(src, 0, dst, MIB), -EOPNOTSUPP);
    assert_int_equal(lseek(dst, 0, SEEK_END), 0);
    close(src);
    close(dst);
}

static void test_xfs(void **state)
{
    (void)state;
    mount_new("xfs", "mkfs.xfs -q -m reflink=1", "320M");
    check_clone("xfs");
    check_clone_range("xfs");
}

static void test_btrfs(void **state)
{
    (void)state;
    mount_new("btrfs", "mkfs.btrfs -q", "160M");
    check_clone("btrfs");
    check_clone_range("btrfs");
}

static void test_ext4(void **state)
{
    (void)state;
    mount_new("ext4", "mkfs.ext4 -q", "64M");
    check_cannot("ext4/src", "ext4/dst");
}

static void test_across(void **state)
{
    (void)state;
    mount_new("xfs", "mkfs.xfs -q -m reflink=1", "320M");
    check_cannot("src", "xfs/dst");
    check_cannot("xfs/src", "dst");
}

/* A device as source: no holes to ask for, no clone, but a copy. */
static void test_block_device(void **state)
{
    char *dev;
    int src, dst;

    (void)state;
    close(make_source("src", 3 * MIB, (const struct range[]){{MIB, MIB}, {0, 0}}));
    if (geteuid() != 0 || system("losetup -f >/dev/null 2>&1") != 0) {
        print_message("skipped: no loop devices\n");
        skip();
    }
    dev = run_tool("losetup -f --show -r src");
    dev[strcspn(dev, "\n")] = '\0';
    src = open(dev, O_RDONLY);
    dst = make_empty("dst");

    int clone = copy_reflink(src, dst, 3 * MIB);
    struct copy_job job = {.src = src, .dst = dst, .bytes = 3 * MIB};
    XXH128_canonical_t digest;
    struct err err;
    int copy = copy_run(&job, &digest, &err);
    int longer = hash_of(src, 4 * MIB, &digest, &err);

    close(src);
    run_silently("losetup -d %s", dev);
    free(dev);
    assert_int_equal(clone, -EOPNOTSUPP);
    assert_int_equal(copy, 0);
    assert_int_equal(longer, -EIO);
    run_silently("cmp src dst");
    assert_true(blocks_of(dst) < 3 * MIB / 512);
    close(dst);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_xfs, unmount),
        cmocka_unit_test_teardown(test_btrfs, unmount),
        cmocka_unit_test_teardown(test_ext4, unmount),
        cmocka_unit_test_teardown(test_across, unmount),
        cmocka_unit_test(test_block_device),
    };

    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
