/* What a sweep finds may be the old export of an exchange that is not on disk yet: a loss of power
 * would bring its name back.  So EXPORT_DIR is synced before anything is deleted, and what is half
 * deleted is never put back.
 */
#include "tests/unit/publish_help.h"

#include <sys/syscall.h>

static struct err err;
static bool sync_fails, removal_fails;
static int removals, syncs, removals_before_sync;

/* In place of libc's. */
int fsync(int fd)
{
    syncs++;
    if (sync_fails) {
        errno = EIO;
        return -1;
    }
    return (int)syscall(SYS_fsync, fd);
}

int unlinkat(int fd, const char *name, int flags)
{
    removals++;
    removals_before_sync += !syncs;
    if (removal_fails) {
        errno = EIO;
        return -1;
    }
    return (int)syscall(SYS_unlinkat, fd, name, flags);
}

static void left(const char *kind)
{
    assert_true(shell("mkdir %s/.%s.%s-abcdef && echo x >%s/.%s.%s-abcdef/f", export_dir, IN, kind,
                      export_dir, IN, kind));
    sync_fails = removal_fails = false;
    removals = syncs = removals_before_sync = 0;
}

static const char *const kinds[] = {"new", "old", "gone"};

static void syncs_before_it_deletes(void **state)
{
    (void)state;
    assert_true(shell("mkdir %s/%s", export_dir, IN));
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        left(kinds[i]);
        assert_int_equal(stage_sweep_node(&node, IN, &err), 0);
        assert_int_equal(count(export_dir), 1);
        assert_true(removals > 0);
        assert_int_equal(removals_before_sync, 0);
    }
}

static void deletes_nothing_if_that_fails(void **state)
{
    (void)state;
    assert_true(shell("mkdir %s/%s", export_dir, IN));
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        left(kinds[i]);
        sync_fails = true;
        assert_int_equal(stage_sweep_node(&node, IN, &err), -EIO);
        assert_int_equal(removals, 0);
        sync_fails = false;
        assert_int_equal(stage_sweep_node(&node, IN, &err), 0);
        assert_int_equal(count(export_dir), 1);
    }
}

/* Whoever removed it, or added a file to the export, may have died just before the sync. */
static void syncs_also_when_nothing_is_left(void **state)
{
    (void)state;
    assert_true(shell("mkdir %s/%s", export_dir, IN));
    sync_fails = false;
    syncs = 0;
    assert_int_equal(stage_sweep_node(&node, IN, &err), 0);
    assert_int_equal(syncs, 2); /* EXPORT_DIR and the export */
    sync_fails = true;
    assert_int_equal(stage_sweep_node(&node, IN, &err), -EIO);
}

static void half_deleted_is_not_put_back(void **state)
{
    (void)state;
    assert_true(shell("mkdir %s/%s", export_dir, IN));
    left("old");
    removal_fails = true;
    stage_sweep_node(&node, IN, &err);
    assert_true(shell("rm -r %s/%s", export_dir, IN));
    removal_fails = false;
    assert_int_equal(stage_sweep_node(&node, IN, &err), 0);
    assert_int_equal(count(export_dir), 0);
}

/* A rename over a network that is done and fails all the same. */
static bool answer_is_lost;

int renameat2(int from_fd, const char *from, int to_fd, const char *to, unsigned flags)
{
    int r = (int)syscall(SYS_renameat2, from_fd, from, to_fd, to, flags);

    if (!answer_is_lost)
        return r;
    errno = EIO;
    return -1;
}

static void an_exchange_that_fails_and_is_done_costs_neither(void **state)
{
    struct node_export_id id;

    (void)state;
    sync_fails = removal_fails = answer_is_lost = false;
    assert_int_equal(publish_tag("old", &id, &err), 0);
    answer_is_lost = true;
    assert_int_equal(publish_tag("new", &id, &err), -EIO);
    answer_is_lost = false;
    assert_true(is_whole("new"));
    assert_int_equal(count(export_dir), 2); /* and the old one, until a sweep has synced */
    assert_int_equal(stage_sweep_node(&node, IN, &err), 0);
    assert_true(is_whole("new"));
    assert_int_equal(count(export_dir), 1);
}

int main(void)
{
#define T_(f) cmocka_unit_test_setup_teardown(f, node_setup, node_teardown)
    const struct CMUnitTest tests[] = {
        T_(syncs_before_it_deletes),
        T_(deletes_nothing_if_that_fails),
        T_(syncs_also_when_nothing_is_left),
        T_(half_deleted_is_not_put_back),
        T_(an_exchange_that_fails_and_is_done_costs_neither),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
