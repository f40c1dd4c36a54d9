/* sftp_servers.c - other servers than OpenSSH's: those with fewer abilities, those that answer in
 * pieces or in another order, and those that talk nonsense, after which the connection is given up.
 */
#include "tests/unit/ganeti/sftp_fixture.h"

/* open, then what `program` does with what is asked for next */
#define OPENED(program)                                                                            \
    "hello()\n"                                                                                    \
    "t, i, b = hear()\n"                                                                           \
    "packet(102, i + string(b'handle'))\n" program

static void use_python(struct env *e, const char *program)
{
    sftp_free(e->s);
    e->s = python_client(program, 60);
}

static struct sftp_file *open_there(struct env *e, const char *program)
{
    struct sftp_file *f;

    use_python(e, program);
    assert_int_equal(sftp_open(e->s, "/f", O_RDWR, 0, &f, &e->err), 0);
    return f;
}

/* Without extensions, 32 KiB at a time: what it asks for is in the first bytes of each answer. */
static void few_abilities(void **state)
{
    struct env *e = *state;
    CLEANUP_FREE uint8_t *buf = calloc(1, 100000);
    struct sftp_space space;
    struct sftp_file *f =
        open_there(e, OPENED("for k in range(4):\n"
                             "    t, i, b = hear()\n"
                             "    n = struct.unpack('>I', b[18:22])[0]\n"
                             "    packet(103, i + string(b[10:22] + bytes(n - 12)))\n"
                             "time.sleep(1000)\n"));

    assert_int_equal(sftp_pread(f, buf, 100000, 0, &e->err), 100000);
    for (int i = 0; i < 3; i++)
        assert_int_equal(buf[i * 32768 + 6] << 8 | buf[i * 32768 + 7], i * 32768 & 0xffff);
    assert_int_equal(buf[10] << 8 | buf[11], 32768);
    assert_int_equal(sftp_fsync(f, &e->err), -EOPNOTSUPP);
    assert_int_equal(sftp_space(e->s, "/", &space, &e->err), -EOPNOTSUPP);
    sftp_close(f);
}

/* 1000 bytes at most an answer, the end is told apart from that; limits that are none. */
static void answers_in_pieces(void **state)
{
    struct env *e = *state;
    CLEANUP_FREE uint8_t *buf = calloc(1, 200000);
    struct sftp_file *f;

    use_python(e, "hello((b'limits@openssh.com', b'1'))\n"
                  "t, i, b = hear()\n"
                  "packet(201, i + u64(1) + u64(0) + u64(1) + u64(0))\n"
                  "t, i, b = hear()\n"
                  "packet(102, i + string(b'handle'))\n"
                  "size = 123456\n"
                  "data = bytes((k * 2654435761 % 2**64 >> 13) & 255 for k in range(size))\n"
                  "while True:\n"
                  "    t, i, b = hear()\n"
                  "    if t != 5: continue\n"
                  "    off, n = struct.unpack('>QI', b[10:22])\n"
                  "    part = data[off:off + min(n, 1000)]\n"
                  "    if part: packet(103, i + string(part))\n"
                  "    else: packet(101, i + u32(1) + string(b'') + string(b''))\n");
    assert_int_equal(sftp_open(e->s, "/f", O_RDONLY, 0, &f, &e->err), 0);
    assert_int_equal(sftp_pread(f, buf, 200000, 0, &e->err), 123456);
    assert_true(is_content(buf, 123456, 0));
    assert_int_equal(sftp_pread(f, buf, 50000, 70001, &e->err), 50000);
    assert_true(is_content(buf, 50000, 70001));
    sftp_close(f);
}

static void answers_in_another_order(void **state)
{
    struct env *e = *state;
    CLEANUP_FREE uint8_t *buf = calloc(1, 8 * 32768);
    struct sftp_file *f =
        open_there(e, OPENED("asked = [hear() for k in range(8)]\n"
                             "for k in (3, 7, 0, 1, 2, 6, 5, 4):\n"
                             "    packet(103, asked[k][1] + string(bytes([k]) * 32768))\n"
                             "time.sleep(1000)\n"));

    assert_int_equal(sftp_pread(f, buf, 8 * 32768, 0, &e->err), 8 * 32768);
    for (size_t i = 0; i < 8 * 32768; i++)
        assert_int_equal(buf[i], i / 32768);
    sftp_close(f);
}

