/* Instance files that cannot be used: each becomes .error of its entry, naming key and reason. */
#include "modeldir_fixture.h"

#define P "primary_node = node1\n"

static const struct {
    const char *text, *reason;
} rows[] = {
    {"", "primary_node is missing"},
    {"prose\n", "line 1"},
    {"[instance]\n" P "[instance]\n", "line 3"},
    {"[instance]\n" P P, "line 3"},
    {"[instance]\nprimary_node = node9\n", "primary_node: 'node9' is not a node"},
    {"[instance]\nprimary_node = node\n", "'node' is not a node"},
    {"[instance]\n" P "name = web2\n", "'web2' is not the file's name 'web1'"},
    {"[instance]\n" P "name = web\n", "name"},
    {"[instance]\n" P "disk0path = x\n", "no key 'disk0path'"},
    {"[instance]\n" P "disk_path = x\n", "no key 'disk_path'"},
    {"[instance]\n" P "disk0_foo = x\n", "no key 'disk0_foo'"},
    {"[instance]\n" P "disk00_path = x\n", "no key 'disk00_path'"},
    {"[instance]\n" P "nic0_bridge = x\n", "no key 'nic0_bridge'"},
    {"[instance]\n" P "[instanse]\n", "unknown section [instanse]"},
    {"[export]\nversio = 0\n[instance]\n" P, "no key 'versio'"},
    {"[instance]\n" P "admin_state = running\n", "admin_state: 'running'"},
    {"[instance]\n" P "admin_state = up\n", "admin_state is up, but hypervisor is none"},
    {"[instance]\n" P "admin_state = up\nhypervisor = none\n", "hypervisor is none"},
    {"[instance]\n" P "hypervisor = kvm\n", "hypervisor 'kvm' is not supported (fake, none)"},
    {"[instance]\n" P "hypervisor = Fake\n", "hypervisor 'Fake' is not supported (fake, none)"},
    {"[instance]\n" P "os = a\n[export]\nos = b\n", "os is 'a'"},
    /* disks */
    {"[instance]\n" P "disk1_path = x\n", "disk1_path: there is no disk0_path"},
    {"[instance]\n" P "disk0_path = x\ndisk2_path = y\n", "disk2_path: there is no disk1_path"},
    {"[instance]\n" P "disk0_size = 1\n", "disk0_size: there is no disk0_path"},
    {"[instance]\n" P "disk0_path =\n", "disk0_path: there is no disk0_path"},
    {"[instance]\n" P "disk16_path = x\n", "disk16_path: at most 16 disks"},
    {"[instance]\n" P "disk0_path = x\ndisk0_size = 0\n", "disk0_size: '0'"},
    {"[instance]\n" P "disk0_path = x\ndisk0_size = -1\n", "disk0_size: '-1'"},
    {"[instance]\n" P "disk0_path = x\ndisk0_size = 1.5\n", "disk0_size: '1.5'"},
    {"[instance]\n" P "disk0_path = x\ndisk0_size = 1G\n", "disk0_size: '1G'"},
    {"[instance]\n" P "disk0_path = x\ndisk0_size = 8796093022208\n", "disk0_size"},
    {"[instance]\n" P "disk0_path = x\ndisk0_size = 18446744073709551617\n", "disk0_size"},
    {"[instance]\n" P "disk0_path = x\ndisk1_path = x\n", "disk0_path and disk1_path are the same"},
    {"[instance]\n" P "disk0_path = x\ndisk0_mode = rx\n", "disk0_mode: 'rx'"},
    {"[instance]\n" P "disk0_path = x\n y\n", "disk0_path: control character"},
    {"[instance]\n" P "disk0_path = x\ndisk_count = 2\n", "disk_count is 2, but there are 1"},
    {"[instance]\n" P "disk_count = x\n", "disk_count: 'x'"},
    /* nics and memory */
    {"[instance]\n" P "nic1_mac = aa:00:00:00:00:01\n", "nic0 is missing"},
    {"[instance]\n" P "nic8_mac = aa:00:00:00:00:01\n", "nic8_mac: at most 8 nics"},
    {"[instance]\n" P "nic0_mac = aa:00:00:00:00:01\nnic_count = 0\n", "nic_count is 0"},
    {"[instance]\n" P "maxmem = lots\n", "maxmem: 'lots'"},
    {"[instance]\n" P "maxmem = 1\nminmem = 2\n", "minmem (2) is more than maxmem (1)"},
    {"[instance]\n" P "[backend]\nvcpus = two\n", "[backend] vcpus: 'two'"},
    {"[instance]\n" P "memory = 99999999999999999999\n", "memory"},
};

static void every_row(void **state)
{
    (void)state;
    fixture_write("instances/good.ini", "[instance]\n" P);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        fixture_write("instances/web1.ini", rows[i].text);

        struct model *m = fixture_load(NULL);
        const struct model_instance *inst = model_find_instance(m, "web1");

        assert_int_equal(m->ninstances, 2);
        assert_non_null(inst);
        fixture_has(inst->error, "instances/web1.ini");
        fixture_has(inst->error, rows[i].reason);
        assert_int_equal(inst->ndisks, 0);
        assert_null(model_find_instance(m, "good")->error);
        model_unref(m);
    }
}

static void names_that_cannot_be_shown(void **state)
{
    struct model *m;

    (void)state;
    fixture_write("instances/.hidden.ini", "x");
    fixture_write("instances/web1.ini~", "x");
    fixture_write("instances/.web1.ini.swp", "x");
    fixture_write("instances/README", "x");
    m = fixture_load(NULL);
    assert_int_equal(m->ninstances, 0);
    assert_null(m->error);
    model_unref(m);

    fixture_write("instances/a\nb.ini", "[instance]\n" P);
    m = fixture_load(NULL);
    assert_int_equal(m->ninstances, 0);
    fixture_has(m->error, "instances/a?b");
    model_unref(m);
}

static void names_that_differ_only_in_case(void **state)
{
    struct model *m, *next;

    (void)state;
    fixture_write("instances/Web1.ini", "[instance]\n" P);
    fixture_write("instances/web1.ini", "[instance]\n" P);
    fixture_write("instances/web2.ini", "[instance]\n" P);
    m = fixture_load(NULL);
    assert_int_equal(m->ninstances, 3);
    fixture_has(model_find_instance(m, "web1")->error, "instances/Web1.ini");
    fixture_has(model_find_instance(m, "Web1")->error, "instances/web1.ini");
    assert_null(model_find_instance(m, "web2")->error);

    /* and it heals, also for the one whose file is unchanged */
    fixture_remove("instances/Web1.ini");
    next = fixture_load(m);
    assert_null(model_find_instance(next, "web1")->error);
    model_unref(m);
    model_unref(next);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(every_row),
        FIXTURE_TEST(names_that_cannot_be_shown),
        FIXTURE_TEST(names_that_differ_only_in_case),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
