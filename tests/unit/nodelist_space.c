/* node_ops.export_space: bytes, device and reflinks of the file system below EXPORT_DIR. */
#include "export/node_list.h"

#include "tests/unit/node_help.h"

static struct err err;
static struct node_space space;

static void of(const char *type, unsigned mib, bool can_reflink)
{
    struct stat st;

    NEED_MOUNT(type, path("mnt"), mib);
    snprintf(export_dir, sizeof export_dir, "%s/mnt/export", base);
    /* also before it is made */
    assert_int_equal(node_list_space(&node, &space, &err), 0);
    assert_int_equal(stat(path("mnt"), &st), 0);
    assert_int_equal(space.dev, st.st_dev);
    assert_int_equal(mkdir(export_dir, 0700), 0);
    assert_int_equal(node_list_space(&node, &space, &err), 0);
    assert_int_equal(space.dev, st.st_dev);
    assert_int_equal(space.can_reflink, can_reflink);
    assert_in_range(space.total, mib * 1024ULL * 1024 / 2, mib * 1024ULL * 1024);
    assert_in_range(space.free, 1, space.total);

    uint64_t before = space.free;

    assert_true(
        shell("head -c 2000000 /dev/urandom >%s/f && sync -f %s/f", export_dir, export_dir));
    assert_int_equal(node_list_space(&node, &space, &err), 0);
    assert_in_range(before - space.free, 1000000, 4000000);
    assert_int_equal(umount(path("mnt")), 0);
}

static void of_tmpfs(void **state)
{
    (void)state;
    of("tmpfs", 16, false);
}

static void of_ext4(void **state)
{
    (void)state;
    of("ext4", 32, false);
}

static void of_xfs(void **state)
{
    (void)state;
    of("xfs", 320, true);
}

static void of_a_directory_that_cannot_be_made(void **state)
{
    (void)state;
    snprintf(export_dir, sizeof export_dir, "%s/absent/export", base);
    assert_int_equal(node_list_space(&node, &space, &err), -ENOENT);
    assert_non_null(strstr(err.text, export_dir));
}

int main(void)
{
#define T_(f) cmocka_unit_test_setup_teardown(f, node_setup, node_teardown)
    const struct CMUnitTest tests[] = {
        T_(of_tmpfs),
        T_(of_ext4),
        T_(of_xfs),
        T_(of_a_directory_that_cannot_be_made),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
