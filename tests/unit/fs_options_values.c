/* -o NAME=VALUE: where values go, and which are refused, always by name. */
#include "fs/options.c"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static char msg[512];

static int parse(const char *list, struct options *opt)
{
    const char *argv[] = {"gnt-exportfs", "-o", list, "c1", "/mnt", NULL};
    return options_parse(5, (char **)argv, opt, msg, sizeof(msg));
}

static void refused(const char *list, const char *culprit)
{
    struct options opt;
    assert_int_equal(parse(list, &opt), EXIT_USAGE);
    assert_non_null(strstr(msg, culprit));
    assert_null(strchr(msg, '\n'));
    options_clear(&opt);
}

static void every_value_arrives(void **state)
{
    (void)state;
    struct options opt;
    assert_int_equal(
        parse("uid=7,gid=8,umask=022,allow_other,ro,shutdown,allow_remove_instance,manage,"
              "max_jobs=3,max_age=0,hold=4,keep=9,lock_timeout=5,stall=6,target_node=n2,fsname=x,"
              "bwlimit=50M,nice=19,ioprio=none,nopassthrough",
              &opt),
        0);
    assert_int_equal(opt.uid, 7);
    assert_int_equal(opt.gid, 8);
    assert_int_equal(opt.umask, 022);
    assert_true(opt.allow_other && opt.ro && opt.shutdown && opt.allow_remove_instance &&
                opt.manage);
    assert_false(opt.passthrough);
    assert_int_equal(opt.max_jobs, 3);
    assert_int_equal(opt.max_age_s, 0);
    assert_int_equal(opt.hold_s, 4);
    assert_int_equal(opt.keep_s, 9);
    assert_int_equal(opt.lock_timeout_s, 5);
    assert_int_equal(opt.stall_s, 6);
    assert_int_equal(opt.bwlimit, 50 << 20);
    assert_int_equal(opt.nice, 19);
    assert_true(opt.busy_io);
    assert_string_equal(opt.target_node, "n2");
    assert_string_equal(opt.fsname, "x");
    options_clear(&opt);
}

static void defaults(void **state)
{
    (void)state;
    struct options opt;
    assert_int_equal(parse("defaults", &opt), 0);
    assert_int_equal(opt.uid, getuid());
    assert_int_equal(opt.gid, getgid());
    assert_int_equal(opt.umask, 0077);
    assert_false(opt.allow_other || opt.ro || opt.shutdown || opt.allow_remove_instance ||
                 opt.manage);
    assert_true(opt.passthrough);
    assert_int_equal(opt.max_jobs, 2);
    assert_int_equal(opt.max_age_s, 3600);
    assert_int_equal(opt.hold_s, 86400);
    assert_int_equal(opt.keep_s, 0);
    assert_int_equal(opt.lock_timeout_s, 1800);
    assert_int_equal(opt.stall_s, 300);
    assert_int_equal(opt.bwlimit, 0);
    assert_int_equal(opt.nice, 10);
    assert_false(opt.busy_io);
    assert_null(opt.target_node);
    assert_null(opt.fsname);
    options_clear(&opt);
}

static void how_copying_makes_way(void **state)
{
    (void)state;
    struct options opt;
    assert_int_equal(parse("ioprio=none,ioprio=idle,bwlimit=1G,bwlimit=0,nice=0", &opt), 0);
    assert_false(opt.busy_io);
    assert_int_equal(opt.bwlimit, 0);
    assert_int_equal(opt.nice, 0);
    options_clear(&opt);
    refused("bwlimit", "'bwlimit'");
    refused("bwlimit=", "'bwlimit'");
    refused("bwlimit=fast", "'bwlimit': 'fast'");
    refused("bwlimit=-1", "'bwlimit'");
    refused("bwlimit=8E", "'bwlimit'");
    refused("bwlimit=99999999999999999999", "'bwlimit'");
    refused("nice=20", "'nice'");
    refused("nice=-1", "'nice'");
    refused("ioprio=3", "'ioprio'");
    refused("ioprio=", "'ioprio'");
    refused("ioprio", "'ioprio'");
}

static void junk_in_numbers_is_refused(void **state)
{
    (void)state;
    static const char *const junk[] = {"",    "-1",  "+1",  " 1", "1 ",
                                       "0x1", "1.5", "1e3", "1k", "99999999999999999999999"};
    for (size_t k = 0; k < sizeof(junk) / sizeof(junk[0]); k++) {
        char list[64];
        snprintf(list, sizeof(list), "max_age=%s", junk[k]);
        refused(list, "'max_age'");
    }
}

static void ranges_hold(void **state)
{
    (void)state;
    refused("max_jobs=0", "'max_jobs'");
    refused("max_jobs=1001", "'max_jobs'");
    refused("stall=0", "'stall'");
    refused("stall=2147483648", "'stall'");
    refused("uid=4294967295", "'uid'"); /* -1 means nobody at all */
    refused("umask=1000", "'umask'");
    refused("umask=8", "'umask'");
    struct options opt;
    assert_int_equal(parse("max_jobs=1000,stall=2147483647,uid=4294967294,umask=777", &opt), 0);
    options_clear(&opt);
}

static void names_are_exact(void **state)
{
    (void)state;
    refused("bogus", "'bogus'");
    refused("ro,max_job=1", "'max_job=1'");
    refused("max_jobsx=1", "'max_jobsx=1'");
    refused("subtype=other", "'subtype=other'");
    refused("x", "'x'");
}

static void a_value_is_there_or_not(void **state)
{
    (void)state;
    refused("max_jobs", "'max_jobs'");
    refused("ro=1", "'ro'");
    refused("target_node=", "'target_node'");
}

static void what_mount_and_fstab_pass_is_taken(void **state)
{
    (void)state;
    struct options opt;
    assert_int_equal(
        parse("rw,dev,nodev,suid,nosuid,exec,noexec,noatime,_netdev,nofail,auto,noauto,"
              "user,users,x-systemd.automount,x-systemd.idle-timeout=60,comment=a",
              &opt),
        0);
    assert_true(opt.noexec && opt.noatime);
    options_clear(&opt);
}

static void the_last_one_counts(void **state)
{
    (void)state;
    struct options opt;
    assert_int_equal(parse("ro,rw,noexec,exec,max_jobs=3,max_jobs=4,fsname=a,fsname=b", &opt), 0);
    assert_false(opt.ro || opt.noexec);
    assert_int_equal(opt.max_jobs, 4);
    assert_string_equal(opt.fsname, "b");
    options_clear(&opt);
}

static void commas_can_be_escaped(void **state)
{
    (void)state;
    struct options opt;
    assert_int_equal(parse(",,fsname=a\\,b\\\\c,,ro,", &opt), 0);
    assert_string_equal(opt.fsname, "a,b\\c");
    assert_true(opt.ro);
    options_clear(&opt);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_value_arrives),
        cmocka_unit_test(defaults),
        cmocka_unit_test(how_copying_makes_way),
        cmocka_unit_test(junk_in_numbers_is_refused),
        cmocka_unit_test(ranges_hold),
        cmocka_unit_test(names_are_exact),
        cmocka_unit_test(a_value_is_there_or_not),
        cmocka_unit_test(what_mount_and_fstab_pass_is_taken),
        cmocka_unit_test(the_last_one_counts),
        cmocka_unit_test(commas_can_be_escaped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
