/* hooksenv_parts.c - what hooks learn of NICs and disks by their kind (spec §4.2). */
#include "lu_world.h"

#include "export/hooks_env.h"

#include "lu_world_copy.h"
#include "lu_world_image.h"
#include "lu_world_locks.h"

static struct lu_hooks_env env;

static const char *value(const char *name)
{
    long i = strvec_find(&env.names, name);

    return i < 0 ? NULL : env.values.v[i];
}

static void make(void)
{
    hooks_env_clear(&env);
    assert_int_equal(hooks_env_add_instance(&env, &w.web1), 0);
}

static void assert_value(const char *name, const char *wanted)
{
    const char *got = value(name);

    if (!wanted != !got || (got && strcmp(got, wanted) != 0))
        fail_msg("%s is %s, not %s", name, got ? got : "absent", wanted ? wanted : "absent");
}

static const struct {
    const char *type, *path;
    const char *vg, *driver, *provider, *id;
} disks[] = {
    {"file", "/d/x", NULL, "loop", NULL, "/d/x"},
    {"sharedfile", "/d/x", NULL, "loop", NULL, "/d/x"},
    {"gluster", "/d/x", NULL, "loop", NULL, "/d/x"},
    {"blockdev", "/dev/sdb", NULL, "manual", NULL, "/dev/sdb"},
    {"rbd", "/dev/rbd0", NULL, "rbd", NULL, "/dev/rbd0"},
    {"plain", "/dev/xenvg/u.disk0", "xenvg", NULL, NULL, "u.disk0"},
    {"plain", "/dev/mapper/xenvg-x", "", NULL, NULL, "/dev/mapper/xenvg-x"},
    {"plain", "/srv/x", "", NULL, NULL, "/srv/x"},
    {"plain", "/dev/x", "", NULL, NULL, "/dev/x"},
    {"ext", "/dev/x", NULL, NULL, "loopfile", "/dev/x"},
    {"drbd", "/dev/drbd0", NULL, NULL, NULL, NULL},
};

static void a_disk_by_its_type(void **state)
{
    static const char text[] = "[instance]\ndisk0_provider = loopfile\n";

    (void)state;
    ini_free(w.web1.ini);
    assert_int_equal(ini_parse(text, sizeof text - 1, &w.web1.ini, &w.err), 0);
    w.web1.disks[0].name = (char *)"root";
    for (size_t i = 0; i < sizeof disks / sizeof *disks; i++) {
        w.web1.disk_template = (char *)disks[i].type;
        w.web1.disks[0].path = (char *)disks[i].path;
        make();
        assert_value("INSTANCE_DISK0_DEV_TYPE", disks[i].type);
        assert_value("INSTANCE_DISK0_VG", disks[i].vg);
        assert_value("INSTANCE_DISK0_DRIVER", disks[i].driver);
        assert_value("INSTANCE_DISK0_PROVIDER", disks[i].provider);
        assert_value("INSTANCE_DISK0_ID", disks[i].id);
        assert_value("INSTANCE_DISK0_NAME", "root");
        assert_value("INSTANCE_DISK1_NAME", NULL);
        assert_value("INSTANCE_DISK0_UUID", NULL);
    }
    hooks_env_clear(&env);
}

static void a_bridge_only_where_there_is_one(void **state)
{
    static const struct {
        const char *mode, *bridge;
    } rows[] = {{"bridged", "br0"}, {"openvswitch", "br0"}, {"routed", NULL}, {NULL, NULL}};

    (void)state;
    w.web1.nnics = 1;
    for (size_t i = 0; i < 4; i++) {
        w.web1.nics[0] = (struct model_nic){.mode = (char *)rows[i].mode, .link = (char *)"br0"};
        make();
        assert_value("INSTANCE_NIC0_BRIDGE", rows[i].bridge);
        assert_value("INSTANCE_NIC0_MODE", rows[i].mode ? rows[i].mode : "None");
    }
    hooks_env_clear(&env);
}

static void a_nic_with_everything(void **state)
{
    (void)state;
    w.web1.nnics = 2;
    w.web1.nics[1] = (struct model_nic){.ip = (char *)"192.0.2.1",
                                        .network = (char *)"net1",
                                        .name = (char *)"eth9",
                                        .vlan = (char *)".100"};
    make();
    assert_value("INSTANCE_NIC_COUNT", "2");
    assert_value("INSTANCE_NIC1_IP", "192.0.2.1");
    assert_value("INSTANCE_NIC1_NETWORK_NAME", "net1");
    assert_value("INSTANCE_NIC1_NAME", "eth9");
    assert_value("INSTANCE_NIC1_VLAN", ".100");
    assert_value("INSTANCE_NIC0_NAME", NULL);
    assert_value("INSTANCE_NIC0_NETWORK_NAME", NULL);
    assert_value("INSTANCE_NIC0_IP", "");
    hooks_env_clear(&env);
}

static void without_disks_the_template_is_diskless(void **state)
{
    (void)state;
    w.web1.ndisks = 0;
    make();
    assert_value("INSTANCE_DISK_TEMPLATE", "diskless");
    assert_value("INSTANCE_DISK_COUNT", "0");
    hooks_env_clear(&env);
}

static void a_name_of_the_standard_ones_is_a_programming_error(void **state)
{
    struct lu lu = {.class = &lu_export_class, .model = &w.model};
    CLEANUP_STRVEC struct strvec all = {0};

    (void)state;
    assert_int_equal(hooks_env_add(&env, "CLUSTER", "x"), 0);
    assert_int_equal(hooks_env_complete(&lu, "pre", &env, NULL, &all, &w.err), -EIO);
    assert_int_equal(w.err.class, ERR_PROGRAMMER);
    assert_non_null(strstr(w.err.text, "GANETI_CLUSTER"));
    hooks_env_clear(&env);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(a_disk_by_its_type),
        WORLD_TEST(a_bridge_only_where_there_is_one),
        WORLD_TEST(a_nic_with_everything),
        WORLD_TEST(without_disks_the_template_is_diskless),
        WORLD_TEST(a_name_of_the_standard_ones_is_a_programming_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
