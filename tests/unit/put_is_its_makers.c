/* put_is_its_makers.c - where an image that is being written to a node is kept: hidden, private,
 * any number for a name, plain files only. */
#include "export/put.h"

#include "export/node_list.h"
#include "tests/unit/node_help.h"

static struct err err;
static struct put *p;

static void hidden_and_private(void **state)
{
    CLEANUP_STRVEC struct strvec names = {0};
    struct stat st;

    (void)state;
    assert_int_equal(put_begin(&node, IN, &p, &err), 0);
    assert_int_equal(strncmp(p->dir, "." IN ".put-", strlen("." IN ".put-")), 0);
    assert_int_equal(stat(path("export/%s", p->dir), &st), 0);
    assert_int_equal(st.st_mode & 07777, 0700);
    assert_int_equal(node_list_names(&node, &names, &err), 0);
    assert_int_equal(names.n, 0);
    put_abort(p);
    put_abort(NULL);
    assert_int_equal(count(export_dir), 0);
}

static void makes_the_export_directory(void **state)
{
    (void)state;
    assert_int_equal(rmdir(export_dir), 0);
    assert_int_equal(put_begin(&node, IN, &p, &err), 0);
    put_abort(p);
    assert_int_equal(count(export_dir), 0);
}

static void several_of_one_name(void **state)
{
    struct put *other;

    (void)state;
    assert_int_equal(put_begin(&node, IN, &p, &err), 0);
    assert_int_equal(put_begin(&node, IN, &other, &err), 0);
    assert_int_equal(count(export_dir), 2);
    put_abort(p);
    assert_true(exists(path("export/%s", other->dir)));
    put_abort(other);
}

static void refuses_bad_names(void **state)
{
    static const char *const bad[] = {"", ".", "..", "a/b", "../x", ".x", "-x", "x\n", "x.new"};

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(put_begin(&node, bad[i], &p, &err), -EINVAL);
    assert_int_equal(count(export_dir), 0);
}

static void files_are_made_and_opened_again(void **state)
{
    struct stat st;
    char text[8] = "";
    int fd;

    (void)state;
    assert_int_equal(put_begin(&node, IN, &p, &err), 0);
    assert_int_equal(put_open(p, ".disk0.raw.x1y2z3", O_RDWR, &fd, &err), -ENOENT);
    assert_int_equal(put_open(p, ".disk0.raw.x1y2z3", O_RDWR | O_CREAT | O_EXCL, &fd, &err), 0);
    assert_int_equal(fstat(fd, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    assert_int_equal(write(fd, "bytes", 5), 5);
    close(fd);
    assert_int_equal(put_open(p, ".disk0.raw.x1y2z3", O_RDWR | O_CREAT | O_EXCL, &fd, &err),
                     -EEXIST);
    assert_int_equal(put_open(p, ".disk0.raw.x1y2z3", O_RDONLY, &fd, &err), 0);
    assert_int_equal(read(fd, text, sizeof text), 5);
    assert_string_equal(text, "bytes");
    close(fd);
    put_abort(p);
    assert_int_equal(count(export_dir), 0);
}

static void plain_files_only(void **state)
{
    static const char *const bad[] = {"", ".", "..", "a/b", "../config.ini", "/etc/passwd", "a\nb"};
    int fd;

    (void)state;
    assert_int_equal(put_begin(&node, IN, &p, &err), 0);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(put_open(p, bad[i], O_RDWR | O_CREAT, &fd, &err), -EINVAL);
    assert_true(shell("cd %s/%s && ln -s /etc/passwd link && mkfifo pipe && mkdir dir", export_dir,
                      p->dir));
    assert_int_equal(put_open(p, "link", O_RDWR | O_CREAT, &fd, &err), -ELOOP);
    assert_int_equal(put_open(p, "pipe", O_RDWR, &fd, &err), -EINVAL);
    assert_int_equal(put_open(p, "dir", O_RDONLY, &fd, &err), -EINVAL);
    put_abort(p);
    assert_int_equal(count(export_dir), 0);
}

int main(void)
{
#define T_(f) cmocka_unit_test_setup_teardown(f, node_setup, node_teardown)
    const struct CMUnitTest tests[] = {
        T_(hidden_and_private), T_(makes_the_export_directory),      T_(several_of_one_name),
        T_(refuses_bad_names),  T_(files_are_made_and_opened_again), T_(plain_files_only),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
