/* What others leave in the state directory harms nobody: files that are not ours, files of
 * the dead, a living process's file with garbage in it, files taken away. */
#include "lock_test.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

static int put(struct env *e, const char *name, const char *data, size_t len)
{
    char path[300];
    int fd;

    snprintf(path, sizeof path, "%s/%s", e->dir, name);
    fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(ftruncate(fd, 0), 0);
    assert_int_equal(write(fd, data, len), (ssize_t)len);
    return fd;
}

static bool exists(struct env *e, const char *name)
{
    struct stat st;
    char path[300];

    snprintf(path, sizeof path, "%s/%s", e->dir, name);
    return lstat(path, &st) == 0;
}

static void remove_it(struct env *e, const char *name)
{
    char path[300];

    snprintf(path, sizeof path, "%s/%s", e->dir, name);
    assert_int_equal(unlink(path), 0);
}

static const char holds_all[] = "gnt-lock 1 1\nowner 0 ghost\nhold cluster exclusive 1\nset\n"
                                "hold node exclusive 1\nset\nend\n";

static void files_of_others_are_left_alone(void **state)
{
    static const char *const names[] = {"README",      "process.",    "process.12",
                                        "process.1.x", "process.a.1", "process.1.2.new"};
    struct env *e = *state;
    struct lock_owner *o;
    char path[300];

    for (size_t i = 0; i < ITEM_COUNT(names); i++)
        close(put(e, names[i], holds_all, strlen(holds_all)));
    snprintf(path, sizeof path, "%s/process.1.1", e->dir);
    assert_int_equal(symlink("/etc/passwd", path), 0);
    snprintf(path, sizeof path, "%s/process.1.2", e->dir);
    assert_int_equal(mkfifo(path, 0600), 0);
    o = owner(e->m, "o");
    assert_int_equal(get_set(o, LOCK_NODE, LOCK_EXCLUSIVE, 0), 0);
    for (size_t i = 0; i < ITEM_COUNT(names); i++)
        assert_true(exists(e, names[i]));
    assert_true(exists(e, "process.1.1"));
    assert_true(exists(e, "process.1.2"));
    lock_owner_free(o);
}

static void files_of_the_dead_go(void **state)
{
    struct env *e = *state;
    struct lock_owner *o;

    close(put(e, "process.1.7", holds_all, strlen(holds_all)));
    o = owner(e->m, "o");
    assert_int_equal(get_set(o, LOCK_NODE, LOCK_EXCLUSIVE, 0), 0);
    assert_false(exists(e, "process.1.7"));
    lock_owner_free(o);
}

/* A file that is flocked, as a living process's is. */
static int living(struct env *e, const char *data, size_t len)
{
    int fd = put(e, "process.1.8", data, len);

    assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
    return fd;
}

static void files_of_the_living_count(void **state)
{
    struct env *e = *state;
    struct lock_owner *o = bare_owner(e->m, "o");
    int fd = living(e, holds_all, strlen(holds_all));

    assert_int_equal(get(o, LOCK_CLUSTER, LOCK_SHARED, 0, NAMES(LOCK_BGL)), -ETIMEDOUT);
    assert_true(reported(e->m, "ghost", false, LOCK_NODE));
    close(fd);
    assert_int_equal(get(o, LOCK_CLUSTER, LOCK_SHARED, 0, NAMES(LOCK_BGL)), 0);
    lock_owner_free(o);
}

static void count_rows(const struct lock_row *r, void *arg)
{
    assert_in_range(r->level, 0, LOCK_LEVELS - 1);
    assert_in_range(r->priority - LOCK_PRIO_HIGHEST, 0, LOCK_PRIO_LOWEST - LOCK_PRIO_HIGHEST);
    for (size_t i = 0; i < r->n; i++)
        for (const char *p = r->names[i]; *p; p++)
            assert_in_range(*p, ' ', '~');
    ++*(int *)arg;
}

