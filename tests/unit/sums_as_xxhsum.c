/* XXH128SUMS is, to the byte, what `xxhsum -H128` prints, and `xxhsum -c` accepts it. */
#include "export/sums.h"
#include "tests/unit/format_tools.h"

#include <errno.h>

#define XXHSUM "/usr/bin/xxhsum"

static const char *const names[] = {"config.ini", "disk0.raw", "empty", "a b"};

static char *make_files(size_t *len)
{
    struct sums_entry e[4] = {0};
    char *text = NULL;

    for (size_t i = 0; i < 4; i++) {
        char data[5000];
        size_t n = i == 2 ? 0 : sizeof data - i;

        memset(data, 'a' + (int)i, sizeof data);
        write_file(in_scratch(names[i]), data, n);
        snprintf(e[i].name, sizeof e[i].name, "%s", names[i]);
        XXH128_canonicalFromHash(&e[i].digest, XXH3_128bits(data, n));
    }
    assert_int_equal(sums_format(e, 4, &text, len), 0);
    return text;
}

static void test_same_as_tool(void **state)
{
    size_t len;

    (void)state;
    need_tool(XXHSUM);

    char *text = make_files(&len);

    char *tool = run_tool(XXHSUM " -q -H128 config.ini disk0.raw empty 'a b'");

    assert_string_equal(tool, text);
    assert_int_equal(strlen(text), len);
    assert_int_equal(sums_size(names, 4), len);
    free(tool);

    write_file(in_scratch("XXH128SUMS"), text, len);
    free(run_tool(XXHSUM " -q -c XXH128SUMS"));
    write_file(in_scratch("disk0.raw"), "x", 1);
    free(run_tool("! " XXHSUM " -q -c XXH128SUMS"));
    free(text);
}

static void test_parse_back(void **state)
{
    size_t len, n = 0;
    char *text = make_files(&len);
    struct sums_entry *e = NULL;
    struct err err;

    (void)state;
    assert_int_equal(sums_parse(text, len, &e, &n, &err), 0);
    assert_int_equal(n, 4);
    assert_string_equal(e[3].name, "a b");

    char *again = NULL;
    size_t again_len;

    assert_int_equal(sums_format(e, n, &again, &again_len), 0);
    assert_string_equal(again, text);
    free(again);
    free(e);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_same_as_tool),
                                       cmocka_unit_test(test_parse_back)};

    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
