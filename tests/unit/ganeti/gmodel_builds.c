/* gmodel.h: what a cluster says becomes a model. */
#include "tests/unit/ganeti/gmodel_rows.h"

#include "export/exportini.h"

static void the_cluster(void **state)
{
    CLEANUP_MODEL struct model *m = build(two_nodes(), json_array(), NULL);

    (void)state;
    assert_string_equal(m->name, "cluster.example.com");
    assert_string_equal(m->master_node, "n1.example.com");
    assert_null(m->error);
    assert_int_equal(m->ninstances, 0);
}

static void nodes(void **state)
{
    CLEANUP_MODEL struct model *m = build(two_nodes(), json_array(), NULL);

    (void)state;
    assert_int_equal(m->nnodes, 2);
    assert_string_equal(m->nodes[0].name, "n1.example.com");
    assert_string_equal(m->nodes[0].address, "192.0.2.1");
    assert_string_equal(m->nodes[0].export_dir, "/var/lib/ganeti/export");
    assert_string_equal(m->nodes[0].hooks_dir, "");
    assert_false(m->nodes[0].offline || m->nodes[0].drained);
    assert_null(m->nodes[0].error);
    assert_string_equal(m->nodes[1].address, "fd00::2");
    assert_true(m->nodes[1].drained);
}

static void the_master_is_who_is_it_now(void **state)
{
    CLEANUP_MODEL struct model *m = build(
        json_pack("[oo]",
                  node_row("{\"name\": \"n1.example.com\", \"offline\": true, \"drained\": false, "
                           "\"master\": false, \"pip\": \"192.0.2.1\"}"),
                  node_row("{\"name\": \"n2.example.com\", \"offline\": false, \"drained\": false, "
                           "\"master\": true, \"pip\": \"192.0.2.2\"}")),
        json_array(), NULL);

    (void)state;
    assert_string_equal(m->master_node, "n2.example.com");
    assert_true(m->nodes[0].offline);
}

static void directories_of_this_machine(void **state)
{
    static const char *const dirs[] = {"n2=/srv/n2", "gone=/srv/gone", NULL};
    struct gmodel_options before = options;

    (void)state;
    options.nodedirs = dirs;
    options.nnodedirs = 1;

    CLEANUP_MODEL struct model *m = build(two_nodes(), json_array(), NULL);

    assert_null(m->error);
    assert_null(m->nodes[1].address);
    assert_string_equal(m->nodes[1].export_dir, "/srv/n2");
    assert_string_equal(m->nodes[0].address, "192.0.2.1");
    options.nnodedirs = 2; /* its node has left */

    CLEANUP_MODEL struct model *next = build(two_nodes(), json_array(), NULL);

    options = before;
    assert_non_null(strstr(next->error, "gone"));
    assert_null(next->nodes[1].address);
}

static void an_instance(void **state)
{
    CLEANUP_MODEL struct model *m = build(two_nodes(), json_pack("[o]", instance_row()), NULL);
    const struct model_instance *i = model_find_instance(m, "web.example.com");

    (void)state;
    assert_non_null(i);
    if (i->error)
        fail_msg("%s", i->error);
    assert_string_equal(i->primary_node, "n2.example.com");
    assert_int_equal(i->admin_state, ADMIN_DOWN);
    assert_string_equal(i->os, "debian+default");
    assert_string_equal(i->hypervisor, "kvm");
    assert_string_equal(i->disk_template, "drbd");
    assert_string_equal(i->tags, "a b");
    assert_int_equal(i->maxmem, 128);
    assert_int_equal(i->minmem, 64);
    assert_int_equal(i->vcpus, 2);
    assert_int_equal(i->stamp.mtime.tv_sec, 1795337854);
    assert_int_equal(i->nnics, 1);
    assert_string_equal(i->nics[0].mac, "aa:00:00:11:2c:fa");
    assert_null(i->nics[0].ip);
    assert_string_equal(i->nics[0].name, "eth0");
}

static void disks(void **state)
{
    CLEANUP_MODEL struct model *m = build(two_nodes(), json_pack("[o]", instance_row()), NULL);
    const struct model_instance *i = m->instances[0];

    (void)state;
    assert_int_equal(i->ndisks, 2);
    assert_string_equal(i->disks[0].path, "");
    assert_string_equal(i->disks[0].mode, "rw");
    assert_string_equal(i->disks[0].name, "root");
    assert_null(i->disks[1].name);
    assert_true(i->disks[0].size_mib == 1024 && i->disks[0].size_given);
    assert_true(i->disks[0].bytes == 1024 * MODEL_MIB);
    assert_true(i->disks[0].blocks512 == 1024 * MODEL_MIB / 512);
    assert_true(i->disks[0].is_block);
    assert_int_equal(i->disks[0].ino, 0);
    assert_int_equal(i->disks[0].look_error, 0);
}

static void snapshots_by_template(void **state)
{
    static const struct {
        const char *template;
        bool can;
    } rows[] = {{"\"plain\"", true},    {"\"drbd\"", true},     {"\"ext\"", true},
                {"\"file\"", false},    {"\"rbd\"", false},     {"\"sharedfile\"", false},
                {"\"gluster\"", false}, {"\"blockdev\"", false}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        CLEANUP_MODEL struct model *m = build(
            two_nodes(), json_pack("[o]", instance_with("disk_template", rows[i].template)), NULL);

        assert_null(m->instances[0]->error);
        assert_int_equal(m->instances[0]->disks[1].can_snapshot, rows[i].can);
    }
}

