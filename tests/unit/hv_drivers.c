/* DESIGN §6: hypervisors by name; `fake` keeps a state file, `none` never runs. */
#include "export/hv.h"

#include "tests/unit/node_help.h"

static struct err err;
static struct model_instance inst = {
    .name = (char *)IN,
    .hypervisor = (char *)"fake",
    .maxmem = 512,
    .vcpus = 2,
};

static const struct hv *driver(const char *name)
{
    const struct hv *hv = NULL;

    inst.hypervisor = (char *)name;
    inst.name = (char *)IN;
    assert_int_equal(hv_find(&inst, &hv, &err), 0);
    assert_string_equal(hv->name, name);
    return hv;
}

static void an_unknown_one_is_named(void **state)
{
    static const char *const names[] = {"kvm", "", "Fake", "fake "};
    const struct hv *hv = NULL;

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        inst.hypervisor = (char *)names[i];
        assert_int_equal(hv_find(&inst, &hv, &err), -EOPNOTSUPP);
        assert_null(hv);
        assert_non_null(strstr(err.text, names[i]));
        assert_non_null(strstr(err.text, IN));
        assert_int_equal(hv_check(names[i], &err), -EINVAL);
        assert_int_equal(err.ecode, ECODE_INVAL);
        assert_non_null(strstr(err.text, names[i]));
        assert_non_null(strstr(err.text, "(fake, none)"));
    }
}

static void the_ones_that_there_are_pass(void **state)
{
    (void)state;
    assert_int_equal(hv_check("fake", &err), 0);
    assert_int_equal(hv_check("none", &err), 0);
}

static void fake_runs_while_its_state_file_is_there(void **state)
{
    const struct hv *hv = driver("fake");

    (void)state;
    assert_int_equal(hv->running(base, &inst, &err), 0);
    assert_int_equal(hv->start(base, &inst, &err), 0);
    assert_int_equal(hv->running(base, &inst, &err), 1);
    assert_string_equal(get(path("fake/" IN)), "memory=512\nvcpus=2\n");
    assert_int_equal(count(path("fake")), 1);
    assert_int_equal(hv->shutdown(base, &inst, 120, NULL, &err), 0);
    assert_int_equal(hv->running(base, &inst, &err), 0);
    assert_int_equal(count(path("fake")), 0);
    /* a file put there by hand */
    put(path("fake/" IN), "", 0600);
    assert_int_equal(hv->running(base, &inst, &err), 1);
}

static void fake_is_quiet_when_there_is_nothing_to_do(void **state)
{
    const struct hv *hv = driver("fake");
    struct stat a, b;

    (void)state;
    assert_int_equal(hv->shutdown(base, &inst, 120, NULL, &err), 0);
    assert_int_equal(hv->start(base, &inst, &err), 0);
    assert_int_equal(hv->shutdown(base, &inst, 120, NULL, &err), 0);
    assert_int_equal(hv->shutdown(base, &inst, 120, NULL, &err), 0);
    assert_int_equal(hv->start(base, &inst, &err), 0);
    assert_int_equal(stat(path("fake/" IN), &a), 0);
    assert_int_equal(hv->start(base, &inst, &err), 0);
    assert_int_equal(stat(path("fake/" IN), &b), 0);
    assert_int_equal(a.st_ino, b.st_ino);
}

static void fake_names_never_leave_the_directory(void **state)
{
    static const char *const bad[] = {"../victim", "..", ".", "", "a/b", "/etc/passwd", ".x"};
    const struct hv *hv = driver("fake");

    (void)state;
    put(path("victim"), "kept", 0600);
    mkdir(path("fake"), 0700);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        inst.name = (char *)bad[i];
        assert_int_equal(hv->running(base, &inst, &err), -EINVAL);
        assert_int_equal(hv->start(base, &inst, &err), -EINVAL);
        assert_int_equal(hv->shutdown(base, &inst, 1, NULL, &err), -EINVAL);
    }
    assert_string_equal(get(path("victim")), "kept");
    assert_int_equal(count(path("fake")), 0);
}

static void fake_tells_what_failed(void **state)
{
    const struct hv *hv = driver("fake");

    (void)state;
    assert_int_equal(hv->start(path("absent"), &inst, &err), -ENOENT);
    assert_non_null(strstr(err.text, "Could not start instance " IN));
    put(path("fake"), "not a directory", 0600);
    assert_int_equal(hv->start(base, &inst, &err), -ENOTDIR);
    assert_int_equal(hv->running(base, &inst, &err), -ENOTDIR);
    assert_int_equal(hv->shutdown(base, &inst, 1, NULL, &err), -ENOTDIR);
    assert_non_null(strstr(err.text, "Cannot stop instance " IN));
}

static void fake_leaves_it_down_when_the_state_cannot_be_written(void **state)
{
    const struct hv *hv = driver("fake");

    (void)state;
    NEED_MOUNT("tmpfs", path("state"), 4);
    assert_int_equal(mkdir(path("state/fake"), 0700), 0);
    assert_int_equal(mount("none", path("state"), "none", MS_REMOUNT | MS_RDONLY, NULL), 0);
    assert_int_equal(hv->start(path("state"), &inst, &err), -EROFS);
    assert_int_equal(hv->running(path("state"), &inst, &err), 0);
    assert_int_equal(umount(path("state")), 0);
}

static void none_never_runs_and_cannot_be_started(void **state)
{
    const struct hv *hv = driver("none");

    (void)state;
    assert_int_equal(hv->running(base, &inst, &err), 0);
    assert_int_equal(hv->shutdown(base, &inst, 120, NULL, &err), 0);
    assert_int_equal(hv->start(base, &inst, &err), -EBUSY);
    assert_int_equal(err.ecode, ECODE_STATE);
    assert_non_null(strstr(err.text, IN));
}

int main(void)
{
#define T_(f) cmocka_unit_test_setup_teardown(f, node_setup, node_teardown)
    const struct CMUnitTest tests[] = {
        T_(an_unknown_one_is_named),
        T_(the_ones_that_there_are_pass),
        T_(fake_runs_while_its_state_file_is_there),
        T_(fake_is_quiet_when_there_is_nothing_to_do),
        T_(fake_names_never_leave_the_directory),
        T_(fake_tells_what_failed),
        T_(fake_leaves_it_down_when_the_state_cannot_be_written),
        T_(none_never_runs_and_cannot_be_started),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
