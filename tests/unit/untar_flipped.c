/* An archive with a byte that is not what it was is refused, or what comes out of it is the export
 * as it was, given its checksums. */
#include "tests/unit/untar_help.h"

#include <sys/mman.h>

#define ROUNDS 400

static int memory_file(const char *bytes, size_t len)
{
    int fd = memfd_create("archive", MFD_CLOEXEC);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, len), len);
    return fd;
}

static bool same(const struct manifest *a, const struct manifest *b)
{
    bool equal = a->n == b->n && a->config_len == b->config_len &&
                 !memcmp(a->config, b->config, a->config_len);

    for (unsigned i = 0; equal && i < a->n; i++)
        equal = a->dumps[i].disk == b->dumps[i].disk &&
                !strcmp(a->dumps[i].file.name, b->dumps[i].file.name) &&
                a->dumps[i].file.size == b->dumps[i].file.size &&
                !memcmp(&a->dumps[i].file.digest, &b->dumps[i].file.digest, 16);
    return equal;
}

static void flip(const char *what, char *bytes, size_t len, size_t at, char mask,
                 const struct manifest *whole)
{
    struct manifest *m = NULL;
    struct err err = {0};

    bytes[at] ^= mask;

    CLEANUP_CLOSE int fd = memory_file(bytes, len);
    struct manifest_job job = {.fd = fd, .instance = INST, .room = GIB, .max_bytes = GIB};
    int r = untar_check(&job, &m, &err);

    bytes[at] ^= mask;
    if (r == 0 && !(m->has_sums == whole->has_sums && same(m, whole)))
        fail_msg("%s: byte %zu ^ %d makes it another export", what, at, mask);
    if (r < 0 && (!err.text[0] || (r != -EBADMSG && r != -EINVAL)))
        fail_msg("%s: byte %zu ^ %d: %d %s", what, at, mask, r, err.text);
    manifest_free(m);
}

static void test_flipped(void **state)
{
    static const char *const commands[] = {
        GNUTAR " -cf t exp",
        GNUTAR " -S --format=gnu -cf t exp",
        BSDTAR " -cf t exp",
        GNUTAR " -S --format=pax -cf t exp",
        GNUTAR " -czf t exp",
        GNUTAR " -cf - exp | zstd -q > t",
        GNUTAR " -cf - exp | zstd -q --no-check > t",
        GNUTAR " -cJf t exp",
    };
    unsigned seed = (unsigned)time(NULL);

    (void)state;
    need_tool(GNUTAR);
    need_tool(BSDTAR);
    print_message("seed %u\n", seed);
    srand(seed);
    free(run_tool("rm -rf exp && mkdir exp && seq 700 > exp/a.snap && seq 90 > exp/b && truncate "
                  "-s 8192 exp/b"));
    put_file("exp/config.ini",
             HEAD "disk0_dump = a.snap\ndisk1_dump = b\ndisk0_size = 1\ndisk1_size = 1\n");
    free(run_tool("cd exp && xxhsum -q -H128 config.ini a.snap b > ../s && mv ../s XXH128SUMS"));
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        size_t len;

        free(run_tool("%s", commands[i]));

        char *bytes = read_file(in_scratch("t"), &len);
        struct manifest *whole = accepted("t");

        for (unsigned round = 0; round < ROUNDS; round++)
            flip(commands[i], bytes, len, (size_t)rand() % len,
                 round % 2 ? (char)(1 << rand() % 8) : (char)(1 + rand() % 255), whole);
        manifest_free(whole);
        free(bytes);
    }
}

/* Compressors have checksums of their own, which do without ours. */
static void test_flipped_without_checksums(void **state)
{
    static const char *const tools[] = {"gzip", "gzip -1", "zstd -q", "xz", "xz --check=crc32"};
    unsigned seed = (unsigned)time(NULL);

    (void)state;
    need_tool(GNUTAR);
    print_message("seed %u\n", seed);
    srand(seed);
    free(run_tool(
        "rm -rf exp && mkdir exp && head -c 9000 /dev/urandom > exp/a && seq 900 > exp/b"));
    put_file("exp/config.ini", HEAD "disk0_dump = a\ndisk1_dump = b\n");
    for (size_t i = 0; i < sizeof tools / sizeof *tools; i++) {
        size_t len;

        free(run_tool(GNUTAR " -cf - exp | %s > t", tools[i]));

        char *bytes = read_file(in_scratch("t"), &len);
        struct manifest *whole = accepted("t");

        for (unsigned round = 0; round < ROUNDS; round++)
            flip(tools[i], bytes, len, (size_t)rand() % len, (char)(1 << rand() % 8), whole);
        manifest_free(whole);
        free(bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_flipped),
                                       cmocka_unit_test(test_flipped_without_checksums)};

    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
