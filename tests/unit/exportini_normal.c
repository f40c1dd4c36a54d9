/* Somebody else's config.ini in our form: dumps renamed in order, all else kept, padded. */
#include "tests/unit/exportini_inst.h"

static const char foreign[] = "[export]\nversion = 0\ntimestamp = 1795337984\nsource = 4d43\n"
                              "os = randfill+default\ncompression = none\n\n"
                              "[instance]\nname = inst2.gnt.example\nnic0_vlan = \n"
                              "disk0_dump = 1985bae5\ndisk0_size = 16\n"
                              "DISK2_DUMP = b579b9ba\ndisk2_size = 8\ndisk2_name = None\n"
                              "disk_count = 2\n\n"
                              "[hypervisor]\n\n[os]\nUPPER = 100%%\n\n[os_private]\n\n";

static void test_dumps_are_renamed(void **state)
{
    struct ini *ini = ini_of(foreign), *normal;
    struct exportini_dumps d = {0};
    struct err err;
    char *text = NULL;
    size_t len = 0;

    (void)state;
    assert_int_equal(exportini_normal(ini, &text, &len, &err), 0);
    assert_int_equal(len, EXPORTINI_PAD);
    assert_int_equal(strlen(text), len);
    normal = ini_of(text);
    assert_int_equal(exportini_dumps(normal, &d, &err), 0);
    assert_string_equal(d.names[0], "disk0.raw");
    assert_null(d.names[1]);
    assert_string_equal(d.names[2], "disk1.raw"); /* a gap in the indexes is none in the names */
    assert_int_equal(d.size_mib[2], 8);
    exportini_dumps_clear(&d);
    ini_free(normal);
    ini_free(ini);
    free(text);
}

/* Apart from the dumps and the padding it is what it was, to the letter. */
static void test_nothing_else_changes(void **state)
{
    struct ini *ini = ini_of(foreign);
    struct err err;
    char *text = NULL, *line = strdup(foreign), *save = NULL;
    size_t len = 0;

    (void)state;
    assert_int_equal(exportini_normal(ini, &text, &len, &err), 0);
    for (char *p = strtok_r(line, "\n", &save); p; p = strtok_r(NULL, "\n", &save))
        if (!strcasestr(p, "_dump"))
            assert_non_null(strstr(text, p));
    ini_free(ini);
    free(line);
    free(text);
}

static void test_what_is_no_export_is_refused(void **state)
{
    struct ini *ini = ini_of("[export]\nversion = 1\n[instance]\nname = i\n");
    struct err err;
    char *text = NULL;
    size_t len = 7;

    (void)state;
    assert_int_equal(exportini_normal(ini, &text, &len, &err), -EINVAL);
    assert_null(text);
    assert_int_equal(len, 7);
    ini_free(ini);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dumps_are_renamed),
        cmocka_unit_test(test_nothing_else_changes),
        cmocka_unit_test(test_what_is_no_export_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
