/* Archives of exports as Ganeti makes them: dumps named after volumes or by UUID, as many bytes as
 * an OS definition's script cared to write, also none; disks without dump. */
#include "tests/unit/untar_help.h"

static void pack(const char *config)
{
    put_file("exp/config.ini", config);
    free(run_tool(GNUTAR " -cf t.tar exp"));
}

static void test_by_uuid(void **state)
{
    (void)state;
    free(
        run_tool("rm -rf exp && mkdir exp && seq 1000 > exp/c1f6b0de-53c6-4b53-8f0b-6d1f0c2a7e11"));
    pack(HEAD "disk0_ivname = disk/0\ndisk0_dump = c1f6b0de-53c6-4b53-8f0b-6d1f0c2a7e11\n"
              "disk0_size = 2048\ndisk0_name = None\ndisk_count = 1\n");

    struct manifest *m = accepted("t.tar");

    assert_int_equal(m->n, 1);
    assert_false(m->has_sums);
    assert_string_equal(m->dumps[0].file.name, "c1f6b0de-53c6-4b53-8f0b-6d1f0c2a7e11");
    manifest_free(m);
}

static void test_by_volume(void **state)
{
    (void)state;
    free(run_tool("rm -rf exp && mkdir exp && seq 1000 > exp/ab.disk0.snap-1 && seq 9 > "
                  "exp/cd.disk1_data.snap-2"));
    pack(HEAD "disk1_dump = cd.disk1_data.snap-2\ndisk0_dump = ab.disk0.snap-1\n"
              "disk0_size = 1\ndisk1_size = 1\ndisk_count = 2\n");

    struct manifest *m = accepted("t.tar");

    assert_int_equal(m->n, 2);
    assert_int_equal(m->dumps[0].disk, 0);
    assert_string_equal(m->dumps[0].file.name, "ab.disk0.snap-1");
    assert_int_equal(m->dumps[1].file.size, 18);
    manifest_free(m);
}

/* What an OS definition writes is its own affair: empty, short, longer than the disk. */
static void test_dumps_of_any_length(void **state)
{
    (void)state;
    free(run_tool("rm -rf exp && mkdir exp && : > exp/a && echo x > exp/b && seq 300000 > exp/c"));
    pack(HEAD "disk0_dump = a\ndisk0_size = 100\ndisk1_dump = b\ndisk1_size = 100\n"
              "disk2_dump = c\ndisk2_size = 1\ndisk_count = 3\n");

    struct manifest *m = accepted("t.tar");
    struct err err;

    assert_int_equal(m->dumps[0].file.size, 0);
    assert_int_equal(m->dumps[2].file.size, 1988895);
    assert_int_equal(split("t.tar", m, &err), 0);
    free(run_tool("for f in a b c; do cmp exp/$f out/$f; done"));
    manifest_free(m);
}

/* Indexes keep their places when a snapshot failed, and the count is of those that did not. */
static void test_gap(void **state)
{
    (void)state;
    free(run_tool("rm -rf exp && mkdir exp && echo x > exp/b"));
    pack(HEAD
         "disk1_dump = b\ndisk1_size = 100\ndisk0_dump = None\ndisk2_size = 5\ndisk_count = 1\n");

    struct manifest *m = accepted("t.tar");

    assert_int_equal(m->n, 1);
    assert_int_equal(m->dumps[0].disk, 1);
    manifest_free(m);
}

static void test_sixteen_disks(void **state)
{
    (void)state;
    free(run_tool("rm -rf exp && mkdir exp && for j in $(seq 0 15); do echo $j > exp/d$j; done && "
                  "{ printf '%%b' '%s'; for j in $(seq 0 15); do echo disk${j}_dump = d$j; done; } "
                  "> exp/config.ini && " GNUTAR " -cf t.tar exp",
                  "[export]\\nversion = 0\\n[instance]\\nname = " INST "\\n"));

    struct manifest *m = accepted("t.tar");

    assert_int_equal(m->n, 16);
    manifest_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_by_uuid), cmocka_unit_test(test_by_volume),
        cmocka_unit_test(test_dumps_of_any_length), cmocka_unit_test(test_gap),
        cmocka_unit_test(test_sixteen_disks)};

    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
