/* Of a file the type of its file system tells whether it can be snapshotted, of a device its
 * device-mapper UUID: logical volumes can. */
#include "export/modeldir_load.h"

#include "tests/unit/node_help.h"

static struct model_disk disk_of_it;
static struct model_instance inst = {.ndisks = 1, .disks = &disk_of_it};

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

/* A loop device that sysfs says this about: uuid lies where that of a mapped device does. */
static void device_of(const char *uuid, bool expected)
{
    char loop[PATH_MAX], name[PATH_MAX];

    mkdir(path("dm"), 0700);
    mkdir(path("dm/dm"), 0700);
    put(path("dm/dm/uuid"), uuid, 0600);
    assert_true(shell("truncate -s 3M %s/disk", base));
    if (!private_mounts() || !shell("losetup -f --show %s/disk >%s/loop", base, base)) {
        print_message("skipped: no loop device to be had\n");
        skip();
    }
    snprintf(loop, sizeof loop, "%s", get(path("loop")));
    loop[strcspn(loop, "\n")] = '\0';
    look(loop);
    assert_false(inst.disks[0].can_snapshot);
    snprintf(name, sizeof name, "/sys/block/%s", strrchr(loop, '/') + 1);
    assert_int_equal(mount(path("dm"), name, NULL, MS_BIND, NULL), 0);
    look(loop);
    assert_int_equal(umount(name), 0);
    assert_true(shell("losetup -d %s", loop));
    assert_int_equal(inst.disks[0].look_error, 0);
    assert_int_equal(inst.disks[0].bytes, 3 * 1024 * 1024);
    assert_int_equal(inst.disks[0].can_snapshot, expected);
}

#define UUID64 "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789ab"

static void a_logical_volume(void **state)
{
    (void)state;
    device_of("LVM-" UUID64 "\n", true);
}

static void a_part_of_one(void **state)
{
    (void)state;
    device_of("LVM-" UUID64 "-cow\n", false);
}

static void another_mapped_device(void **state)
{
    (void)state;
    device_of("CRYPT-LUKS2-" UUID64 "\n", false);
}

int main(void)
{
#define T_(f) cmocka_unit_test_setup_teardown(f, node_setup, node_teardown)
    const struct CMUnitTest tests[] = {T_(on_tmpfs),      T_(on_xfs),
                                       T_(on_btrfs),      T_(a_logical_volume),
                                       T_(a_part_of_one), T_(another_mapped_device)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
