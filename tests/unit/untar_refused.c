/* Archives of which no byte is missing, and which are not an export of this instance all the same;
 * made by Python's tarfile, which makes anything. */
#include "tests/unit/untar_help.h"

/* body: Python with `t`, an open tarfile, and add(name, bytes, **attributes of the TarInfo) */
static void make(const char *body)
{
    static const char head[] =
        "import io, sys, tarfile\n"
        "HEAD = "
        "'''" HEAD "'''\n"
        "def add(name, data=b'', **more):\n"
        "    i = tarfile.TarInfo(name)\n"
        "    i.size = len(data)\n"
        "    for k, v in more.items(): setattr(i, k, v)\n"
        "    t.addfile(i, io.BytesIO(data) if i.isreg() else None)\n"
        "def config(lines='disk0_dump = a\\n', name='config.ini', head=HEAD):\n"
        "    add(name, (head + lines).encode())\n"
        "t = tarfile.open('t.tar', 'w', format=tarfile.PAX_FORMAT)\n";
    FILE *f = fopen(in_scratch("script.py"), "w");

    assert_non_null(f);
    fprintf(f, "%s%s\nt.close()\n", head, body);
    fclose(f);
    free(run_tool(PYTHON " -I script.py"));
}

struct row {
    const char *body;
    int error; /* 0: accepted */
    const char *says;
};

static void check_rows(const struct row *rows, size_t n)
{
    need_tool(PYTHON);
    for (size_t i = 0; i < n; i++) {
        print_message("# %s\n", rows[i].body);
        make(rows[i].body);
        if (rows[i].error)
            refused("t.tar", rows[i].error, rows[i].says);
        else
            manifest_free(accepted("t.tar"));
    }
}
#define CHECK(rows) check_rows(rows, sizeof(rows) / sizeof *(rows))

static void test_names(void **state)
{
    static const struct row rows[] = {
        {"config(); add('a')", 0, NULL},
        {"config(); add('../a')", -EINVAL, "../a"},
        {"config(); add('/a')", -EINVAL, "/a"},
        {"config(); add('//a')", -EINVAL, "/a"},
        {"config(); add('./../a')", -EINVAL, "../a"},
        {"config(name='x/config.ini'); add('x/../a')", -EINVAL, "x/../a"},
        {"config(name='../config.ini'); add('../a')", -EINVAL, "../config.ini"},
        {"config(name='/config.ini'); add('/a')", -EINVAL, "/config.ini"},
        {"config(name='x/config.ini'); add('x/..')", -EINVAL, ".."},
        {"config(name='x/config.ini'); add('x/.')", -EINVAL, "x/."},
        {"config(name='x/config.ini'); add('y/a')", -EINVAL, "y/a"},
        {"config(name='x/config.ini'); add('a')", -EINVAL, "'a'"},
        {"config(); add('x/a')", -EINVAL, "x/a"},
        {"config(name='x/y/config.ini'); add('x/y/a')", -EINVAL, "x/y/config.ini"},
        {"config(); add('x', type=tarfile.DIRTYPE); add('a')", -EINVAL, "'x/'"},
        {"config(name='x/config.ini'); add('x/sub', type=tarfile.DIRTYPE); add('x/a')", -EINVAL,
         "x/sub"},
        {"config(); add('.', type=tarfile.DIRTYPE); add('./a')", 0, NULL},
        {"config(); add('a'); add('.hidden')", -EINVAL, ".hidden"},
        {"config(); add('a'); add('._a')", -EINVAL, "._a"},
        {"config(); add('a\\nb')", -EINVAL, "a?b"},
        {"config(); add('n' * 256)", -EINVAL, "nnn"},
        {"config(); add('a'); add('other')", -EINVAL, "'other'"},
        {"config(); add('a'); add('a')", -EINVAL, "twice"},
        {"config(); add('a'); config()", -EINVAL, "twice"},
        {"config(); add('./a'); add('a')", -EINVAL, "twice"},
        {"t.encoding='latin-1'; t.format=tarfile.USTAR_FORMAT; config(); add('\\xe9')", -EINVAL,
         ""},
    };

    (void)state;
    CHECK(rows);
}

static void test_types(void **state)
{
    static const struct row rows[] = {
        {"config(); add('a', type=tarfile.SYMTYPE, linkname='/etc/passwd')", -EINVAL, "link"},
        {"config(); add('a', type=tarfile.LNKTYPE, linkname='config.ini')", -EINVAL, "link"},
        {"add('x'); add('config.ini', type=tarfile.SYMTYPE, linkname='x')", -EINVAL, "link"},
        {"config(); add('a', type=tarfile.FIFOTYPE)", -EINVAL, "plain"},
        {"config(); add('a', type=tarfile.CHRTYPE)", -EINVAL, "plain"},
        {"config(); add('a', type=tarfile.BLKTYPE, devmajor=7)", -EINVAL, "plain"},
        {"config(); add('a', type=tarfile.DIRTYPE)", -EINVAL, "'a/'"},
    };

    (void)state;
    CHECK(rows);
}

