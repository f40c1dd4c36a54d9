/* Which of the instance's parameters are written, and how often a disk or NIC may occur. */
#include "tests/unit/exportini_inst.h"

static void test_old_memory_means_both(void **state)
{
    struct model_instance inst = sample_instance("[backend]\nmemory = 300\nauto_balance = True\n");
    struct ini *ini = render_and_read(&inst);

    (void)state;
    assert_string_equal(ini_get(ini, "backend", "maxmem"), "300");
    assert_string_equal(ini_get(ini, "backend", "minmem"), "300");
    assert_string_equal(ini_get(ini, "backend", "vcpus"), "2");
    assert_null(ini_get(ini, "backend", "memory"));
    ini_free(ini);
    ini_free(inst.ini);
}

static void test_backend_from_instance(void **state)
{
    struct model_instance inst = sample_instance(NULL);
    struct ini *ini = render_and_read(&inst);

    (void)state;
    assert_string_equal(ini_get(ini, "backend", "maxmem"), "1024");
    assert_string_equal(ini_get(ini, "backend", "minmem"), "512");
    assert_string_equal(ini_get(ini, "backend", "vcpus"), "2");
    assert_int_equal(ini_section(ini, "hypervisor")->n, 0);
    assert_int_equal(ini_section(ini, "os")->n, 0);
    assert_null(ini_section(ini, "os_private"));
    assert_false(exportini_has_secrets(ini));
    ini_free(ini);
}

static void test_values_are_kept(void **state)
{
    struct model_instance inst =
        sample_instance("[hypervisor]\nkernel_args = quiet 50%%\n\troot=/dev/x\n"
                        "[os]\nDHCP_Mode = None\n[os_private]\nPass = %%(x)s\n");
    struct ini *ini = render_and_read(&inst);

    (void)state;
    assert_string_equal(ini_get(ini, "hypervisor", "kernel_args"), "quiet 50%\nroot=/dev/x");
    assert_string_equal(ini_section(ini, "os")->entries[0].key, "DHCP_Mode");
    assert_string_equal(ini_get(ini, "os", "dhcp_mode"), "None");
    assert_string_equal(ini_get(ini, "os_private", "pass"), "%(x)s");
    assert_true(exportini_has_secrets(ini));
    ini_free(ini);
    ini_free(inst.ini);
}

static void test_no_disks_no_nics(void **state)
{
    struct model_instance inst = sample_instance(sample_params);

    (void)state;
    inst.ndisks = inst.nnics = 0;
    inst.os = (char *)"";
    inst.tags = (char *)"";

    struct ini *ini = render_and_read(&inst);

    assert_string_equal(ini_get(ini, "instance", "disk_count"), "0");
    assert_string_equal(ini_get(ini, "instance", "nic_count"), "0");
    assert_null(ini_get(ini, "instance", "disk0_dump"));
    assert_null(ini_get(ini, "instance", "nic0_mac"));
    assert_string_equal(ini_get(ini, "instance", "tags"), "");
    assert_string_equal(ini_get(ini, "export", "os"), "");
    ini_free(ini);
    ini_free(inst.ini);
}

static void test_sixteen_disks(void **state)
{
    struct model_instance inst = sample_instance(sample_params);

    (void)state;
    inst.ndisks = MODEL_MAX_DISKS;
    for (unsigned j = 0; j < inst.ndisks; j++)
        inst.disks[j] = (struct model_disk){.size_mib = j, .bytes = 5 * MODEL_MIB + 1};
    inst.disks[3].name = (char *)"root";

    struct ini *ini = render_and_read(&inst);

    assert_string_equal(ini_get(ini, "instance", "disk_count"), "16");
    assert_string_equal(ini_get(ini, "instance", "disk15_dump"), "disk15.raw");
    assert_string_equal(ini_get(ini, "instance", "disk15_ivname"), "disk/15");
    assert_string_equal(ini_get(ini, "instance", "disk15_size"), "15");
    assert_string_equal(ini_get(ini, "instance", "disk0_size"), "6");
    assert_string_equal(ini_get(ini, "instance", "disk3_name"), "root");
    ini_free(ini);
    ini_free(inst.ini);
}

static void test_too_large(void **state)
{
    struct model_instance inst = sample_instance(sample_params);
    size_t len = 0, big = EXPORTINI_MAX;
    char *value = calloc(1, big), *text = NULL;
    struct err err = {0};

    (void)state;
    memset(value, 'x', big - 1);
    assert_int_equal(ini_set(inst.ini, "os", "big", value), 0);
    assert_int_equal(exportini_render(&inst, 0, &text, &len, &err), -EFBIG);
    assert_non_null(strstr(err.text, "inst1.example.com"));
    value[big - 4096] = '\0';
    assert_int_equal(ini_set(inst.ini, "os", "big", value), 0);
    assert_int_equal(exportini_render(&inst, 0, &text, &len, &err), 0);
    assert_int_equal(len, EXPORTINI_MAX);
    free(text);
    free(value);
    ini_free(inst.ini);
}

static void test_names_the_culprit(void **state)
{
    struct model_instance inst = sample_instance(sample_params);
    char *text = NULL;
    size_t len;
    struct err err = {0};

    (void)state;
    inst.nics[0].link = (char *)"br0\nmode = x ";
    assert_int_equal(exportini_render(&inst, 0, &text, &len, &err), -EINVAL);
    assert_non_null(strstr(err.text, "nic0_link"));
    assert_null(text);
    ini_free(inst.ini);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_old_memory_means_both), cmocka_unit_test(test_backend_from_instance),
        cmocka_unit_test(test_values_are_kept),       cmocka_unit_test(test_no_disks_no_nics),
        cmocka_unit_test(test_sixteen_disks),         cmocka_unit_test(test_too_large),
        cmocka_unit_test(test_names_the_culprit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
