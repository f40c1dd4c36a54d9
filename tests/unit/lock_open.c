/* Opening the state directory, and what happens when it cannot be written. */
#include "lock_test.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>

static void made_when_missing(void **state)
{
    struct env *e = *state;
    struct stat st;

    assert_int_equal(lock_manager_open(e->dir, &e->m), 0);
    assert_int_equal(stat(e->dir, &st), 0);
    assert_true(S_ISDIR(st.st_mode));
    assert_int_equal(st.st_mode & 07777, 0700);
}

static void errors_of_the_file_system(void **state)
{
    struct env *e = *state;
    struct lock_manager *m = NULL;
    char path[300];
    int fd;

    snprintf(path, sizeof path, "%s/no/such", e->top);
    assert_int_equal(lock_manager_open(path, &m), -ENOENT);
    snprintf(path, sizeof path, "%s/file", e->top);
    fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    close(fd);
    assert_int_equal(lock_manager_open(path, &m), -ENOTDIR);
    assert_null(m);
    unlink(path);
}

/* A state directory that is gone for good: nothing more is granted, giving back works. */
static void directory_removed(void **state)
{
    struct env *e = *state;
    struct lock_owner *a, *b;
    char path[300];

    assert_int_equal(lock_manager_open(e->dir, &e->m), 0);
    a = owner(e->m, "a");
    b = bare_owner(e->m, "b");
    assert_int_equal(get(a, LOCK_NODE, LOCK_EXCLUSIVE, 0, NAMES("x")), 0);
    snprintf(path, sizeof path, "%s/process.%d.0", e->dir, (int)getpid());
    assert_int_equal(unlink(path), 0);
    snprintf(path, sizeof path, "%s/mutex", e->dir);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(e->dir), 0);
    assert_int_equal(get(b, LOCK_CLUSTER, LOCK_SHARED, 50, NAMES(LOCK_BGL)), -EIO);
    assert_int_equal(lock_release(a, LOCK_NODE), 0);
    assert_false(lock_owns(a, LOCK_NODE, "x", LOCK_SHARED));
    lock_owner_free(a);
    lock_owner_free(b);
}

/* No room on the device: what cannot be published is not granted; what is held stays so
 * and can be given back. */
static void device_full(void **state)
{
    struct env *e = *state;
    struct lock_manager *other = NULL;
    struct lock_owner *a, *b;
    char big[3000], path[300];
    int fd;

    assert_int_equal(mkdir(e->dir, 0700), 0);
    if (mount("tmpfs", e->dir, "tmpfs", 0, "size=16k") != 0)
        skip();
    assert_int_equal(lock_manager_open(e->dir, &e->m), 0);
    assert_int_equal(lock_manager_open(e->dir, &other), 0);
    a = owner(e->m, "a");
    b = owner(other, "b");
    assert_int_equal(get(a, LOCK_INSTANCE, LOCK_EXCLUSIVE, 0, NAMES("x")), 0);
    snprintf(path, sizeof path, "%s/filler", e->dir);
    fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    memset(big, 'n', sizeof big);
    while (write(fd, big, sizeof big) > 0)
        ;
    close(fd);
    memset(big, 'n', sizeof big);
    big[sizeof big - 1] = '\0';
    assert_int_equal(get(a, LOCK_NODE, LOCK_EXCLUSIVE, 0, NAMES(big, big + 1)), -EIO);
    assert_false(lock_owns(a, LOCK_NODE, big, LOCK_SHARED));
    assert_int_equal(get(b, LOCK_INSTANCE, LOCK_SHARED, 0, NAMES("x")), -ETIMEDOUT);
    assert_int_equal(lock_release(a, LOCK_INSTANCE), 0);
    assert_int_equal(get(b, LOCK_INSTANCE, LOCK_SHARED, 0, NAMES("x")), 0);
    lock_owner_free(a);
    lock_owner_free(b);
    lock_manager_close(other);
    lock_manager_close(e->m);
    e->m = NULL;
}

static int teardown_mount(void **state)
{
    struct env *e = *state;

    umount2(e->dir, MNT_DETACH); /* not mounted in most cases */
    return teardown(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_DIR(made_when_missing),
        TEST_DIR(errors_of_the_file_system),
        TEST_DIR(directory_removed),
        cmocka_unit_test_setup_teardown(device_full, setup_dir, teardown_mount),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
