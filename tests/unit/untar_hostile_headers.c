/* Headers that claim what is not there, or never end: refused, in bounded memory. */
#include "tests/unit/untar_memory.h"

/* script: Python that writes f, the archive; block(name, type, size) is a header */
static void script(const char *body, const char *filter)
{
    static const char head[] = "import sys, tarfile\n"
                               "CONFIG = b'''" HEAD "disk0_dump = a\n'''\n"
                               "def block(name, type=b'0', size=0):\n"
                               "    i = tarfile.TarInfo(name)\n"
                               "    i.type = type\n"
                               "    i.size = size\n"
                               "    return i.tobuf(tarfile.GNU_FORMAT)\n"
                               "def pad(b): return b + bytes(-len(b) % 512)\n"
                               "f = sys.stdout.buffer\n"
                               "f.write(block('config.ini', size=len(CONFIG)) + pad(CONFIG))\n";
    FILE *s = fopen(in_scratch("script.py"), "w");

    assert_non_null(s);
    fprintf(s, "%s%s\n", head, body);
    fclose(s);
    free(run_tool(PYTHON " -I script.py | %s > t.tar", filter));
}

static void test_sizes_beyond_the_data(void **state)
{
    (void)state;
    need_tool(PYTHON);
    script("f.write(block('a', size=1 << 20) + bytes(5000))", "cat");
    refused("t.tar", -EBADMSG, "a: ");
    script("f.write(block('a', size=8 << 30) + bytes(1 << 20))", "cat");
    refused("t.tar", -EBADMSG, "a: ");
    script("f.write(block('a', size=1 << 40) + bytes(5000))", "cat");
    refused("t.tar", -EINVAL, "too much");
    script("f.write(block('a', size=(1 << 63) - 1) + bytes(5000))", "cat");
    refused("t.tar", -EBADMSG, "overflow");
    script("f.write(block('config.ini', size=1 << 40) + bytes(512))", "cat");
    refused("t.tar", -EINVAL, "");
}

/* 8 EiB of a hole behind one byte; a map that never ends; parts that overlap */
static void test_sparse_maps(void **state)
{
    static const char sparse[] =
        "def record(k, v):\n"
        "    n = len(k) + len(v) + 3\n"
        "    while len(str(n)) + len(k) + len(v) + 3 != n: n = len(str(n)) + len(k) + len(v) + 3\n"
        "    return ('%%d %%s=%%s\\n' %% (n, k, v)).encode()\n"
        "def sparse(size, map, body=512):\n"
        "    p = b''.join(record(*x) for x in (('GNU.sparse.major', '1'), ('GNU.sparse.minor', "
        "'0'),\n"
        "        ('GNU.sparse.name', 'a'), ('GNU.sparse.realsize', str(size))))\n"
        "    f.write(block('x', b'x', len(p)) + pad(p))\n"
        "    f.write(block('a', size=len(pad(map)) + body) + pad(map) + b'x' * body)\n"
        "%s\n"
        "f.write(bytes(10240))\n";
    static const struct {
        const char *call;
        int error;
    } rows[] = {
        {"sparse(1 << 20, b'1\\n4096\\n512\\n')", 0},
        {"sparse((1 << 63) - 1, b'1\\n4096\\n512\\n')", -EINVAL},
        {"sparse(1 << 41, b'1\\n4096\\n512\\n')", -EINVAL},
        {"sparse(1 << 20, b'2\\n4096\\n256\\n0\\n256\\n')", -EBADMSG},
        {"sparse(1 << 20, b'2\\n4096\\n256\\n4096\\n256\\n')", -EBADMSG},
        {"sparse(1 << 20, b'1\\n1048576\\n512\\n')", -EBADMSG},
        {"sparse(1 << 20, b'1\\n4096\\n500\\n')", -EBADMSG},
        {"sparse(1 << 20, b'1\\n4096\\n1024\\n')", -EBADMSG},
        {"sparse(1 << 20, b'1\\n4096\\n512\\n', 1024)", -EBADMSG},
        {"sparse(1 << 20, b'2\\n4096\\n512\\n9000\\n3\\n', 515)", 0},
        {"sparse(1 << 20, b'3000000\\n' + b'0\\n0\\n' * 3000000)", -EINVAL},
        {"sparse(1 << 20, b'90000000\\n' + b'0\\n0\\n' * 9000)", -EBADMSG},
    };

    (void)state;
    need_tool(PYTHON);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char body[2000];

        print_message("# %s\n", rows[i].call);
        snprintf(body, sizeof body, sparse, rows[i].call);
        script(body, "zstd -q");
        if (rows[i].error)
            refused("t.tar", rows[i].error, "");
        else
            manifest_free(accepted("t.tar"));
        check_memory();
    }
}

static void test_headers(void **state)
{
    static const char *const bodies[] = {
        "f.write((block('x', b'x', 0)) * 100000)",
        "f.write((block('x', b'g', 0)) * 100000)",
        "f.write((block('x', b'x', 20) + pad(b'20 comment=xxxxxxxx\\n')) * 100000)",
        "f.write((block('x', b'g', 20) + pad(b'20 comment=xxxxxxxx\\n')) * 100000)",
        "f.write((block('x', b'L', 5) + pad(b'abcd')) * 100000)",
        "f.write((block('x', b'V', 0)) * 100000)",
        "f.write((block('x', b'x', 1000000) + pad(b'1000000 c=' + b'x' * 999989 + b'\\n')) * 30)",
        "f.write(block('x', b'x', 1 << 30)); [f.write(bytes(1 << 20)) for i in range(50)]",
        "f.write(block('x', b'g', 1 << 30)); [f.write(bytes(1 << 20)) for i in range(50)]",
        "f.write(block('x', b'L', 1 << 30)); [f.write(b'x' * (1 << 20)) for i in range(50)]",
    };

    (void)state;
    need_tool(PYTHON);
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        struct manifest *m;
        struct err err;
        char body[300];

        print_message("# %s\n", bodies[i]);
        snprintf(body, sizeof body, "%s\nf.write(block('a') + bytes(1024))", bodies[i]);
        script(body, "zstd -q -1");

        int r = check_with("t.tar", GIB, GIB, &m, &err);

        if (r != -EBADMSG && r != -EINVAL)
            fail_msg("%d %s", r, err.text);
        check_memory();
    }
}

static void test_a_million_members(void **state)
{
    (void)state;
    need_tool(PYTHON);
    script("[f.write(block('f%07d' % i)) for i in range(100)]; f.write(block('f') * 1000000)",
           "zstd -q -1");
    refused("t.tar", -EINVAL, "more than an export can have");
    script("f.write(block('./', b'5') * 1000000 + bytes(1024))", "zstd -q -1");
    refused("t.tar", -EINVAL, "more members");
    check_memory();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sizes_beyond_the_data),
        cmocka_unit_test(test_sparse_maps),
        cmocka_unit_test(test_headers),
        cmocka_unit_test(test_a_million_members),
    };

    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