static void test_config(void **state)
{
    static const struct row rows[] = {
        {"add('a')", -EBADMSG, "config.ini is missing"},
        {"add('config.ini')", -EBADMSG, "config.ini is empty"},
        {"add('config.ini', b'x')", -EINVAL, "config.ini: line 1"},
        {"config('disk0_dump = b\\n'); add('a')", -EINVAL, "'a'"},
        {"config('disk0_dump = b\\n')", -EBADMSG, "b is missing"},
        {"config('disk0_dump = a\\ndisk1_dump = b\\n'); add('b')", -EBADMSG, "a is missing"},
        {"config('disk0_dump = ../a\\n'); add('a')", -EINVAL, "../a"},
        {"config('disk0_dump = /a\\n'); add('a')", -EINVAL, "/a"},
        {"config('disk0_dump = x/a\\n'); add('a')", -EINVAL, "x/a"},
        {"config('disk0_dump = config.ini\\n')", -EINVAL, "config.ini"},
        {"config('disk0_dump = a\\ndisk1_dump = a\\n'); add('a')", -EINVAL, "both 'a'"},
        {"config('disk16_dump = a\\n'); add('a')", -EINVAL, "16"},
        {"config('disk0_dump = a\\n', head=HEAD.replace('version = 0', 'version = 1')); add('a')",
         -EINVAL, "version 1"},
        {"config('disk0_dump = a\\n', head=HEAD.replace('version = 0\\n', '')); add('a')", -EINVAL,
         "version"},
        {"config('disk0_dump = a\\n', head=HEAD.replace('web1', 'web2')); add('a')", -EINVAL,
         "image of 'web2.example.com', not of 'web1.example.com'; write it as 'web2.example.com'"},
        {"config('disk0_dump = a\\n' + '#' * 99000); add('a')", -EINVAL, "config.ini has 99"},
        {"config('disk0_dump = disk0.raw\\ndisk0_size = 1\\n'); add('disk0.raw', b'x' * 1048577)",
         -EINVAL, "disk0.raw has 1048577 bytes"},
        {"config('disk0_dump = disk0.raw\\ndisk0_size = 1\\n'); add('disk0.raw', b'x' * 1048576)",
         0, NULL},
        {"config(''); [add('d%d' % i) for i in range(40)]", -EINVAL, "one file more"},
    };

    (void)state;
    CHECK(rows);
}

static void test_sums(void **state)
{
    static const struct row rows[] = {
        {"config(); add('a'); add('XXH128SUMS')", -EBADMSG, "does not name all"},
        {"config(); add('a'); add('XXH128SUMS', b'x')", -EBADMSG, "line 1"},
        {"config(); add('a'); add('XXH128SUMS', b'0' * 32 + b'  ../a')", -EBADMSG, "line 1"},
        {"config(); add('a'); add('XXH128SUMS', b'0' * 32 + b'  other')", -EINVAL, "'other'"},
        {"config(); add('a'); add('XXH128SUMS', b'0' * 32 + b'  a')", -EBADMSG, "a is not what"},
        {"config(); add('a'); add('XXH128SUMS', b'99aa06d3014798d86001c324468d497f  a\\n')",
         -EBADMSG, "does not name all"},
        {"config(); add('a'); add('XXH128SUMS', b'x' * 20000)", -EINVAL, "XXH128SUMS has 20000"},
    };

    (void)state;
    CHECK(rows);
}

static void test_one_digit_of_the_sums(void **state)
{
    (void)state;
    make_export();
    free(run_tool(
        "sed -i '2s/^./x/;2s/^x/'$(sed -n 2p exp/XXH128SUMS | cut -c1 | tr 0-9a-f 1-9a-f0)'/' "
        "exp/XXH128SUMS && " GNUTAR " -cf t.tar exp"));
    refused("t.tar", -EBADMSG, "disk0.raw is not what");
}

static void test_no_room(void **state)
{
    struct manifest *m;
    struct err err;

    (void)state;
    make_export();
    free(run_tool(GNUTAR " -cf t.tar exp"));
    /* holes take none */
    assert_int_equal(check_with("t.tar", 51 * 4096, 4 * MIB, &m, &err), 0);
    manifest_free(m);
    assert_int_equal(check_with("t.tar", 51 * 4096 - 1, 4 * MIB, &m, &err), -ENOSPC);
    assert_int_equal(check_with("t.tar", GIB, 2 * MIB, &m, &err), -EINVAL);
}

/* The end of one archive that was cut in two, with a marker of its own. */
static void test_second_volume(void **state)
{
    (void)state;
    need_tool(GNUTAR);
    for (int pax = 0; pax < 2; pax++) {
        make_export();
        free(run_tool("rm exp/XXH128SUMS; seq 100000 > exp/disk0.raw; " GNUTAR
                      " --format=%s -M -L 400 -cf u -cf t.tar exp/disk0.raw exp/disk1.raw "
                      "exp/config.ini",
                      pax ? "pax" : "gnu"));
        refused("t.tar", -EINVAL, "disk0.raw");
        refused("u", -EBADMSG, "");
    }
}

static void test_unreadable(void **state)
{
    struct manifest *m = NULL;
    struct err err = {0};

    (void)state;
    make_export();
    free(run_tool(GNUTAR " -cf t.tar exp"));

    int fd = open(in_scratch("t.tar"), O_WRONLY);
    struct manifest_job job = {.fd = fd, .instance = INST, .room = GIB, .max_bytes = GIB};

    assert_int_equal(untar_check(&job, &m, &err), -EBADF);
    assert_non_null(strstr(err.text, "Reading the archive at byte 0"));
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_names),
                                       cmocka_unit_test(test_types),
                                       cmocka_unit_test(test_config),
                                       cmocka_unit_test(test_sums),
                                       cmocka_unit_test(test_one_digit_of_the_sums),
                                       cmocka_unit_test(test_second_volume),
                                       cmocka_unit_test(test_unreadable),
                                       cmocka_unit_test(test_no_room)};

    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
