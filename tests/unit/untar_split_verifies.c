/* What is published is what was checked: an archive that changes between the check and the
 * splitting is noticed, however the dumps get out of it. */
#include "tests/unit/loop_fs.h"
#include "tests/unit/untar_own.h"

static char where[64]; /* "" or "xfs/" */

/* Checks "t", changes it by a command, splits it. */
static int change(const char *command, struct err *err)
{
    char name[80], prefix[80];
    int r;

    snprintf(name, sizeof name, "%st", where);
    snprintf(prefix, sizeof prefix, "%sout-", where);

    struct manifest *m = accepted(name);

    free(run_tool("f=%s; %s", name, command));
    r = split_to(prefix, name, m, err);
    manifest_free(m);
    return r;
}

static void check(const char *make, const char *command)
{
    struct err err = {0};

    make_export();
    pack(two, 4);
    free(run_tool("f=%st; %s", where, make));

    int r = change(command, &err);

    if (r != -EBADMSG || !err.text[0])
        fail_msg("%s; %s: %d %s", make, command, r, err.text);
}

#define POKE(at) "printf X | dd of=$f bs=1 seek=" #at " conv=notrunc 2>&1"

static void check_all(void)
{
    static const char own[] = "cp own.tar $f", gnu[] = GNUTAR " -cf $f exp",
                      gz[] = GNUTAR " -czf $f exp";

    check(own, POKE(131072));  /* the first byte of disk0.raw */
    check(own, POKE(2228228)); /* its last one, which no whole block holds */
    check(own, POKE(1000000)); /* in its hole */
    check(own, "truncate -s 200000 $f");
    check(own, ": > $f");
    check(gnu, POKE(20000));
    check(gnu, "truncate -s 200000 $f");
    check(gnu, GNUTAR " --exclude=disk1.raw -cf $f exp");
    check(gnu, "printf x >> exp/disk1.raw && " GNUTAR " -cf $f exp");
    check(gz, "printf x >> exp/disk0.raw && " GNUTAR " -czf $f exp");
    check(gz, POKE(9000));
}

static void test_copied(void **state)
{
    (void)state;
    where[0] = '\0';
    check_all();
}

static void test_cloned(void **state)
{
    (void)state;
    mount_new("xfs", "mkfs.xfs -q -m reflink=1", "320M");
    strcpy(where, "xfs/");
    check_all();
}

/* Another compression, another order: the same dumps. */
static void test_same_dumps_otherwise(void **state)
{
    struct err err = {0};

    (void)state;
    where[0] = '\0';
    make_export();
    pack(two, 4);
    free(run_tool("cp own.tar t"));
    assert_int_equal(change(GNUTAR " -czf $f exp", &err), 0);
    run_silently("cmp exp/disk0.raw out-disk0.raw && cmp exp/disk1.raw out-disk1.raw");
}

static int create_fails(void *arg, const char *name, int *fd, struct err *err)
{
    (void)arg;
    (void)name;
    (void)fd;
    return err_sys(err, -EDQUOT, "create");
}

static void test_no_file(void **state)
{
    struct err err = {0};

    (void)state;
    make_export();
    pack(two, 4);

    struct manifest *m = accepted("own.tar");
    int fd = open(in_scratch("own.tar"), O_RDONLY);
    struct manifest_job job = {.fd = fd, .instance = INST, .room = GIB, .max_bytes = GIB};

    assert_int_equal(untar_split(&job, m, create_fails, NULL, &err), -EDQUOT);
    close(fd);
    manifest_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_copied),
        cmocka_unit_test_teardown(test_cloned, unmount),
        cmocka_unit_test(test_same_dumps_otherwise),
        cmocka_unit_test(test_no_file),
    };

    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
