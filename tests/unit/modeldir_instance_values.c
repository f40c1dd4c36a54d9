/* Instance files that are good: every key, the defaults, disks as they are found. */
#include "modeldir_fixture.h"

#include <errno.h>

static const struct model_instance *web1(const struct model *m)
{
    const struct model_instance *i = model_find_instance(m, "web1");

    assert_non_null(i);
    if (i->error)
        fail_msg("%s", i->error);
    return i;
}

static void defaults(void **state)
{
    (void)state;
    fixture_write("instances/web1.ini", "[instance]\nprimary_node = NODE2\n");

    struct model *m = fixture_load(NULL);
    const struct model_instance *i = web1(m);

    assert_string_equal(i->primary_node, "node2.example.com");
    assert_int_equal(i->admin_state, ADMIN_DOWN);
    assert_string_equal(i->hypervisor, "none");
    assert_string_equal(i->os, "");
    assert_string_equal(i->tags, "");
    assert_string_equal(i->disk_template, "diskless");
    assert_int_equal(i->maxmem + i->minmem + i->vcpus, 0);
    assert_int_equal(i->ndisks + i->nnics, 0);
    model_unref(m);
}

/* The config.ini of an export of v3 (spec §7.4) with the keys that make it an instance. */
static void all_keys_of_a_v3_export(void **state)
{
    (void)state;
    fixture_write("instances/web1.ini",
                  "[export]\nversion = 0\ntimestamp = 1646081481\nsource = uuid\n"
                  "os = debootstrap+default\ncompression = none\n\n"
                  "[instance]\nname = web1\nmaxmem = 1024\nminmem = 512\nmemory = 1024\n"
                  "vcpus = 2\ndisk_template = plain\nhypervisor = fake\ntags = web prod\n"
                  "nic0_mac = aa:00:00:12:34:56\nnic0_ip = 192.0.2.10\nnic0_network = None\n"
                  "nic0_name = eth0\nnic0_link = br0\nnic0_mode = bridged\nnic0_vlan = \n"
                  "nic_count = 1\ndisk0_ivname = disk/0\ndisk0_dump = c1f6b0de\n"
                  "disk0_size = 2048\ndisk0_name = None\ndisk_count = 1\n"
                  "primary_node = node1\nadmin_state = up\ndisk0_path = /nowhere/disk\n"
                  "disk0_mode = ro\nauto_balance = True\n\n"
                  "[hypervisor]\nacpi = True\nroot-path = /dev/x\n\n[backend]\nvcpus = 9\n"
                  "spindle_use = 1\n\n[os]\n\n[os_private]\npassword = x\n");

    struct model *m = fixture_load(NULL);
    const struct model_instance *i = web1(m);

    assert_string_equal(i->os, "debootstrap+default");
    assert_int_equal(i->admin_state, ADMIN_UP);
    assert_string_equal(i->hypervisor, "fake");
    assert_string_equal(i->disk_template, "plain");
    assert_string_equal(i->tags, "web prod");
    assert_int_equal(i->maxmem, 1024);
    assert_int_equal(i->minmem, 512);
    assert_int_equal(i->vcpus, 2);
    assert_int_equal(i->nnics, 1);
    assert_string_equal(i->nics[0].mac, "aa:00:00:12:34:56");
    assert_null(i->nics[0].network);
    assert_string_equal(i->nics[0].vlan, "");
    assert_int_equal(i->ndisks, 1);
    assert_null(i->disks[0].name);
    assert_string_equal(i->disks[0].mode, "ro");
    assert_string_equal(i->disks[0].path, "/nowhere/disk");
    assert_int_equal(i->disks[0].look_error, -ENOENT);
    assert_int_equal(i->disks[0].bytes, 2048 * MODEL_MIB);
    model_unref(m);
}

static void old_memory_stands_for_both(void **state)
{
    struct model *m;

    (void)state;
    fixture_write("instances/web1.ini", "[instance]\nprimary_node = node1\nmemory = 512\n"
                                        "[backend]\nmaxmem = 7\nminmem = 7\nvcpus = 3\n");
    m = fixture_load(NULL);
    assert_int_equal(web1(m)->maxmem, 512);
    assert_int_equal(web1(m)->minmem, 512);
    assert_int_equal(web1(m)->vcpus, 3);
    model_unref(m);
}

static void disks_are_looked_at(void **state)
{
    struct model *m;

    (void)state;
    fixture_write("disk0", "");
    assert_int_equal(truncate(fixture_path("disk0"), 3 * 1024 * 1024 + 1), 0);
    fixture_mkdir("disk1");
    fixture_write("instances/web1.ini",
                  "[instance]\nprimary_node = node1\ndisk0_path = disk0\ndisk1_path = disk1\n"
                  "disk2_path = /dev/null\ndisk2_size = 8796093022207\n");
    m = fixture_load(NULL);

    const struct model_disk *d = web1(m)->disks;

    assert_string_equal(d[0].path, fixture_path("disk0"));
    assert_int_equal(d[0].look_error, 0);
    assert_int_equal(d[0].bytes, 3 * 1024 * 1024 + 1);
    assert_int_equal(d[0].size_mib, 4);
    assert_false(d[0].size_given);
    assert_false(d[0].is_block);
    assert_true(d[0].ino != 0);
    assert_int_equal(d[1].look_error, -EISDIR);
    assert_int_equal(d[1].bytes, 0);
    assert_int_equal(d[2].look_error, -ENOTBLK);
    assert_true(d[2].bytes == 8796093022207ULL * MODEL_MIB);
    model_unref(m);
}

static void sixteen_disks(void **state)
{
    char text[2048] = "[instance]\nprimary_node = node1\ndisk_count = 16\n";

    (void)state;
    for (int j = 0; j < 16; j++)
        sprintf(text + strlen(text), "disk%d_path = d%d\n", j, j);
    fixture_write("instances/web1.ini", text);

    struct model *m = fixture_load(NULL);

    assert_int_equal(web1(m)->ndisks, 16);
    model_unref(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(defaults),
        FIXTURE_TEST(all_keys_of_a_v3_export),
        FIXTURE_TEST(old_memory_stands_for_both),
        FIXTURE_TEST(disks_are_looked_at),
        FIXTURE_TEST(sixteen_disks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
