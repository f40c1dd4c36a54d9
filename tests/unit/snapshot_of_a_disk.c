/* spec §6.3, DESIGN §5: disks that are files are frozen by reflink where that can be; nothing of a
 * snapshot has a name; what cannot be frozen says so. */
#include "export/snapshot_reflink.h"

#include "tests/unit/node_help.h"

static struct err err;
static struct model_disk disk;

static void use(const char *file)
{
    static char name[PATH_MAX];

    snprintf(name, sizeof name, "%s", file);
    disk.path = name;
}

static void frozen_on(const char *type, unsigned mib, off_t size)
{
    struct node_snapshot snap = {.fd = -1};
    char text[7] = "";
    struct stat st;

    NEED_MOUNT(type, path("mnt"), mib);
    mkdir(path("mnt/disks"), 0700);
    use(path("mnt/disks/disk0"));
    put(disk.path, size ? "before" : "", 0600);
    assert_int_equal(truncate(disk.path, size), 0);
    assert_int_equal(snapshot_reflink_check(&disk, &err), 0);
    assert_int_equal(snapshot_reflink_take(&disk, &snap, &err), 0);
    assert_non_null(strstr(snap.label, disk.path));
    if (size) {
        int fd = open(disk.path, O_WRONLY);

        assert_int_equal(pwrite(fd, "after!", 6, 0), 6);
        close(fd);
        assert_int_equal(pread(snap.fd, text, 6, 0), 6);
        assert_string_equal(text, "before");
    }
    assert_int_equal(fstat(snap.fd, &st), 0);
    assert_int_equal(st.st_size, size);
    assert_int_equal(st.st_nlink, 0);
    assert_int_equal(fcntl(snap.fd, F_GETFD), FD_CLOEXEC);
    assert_int_equal(count(path("mnt/disks")), 1);
    snapshot_reflink_release(&snap);
    assert_int_equal(snap.fd, -1);
    snapshot_reflink_release(&snap);          /* an empty one is allowed */
    assert_int_equal(umount(path("mnt")), 0); /* nothing is held open */
}

static void on_xfs(void **state)
{
    (void)state;
    frozen_on("xfs", 320, 3 * 1024 * 1024 + 1);
}

static void on_btrfs(void **state)
{
    (void)state;
    frozen_on("btrfs", 128, 1024 * 1024);
}

static void a_disk_below_a_block(void **state)
{
    (void)state;
    frozen_on("xfs", 320, 6);
}

static void an_empty_disk(void **state)
{
    (void)state;
    frozen_on("xfs", 320, 0);
}

static void through_a_link_beside_the_real_file(void **state)
{
    struct node_snapshot snap = {.fd = -1};

    (void)state;
    NEED_MOUNT("xfs", path("mnt"), 320);
    put(path("mnt/disk0"), "x", 0600);
    assert_int_equal(symlink("mnt/disk0", path("link")), 0);
    use(path("link"));
    assert_int_equal(snapshot_reflink_check(&disk, &err), 0);
    assert_int_equal(snapshot_reflink_take(&disk, &snap, &err), 0);
    snapshot_reflink_release(&snap);
    assert_int_equal(umount(path("mnt")), 0);
}

static void refused_on(const char *type, unsigned mib)
{
    struct node_snapshot snap = {.fd = -7};

    NEED_MOUNT(type, path("mnt"), mib);
    use(path("mnt/disk0"));
    put(disk.path, "data", 0600);
    assert_int_equal(snapshot_reflink_check(&disk, &err), -EOPNOTSUPP);
    assert_non_null(strstr(err.text, "Cannot snapshot"));
    assert_non_null(strstr(err.text, disk.path));
    assert_int_equal(snapshot_reflink_take(&disk, &snap, &err), -EOPNOTSUPP);
    assert_int_equal(snap.fd, -7);
    assert_true(shell("test \"$(find %s/mnt -type f | wc -l)\" = 1", base));
    assert_int_equal(umount(path("mnt")), 0);
}

