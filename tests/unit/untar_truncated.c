/* An archive that is not all there is never taken: cut at each block, and anywhere else. */
#include "tests/unit/untar_help.h"

#include <sys/mman.h>

static int check_bytes(const char *bytes, size_t len, struct err *err)
{
    CLEANUP_CLOSE int fd = memfd_create("archive", MFD_CLOEXEC);
    struct manifest_job job = {.fd = fd, .instance = INST, .room = GIB, .max_bytes = GIB};
    struct manifest *m = NULL;

    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, len), len);

    int r = untar_check(&job, &m, err);

    assert_true((r == 0) == (m != NULL));
    manifest_free(m);
    return r;
}

static void cut_at(const char *command, const char *bytes, size_t at)
{
    struct err err = {0};
    int r = check_bytes(bytes, at, &err);

    if (r != -EBADMSG || !err.text[0])
        fail_msg("%s: cut at byte %zu: %d %s", command, at, r, err.text);
}

/* A small export: two files, with checksums or (which are then no help) without. */
static char *make(const char *command, bool sums, size_t *len)
{
    free(run_tool("rm -rf exp && mkdir exp && seq 700 > exp/a.snap && truncate -s 8192 exp/b"));
    put_file("exp/config.ini",
             HEAD "disk0_dump = a.snap\ndisk1_dump = b\ndisk0_size = 1\ndisk1_size = 1\n");
    if (sums)
        free(
            run_tool("cd exp && xxhsum -q -H128 config.ini a.snap b > ../s && mv ../s XXH128SUMS"));
    free(run_tool("%s", command));

    char *bytes = read_file(in_scratch("t"), len);
    struct err err;

    if (check_bytes(bytes, *len, &err) < 0)
        fail_msg("%s: %s", command, err.text);
    return bytes;
}

/* What is left when the zeros at the end are taken away, in blocks. */
static size_t without_padding(const char *bytes, size_t len)
{
    while (len && !bytes[len - 1])
        len--;
    return (len + 511) / 512 * 512;
}

static const char *const tars[] = {
    GNUTAR " -cf t exp/config.ini exp/a.snap exp/b $(ls exp/XXH* 2>/dev/null)",
    /* zeros last: what follows them must not be taken for more of them */
    GNUTAR " --format=pax -cf t $(ls exp/XXH* 2>/dev/null) exp/config.ini exp/a.snap exp/b",
    GNUTAR " -S --format=gnu -cf t exp",
    GNUTAR " -S --format=pax -cf t exp",
    BSDTAR " --format=pax -cf t exp",
};

static void test_each_block(void **state)
{
    (void)state;
    need_tool(GNUTAR);
    need_tool(BSDTAR);
    for (size_t i = 0; i < 2 * sizeof tars / sizeof *tars; i++) {
        const char *command = tars[i / 2];
        size_t len, end;
        char *bytes = make(command, i % 2, &len);
        struct err err = {0};

        /* zeros of the last dump are not padding, the end is behind them */
        end = without_padding(bytes, len);
        if (i <= 3 && i != 1)
            end += 8192;
        for (size_t at = 0; at <= end; at += 512)
            cut_at(command, bytes, at);
        /* only padding is missing */
        for (size_t at = end + 512; at <= len; at += 512)
            if (check_bytes(bytes, at, &err) < 0)
                fail_msg("%s: cut at byte %zu: %s", command, at, err.text);
        free(bytes);
    }
}

static void test_anywhere(void **state)
{
    static const char *const commands[] = {
        GNUTAR " -cf t exp",
        GNUTAR " -cf - exp | gzip > t",
        GNUTAR " -cf - exp | zstd -q > t",
        GNUTAR " -cf - exp | xz --block-size=4096 > t",
        GNUTAR " -cf u exp && (head -c 6000 u | gzip && tail -c +6001 u | gzip) > t",
        GNUTAR " -cf u exp && (head -c 6000 u | zstd && tail -c +6001 u | zstd) > t"};
    unsigned seed = (unsigned)time(NULL);

    (void)state;
    need_tool(GNUTAR);
    print_message("seed %u\n", seed);
    srand(seed);
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        size_t len, end;
        char *bytes = make(commands[i], true, &len);

        end = i ? len : without_padding(bytes, len) + 512;
        for (unsigned round = 0; round < 300; round++)
            cut_at(commands[i], bytes, (size_t)rand() % end);
        if (i)
            for (size_t at = len - 40; at < len; at++)
                cut_at(commands[i], bytes, at);
        free(bytes);
    }
}

static void test_something_behind(void **state)
{
    (void)state;
    need_tool(GNUTAR);
    for (size_t i = 0; i < 4; i++) {
        static const char *const filters[] = {"cat", "gzip", "zstd -q", "xz"};
        char command[200];
        size_t len;

        snprintf(command, sizeof command, GNUTAR " -cf - exp | %s > t", filters[i]);
        free(make(command, true, &len));
        free(run_tool("(cat t && printf x) > t.tar"));
        refused("t.tar", -EBADMSG, "");
        free(run_tool("(cat t && seq 9000) > t.tar"));
        refused("t.tar", -EBADMSG, "");
        free(run_tool("(cat t && cat t) > t.tar"));
        refused("t.tar", -EBADMSG, "behind the end");
    }
}

static void test_nothing(void **state)
{
    (void)state;
    put_file("t", "");
    refused("t", -EBADMSG, "empty");
    free(run_tool("truncate -s 1M t"));
    refused("t", -EBADMSG, "config.ini is missing");
    put_file("t", "x");
    refused("t", -EBADMSG, "");
    free(run_tool("seq 100000 > t"));
    refused("t", -EBADMSG, "");
    free(run_tool("gzip < /dev/null > t"));
    refused("t", -EBADMSG, "");
    free(run_tool("seq 100000 | xz > t"));
    refused("t", -EBADMSG, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_block), cmocka_unit_test(test_anywhere),
        cmocka_unit_test(test_something_behind), cmocka_unit_test(test_nothing)};

    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
