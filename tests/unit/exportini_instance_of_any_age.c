/* exportini_instance_of_any_age.c - the instance that a config.ini tells of: v2.3's keys and v3's,
 * what cannot be made out is left out and never refused. */
#include "export/exportini.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
/* cmocka wants the ones above first */
#include <cmocka.h>

static struct model_instance *instance(const char *text)
{
    struct model_instance *ret;
    struct ini *ini;
    struct err err;

    if (ini_parse(text, strlen(text), &ini, &err) < 0)
        fail_msg("%s", err.text);
    assert_int_equal(exportini_instance(ini, "web", &ret), 0);
    return ret;
}

static void as_version_3_writes_it(void **state)
{
    struct model_instance *i = instance(
        "[export]\nversion = 0\nos = debian+x\n"
        "[instance]\nname = web\nmaxmem = 512\nminmem = 256\nmemory = 512\nvcpus = 2\n"
        "disk_template = plain\nhypervisor = kvm\ntags = a b\n"
        "nic0_mac = aa:bb\nnic0_ip = None\nnic0_mode = bridged\nnic0_link = br0\nnic0_vlan =\n"
        "nic_count = 1\n"
        "disk0_ivname = disk/0\ndisk0_dump = d0\ndisk0_size = 10\ndisk0_name = root\n"
        "disk_count = 1\n[hypervisor]\nkernel = /x\n[backend]\nvcpus = 4\n");

    (void)state;
    assert_string_equal(i->name, "web");
    assert_null(i->error);
    assert_string_equal(i->primary_node, "");
    assert_int_equal(i->admin_state, ADMIN_DOWN);
    assert_string_equal(i->os, "debian+x");
    assert_string_equal(i->hypervisor, "kvm");
    assert_string_equal(i->disk_template, "plain");
    assert_string_equal(i->tags, "a b");
    assert_int_equal(i->maxmem, 512);
    assert_int_equal(i->minmem, 256);
    assert_int_equal(i->vcpus, 4);
    assert_int_equal(i->nnics, 1);
    assert_string_equal(i->nics[0].mac, "aa:bb");
    assert_null(i->nics[0].ip);
    assert_null(i->nics[0].vlan);
    assert_string_equal(i->nics[0].link, "br0");
    assert_int_equal(i->ndisks, 1);
    assert_int_equal(i->disks[0].size_mib, 10);
    assert_string_equal(i->disks[0].name, "root");
    assert_null(i->disks[0].path);
    assert_string_equal(ini_get(i->ini, "hypervisor", "kernel"), "/x");
    model_instance_unref(i);
}

/* One memory for both bounds; a disk whose snapshot failed has left a gap. */
static void as_version_2_3_does(void **state)
{
    struct model_instance *i =
        instance("[export]\nversion = 0\nos = x\n[backend]\nmemory = 128\n[instance]\nname = web\n"
                 "memory = 100\ndisk1_dump = b.snap\ndisk1_size = 3\ndisk_count = 1\n"
                 "nic_count = 2\nnic1_mac = aa:bb\n");

    (void)state;
    assert_int_equal(i->maxmem, 128);
    assert_int_equal(i->minmem, 128);
    assert_int_equal(i->ndisks, 2);
    assert_int_equal(i->disks[0].size_mib, 0);
    assert_int_equal(i->disks[1].size_mib, 3);
    assert_int_equal(i->nnics, 0); /* as the importer counts them */
    assert_string_equal(i->hypervisor, "");
    assert_string_equal(i->disk_template, "");
    model_instance_unref(i);
}

static void what_is_no_number_is_left_out(void **state)
{
    struct model_instance *i =
        instance("[export]\nversion = 0\n[instance]\nname = web\nmaxmem = lots\nvcpus = -1\n"
                 "minmem = 99999999999999999999\nnic0_mac = a\nnic1_mac = a\nnic2_mac = a\n"
                 "nic3_mac = a\nnic4_mac = a\nnic5_mac = a\nnic6_mac = a\nnic7_mac = a\n"
                 "nic8_mac = a\n");

    (void)state;
    assert_int_equal(i->maxmem, 0);
    assert_int_equal(i->minmem, 0);
    assert_int_equal(i->vcpus, 0);
    assert_int_equal(i->nnics, MODEL_MAX_NICS);
    model_instance_unref(i);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_version_3_writes_it),
        cmocka_unit_test(as_version_2_3_does),
        cmocka_unit_test(what_is_no_number_is_left_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
