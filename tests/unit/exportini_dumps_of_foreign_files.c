/* exportini_dumps(): what any config.ini, also a foreign or hostile one, says about its dumps. */
#include "tests/unit/exportini_inst.h"

#define HEAD "[export]\nversion = 0\n[instance]\nname = i\n"

static int dumps(const char *text, struct exportini_dumps *d, struct err *err)
{
    struct ini *ini = ini_of(text);
    int r = exportini_dumps(ini, d, err);

    ini_free(ini);
    return r;
}

static void test_versions(void **state)
{
    static const char *const good[] = {"0", " 0 ", "00", "+0", "-0", "0_0"};
    static const char *const bad[] = {"", "x", "1", "-1", "0x0", "0 0", "0_", "_0", "0.0", "None"};

    (void)state;
    for (size_t i = 0; i < 6 + 10; i++) {
        const char *version = i < 6 ? good[i] : bad[i - 6];
        struct exportini_dumps d;
        struct err err = {0};
        char text[128];

        snprintf(text, sizeof text, "[export]\nversion = %s\n[instance]\nname = i\n", version);
        if (dumps(text, &d, &err) != (i < 6 ? 0 : -EINVAL))
            fail_msg("version '%s'", version);
    }
}

static void test_refused(void **state)
{
    static const struct {
        const char *text, *says;
    } table[] = {
        {"", "version"},
        {"[export]\n[instance]\nname = i\n", "version"},
        {"[instance]\nname = i\n", "version"},
        {"[export]\nversion = 0\n", "name"},
        {"[export]\nversion = 0\n[instance]\n", "name"},
        {"[export]\nversion = 0\n[instance]\nname =\n", "name"},
        {HEAD "disk0_dump = ../x\n", "../x"},
        {HEAD "disk0_dump = /abs\n", "/abs"},
        {HEAD "disk0_dump = a/b\n", "a/b"},
        {HEAD "disk0_dump = ..\n", "disk0_dump"},
        {HEAD "disk0_dump = .hidden\n", ".hidden"},
        {HEAD "disk0_dump =\n", "disk0_dump"},
        {HEAD "disk0_dump = a\n b\n", "disk0_dump"},
        {HEAD "disk0_dump = config.ini\n", "config.ini"},
        {HEAD "disk0_dump = XXH128SUMS\n", "XXH128SUMS"},
        {HEAD "disk0_dump = a\ndisk7_dump = a\n", "both 'a'"},
        {HEAD "disk16_dump = a\n", "more than 16"},
        {HEAD "disk99999999999999999999_size = 1\n", "more than 16"},
        {HEAD "disk0_size = -1\n", "disk0_size"},
        {HEAD "disk0_size = 1 GiB\n", "disk0_size"},
        {HEAD "disk0_size = 99999999999999999999\n", "disk0_size"},
        {HEAD "disk0_size = 17592186044416\n", "disk0_size"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct exportini_dumps d = {.n = 77};
        struct err err = {0};

        if (dumps(table[i].text, &d, &err) != -EINVAL || !strstr(err.text, table[i].says))
            fail_msg("%s\nsaid '%s'", table[i].text, err.text);
        assert_int_equal(d.n, 77);
    }
}

static void test_accepted(void **state)
{
    struct exportini_dumps d = {0};
    struct err err;

    (void)state;
    assert_int_equal(dumps(HEAD, &d, &err), 0);
    assert_int_equal(d.n, 0);

    assert_int_equal(dumps(HEAD "disk_count = 1\ndisk1_dump = d.snap\ndisk1_size = 1500\n"
                                "disk1_ivname = disk/1\ndisk01_dump = x\ndisk0_dumps = y\n",
                           &d, &err),
                     0);
    assert_int_equal(d.n, 2);
    assert_null(d.names[0]);
    assert_string_equal(d.names[1], "d.snap");
    assert_int_equal(d.size_mib[1], 1500);
    exportini_dumps_clear(&d);
    assert_null(d.names[1]);

    /* "none" is unset; a size without dump is a disk without dump */
    assert_int_equal(dumps(HEAD "disk0_dump = None\ndisk2_size = 0\nDISK3_DUMP = x\n", &d, &err),
                     0);
    assert_int_equal(d.n, 4);
    assert_null(d.names[0]);
    assert_null(d.names[2]);
    assert_string_equal(d.names[3], "x");
    exportini_dumps_clear(&d);
}

static void test_own_file(void **state)
{
    struct model_instance inst = sample_instance(sample_params);
    struct ini *ini = render_and_read(&inst);
    struct exportini_dumps d = {0};
    struct err err;

    (void)state;
    assert_int_equal(exportini_dumps(ini, &d, &err), 0);
    assert_int_equal(d.n, 1);
    assert_string_equal(d.names[0], "disk0.raw");
    assert_int_equal(d.size_mib[0], 2048);
    exportini_dumps_clear(&d);
    ini_free(ini);
    ini_free(inst.ini);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_versions), cmocka_unit_test(test_refused),
        cmocka_unit_test(test_accepted), cmocka_unit_test(test_own_file)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
