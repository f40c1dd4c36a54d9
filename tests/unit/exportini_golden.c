/* config.ini to the byte: the specification's v3 sample, with our dump names. */
#include "tests/unit/exportini_inst.h"

static const char golden[] = "[export]\n"
                             "version = 0\n"
                             "timestamp = 1646081481\n"
                             "source = node1.example.com\n"
                             "os = debootstrap+default\n"
                             "compression = none\n"
                             "\n"
                             "[instance]\n"
                             "name = inst1.example.com\n"
                             "maxmem = 1024\n"
                             "minmem = 512\n"
                             "memory = 1024\n"
                             "vcpus = 2\n"
                             "disk_template = plain\n"
                             "hypervisor = kvm\n"
                             "tags = web prod\n"
                             "nic0_mac = aa:00:00:12:34:56\n"
                             "nic0_ip = 192.0.2.10\n"
                             "nic0_network = None\n"
                             "nic0_name = eth0\n"
                             "nic0_link = br0\n"
                             "nic0_mode = bridged\n"
                             "nic0_vlan = \n"
                             "nic_count = 1\n"
                             "disk0_ivname = disk/0\n"
                             "disk0_dump = disk0.raw\n"
                             "disk0_size = 2048\n"
                             "disk0_name = None\n"
                             "disk_count = 1\n"
                             "\n"
                             "[hypervisor]\n"
                             "acpi = True\n"
                             "boot_order = disk\n"
                             "kernel_path = \n"
                             "\n"
                             "[backend]\n"
                             "always_failover = False\n"
                             "auto_balance = True\n"
                             "maxmem = 1024\n"
                             "minmem = 512\n"
                             "spindle_use = 1\n"
                             "vcpus = 2\n"
                             "\n"
                             "[os]\n"
                             "\n"
                             "[os_private]\n"
                             "password = hunter2\n"
                             "\n";

static void test_bytes(void **state)
{
    struct model_instance inst = sample_instance(sample_params);
    size_t len;
    char *text = render(&inst, &len);

    (void)state;
    assert_int_equal(strlen(text), len);
    assert_int_equal(len, EXPORTINI_PAD);
    assert_memory_equal(text, golden, sizeof golden - 1);
    for (const char *p = text + sizeof golden - 1; *p; p = strchr(p, '\n') + 1)
        assert_int_equal(*p, '#');
    assert_int_equal(text[len - 1], '\n');
    free(text);
    ini_free(inst.ini);
}

static void test_python_reads_it(void **state)
{
    struct model_instance inst = sample_instance(sample_params);
    size_t len;
    char *text = render(&inst, &len);

    (void)state;
    write_file(in_scratch("config.ini"), text, len);
    write_file(in_scratch("golden.ini"), golden, sizeof golden - 1);

    char *out = run_python("import configparser\n" PY_DUMP
                           "a, b = configparser.ConfigParser(), configparser.ConfigParser()\n"
                           "a.read('config.ini'); b.read('golden.ini')\n"
                           "print(dump(a) == dump(b), len(dump(a)) > 500)\n");

    assert_string_equal(out, "True True\n");
    free(out);
    free(text);
    ini_free(inst.ini);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_bytes),
                                       cmocka_unit_test(test_python_reads_it)};

    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
