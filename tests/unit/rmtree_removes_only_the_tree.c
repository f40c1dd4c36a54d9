/* rmtree.h: all of the tree goes, and nothing else does. */
#include "export/rmtree.h"

#include "tests/unit/node_help.h"

static int remove_named(const char *name)
{
    int fd = open(base, O_RDONLY | O_DIRECTORY);
    int r = rmtree(fd, name);

    close(fd);
    return r;
}

static void nothing_there(void **state)
{
    (void)state;
    assert_int_equal(remove_named("absent"), -ENOENT);
}

static void a_file_and_a_link_themselves(void **state)
{
    (void)state;
    put(path("file"), "x", 0600);
    put(path("kept"), "x", 0600);
    assert_int_equal(symlink("kept", path("link")), 0);
    assert_int_equal(remove_named("file"), 0);
    assert_int_equal(remove_named("link"), 0);
    assert_false(exists(path("file")));
    assert_false(exists(path("link")));
    assert_true(exists(path("kept")));
}

static void links_in_the_tree_are_not_followed(void **state)
{
    (void)state;
    assert_true(shell("cd %s && mkdir -p keep/sub tree/a/b && echo x >keep/sub/f && "
                      "ln -s ../keep tree/l && ln -s ../../../keep tree/a/b/l && "
                      "ln -s %s/keep tree/a/abs",
                      base, base));
    assert_int_equal(remove_named("tree"), 0);
    assert_false(exists(path("tree")));
    assert_string_equal(get(path("keep/sub/f")), "x\n");
}

static void names_that_it_uses_itself(void **state)
{
    (void)state;
    assert_true(shell("cd %s && mkdir -p tree/.rm-0/.rm-1/.rm-2/x tree/a/.rm-0/y tree/.rm-3 && "
                      "echo x >tree/.rm-1 && echo x >tree/.rm-3/.rm-4",
                      base));
    assert_int_equal(remove_named("tree"), 0);
    assert_false(exists(path("tree")));
}

/* As NFS and FUSE name files that are removed while they are open. */
static void names_of_files_kept_for_their_users(void **state)
{
    (void)state;
    mkdir(path("t"), 0700);
    mkdir(path("t/d"), 0700);
    put(path("t/.nfs000000000000abcd00000001"), "x", 0600);
    put(path("t/d/.fuse_hidden0000000300000001"), "x", 0600);
    assert_int_equal(remove_named("t"), 0);
    assert_false(exists(path("t")));
}

static void a_tree_deeper_than_any_path(void **state)
{
    int fd = open(base, O_RDONLY | O_DIRECTORY);
    const char *name = "deep";

    (void)state;
    for (int i = 0; i < 3000; i++) {
        assert_int_equal(mkdirat(fd, name, 0700), 0);
        int next = openat(fd, name, O_RDONLY | O_DIRECTORY);
        assert_true(next >= 0);
        close(fd);
        fd = next;
        name = "a-directory-of-some-length";
    }
    close(fd);
    assert_int_equal(remove_named("deep"), 0);
    assert_false(exists(path("deep")));
}

static void directories_without_permissions(void **state)
{
    pid_t pid;
    int status;

    (void)state;
    assert_true(shell("cd %s && chmod 711 . && mkdir -m 777 open && "
                      "mkdir -p open/tree/a/b/c && touch open/tree/a/f open/tree/a/b/f && "
                      "chmod 0 open/tree/a/b/c open/tree/a/b open/tree/a open/tree",
                      base));
    if (geteuid() == 0)
        assert_true(shell("chown -R 65534:65534 %s/open", base));
    pid = fork();
    if (pid == 0) {
        if (geteuid() == 0 && (setgid(65534) < 0 || setuid(65534) < 0))
            _exit(2);
        int fd = open(path("open"), O_RDONLY | O_DIRECTORY);
        _exit(rmtree(fd, "tree") == 0 ? 0 : 1);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    assert_false(exists(path("open/tree")));
}

static void mount_inside(const char *how)
{
    if (!private_mounts())
        skip();
    assert_true(
        shell("cd %s && mkdir -p tree/a/mnt tree/b other && echo x >other/kept && %s", base, how));
    assert_true(shell("echo x >%s/tree/a/mnt/inside", base));
    assert_int_equal(remove_named("tree"), -EXDEV);
    assert_string_equal(get(path("tree/a/mnt/inside")), "x\n");
    assert_string_equal(get(path("other/kept")), "x\n");
    assert_false(exists(path("tree/b")));
    assert_true(shell("umount %s/tree/a/mnt", base));
    assert_int_equal(remove_named("tree"), 0);
}

static void another_device_is_not_entered(void **state)
{
    (void)state;
    mount_inside("mount -t tmpfs none tree/a/mnt");
}

static void a_bind_mount_of_the_same_device_is_not_entered(void **state)
{
    (void)state;
    mount_inside("mount --bind other tree/a/mnt");
}

static void a_mount_itself_is_not_entered(void **state)
{
    (void)state;
    NEED_MOUNT("tmpfs", path("mnt"), 4);
    put(path("mnt/kept"), "x", 0600);
    assert_int_equal(remove_named("mnt"), -EXDEV);
    assert_true(exists(path("mnt/kept")));
    assert_int_equal(umount(path("mnt")), 0);
}

int main(void)
{
#define T_(f) cmocka_unit_test_setup_teardown(f, node_setup, node_teardown)
    const struct CMUnitTest tests[] = {
        T_(nothing_there),
        T_(a_file_and_a_link_themselves),
        T_(links_in_the_tree_are_not_followed),
        T_(names_that_it_uses_itself),
        T_(names_of_files_kept_for_their_users),
        T_(a_tree_deeper_than_any_path),
        T_(directories_without_permissions),
        T_(another_device_is_not_entered),
        T_(a_bind_mount_of_the_same_device_is_not_entered),
        T_(a_mount_itself_is_not_entered),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
