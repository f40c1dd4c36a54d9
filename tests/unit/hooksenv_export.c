/* hooksenv_export.c - the whole environment of an export's hooks, both phases (spec §4.2), in the
 * form that a real cluster was seen to give it. */
#include "lu_world.h"

#include "lu_world_copy.h"
#include "lu_world_image.h"
#include "lu_world_locks.h"

static const char *const standard[] = {
    "GANETI_CLUSTER=c1.example.com",     "GANETI_DATA_DIR=/var/lib/ganeti",
    "GANETI_HOOKS_PATH=instance-export", "GANETI_HOOKS_VERSION=2",
    "GANETI_MASTER=node1.example.com",   "GANETI_OBJECT_TYPE=INSTANCE",
    "GANETI_OP_CODE=OP_BACKUP_EXPORT",   "PATH=/sbin:/bin:/usr/sbin:/usr/bin",
};

static const char *const lu_vars[] = {
    "EXPORT_DO_SHUTDOWN=True",
    "EXPORT_MODE=local",
    "EXPORT_NODE=node2.example.com",
    "INSTANCE_BE_always_failover=False",
    "INSTANCE_BE_maxmem=256",
    "INSTANCE_BE_minmem=128",
    "INSTANCE_BE_vcpus=2",
    "INSTANCE_DISK0_DEV_TYPE=file",
    "INSTANCE_DISK0_DRIVER=loop",
    "INSTANCE_DISK0_ID=/disks/web1-0",
    "INSTANCE_DISK0_MODE=rw",
    "INSTANCE_DISK0_SIZE=64",
    "INSTANCE_DISK0_UUID=eed65f36-d43a-44cc-9532-068ae3f4a476",
    "INSTANCE_DISK_COUNT=1",
    "INSTANCE_DISK_TEMPLATE=file",
    "INSTANCE_HV_migration_mode=live",
    "INSTANCE_HYPERVISOR=fake",
    "INSTANCE_MAXMEM=256",
    "INSTANCE_MEMORY=256",
    "INSTANCE_MINMEM=128",
    "INSTANCE_NAME=web1.example.com",
    "INSTANCE_NIC0_BRIDGE=xen-br0",
    "INSTANCE_NIC0_IP=",
    "INSTANCE_NIC0_LINK=xen-br0",
    "INSTANCE_NIC0_MAC=aa:00:00:11:2c:fa",
    "INSTANCE_NIC0_MODE=bridged",
    "INSTANCE_NIC0_UUID=7c3a79e5-6c65-43e6-974f-1e50c52e56aa",
    "INSTANCE_NIC0_VLAN=",
    "INSTANCE_NIC_COUNT=1",
    "INSTANCE_OS_TYPE=debootstrap+default",
    "INSTANCE_PRIMARY=node1.example.com",
    "INSTANCE_SECONDARIES=",
    "INSTANCE_STATUS=up",
    "INSTANCE_TAGS=web prod",
    "INSTANCE_VCPUS=2",
    "OP_TARGET=web1.example.com",
    "REMOVE_INSTANCE=False",
    "SHUTDOWN_TIMEOUT=120",
};

static void as_on_the_real_cluster(void)
{
    static const char text[] = "[instance]\n"
                               "disk0_uuid = eed65f36-d43a-44cc-9532-068ae3f4a476\n"
                               "nic0_uuid = 7c3a79e5-6c65-43e6-974f-1e50c52e56aa\n"
                               "[backend]\nalways_failover = False\nmaxmem = 256\n"
                               "[hypervisor]\nmigration_mode = live\n";

    ini_free(w.web1.ini);
    assert_int_equal(ini_parse(text, sizeof text - 1, &w.web1.ini, &w.err), 0);
    w.web1.ndisks = 1;
    w.web1.disks[0].size_mib = 64;
    w.web1.nnics = 1;
    w.web1.nics[0] = (struct model_nic){
        .mac = (char *)"aa:00:00:11:2c:fa", .mode = (char *)"bridged", .link = (char *)"xen-br0"};
}

static void add(struct strvec *sv, const char *prefix, const char *const *vars, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        char line[200];

        snprintf(line, sizeof line, "%s%s", prefix, vars[i]);
        assert_int_equal(strvec_add(sv, line), 0);
    }
}

#define LEN(a) (sizeof(a) / sizeof *(a))

static void assert_env(const char *phase, bool post)
{
    CLEANUP_STRVEC struct strvec wanted = {0};
    const char *extra[] = {phase};

    add(&wanted, "", standard, LEN(standard));
    add(&wanted, "GANETI_HOOKS_PHASE=", extra, 1);
    add(&wanted, "GANETI_", lu_vars, LEN(lu_vars));
    if (post)
        add(&wanted, "GANETI_POST_", lu_vars, LEN(lu_vars));
    strvec_sort(&wanted);
    for (size_t i = 0; i < wanted.n && i < w.env_seen.n; i++)
        assert_string_equal(w.env_seen.v[i], wanted.v[i]);
    assert_int_equal(w.env_seen.n, wanted.n);
}

static void before(void **state)
{
    struct opcode *op = world_export(NODE2);

    (void)state;
    as_on_the_real_cluster();
    opcode_set_bool(op, "dry_run", true);
    assert_int_equal(world_run(op), 0);
    assert_env("pre", false);
}

static void afterwards(void **state)
{
    (void)state;
    as_on_the_real_cluster();
    assert_int_equal(world_run(world_export(NODE2)), 0);
    assert_env("post", true);
}

static void options_are_pythons_words(void **state)
{
    struct opcode *op = world_export(NODE2);

    (void)state;
    w.web1.admin_state = ADMIN_OFFLINE;
    opcode_set_bool(op, "shutdown", false);
    opcode_set_bool(op, "remove_instance", true);
    opcode_set_int(op, "shutdown_timeout", 7);
    opcode_set_bool(op, "dry_run", true);
    assert_int_equal(world_run(op), 0);
    assert_true(strvec_has(&w.env_seen, "GANETI_EXPORT_DO_SHUTDOWN=False"));
    assert_true(strvec_has(&w.env_seen, "GANETI_REMOVE_INSTANCE=True"));
    assert_true(strvec_has(&w.env_seen, "GANETI_SHUTDOWN_TIMEOUT=7"));
    assert_true(strvec_has(&w.env_seen, "GANETI_INSTANCE_STATUS=offline"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(before),
        WORLD_TEST(afterwards),
        WORLD_TEST(options_are_pythons_words),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