static void not_on_ext4(void **state)
{
    (void)state;
    refused_on("ext4", 32);
}

static void not_on_tmpfs(void **state)
{
    (void)state;
    refused_on("tmpfs", 8);
}

static void not_of_a_block_device(void **state)
{
    struct node_snapshot snap = {.fd = -7};
    char loop[PATH_MAX] = "";

    (void)state;
    NEED_MOUNT("ext4", path("mnt"), 32);
    assert_true(shell("findmnt -no SOURCE %s >%s/source", path("mnt"), base));
    snprintf(loop, sizeof loop, "%s", get(path("source")));
    loop[strcspn(loop, "\n")] = '\0';
    use(loop);
    assert_int_equal(snapshot_reflink_check(&disk, &err), -EOPNOTSUPP);
    assert_non_null(strstr(err.text, "Cannot snapshot"));
    assert_non_null(strstr(err.text, loop));
    assert_int_equal(snapshot_reflink_take(&disk, &snap, &err), -EOPNOTSUPP);

    /* but it can be read, and is never removed */
    int fd = -1;

    assert_int_equal(snapshot_disk_open(&disk, &fd, &err), 0);
    close(fd);
    assert_int_equal(snapshot_disk_remove(&disk, &err), -EOPNOTSUPP);
    assert_non_null(strstr(err.text, loop));
    assert_true(exists(loop));
    assert_int_equal(umount(path("mnt")), 0);
}

static void opening_what_is_no_disk(void **state)
{
    int fd = -7;

    (void)state;
    use(path("absent"));
    assert_int_equal(snapshot_disk_open(&disk, &fd, &err), -ENOENT);
    assert_non_null(strstr(err.text, disk.path));
    use(path("export"));
    assert_int_equal(snapshot_disk_open(&disk, &fd, &err), -EINVAL);
    assert_int_equal(mkfifo(path("fifo"), 0600), 0);
    use(path("fifo"));
    assert_int_equal(snapshot_disk_open(&disk, &fd, &err), -EINVAL);
    assert_int_equal(snapshot_reflink_check(&disk, &err), -EINVAL);
    use("/dev/null");
    assert_int_equal(snapshot_disk_open(&disk, &fd, &err), -EINVAL);
    assert_int_equal(fd, -7);
}

static void opening_is_for_reading(void **state)
{
    char text[5] = "";
    int fd = -1;

    (void)state;
    use(path("disk"));
    put(disk.path, "data", 0400);
    assert_int_equal(snapshot_disk_open(&disk, &fd, &err), 0);
    assert_int_equal(read(fd, text, 4), 4);
    assert_string_equal(text, "data");
    assert_int_equal(write(fd, "x", 1), -1);
    close(fd);
}

static void removing(void **state)
{
    (void)state;
    use(path("disk"));
    put(disk.path, "data", 0600);
    assert_int_equal(snapshot_disk_remove(&disk, &err), 0);
    assert_false(exists(disk.path));
    assert_int_equal(snapshot_disk_remove(&disk, &err), -ENOENT);
    put(path("target"), "kept", 0600);
    assert_int_equal(symlink("target", disk.path), 0);
    assert_int_equal(snapshot_disk_remove(&disk, &err), -EINVAL);
    assert_true(exists(disk.path));
    use(path("export"));
    assert_int_equal(snapshot_disk_remove(&disk, &err), -EINVAL);
    assert_true(exists(export_dir));
    assert_string_equal(get(path("target")), "kept");
}

int main(void)
{
#define T_(f) cmocka_unit_test_setup_teardown(f, node_setup, node_teardown)
    const struct CMUnitTest tests[] = {
        T_(on_xfs),
        T_(on_btrfs),
        T_(a_disk_below_a_block),
        T_(an_empty_disk),
        T_(through_a_link_beside_the_real_file),
        T_(not_on_ext4),
        T_(not_on_tmpfs),
        T_(not_of_a_block_device),
        T_(opening_what_is_no_disk),
        T_(opening_is_for_reading),
        T_(removing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