static void without_an_os_or_disks_or_nics(void **state)
{
    json_t *r = instance_with("os", "\"\"");
    static const char *const empty[] = {"disk.sizes", "disk.names",   "nic.macs",
                                        "nic.ips",    "nic.networks", "nic.names",
                                        "nic.modes",  "nic.links",    "nic.vlans"};

    (void)state;
    for (size_t i = 0; i < sizeof empty / sizeof *empty; i++)
        json_array_set_new(r, (size_t)column(gmodel_instance_fields, empty[i]), json_array());

    CLEANUP_MODEL struct model *m = build(two_nodes(), json_pack("[o]", r), NULL);

    assert_null(m->instances[0]->error);
    assert_string_equal(m->instances[0]->os, "");
    assert_int_equal(m->instances[0]->ndisks, 0);
    assert_int_equal(m->instances[0]->nnics, 0);
}

static void what_is_only_planned_is_not_there(void **state)
{
    CLEANUP_MODEL struct model *m =
        build(two_nodes(),
              json_pack("[oo]", instance_with("forthcoming", "true"),
                        row(gmodel_instance_fields, "{\"forthcoming\": true}")),
              NULL);

    (void)state;
    assert_int_equal(m->ninstances, 0);
    assert_null(m->error);
}

/* Versions before 3.0 do not know the field. */
static void what_an_older_cluster_does_not_say(void **state)
{
    CLEANUP_MODEL struct model *m =
        build(two_nodes(), json_pack("[o]", instance_with("forthcoming", "null")), NULL);

    (void)state;
    assert_int_equal(m->ninstances, 1);
    assert_null(m->instances[0]->error);
}

static const char config_ini[] = "[export]\n"
                                 "version = 0\n"
                                 "timestamp = 1795337902\n"
                                 "source = n2.example.com\n"
                                 "os = debian+default\n"
                                 "compression = none\n"
                                 "\n"
                                 "[instance]\n"
                                 "name = web.example.com\n"
                                 "maxmem = 128\n"
                                 "minmem = 64\n"
                                 "memory = 128\n"
                                 "vcpus = 2\n"
                                 "disk_template = drbd\n"
                                 "hypervisor = kvm\n"
                                 "tags = a b\n"
                                 "nic0_mac = aa:00:00:11:2c:fa\n"
                                 "nic0_ip = None\n"
                                 "nic0_network = None\n"
                                 "nic0_name = eth0\n"
                                 "nic0_link = br0\n"
                                 "nic0_mode = bridged\n"
                                 "nic0_vlan = \n"
                                 "nic_count = 1\n"
                                 "disk0_ivname = disk/0\n"
                                 "disk0_dump = disk0.raw\n"
                                 "disk0_size = 1024\n"
                                 "disk0_name = root\n"
                                 "disk1_ivname = disk/1\n"
                                 "disk1_dump = disk1.raw\n"
                                 "disk1_size = 20\n"
                                 "disk1_name = None\n"
                                 "disk_count = 2\n"
                                 "\n"
                                 "[hypervisor]\n"
                                 "acpi = True\n"
                                 "boot_order = None\n"
                                 "cpu_cores = 0\n"
                                 "kernel_path = \n"
                                 "root_path = /dev/vda1\n"
                                 "vnc_tls = False\n"
                                 "\n"
                                 "[backend]\n"
                                 "always_failover = False\n"
                                 "auto_balance = True\n"
                                 "maxmem = 128\n"
                                 "minmem = 64\n"
                                 "spindle_use = 1\n"
                                 "vcpus = 2\n"
                                 "\n"
                                 "[os]\n"
                                 "Size = 50%%\n"
                                 "\n"
                                 "[os_private]\n"
                                 "\n";

/* All parameters in force but for Ganeti's globals, as Python's str() has them (spec 7.4). */
static void config_ini_is_as_ganeti_writes_it(void **state)
{
    CLEANUP_MODEL struct model *m = build(two_nodes(), json_pack("[o]", instance_row()), NULL);
    CLEANUP_FREE char *text = NULL;
    size_t len;

    (void)state;
    if (exportini_render(m->instances[0], 1795337902, &text, &len, &err) < 0)
        fail_msg("%s", err.text);
    *strchr(text, '#') = '\0';
    assert_string_equal(text, config_ini);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_cluster),
        cmocka_unit_test(nodes),
        cmocka_unit_test(the_master_is_who_is_it_now),
        cmocka_unit_test(directories_of_this_machine),
        cmocka_unit_test(an_instance),
        cmocka_unit_test(disks),
        cmocka_unit_test(snapshots_by_template),
        cmocka_unit_test(without_an_os_or_disks_or_nics),
        cmocka_unit_test(what_is_only_planned_is_not_there),
        cmocka_unit_test(what_an_older_cluster_does_not_say),
        cmocka_unit_test(config_ini_is_as_ganeti_writes_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