/* An error in the middle is the result, and nothing is written to the buffer after that. */
static void error_in_the_middle(void **state)
{
    struct env *e = *state;
    CLEANUP_FREE uint8_t *buf = calloc(1, 4 * 32768);
    struct sftp_file *f = open_there(
        e, OPENED("asked = [hear() for k in range(4)]\n"
                  "for k in (0, 1, 2, 3):\n"
                  "    if k == 1: packet(101, asked[k][1] + u32(4) + string(b'bad\\nsector'))\n"
                  "    else: packet(103, asked[k][1] + string(bytes([7]) * 32768))\n"
                  "time.sleep(1000)\n"));

    assert_int_equal(sftp_pread(f, buf, 4 * 32768, 0, &e->err), -EIO);
    assert_non_null(strstr(e->err.text, "bad?sector"));
    assert_int_equal(buf[4 * 32768 - 1], 7); /* all answers were waited for */
    sftp_close(f);
}

/* One answer never comes, others do all the time. */
static void one_answer_is_missing(void **state)
{
    struct env *e = *state;
    struct sftp_read *lost;
    struct sftp_file *f;
    struct err err;
    char byte, other;
    int r;

    sftp_free(e->s);
    e->s = python_client(OPENED("hear()\n"
                                "while True:\n"
                                "    t, i, b = hear()\n"
                                "    packet(103, i + string(b'x'))\n"),
                         1);
    assert_int_equal(sftp_open(e->s, "/f", O_RDONLY, 0, &f, &e->err), 0);
    assert_int_equal(sftp_read_begin(f, &byte, 1, 0, &lost, &e->err), 0);
    while ((r = (int)sftp_pread(f, &other, 1, 0, &err)) == 1)
        usleep(10000);
    assert_true(r == -ETIMEDOUT || r == -ESTALE);
    assert_int_equal(sftp_read_end(lost, &e->err), -ETIMEDOUT);
    sftp_close(f);
}

static void greetings_that_are_none(void **state)
{
    static const char *const programs[] = {
        "say(b'Welcome to node1, stranger, and be good!\\n')\ntime.sleep(1000)\n",
        "hear()\nsay(u32(0))\ntime.sleep(1000)\n",
        "hear()\nsay(u32(-1))\ntime.sleep(1000)\n",
        "hear()\npacket(2, b'')\ntime.sleep(1000)\n",
        "hear()\npacket(2, u32(2))\ntime.sleep(1000)\n",
        "hear()\npacket(101, u32(3))\ntime.sleep(1000)\n",
        "hear()\npacket(2, u32(3) + u32(-1))\ntime.sleep(1000)\n",
        "hear()\npacket(2, u32(3) + string(b'name without value'))\ntime.sleep(1000)\n",
        "hear()\nsay(u32(100) + bytes([2]) + u32(3))\n",
        "hello((b'limits@openssh.com', b'1'))\nt, i, b = hear()\npacket(201, "
        "u32(99))\ntime.sleep(1000)\n",
        "hello((b'limits@openssh.com', b'1'))\nt, i, b = hear()\npacket(103, "
        "i)\ntime.sleep(1000)\n",
    };
    struct env *e = *state;
    struct sftp_attrs a;

    for (size_t i = 0; i < sizeof programs / sizeof *programs; i++) {
        use_python(e, programs[i]);
        assert_int_equal(sftp_stat(e->s, "/", true, &a, &e->err), -EHOSTUNREACH);
    }
}

/* What is answered to the one request, of whichever kind. */
static const char *const nonsense[] = {
    "say(u32(0) + bytes(20))",
    "say(u32(4) + bytes(20))",
    "say(u32(-1) + bytes([105]) + i)",
    "say(u32(0x7fffffff) + bytes([103]) + i)",
    "say(u32(0x00100000) + bytes([104]) + i)",
    "packet(105, u32(12345))",
    "packet(105, i)",
    "packet(105, i + u32(1) + u32(1))",
    "packet(105, i + u32(-1))",
    "packet(105, i + u32(0x80000000) + u32(-1) + string(b'x') + string(b'y'))",
    "packet(101, i)",
    "packet(101, i + u32(0))",
    "packet(102, i)",
    "packet(102, i + u32(-1) + b'x')",
    "packet(102, i + string(bytes(257)))",
    "packet(103, i)",
    "packet(103, i + u32(-1))",
    "packet(103, i + u32(0))",
    "packet(103, i + string(bytes(100000)))",
    "packet(103, i + u32(5) + b'xyz')",
    "packet(103, i + u32(3) + b'xyz' + b'more')",
    "packet(104, i)",
    "packet(104, i + u32(0))",
    "packet(104, i + u32(-1))",
    "packet(104, i + u32(2) + string(b'a') + string(b'') + u32(0))",
    "packet(104, i + u32(1) + u32(-1) + b'a' + string(b'') + u32(0))",
    "packet(104, i + u32(1) + string(b'a\\0b') + string(b'') + u32(0))",
    "packet(201, i + u64(1))",
    "packet(77, i + bytes(100))",
};

