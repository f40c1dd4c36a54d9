/* GNU tar, bsdtar (libarchive) and Python's tarfile list and extract our tars: names, sizes, modes,
 * times and bytes, without a word on stderr. */
#include "tests/unit/tarmap_file.h"

#define GNUTAR "/usr/bin/tar"
#define BSDTAR "/usr/bin/bsdtar"

/* dir "NAME", sizes of up to 18 members; compares what each tool says with what we meant */
static void check(const char *dir, const struct tarmap_member *m, size_t n)
{
    struct tarmap *map = build(dir, m, n);
    char *want = NULL;
    size_t len;
    FILE *f = open_memstream(&want, &len);

    materialise(map, in_scratch("t.tar"));
    for (size_t i = 0; i < n; i++)
        fprintf(f, "%s/%s %llu 600 0 0 1700000000\n", dir, m[i].name,
                (unsigned long long)m[i].size);
    fclose(f);

    char *got =
        run_tool(GNUTAR " --numeric-owner --full-time --utc -tvf t.tar | awk "
                        "'{print $6, $3, $1, $2, $4, $5}' > gnu && sed 's/ -rw------- 0\\/0 "
                        "2023-11-14 22:13:20$/ 600 0 0 1700000000/' gnu");

    assert_string_equal(got, want);
    free(got);
    got = run_tool(BSDTAR " -tf t.tar | cut -d/ -f2 > bsd && wc -l < bsd");
    assert_int_equal(atoi(got), n);
    assert_int_equal(strspn(got, "0123456789\n"), strlen(got));
    free(got);

    static const char script[] =
        "import tarfile\n"
        "with tarfile.open('t.tar') as t:\n"
        "    for m in t:\n"
        "        assert m.isreg() and m.uname in ('', 'root')\n"
        "        print(m.name, m.size, oct(m.mode)[2:], m.uid, m.gid, m.mtime)\n";

    write_file(in_scratch("script.py"), script, sizeof script - 1);
    got = run_tool(PYTHON " -I script.py");
    assert_string_equal(got, want);
    free(got);
    free(want);
    tarmap_free(map);
}

/* extracts member i with a tool and compares it with what materialise() put there */
static void check_content(const char *cmd, const char *dir, const struct tarmap_member *m, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        int fd = open(in_scratch("want"), O_RDWR | O_CREAT | O_TRUNC, 0600);

        assert_true(fd >= 0);
        if (m[i].size)
            mark(fd, 0, m[i].size, (int)i);
        assert_int_equal(ftruncate(fd, (off_t)m[i].size), 0);
        close(fd);
        run_silently("%s t.tar '%s/%s' > got && cmp got want && rm got", cmd, dir, m[i].name);
    }
}

static void need_tools(void)
{
    need_tool(GNUTAR);
    need_tool(BSDTAR);
    need_tool(PYTHON);
}

static void test_small_sizes(void **state)
{
    static const uint64_t sizes[] = {0, 1, 511, 512, 3584, 4095, 4096, 4097, MIB + 1};

    (void)state;
    need_tools();
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct tarmap_member m[] = {{"config.ini", 4096, 0},
                                    {"disk0.raw", sizes[i], 1},
                                    {"disk1.raw", sizes[(i + 5) % 9], 1},
                                    {"disk2.raw", 1, 1},
                                    {"XXH128SUMS", 87, 0}};

        check("inst1.example.com", m, 5);
        check_content(GNUTAR " -xOf", "inst1.example.com", m, 5);
        check_content(BSDTAR " -xOf", "inst1.example.com", m, 5);
    }
}

static void test_sixteen_disks(void **state)
{
    char names[16][16];
    struct tarmap_member m[18] = {{"config.ini", 8192, 0}};

    (void)state;
    need_tools();
    for (int j = 0; j < 16; j++) {
        snprintf(names[j], sizeof names[j], "disk%d.raw", j);
        m[j + 1] = (struct tarmap_member){names[j], (uint64_t)j * 517, 1};
    }
    m[17] = (struct tarmap_member){"XXH128SUMS", 800, 0};
    check("i", m, 18);
    check_content(GNUTAR " -xOf", "i", m, 18);
}

static void test_diskless(void **state)
{
    struct tarmap_member m[] = {{"config.ini", 4096, 0}, {"XXH128SUMS", 45, 0}};

    (void)state;
    need_tools();
    check("i", m, 2);
    check_content(BSDTAR " -xOf", "i", m, 2);
}

/* around the limit of ustar's size field; the tools see the sizes, and the member behind is right
 */
static void test_big_sizes(void **state)
{
    static const uint64_t sizes[] = {8 * GIB - 1, 8 * GIB, 9 * GIB};

    (void)state;
    need_tools();
    for (size_t i = 0; i < 3; i++) {
        struct tarmap_member m[] = {
            {"config.ini", 4096, 0}, {"disk0.raw", sizes[i], 1}, {"disk1.raw", 77, 1}};

        check("i", m, 3);
        run_silently(GNUTAR " -xOf t.tar i/disk1.raw > got && printf beg00002 | cmp -n 8 - got");
        run_silently("[ $(stat -c %%b t.tar) -lt 4096 ]");
    }
}

static void test_long_names(void **state)
{
    char dir[241] = {0}, name[256] = {0};

    (void)state;
    need_tools();
    for (size_t i = 60; i <= 240; i += 60) {
        memset(dir, 'd', i);
        memset(name, 'n', i + 15);

        struct tarmap_member m[] = {{"config.ini", 4096, 0}, {name, 9, 1}, {"XXH128SUMS", 87, 0}};

        check(dir, m, 3);
        check_content(GNUTAR " -xOf", dir, m, 3);
        check_content(BSDTAR " -xOf", dir, m, 3);
    }
}

static void test_names_beyond_ascii(void **state)
{
    struct tarmap_member m[] = {{"config.ini", 4096, 0}, {"pl\xc3\xa4tte \xe2\x82\xac.raw", 9, 1}};
    struct tarmap *map;

    (void)state;
    need_tools();
    setenv("LC_ALL", "C.UTF-8", 1);
    map = build("i", m, 2);
    materialise(map, in_scratch("t.tar"));
    tarmap_free(map);
    check_content(GNUTAR " -xOf", "i", m, 2);
    check_content(BSDTAR " -xOf", "i", m, 2);
    unsetenv("LC_ALL");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_small_sizes), cmocka_unit_test(test_sixteen_disks),
        cmocka_unit_test(test_diskless),    cmocka_unit_test(test_big_sizes),
        cmocka_unit_test(test_long_names),  cmocka_unit_test(test_names_beyond_ascii),
    };

    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
