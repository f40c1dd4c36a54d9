/* Archives of an export's directory, made by GNU tar and bsdtar in all their formats, are accepted,
 * and what comes out is that directory, whatever the format and the compression. */
#include "tests/unit/untar_help.h"

static void make_and_check(const char *command)
{
    free(run_tool("rm -f t.tar && %s", command));
    gives_the_export("t.tar");
}

static void test_gnu_tar_formats(void **state)
{
    static const char *const formats[] = {"v7", "ustar", "oldgnu", "gnu", "pax"};
    char command[200];

    (void)state;
    need_tool(GNUTAR);
    make_export();
    for (size_t i = 0; i < 5; i++) {
        snprintf(command, sizeof command, GNUTAR " --format=%s -cf t.tar exp", formats[i]);
        make_and_check(command);
    }
}

static void test_gnu_tar_sparse(void **state)
{
    static const char *const formats[] = {"oldgnu", "gnu", "pax --sparse-version=0.0",
                                          "pax --sparse-version=0.1", "pax --sparse-version=1.0"};
    char command[200];

    (void)state;
    need_tool(GNUTAR);
    make_export();
    for (size_t i = 0; i < 5; i++)
        for (int raw = 0; raw < 2; raw++) {
            snprintf(command, sizeof command,
                     GNUTAR " -S --hole-detection=%s --format=%s -cf t.tar exp",
                     raw ? "raw" : "seek", formats[i]);
            make_and_check(command);
        }
}

static void test_bsdtar_formats(void **state)
{
    static const char *const formats[] = {"v7", "ustar", "gnutar", "pax", "paxr"};
    char command[200];

    (void)state;
    need_tool(BSDTAR);
    make_export();
    for (size_t i = 0; i < 5; i++)
        for (int dense = 0; dense < 2; dense++) {
            snprintf(command, sizeof command, BSDTAR " --format=%s %s -cf t.tar exp", formats[i],
                     dense ? "--no-read-sparse" : "--read-sparse");
            make_and_check(command);
        }
}

/* A disk that is nothing but a hole. */
static void test_all_hole(void **state)
{
    (void)state;
    need_tool(GNUTAR);
    need_tool(BSDTAR);
    make_export();
    free(run_tool("rm exp/disk0.raw exp/XXH128SUMS && truncate -s 3M exp/disk0.raw && "
                  "(cd exp && xxhsum -q -H128 config.ini disk0.raw disk1.raw > ../s) && mv s "
                  "exp/XXH128SUMS"));
    make_and_check(GNUTAR " -S --format=gnu -cf t.tar exp");
    make_and_check(GNUTAR " -S --format=pax -cf t.tar exp");
    make_and_check(BSDTAR " --format=pax -cf t.tar exp");
    make_and_check(BSDTAR " --format=gnutar -cf t.tar exp");
}

static void test_compressions(void **state)
{
    (void)state;
    need_tool(GNUTAR);
    need_tool(BSDTAR);
    make_export();
    make_and_check(GNUTAR " -cf - exp | gzip > t.tar");
    make_and_check(GNUTAR " -cf - exp | zstd -q > t.tar");
    make_and_check(GNUTAR " -cf - exp | xz > t.tar");
    make_and_check(GNUTAR " -S -cf - exp | xz -T2 --block-size=100k > t.tar");
    make_and_check(BSDTAR " --zstd -cf t.tar exp");
    make_and_check(BSDTAR " -czf t.tar exp");
    /* in pieces, as parallel compressors write them */
    make_and_check(GNUTAR
                   " -cf u exp && (head -c 70000 u | gzip && tail -c +70001 u | gzip) > t.tar");
    make_and_check(GNUTAR
                   " -cf u exp && (head -c 70000 u | zstd && tail -c +70001 u | zstd) > t.tar");
}

static void test_top_directories(void **state)
{
    (void)state;
    need_tool(GNUTAR);
    make_export();
    make_and_check("cd exp && " GNUTAR " -cf ../t.tar .");
    make_and_check("cd exp && " GNUTAR " -cf ../t.tar config.ini disk0.raw disk1.raw XXH128SUMS");
    make_and_check("cd exp && " GNUTAR
                   " -cf ../t.tar ./XXH128SUMS ./disk1.raw ./disk0.raw ./config.ini");
    make_and_check(GNUTAR " -cf t.tar ./exp");
    make_and_check(GNUTAR " -cf t.tar exp/disk1.raw exp/config.ini exp/XXH128SUMS exp/disk0.raw");
    make_and_check("cd exp && " GNUTAR " --transform=s,^,a/, -cf ../t.tar *");
}

static void test_other_things_of_tar(void **state)
{
    (void)state;
    need_tool(GNUTAR);
    make_export();
    make_and_check(GNUTAR " --label=backup -cf t.tar exp");
    make_and_check(GNUTAR " -b 2000 -cf t.tar exp");
    make_and_check(GNUTAR " -b 1 -cf t.tar exp");
    make_and_check(GNUTAR " --numeric-owner --owner=:4000000000 --mtime=@5000000000 --format=pax "
                          "-cf t.tar exp");
    make_and_check(GNUTAR
                   " --format=pax --pax-option=globexthdr.name=x,comment=hello -cf t.tar exp");
    make_and_check("truncate -s 1M zeros && " GNUTAR " -cf t.tar exp && cat zeros >> t.tar");
}

static void test_names_beyond_ascii(void **state)
{
    static const char *const commands[] = {
        GNUTAR " --format=gnu -cf t.tar exp", GNUTAR " --format=pax -cf t.tar exp",
        BSDTAR " --format=pax -cf t.tar exp", BSDTAR " --format=ustar -cf t.tar exp"};

    (void)state;
    need_tool(GNUTAR);
    need_tool(BSDTAR);
    make_export();
    free(run_tool("cd exp && mv disk1.raw 'pl\xc3\xa4tte \xe2\x82\xac' && rm XXH128SUMS && "
                  "sed -i 's/disk1.raw/pl\xc3\xa4tte \xe2\x82\xac/' config.ini && "
                  "xxhsum -q -H128 config.ini disk0.raw pl* > ../s && mv ../s XXH128SUMS"));
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        setenv("LC_ALL", "C.UTF-8", 1);
        free(run_tool("%s", commands[i]));
        setenv("LC_ALL", "C", 1);
        gives_the_export("t.tar");
    }
}

static void test_without_checksums(void **state)
{
    (void)state;
    need_tool(GNUTAR);
    make_export();
    free(run_tool(GNUTAR " -cf t.tar --exclude=XXH128SUMS exp"));

    struct manifest *m = accepted("t.tar");

    assert_false(m->has_sums);
    assert_int_equal(m->n, 2);
    /* 49 blocks of text, and the one with a word */
    assert_int_equal(m->dumps[0].file.data, 50 * 4096);
    assert_int_equal(m->data, 51 * 4096);
    manifest_free(m);
    gives_the_export("t.tar");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gnu_tar_formats),     cmocka_unit_test(test_gnu_tar_sparse),
        cmocka_unit_test(test_bsdtar_formats),      cmocka_unit_test(test_all_hole),
        cmocka_unit_test(test_compressions),        cmocka_unit_test(test_top_directories),
        cmocka_unit_test(test_other_things_of_tar), cmocka_unit_test(test_names_beyond_ascii),
        cmocka_unit_test(test_without_checksums)};

    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
