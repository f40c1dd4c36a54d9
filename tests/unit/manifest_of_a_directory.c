/* An export that is written as a directory: what is missing, what is wrong, and when it is
 * complete. */
#include "tests/unit/untar_help.h"

static int check(struct manifest **m, struct err *err)
{
    int fd = open(in_scratch("exp"), O_RDONLY | O_DIRECTORY);
    struct manifest_job job = {.fd = fd, .instance = INST, .max_bytes = 64 * MIB};

    assert_true(fd >= 0);
    *m = NULL;

    int r = manifest_check_dir(&job, m, err);

    close(fd);
    return r;
}

/* After a change of exp/. */
static void dir_refused(const char *command, int error, const char *says)
{
    struct manifest *m;
    struct err err = {0};

    make_export();
    free(run_tool("cd exp && %s", command));

    int r = check(&m, &err);

    if (r != error || err.errnum != -error || !strstr(err.text, says))
        fail_msg("%s: %d '%s', not %d '%s'", command, r, err.text, error, says);
    assert_null(m);
}

static void test_complete(void **state)
{
    struct manifest *m, *t;
    struct err err;

    (void)state;
    make_export();
    if (check(&m, &err) < 0)
        fail_msg("%s", err.text);
    free(run_tool(GNUTAR " -cf t.tar exp"));
    t = accepted("t.tar");
    assert_int_equal(m->n, 2);
    assert_true(m->has_sums);
    assert_string_equal(m->config, t->config);
    for (unsigned i = 0; i < 2; i++) {
        assert_int_equal(m->dumps[i].file.size, t->dumps[i].file.size);
        assert_memory_equal(&m->dumps[i].file.digest, &t->dumps[i].file.digest, 16);
    }
    assert_true(m->data < MIB);
    manifest_free(m);
    manifest_free(t);

    free(run_tool("rm exp/XXH128SUMS"));
    assert_int_equal(check(&m, &err), 0);
    assert_false(m->has_sums);
    manifest_free(m);
}

static void test_not_complete_yet(void **state)
{
    (void)state;
    dir_refused("rm *", -EBADMSG, "config.ini is missing");
    dir_refused("rm config.ini disk0.raw", -EBADMSG, "config.ini is missing");
    dir_refused(": > config.ini", -EBADMSG, "config.ini is empty");
    dir_refused("rm disk1.raw", -EBADMSG, "disk1.raw is missing");
    dir_refused("rm disk0.raw", -EBADMSG, "disk0.raw is missing");
    dir_refused("mv disk1.raw .disk1.raw.Ab12Cd", -EBADMSG, ".disk1.raw.Ab12Cd");
    dir_refused("truncate -s 1000 disk0.raw", -EBADMSG, "disk0.raw is not what");
    dir_refused("printf X | dd of=disk0.raw bs=1 seek=5 conv=notrunc 2>&1", -EBADMSG, "disk0.raw");
    dir_refused("head -n 2 XXH128SUMS > s && mv s XXH128SUMS", -EBADMSG, "does not name all");
    dir_refused("touch other" /* a temporary name */, -EBADMSG, "'other'");
    dir_refused("head -c 50 XXH128SUMS > s && mv s XXH128SUMS", -EBADMSG, "XXH128SUMS");
    dir_refused("echo >> config.ini", -EBADMSG, "config.ini is not what");
}

static void test_wrong(void **state)
{
    (void)state;
    dir_refused("mkdir sub", -EINVAL, "sub");
    dir_refused("rm disk1.raw && ln -s /etc/passwd disk1.raw", -EINVAL, "disk1.raw is not a plain");
    dir_refused("rm disk1.raw && mkfifo disk1.raw", -EINVAL, "disk1.raw is not a plain");
    dir_refused("rm disk1.raw && mkdir disk1.raw", -EINVAL, "disk1.raw is not a plain");
    dir_refused("mv config.ini ../c && ln -s ../c config.ini", -EINVAL,
                "config.ini is not a plain");
    dir_refused("sed -i s/web1/web2/ config.ini", -EINVAL, "image of 'web2.example.com'");
    dir_refused("sed -i 's/version = 0/version = 1/' config.ini", -EINVAL, "version 1");
    dir_refused("echo x >> config.ini", -EINVAL, "config.ini: line");
    dir_refused("sed -i s,disk1.raw,../c, config.ini", -EINVAL, "../c");
    dir_refused("truncate -s 200K config.ini", -EINVAL, "config.ini has more");
    dir_refused("truncate -s 200K XXH128SUMS", -EINVAL, "XXH128SUMS has more");
    dir_refused("truncate -s 4M disk0.raw", -EINVAL, "more than the disk of 3 MiB");
    dir_refused("sed -i s/disk0_size.*// config.ini && truncate -s 65M disk0.raw", -EINVAL,
                "too much");
    dir_refused("for i in $(seq 30); do touch f$i; done", -EINVAL, "one file more");
}

static void test_cancel(void **state)
{
    struct cancel cancel;
    struct manifest *m = NULL;
    struct err err;

    (void)state;
    make_export();
    assert_int_equal(cancel_init(&cancel), 0);
    cancel_request(&cancel);

    int fd = open(in_scratch("exp"), O_RDONLY | O_DIRECTORY);
    struct manifest_job job = {.fd = fd, .instance = INST, .max_bytes = GIB, .cancel = &cancel};

    assert_int_equal(manifest_check_dir(&job, &m, &err), -ECANCELED);
    close(fd);
    cancel_destroy(&cancel);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_complete),
                                       cmocka_unit_test(test_not_complete_yet),
                                       cmocka_unit_test(test_wrong), cmocka_unit_test(test_cancel)};

    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
