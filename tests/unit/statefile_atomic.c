/* Files of the state directory: written whole, names checked, absent ones told apart. */
#include "export/statefile.h"

#include "lock/cleanup.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
/* cmocka wants the ones above first */
#include <cmocka.h>

#include "tests/unit/temp_dir.h"

static void write_read_replace_remove(void **state)
{
    char *text;
    size_t len;

    (void)state;
    assert_int_equal(statefile_read(dir, "params", "web1", 100, &text, &len), -ENOENT);
    assert_int_equal(statefile_write(dir, "params", "web1", "one\n", 4), 0);
    assert_int_equal(statefile_write(dir, "params", "web1", "second\n", 7), 0);
    assert_int_equal(statefile_read(dir, "params", "web1", 100, &text, &len), 0);
    assert_int_equal(len, 7);
    assert_string_equal(text, "second\n");
    free(text);
    assert_int_equal(statefile_read(dir, "params", "web1", 6, &text, &len), -EFBIG);
    assert_int_equal(statefile_remove(dir, "params", "web1"), 0);
    assert_int_equal(statefile_remove(dir, "params", "web1"), 0);
}

static void names_stay_inside(void **state)
{
    static const char *const bad[] = {"",    ".",           "..",      "../x",
                                      "a/b", "/etc/passwd", ".hidden", "a\nb"};
    char *text;
    size_t len;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(statefile_write(dir, "params", bad[i], "x", 1), -EINVAL);
        assert_int_equal(statefile_read(dir, "params", bad[i], 10, &text, &len), -EINVAL);
    }
}

/* A writer was killed, another lives. */
static void what_the_dead_left_is_swept(void **state)
{
    char path[128], alive[128];
    int fd;

    (void)state;
    assert_int_equal(statefile_write(dir, "params", "web1", "x", 1), 0);
    snprintf(path, sizeof path, "%s/params/.web1.4711.0x7ffd0", dir);
    snprintf(alive, sizeof alive, "%s/params/.web2.4712.0x7ffd0", dir);
    assert_int_equal(close(open(path, O_WRONLY | O_CREAT, 0600)), 0);
    fd = open(alive, O_WRONLY | O_CREAT, 0600);
    assert_int_equal(flock(fd, LOCK_EX), 0);
    statefile_sweep(dir, "params");
    assert_int_not_equal(access(path, F_OK), 0);
    assert_int_equal(access(alive, F_OK), 0);
    close(fd);
    statefile_sweep(dir, "params");
    assert_int_not_equal(access(alive, F_OK), 0);
    snprintf(path, sizeof path, "%s/params/web1", dir);
    assert_int_equal(access(path, F_OK), 0);
    assert_int_equal(unlink(path), 0);
    statefile_sweep("/nonexistent", "params");
}

static atomic_bool written;

static void *sweep_all_the_time(void *arg)
{
    (void)arg;
    while (!written)
        statefile_sweep(dir, "swept");
    return NULL;
}

/* Other mounts sweep while this one writes. */
static void what_is_being_written_is_not(void **state)
{
    pthread_t sweepers[4];
    int r = 0;

    (void)state;
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&sweepers[i], NULL, sweep_all_the_time, NULL), 0);
    for (int i = 0; r == 0 && i < 1000; i++)
        r = statefile_write(dir, "swept", "web1", "x", 1);
    written = true;
    for (size_t i = 0; i < 4; i++)
        pthread_join(sweepers[i], NULL);
    assert_int_equal(r, 0);
}

static void symlinks_are_not_followed(void **state)
{
    char link[128], *text;
    size_t len;

    (void)state;
    assert_int_equal(statefile_write(dir, "params", "real", "x", 1), 0);
    snprintf(link, sizeof link, "%s/params/planted", dir);
    assert_int_equal(symlink("/etc/passwd", link), 0);
    assert_int_equal(statefile_read(dir, "params", "planted", 100000, &text, &len), -ELOOP);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(write_read_replace_remove),
        cmocka_unit_test(names_stay_inside),
        cmocka_unit_test(what_the_dead_left_is_swept),
        cmocka_unit_test(what_is_being_written_is_not),
        cmocka_unit_test(symlinks_are_not_followed),
    };

    return cmocka_run_group_tests(tests, temp_dir_make, temp_dir_remove);
}
