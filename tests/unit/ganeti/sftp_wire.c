/* sftp_wire.c - the decoder against bytes of all kinds: it reads what is there, tells what is not,
 * and never looks beyond the end.  Each packet lies before the end of a block of its own, so that
 * the sanitizers and valgrind see it if it does. */
#include "export/ganeti/sftp_internal.h"
#include "tests/unit/ganeti/sftp_fixture.h"

#include <limits.h>

#define ROUNDS 200000

/* A copy of its own of the first n bytes. */
static struct sftp_in packet(const void *p, size_t n, void **ret)
{
    *ret = malloc(n ? n : 1);
    assert_non_null(*ret);
    memcpy(*ret, p, n);
    return (struct sftp_in){.p = *ret, .n = n};
}

static void decode_all(const void *p, size_t n)
{
    CLEANUP_FREE void *mem = NULL;
    CLEANUP(sftp_entries_clear) struct sftp_entries e = {0};
    const struct sftp_in start = packet(p, n, &mem);
    struct sftp_abilities can = {0};
    struct sftp_space space;
    struct sftp_attrs a;
    struct sftp_in in;
    size_t len, alloc = 0;

    in = start;
    sftp_get_attrs(&in, &a);
    assert_true(in.n <= n);
    in = start;
    if (!sftp_get_bytes(&in, &len))
        assert_true(in.bad && len == 0);
    else
        assert_true(len <= n - 4);
    in = start;
    while (sftp_get_names(&in, &e, &alloc) == 0)
        ;
    for (size_t i = 0; i < e.n; i++)
        assert_true(strlen(e.v[i].name) > 0 && strlen(e.v[i].name) < n);
    in = start;
    if (sftp_get_version(&in, &can) == 0)
        assert_true(can.read_max >= 1024 && can.write_max >= 1024);
    in = start;
    can.read_max = can.write_max = 32768;
    sftp_get_limits(&in, &can);
    assert_true(can.read_max >= 1024 && can.read_max <= 1 << 20);
    assert_true(can.write_max >= 1024 && can.write_max <= 1 << 20);
    in = start;
    sftp_get_space(&in, &space);
}

static void put_names(struct sftp_out *o)
{
    static const char *const names[] = {"disk0", ".", "..", "config.ini", "..."};

    sftp_put_u32(o, 5);
    for (size_t i = 0; i < 5; i++) {
        sftp_put_string(o, names[i]);
        sftp_put_string(o, "-rw-r--r--  1 root root");
        sftp_put_u32(o, SFTP_ATTR_SIZE | SFTP_ATTR_UIDGID | SFTP_ATTR_PERMISSIONS |
                            SFTP_ATTR_TIMES | SFTP_ATTR_EXTENDED);
        sftp_put_u64(o, UINT64_MAX - i);
        sftp_put_u32(o, 1);
        sftp_put_u32(o, 2);
        sftp_put_u32(o, S_IFREG | 0600);
        sftp_put_u32(o, 3);
        sftp_put_u32(o, UINT32_MAX);
        sftp_put_u32(o, 1);
        sftp_put_string(o, "key");
        sftp_put_string(o, "value");
    }
}

static void what_was_written_is_read(void **state)
{
    CLEANUP_OUT struct sftp_out o = {0};
    CLEANUP(sftp_entries_clear) struct sftp_entries e = {0};
    size_t alloc = 0;

    (void)state;
    put_names(&o);
    assert_false(o.failed);

    struct sftp_in in = {o.p, o.n, false};

    assert_int_equal(sftp_get_names(&in, &e, &alloc), 0);
    assert_int_equal(in.n, 0);
    assert_int_equal(e.n, 3);
    assert_string_equal(e.v[0].name, "disk0");
    assert_string_equal(e.v[1].name, "config.ini");
    assert_string_equal(e.v[2].name, "...");
    assert_true(e.v[1].attrs.size == UINT64_MAX - 3);
    assert_int_equal(e.v[1].attrs.uid, 1);
    assert_int_equal(e.v[1].attrs.gid, 2);
    assert_int_equal(e.v[1].attrs.mode, S_IFREG | 0600);
    assert_int_equal(e.v[1].attrs.mtime, UINT32_MAX);
}

/* Cut off anywhere, it is bad. */
static void every_truncation_is_seen(void **state)
{
    CLEANUP_OUT struct sftp_out o = {0};

    (void)state;
    put_names(&o);
    for (size_t n = 0; n < o.n; n++) {
        CLEANUP_FREE void *mem = NULL;
        CLEANUP(sftp_entries_clear) struct sftp_entries e = {0};
        struct sftp_in in = packet(o.p, n, &mem);
        size_t alloc = 0;

        assert_int_equal(sftp_get_names(&in, &e, &alloc), -EBADMSG);
        decode_all(o.p, n);
    }
}

/* Good packets of which some bytes are others, and bytes that mean nothing. */
static void bytes_of_all_kinds(void **state)
{
    static const uint8_t telling[] = {0, 1, 2, 3, 4, 0x7f, 0x80, 0xff};
    CLEANUP_OUT struct sftp_out o = {0};
    uint8_t buf[512];
    unsigned seed = 1;

    (void)state;
    put_names(&o);
    assert_true(o.n <= sizeof buf);
    for (int i = 0; i < ROUNDS; i++) {
        size_t n = (size_t)rand_r(&seed) % o.n + 1;
        unsigned changes = (unsigned)rand_r(&seed) % 8;

        memcpy(buf, o.p, n);
        if (i % 4 == 0)
            for (size_t k = 0; k < n; k++)
                buf[k] = telling[rand_r(&seed) % 8];
        while (changes-- > 0)
            buf[(size_t)rand_r(&seed) % n] = telling[rand_r(&seed) % 8];
        decode_all(buf, n);
    }
}

static void numbers_that_are_too_large(void **state)
{
    CLEANUP_OUT struct sftp_out o = {0};
    struct sftp_space space = {.total = 77};

    (void)state;
    for (int i = 0; i < 11; i++)
        sftp_put_u64(&o, UINT64_MAX);
    assert_int_equal(sftp_get_space(&(struct sftp_in){o.p, o.n, false}, &space), -EBADMSG);
    assert_int_equal(space.total, 77);

    struct sftp_abilities can = {.read_max = 1, .write_max = 1};

    sftp_get_limits(&(struct sftp_in){o.p, o.n, false}, &can);
    assert_true(can.read_max <= 1 << 20 && can.write_max <= 1 << 20);
}

/* A path that fits into no packet is told at the end. */
static void requests_have_a_limit(void **state)
{
    CLEANUP_OUT struct sftp_out o = {0};
    CLEANUP_FREE char *path = calloc(1, 1 << 20);

    (void)state;
    memset(path, 'x', (1 << 20) - 1);
    sftp_out_begin(&o, SFTP_STAT);
    sftp_put_string(&o, path);
    sftp_put_u32(&o, 1);
    assert_true(o.failed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_written_is_read), cmocka_unit_test(every_truncation_is_seen),
        cmocka_unit_test(bytes_of_all_kinds),       cmocka_unit_test(numbers_that_are_too_large),
        cmocka_unit_test(requests_have_a_limit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
