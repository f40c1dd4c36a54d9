/* gnode: what ssh is told, and what it cannot be made to believe. */
#include "export/ganeti/gnode_ssh.h"

#include "export/ganeti/gnode_conn.h"

#include "tests/unit/ganeti/gnode_help.h"

static int open_with(struct gnode_options opt)
{
    opt.state_dir = "/nowhere";
    if (!opt.cluster)
        opt.cluster = "cluster.example.com";
    gnode_close(STEAL(nodes));
    return gnode_open(&opt, &nodes, &err);
}

static int close_nodes(void **state)
{
    (void)state;
    gnode_close(STEAL(nodes));
    return 0;
}

static void the_command(void **state)
{
    CLEANUP_STRVEC struct strvec argv = {0};
    static const char *const end[] = {"-p22", "-lroot", "-s", "--", "192.0.2.1", "sftp"};

    (void)state;
    assert_int_equal(open_with((struct gnode_options){.known_hosts = "/etc/the hosts"}), 0);
    assert_int_equal(gnode_ssh_argv(nodes, "192.0.2.1", &argv), 0);
    assert_string_equal(argv.v[0], "ssh");
    assert_true(strvec_has(&argv, "-oBatchMode=yes"));
    assert_true(strvec_has(&argv, "-oStrictHostKeyChecking=yes"));
    assert_true(strvec_has(&argv, "-oHostKeyAlias=cluster.example.com"));
    assert_true(strvec_has(&argv, "-oUserKnownHostsFile=\"/etc/the hosts\""));
    assert_true(strvec_has(&argv, "-oGlobalKnownHostsFile=/dev/null"));
    assert_false(strvec_has(&argv, "-oIdentitiesOnly=yes"));
    for (size_t i = 0; i < 6; i++)
        assert_string_equal(argv.v[argv.n - 6 + i], end[i]);
}

static void with_all_options(void **state)
{
    CLEANUP_STRVEC struct strvec argv = {0};

    (void)state;
    assert_int_equal(open_with((struct gnode_options){
                         .identity = "/root/a key", .user = "ganeti", .port = 2222}),
                     0);
    assert_int_equal(gnode_ssh_argv(nodes, "fe80::1%eth0", &argv), 0);
    assert_true(strvec_has(&argv, "-i/root/a key"));
    assert_true(strvec_has(&argv, "-oIdentitiesOnly=yes"));
    assert_true(strvec_has(&argv, "-lganeti"));
    assert_true(strvec_has(&argv, "-p2222"));
    assert_string_equal(argv.v[argv.n - 2], "fe80::1%eth0");
}

static void what_is_no_address(void **state)
{
    static const char *const bad[] = {
        "", "-oProxyCommand=x", "a b", "a\nb", "root@a", "ssh://a", "a/b", "$(id)", "a;b", "[::1]"};
    CLEANUP_STRVEC struct strvec argv = {0}, names = {0};

    (void)state;
    assert_int_equal(open_with((struct gnode_options){0}), 0);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(gnode_ssh_argv(nodes, bad[i], &argv), -EINVAL);
        node.address = (char *)bad[i];
        assert_int_equal(gnode_ops.export_list(nodes, &node, &names, &err), -EHOSTUNREACH);
        assert_non_null(strstr(err.text, "bad address"));
        assert_null(gnode_sftp_get(nodes, &node));
    }
}

static void bad_options(void **state)
{
    static const struct gnode_options bad[] = {
        {.cluster = "a b"},
        {.cluster = "-x"},
        {.user = "-x"},
        {.user = "a b"},
        {.user = ""},
        {.port = 65536},
        {.known_hosts = "/a\"b"},
        {.known_hosts = "none"},
        {.identity = "/root/.ssh/%h"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(open_with(bad[i]), -EINVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(the_command, close_nodes),
        cmocka_unit_test_teardown(with_all_options, close_nodes),
        cmocka_unit_test_teardown(what_is_no_address, close_nodes),
        cmocka_unit_test_teardown(bad_options, close_nodes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
