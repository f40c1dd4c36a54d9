/* A disk whose file system hangs holds up nobody for long, and no other instance at all. */
#include "modeldir_fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <time.h>

static struct modelwatch *w;
static int fuse = -1;

static void nothing(void *arg)
{
    (void)arg;
}

/* Mounts a file system that never answers on `hung`; it vanishes with this process. */
static bool hang(void)
{
    char options[100];

    if (unshare(CLONE_NEWNS) < 0 || mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) < 0)
        return false;
    fuse = open("/dev/fuse", O_RDWR | O_CLOEXEC);
    snprintf(options, sizeof options, "fd=%d,rootmode=40000,user_id=0,group_id=0", fuse);
    return fuse >= 0 && mount("none", fixture_path("hung"), "fuse", 0, options) == 0;
}

static int setup(void **state)
{
    struct err err = {0};

    fixture_setup(state);
    fixture_mkdir("hung");
    fixture_write("hung/disk0", "data");
    fixture_write("disk0", "data");
    fixture_write("instances/bad.ini",
                  "[instance]\nprimary_node = node1\ndisk0_path = hung/disk0\n");
    fixture_write("instances/good.ini", "[instance]\nprimary_node = node1\ndisk0_path = disk0\n");
    fixture_write("instances/worse.ini", "[instance]\nprimary_node = node1\n"
                                         "disk0_path = disk1\ndisk1_path = hung/disk1\n");
    if (modelwatch_open(fixture_dir, nothing, NULL, &w, &err) < 0)
        fail_msg("%s", err.text);
    return 0;
}

static int teardown(void **state)
{
    modelwatch_close(w);
    if (fuse >= 0)
        close(fuse);
    umount2(fixture_path("hung"), MNT_DETACH);
    return fixture_teardown(state);
}

static int look_error(struct model *m, const char *instance)
{
    return model_find_instance(m, instance)->disks[0].look_error;
}

static void others_go_on(void **state)
{
    struct err err = {0};
    struct model *m = NULL;
    int r;

    (void)state;
    if (!hang()) {
        print_message("skipped: cannot mount here\n");
        skip();
    }
    assert_int_equal(modelwatch_look(w, "bad", 200), -ETIMEDOUT);
    assert_int_equal(modelwatch_look(w, "bad", 200), -ETIMEDOUT);
    m = modelwatch_get(w);
    assert_int_equal(look_error(m, "bad"), 0); /* as it was */
    model_unref(m);
    assert_int_equal(truncate(fixture_path("disk0"), 9999), 0);
    assert_int_equal(modelwatch_look(w, "good", 30000), 0);
    m = modelwatch_get(w);
    assert_int_equal(model_find_instance(m, "good")->disks[0].bytes, 9999);
    model_unref(m);

    /* all are read again: what does not answer is said to be so */
    for (int i = 0; i < 2; i++) {
        assert_int_equal(truncate(fixture_path("disk0"), 1000 + i), 0);
        assert_int_equal(modelwatch_refresh(w, &m, &err), 0);
        assert_int_equal(look_error(m, "bad"), -ETIMEDOUT);
        assert_int_equal(look_error(m, "worse"), -ETIMEDOUT);
        assert_int_equal(look_error(m, "good"), 0);
        assert_int_equal(model_find_instance(m, "good")->disks[0].bytes, 1000 + i);
        model_unref(m);
    }

    /* it answers again, if only with an error */
    close(fuse);
    fuse = -1;
    for (int i = 0; i < 3000; i++) {
        assert_int_equal(modelwatch_refresh(w, &m, &err), 0);
        r = look_error(m, "bad");
        model_unref(m);
        if (r != -ETIMEDOUT)
            break;
        usleep(10000);
    }
    assert_true(r == -ENOTCONN || r == -ECONNABORTED);
}

int main(void)
{
    const char *valgrind = getenv("VALGRIND");

    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(others_go_on, setup, teardown)};

    if (valgrind && *valgrind) {
        printf("a thread that hangs in a file system holds valgrind's own lock\n");
        return 77;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
