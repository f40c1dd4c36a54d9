/* The command line apart from -o: order, missing and superfluous arguments, unknown letters. */
#include "fs/options.c"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static char msg[512];

static int parse(struct options *opt, const char **argv)
{
    int argc = 0;
    while (argv[argc])
        argc++;
    msg[0] = 0;
    return options_parse(argc, (char **)argv, opt, msg, sizeof(msg));
}

#define PARSE(opt, ...) parse(opt, (const char *[]){"gnt-exportfs", __VA_ARGS__, NULL})

static void refused(int code, const char *culprit)
{
    assert_int_equal(code, EXIT_USAGE);
    assert_non_null(strstr(msg, culprit));
}

static void cluster_and_mountpoint_in_this_order(void **state)
{
    (void)state;
    struct options opt;
    assert_int_equal(PARSE(&opt, "some/c1", "/mnt"), 0);
    assert_string_equal(opt.cluster, "some/c1");
    assert_string_equal(opt.mountpoint, "/mnt");
    assert_false(opt.foreground || opt.debug || opt.help || opt.version);
    options_clear(&opt);
}

static void options_may_come_last(void **state)
{
    (void)state;
    struct options opt; /* as mount.fuse3 calls it */
    assert_int_equal(PARSE(&opt, "c1", "/mnt", "-o", "rw,max_jobs=7", "-f", "-o", "ro"), 0);
    assert_int_equal(opt.max_jobs, 7);
    assert_true(opt.foreground && opt.ro);
    options_clear(&opt);
}

static void debugging_stays_in_the_foreground(void **state)
{
    (void)state;
    struct options opt;
    assert_int_equal(PARSE(&opt, "-d", "c1", "/mnt"), 0);
    assert_true(opt.debug && opt.foreground);
    options_clear(&opt);
}

static void help_and_version_need_no_arguments(void **state)
{
    (void)state;
    struct options opt;
    assert_int_equal(PARSE(&opt, "--help"), 0);
    assert_true(opt.help);
    options_clear(&opt);
    assert_int_equal(PARSE(&opt, "-V"), 0);
    assert_true(opt.version);
    options_clear(&opt);
}

static void a_wrong_number_of_arguments_is_said(void **state)
{
    (void)state;
    struct options opt;
    refused(PARSE(&opt, "-f"), "missing CLUSTER and MOUNTPOINT");
    options_clear(&opt);
    refused(PARSE(&opt, "c1"), "missing MOUNTPOINT");
    options_clear(&opt);
    refused(PARSE(&opt, "c1", "/mnt", "extra"), "'extra'");
    options_clear(&opt);
    refused(PARSE(&opt, "", "/mnt"), "empty");
    options_clear(&opt);
}

static void unknown_switches_are_named(void **state)
{
    (void)state;
    struct options opt;
    refused(PARSE(&opt, "--bogus", "c1", "/mnt"), "'--bogus'");
    options_clear(&opt);
    refused(PARSE(&opt, "-x", "c1", "/mnt"), "'-x'");
    options_clear(&opt);
    refused(PARSE(&opt, "c1", "/mnt", "-o"), "'-o'");
    options_clear(&opt);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cluster_and_mountpoint_in_this_order),
        cmocka_unit_test(options_may_come_last),
        cmocka_unit_test(debugging_stays_in_the_foreground),
        cmocka_unit_test(help_and_version_need_no_arguments),
        cmocka_unit_test(a_wrong_number_of_arguments_is_said),
        cmocka_unit_test(unknown_switches_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