static const char wild[] =
    "gnt-lock 1 99999999999999999999\n"
    "hold node exclusive 1\nname orphan\nset\nname\n"
    "owner 99 too important\nhold node exclusive 1\nset\n"
    "owner x\nhold node exclusive 1\nset\n"
    "owner 0 with \x01 control\nhold node shared 5\nname fine\nname \nname b\x02"
    "d\n"
    "hold nowhere shared 5\nname lost\nhold node both 5\nname lost\nhold node\nname lost\n"
    "hold node shared -1\nname lost\n"
    "hold cluster exclusive 1\nname notbgl\n"
    "wait node exclusive 1 2\nwait node exclusive 1 99999999999999999999 1\nset\n"
    "wait export shared 1 2 3\nname e\nwait node exclusive 1 2 3\nset\n"
    "sets\nset x\nnam y\n\n \nend of it\nend";

static void garbage_of_the_living_gives_what_makes_sense(void **state)
{
    struct env *e = *state;
    struct lock_owner *o = owner(e->m, "o");
    int fd = living(e, wild, sizeof wild - 1);
    int rows = 0;

    assert_int_equal(lock_report(e->m, count_rows, &rows), 0);
    assert_int_equal(rows, 3); /* o, a hold and a wait */
    assert_int_equal(get(o, LOCK_NODE, LOCK_EXCLUSIVE, 0, NAMES("fine")), -ETIMEDOUT);
    assert_int_equal(get(o, LOCK_NODE, LOCK_EXCLUSIVE, 0, NAMES("lost", "orphan")), 0);
    close(fd);
    lock_owner_free(o);
}

/* Every prefix of a good file, and every one with one byte wrong. */
static void no_damage_is_fatal(void **state)
{
    static const unsigned char bytes[] = {0, '\n', ' ', 0xff, '9', '-'};
    struct env *e = *state;
    char copy[sizeof holds_all];
    int fd = living(e, "", 0), rows = 0;

    for (size_t cut = 0; cut < sizeof holds_all; cut++) {
        assert_int_equal(ftruncate(fd, 0), 0);
        assert_int_equal(pwrite(fd, holds_all, cut, 0), (ssize_t)cut);
        assert_int_equal(lock_report(e->m, count_rows, &rows), 0);
    }
    for (size_t at = 0; at < sizeof holds_all - 1; at++)
        for (size_t b = 0; b < ITEM_COUNT(bytes); b++) {
            memcpy(copy, holds_all, sizeof copy);
            copy[at] = (char)bytes[b];
            assert_int_equal(pwrite(fd, copy, sizeof copy - 1, 0), (ssize_t)sizeof copy - 1);
            assert_int_equal(lock_report(e->m, count_rows, &rows), 0);
        }
    assert_true(rows > 100);
    close(fd);
}

static void garbage_in_the_marks(void **state)
{
    static const char marks[] = "node\nnode x y\nnode 5\nnode 99999999999999999999 x\nfoo 1 x\n\n"
                                "node 18446744073709551615 x\ncluster 5 y\nnode 1 \n";
    struct env *e = *state;
    struct lock_owner *o = owner(e->m, "o");

    close(put(e, "deleted", marks, strlen(marks)));
    assert_int_equal(get(o, LOCK_NODE, LOCK_EXCLUSIVE, 0, NAMES("x")), 0);
    assert_false(exists(e, "deleted"));
    lock_owner_free(o);
}

static void the_own_files_may_be_taken_away(void **state)
{
    struct env *e = *state;
    struct lock_manager *other;
    struct lock_owner *a = owner(e->m, "a"), *b;
    char own[64];

    snprintf(own, sizeof own, "process.%d.0", (int)getpid());
    remove_it(e, own);
    remove_it(e, "mutex");
    assert_int_equal(get(a, LOCK_NODE, LOCK_EXCLUSIVE, 0, NAMES("x")), 0);
    assert_true(exists(e, "mutex")); /* not locked on a file that nobody else can see */
    assert_int_equal(lock_manager_open(e->dir, &other), 0);
    b = owner(other, "b");
    assert_int_equal(get(b, LOCK_NODE, LOCK_SHARED, 0, NAMES("x")), -ETIMEDOUT);
    lock_owner_free(b);
    lock_manager_close(other);
    lock_owner_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(files_of_others_are_left_alone),
        TEST(files_of_the_dead_go),
        TEST(files_of_the_living_count),
        TEST(garbage_of_the_living_gives_what_makes_sense),
        TEST(no_damage_is_fatal),
        TEST(garbage_in_the_marks),
        TEST(the_own_files_may_be_taken_away),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
