/* What fails around the exchange is told, and never costs a copy: a directory that cannot be synced
 * on a file system without RENAME_EXCHANGE, and a config.ini that cannot be read just now. */
#include "tests/unit/publish_help.h"

#include <sys/syscall.h>

static struct err err;
static struct node_export_id id;
static bool no_exchange, unreadable;
static int dir_syncs, failing_sync; /* of directories: seen, and which of them fails (0: none) */

/* In place of libc's. */
int renameat2(int from_fd, const char *from, int to_fd, const char *to, unsigned flags)
{
    if (no_exchange && (flags & RENAME_EXCHANGE)) {
        errno = EINVAL;
        return -1;
    }
    return (int)syscall(SYS_renameat2, from_fd, from, to_fd, to, flags);
}

int fsync(int fd)
{
    struct stat st;

    if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode) && ++dir_syncs == failing_sync) {
        errno = EIO;
        return -1;
    }
    return (int)syscall(SYS_fsync, fd);
}

int fstatat(int fd, const char *file, struct stat *st, int flags)
{
    if (unreadable && strcmp(file, "config.ini") == 0) {
        errno = EIO;
        return -1;
    }
    return (int)syscall(SYS_newfstatat, fd, file, st, flags);
}

static void world(void)
{
    no_exchange = unreadable = false;
    dir_syncs = failing_sync = 0;
}

static void without_exchange_each_sync_counts(void **state)
{
    int all;

    (void)state;
    world();
    no_exchange = true;
    assert_int_equal(publish_tag("0", &id, &err), 0);
    dir_syncs = 0;
    assert_int_equal(publish_tag("1", &id, &err), 0);
    assert_true(is_whole("1"));
    assert_int_equal(count(export_dir), 1);
    all = dir_syncs;
    assert_true(all >= 4); /* stage, set aside, published, the old one removed */
    for (int i = 1; i <= all; i++) {
        world();
        no_exchange = true;
        failing_sync = i;
        assert_int_equal(publish_tag("2", &id, &err), i < all ? -EIO : 0);
        assert_true(is_whole("1") || is_whole("2"));
        world(); /* back to an export "1", with nothing beside it */
        assert_int_equal(publish_tag("1", &id, &err), 0);
        assert_int_equal(count(export_dir), 1);
    }
}

static void an_export_that_cannot_be_read_back_is_not_published(void **state)
{
    (void)state;
    world();
    assert_int_equal(publish_tag("old", &id, &err), 0);

    struct node_stage *stage;

    assert_int_equal(stage_begin(&node, IN, &stage, &err), 0);
    assert_int_equal(stage_fill(stage, "new", &err), 0);
    unreadable = true;
    assert_int_equal(publish(stage, T, &id, &err), -EIO);
    world();
    assert_true(is_whole("old"));
    assert_int_equal(count(export_dir), 1);
}

/* Seen through another mount it might be the fresh one. */
static void an_export_that_cannot_be_read_is_not_removed_by_its_directory(void **state)
{
    struct stat st;

    (void)state;
    world();
    assert_int_equal(publish_tag("x", &id, &err), 0);
    assert_int_equal(stat(path("export/" IN), &st), 0);
    id = (struct node_export_id){.dev = st.st_dev, .ino = st.st_ino};
    unreadable = true;
    assert_int_equal(published_remove(&node, IN, &id, &err), -EIO);
    world();
    assert_true(is_whole("x"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(without_exchange_each_sync_counts, node_setup,
                                        node_teardown),
        cmocka_unit_test_setup_teardown(an_export_that_cannot_be_read_back_is_not_published,
                                        node_setup, node_teardown),
        cmocka_unit_test_setup_teardown(
            an_export_that_cannot_be_read_is_not_removed_by_its_directory, node_setup,
            node_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
