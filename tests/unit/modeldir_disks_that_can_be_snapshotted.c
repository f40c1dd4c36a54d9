/* Of a file the type of its file system tells whether it can be snapshotted; a device cannot. */
#include "export/modeldir_load.h"

#include "tests/unit/node_help.h"

static struct model_instance inst = {.ndisks = 1};

static void look(const char *disk)
{
    inst.disks[0] = (struct model_disk){.path = (char *)disk};
    modeldir_look_at_disks(NULL, 0, &inst);
}

static void on(const char *type, unsigned mib, bool expected)
{
    NEED_MOUNT(type, path("mnt"), mib);
    put(path("mnt/disk"), "data", 0600);
    assert_int_equal(symlink("mnt/disk", path("link")), 0);
    look(path("mnt/disk"));
    assert_int_equal(inst.disks[0].look_error, 0);
    assert_int_equal(inst.disks[0].can_snapshot, expected);
    look(path("link"));
    assert_int_equal(inst.disks[0].can_snapshot, expected);
    assert_int_equal(umount(path("mnt")), 0);
    look(path("link")); /* gone */
    assert_int_equal(inst.disks[0].look_error, -ENOENT);
    assert_false(inst.disks[0].can_snapshot);
}

static void on_tmpfs(void **state)
{
    (void)state;
    on("tmpfs", 4, false);
}

static void on_xfs(void **state)
{
    (void)state;
    on("xfs", 320, true);
}

static void on_btrfs(void **state)
{
    (void)state;
    on("btrfs", 128, true);
}

int main(void)
{
#define T_(f) cmocka_unit_test_setup_teardown(f, node_setup, node_teardown)
    const struct CMUnitTest tests[] = {T_(on_tmpfs), T_(on_xfs), T_(on_btrfs)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
