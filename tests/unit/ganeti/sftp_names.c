/* sftp_names.c - directories, attributes, space: as the system itself tells them. */
#include "tests/unit/ganeti/sftp_fixture.h"

#include <sys/statvfs.h>

static void put_link(struct env *e, const char *name)
{
    assert_int_equal(symlink("nowhere", at(e, name)), 0);
}

static void stat_is_that_of_the_system(void **state)
{
    struct env *e = *state;
    struct sftp_attrs a;
    struct stat st;

    make_file(at(e, "f"), 12345);
    assert_int_equal(chmod(at(e, "f"), 0640), 0);
    assert_int_equal(
        utimensat(AT_FDCWD, at(e, "f"), (struct timespec[]){{5, 0}, {4000000000, 0}}, 0), 0);
    assert_int_equal(stat(at(e, "f"), &st), 0);
    assert_int_equal(sftp_stat(e->s, at(e, "f"), false, &a, &e->err), 0);
    assert_int_equal(a.size, 12345);
    assert_int_equal(a.mode, S_IFREG | 0640);
    assert_int_equal(a.uid, st.st_uid);
    assert_int_equal(a.gid, st.st_gid);
    assert_true(a.mtime == st.st_mtime && a.mtime == 4000000000);

    assert_int_equal(sftp_stat(e->s, e->dir, false, &a, &e->err), 0);
    assert_true(S_ISDIR(a.mode));
}

static void stat_follows_links_if_told_so(void **state)
{
    struct env *e = *state;
    struct sftp_attrs a;

    put_link(e, "l");
    assert_int_equal(sftp_stat(e->s, at(e, "l"), false, &a, &e->err), 0);
    assert_true(S_ISLNK(a.mode));
    assert_int_equal(sftp_stat(e->s, at(e, "l"), true, &a, &e->err), -ENOENT);
    make_file(at(e, "nowhere"), 3);
    assert_int_equal(sftp_stat(e->s, at(e, "l"), true, &a, &e->err), 0);
    assert_true(S_ISREG(a.mode) && a.size == 3);
}

static void errors_name_node_path_and_reason(void **state)
{
    struct env *e = *state;
    struct sftp_attrs a = {.size = 77};
    char want[256];

    assert_int_equal(sftp_stat(e->s, at(e, "none"), true, &a, &e->err), -ENOENT);
    snprintf(want, sizeof want, "node1: %s/none: No such file or directory", e->dir);
    assert_string_equal(e->err.text, want);
    assert_int_equal(e->err.errnum, ENOENT);
    assert_int_equal(a.size, 77);
}

static const struct sftp_entry *find(const struct sftp_entries *all, const char *name)
{
    for (size_t i = 0; i < all->n; i++)
        if (!strcmp(all->v[i].name, name))
            return &all->v[i];
    return NULL;
}

/* More than the server tells at once, and names of all kinds. */
static void list_has_everything(void **state)
{
    enum { MANY = 1234 };
    static const char *const odd[] = {"...", ".x", "a b", "new\nline", "\xff\xfe", "dir", "link"};
    struct env *e = *state;
    CLEANUP(sftp_entries_clear) struct sftp_entries all = {0};
    char name[32];

    for (size_t i = 0; i < MANY; i++) {
        snprintf(name, sizeof name, "f%zu", i);
        make_file(at(e, name), i);
    }
    for (size_t i = 0; i < 5; i++)
        make_file(at(e, odd[i]), 1);
    assert_int_equal(mkdir(at(e, "dir"), 0700), 0);
    put_link(e, "link");

    assert_int_equal(sftp_list(e->s, e->dir, &all, &e->err), 0);
    assert_int_equal(all.n, MANY + 7);
    for (size_t i = 0; i < MANY; i++) {
        snprintf(name, sizeof name, "f%zu", i);
        assert_non_null(find(&all, name));
        assert_int_equal(find(&all, name)->attrs.size, i);
    }
    for (size_t i = 0; i < 7; i++)
        assert_non_null(find(&all, odd[i]));
    assert_true(S_ISDIR(find(&all, "dir")->attrs.mode));
    assert_true(S_ISLNK(find(&all, "link")->attrs.mode));
}

static void list_of_nothing(void **state)
{
    struct env *e = *state;
    struct sftp_entries all = {.n = 77};

    make_file(at(e, "file"), 1);
    assert_int_equal(sftp_list(e->s, at(e, "none"), &all, &e->err), -ENOENT);
    assert_true(sftp_list(e->s, at(e, "file"), &all, &e->err) < 0);
    assert_int_equal(all.n, 77);
    assert_int_equal(mkdir(at(e, "empty"), 0700), 0);
    assert_int_equal(sftp_list(e->s, at(e, "empty"), &all, &e->err), 0);
    assert_int_equal(all.n, 0);
    sftp_entries_clear(&all);
}

/* Between two looks of our own; more cannot be said on a machine that others use as well. */
static void space_is_that_of_the_system(void **state)
{
    struct env *e = *state;
    struct sftp_space space;
    struct statvfs before, after;
    uint64_t slack = 1 << 30;

    assert_int_equal(statvfs(e->dir, &before), 0);
    assert_int_equal(sftp_space(e->s, e->dir, &space, &e->err), 0);
    assert_int_equal(statvfs(e->dir, &after), 0);
    assert_true(space.total == (uint64_t)before.f_blocks * before.f_frsize);
    assert_true(space.free <= (uint64_t)before.f_bavail * before.f_frsize + slack);
    assert_true(space.free + slack >= (uint64_t)after.f_bavail * after.f_frsize);
    assert_int_equal(space.read_only, (before.f_flag & ST_RDONLY) != 0);
    assert_int_equal(sftp_space(e->s, at(e, "none"), &space, &e->err), -ENOENT);
}

/* Handles of directories are closed, too: sshd's servers have few. */
static void list_leaves_nothing_open(void **state)
{
    struct env *e = *state;
    char path[64];
    pid_t pid = 0;

    for (int i = 0; i < 300; i++) {
        CLEANUP(sftp_entries_clear) struct sftp_entries all = {0};

        assert_int_equal(sftp_list(e->s, e->dir, &all, &e->err), 0);
    }
    assert_int_equal(children(&pid), 1);
    snprintf(path, sizeof path, "/proc/%d/fd", pid);
    assert_true(BECOMES(entries(path) < 10));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(stat_is_that_of_the_system, setup, teardown),
        cmocka_unit_test_setup_teardown(stat_follows_links_if_told_so, setup, teardown),
        cmocka_unit_test_setup_teardown(errors_name_node_path_and_reason, setup, teardown),
        cmocka_unit_test_setup_teardown(list_has_everything, setup, teardown),
        cmocka_unit_test_setup_teardown(list_of_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(space_is_that_of_the_system, setup, teardown),
        cmocka_unit_test_setup_teardown(list_leaves_nothing_open, setup, teardown),
    };

    NEED_PIDFD();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