#define THEN_WAIT "\ntime.sleep(1000)\n"

static void answers_that_are_none(void **state)
{
    struct env *e = *state;
    struct sftp_attrs a;
    struct sftp_entries all;
    struct sftp_space space;
    struct sftp_file *f = NULL;
    char program[512];

    for (size_t i = 0; i < sizeof nonsense / sizeof *nonsense; i++) {
        snprintf(program, sizeof program,
                 "hello((b'statvfs@openssh.com', b'2'))\nt, i, b = hear()\n%s" THEN_WAIT,
                 nonsense[i]);
        use_python(e, program);
        /* two that all but their own kind of answer is nonsense to */
        assert_true(sftp_rmdir(e->s, "/", &e->err) == -ECONNRESET ||
                    strstr(nonsense[i], "u32(0))"));
        assert_null(f);
        use_python(e, program);
        assert_int_equal(sftp_stat(e->s, "/", true, &a, &e->err), -ECONNRESET);
        assert_int_equal(sftp_generation(e->s), 0);
        use_python(e, program);
        assert_int_equal(sftp_space(e->s, "/", &space, &e->err), -ECONNRESET);
        use_python(e, program);
        assert_int_equal(sftp_list(e->s, "/", &all, &e->err), -ECONNRESET);
    }
}

static void lists_and_data_that_are_none(void **state)
{
    struct env *e = *state;
    struct sftp_entries all;
    struct sftp_file *f;
    char program[512];
    char buf[16];

    for (size_t i = 0; i < sizeof nonsense / sizeof *nonsense; i++) {
        snprintf(program, sizeof program, OPENED("t, i, b = hear()\n%s" THEN_WAIT), nonsense[i]);
        use_python(e, program);
        assert_int_equal(sftp_list(e->s, "/", &all, &e->err), -ECONNRESET);
        f = open_there(e, program);
        assert_int_equal(sftp_pread(f, buf, sizeof buf, 0, &e->err), -ECONNRESET);
        sftp_close(f);
        f = open_there(e, program);
        if (!strstr(nonsense[i], "101"))
            assert_int_equal(sftp_pwrite(f, buf, sizeof buf, 0, &e->err), -ECONNRESET);
        sftp_close(f);
    }
}

/* An endless list, and answers to nothing. */
static void never_enough(void **state)
{
    struct env *e = *state;
    struct sftp_entries all;
    struct sftp_attrs a;
    int r;

    use_python(e, OPENED("entries = (string(b'n') + string(b'') + u32(0)) * 10000\n"
                         "while True:\n"
                         "    t, i, b = hear()\n"
                         "    packet(104, i + u32(10000) + entries)\n"));
    assert_int_equal(sftp_list(e->s, "/", &all, &e->err), -EFBIG);
    use_python(e, "hello()\nwhile True: packet(101, u32(7) + u32(0))\n");
    r = sftp_stat(e->s, "/", true, &a, &e->err);
    assert_true(r == -ECONNRESET ||
                r == -EHOSTUNREACH); /* it may be gone before anything is asked */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(few_abilities, setup, teardown),
        cmocka_unit_test_setup_teardown(answers_in_pieces, setup, teardown),
        cmocka_unit_test_setup_teardown(answers_in_another_order, setup, teardown),
        cmocka_unit_test_setup_teardown(error_in_the_middle, setup, teardown),
        cmocka_unit_test_setup_teardown(one_answer_is_missing, setup, teardown),
        cmocka_unit_test_setup_teardown(greetings_that_are_none, setup, teardown),
        cmocka_unit_test_setup_teardown(answers_that_are_none, setup, teardown),
        cmocka_unit_test_setup_teardown(lists_and_data_that_are_none, setup, teardown),
        cmocka_unit_test_setup_teardown(never_enough, setup, teardown),
    };

    NEED_PIDFD();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
