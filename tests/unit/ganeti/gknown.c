/* The T of exports that Ganeti made: the promised one for the export that was expected, the time of
 * the others, always growing, the same in all mounts; their checksums. */

#include "export/ganeti/gknown.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include <cmocka.h>

#include "tests/unit/temp_dir.h"

#define NAME "inst1.gnt.example"

static struct node_export_id id_of(uint64_t hash, int64_t mtime)
{
    return (struct node_export_id){.hash = hash, .size = 670, .t = mtime};
}

static struct gknown *open_known(void)
{
    struct gknown *k;

    assert_int_equal(gknown_open(dir, &k), 0);
    return k;
}

static void others_have_their_time(void **state)
{
    (void)state;
    struct gknown *k = open_known(), *other;
    struct node_export_id a = id_of(1, 1000), b = id_of(2, 900);

    assert_int_equal(gknown_t(k, NAME, &a, 990), 1000);
    assert_int_equal(gknown_t(k, NAME, &a, 990), 1000); /* a copy of it */
    assert_int_equal(gknown_t(k, NAME, &b, 890), 1001); /* seen later: later */
    other = open_known();
    assert_int_equal(gknown_t(other, NAME, &b, 890), 1001);
    a.t = 5; /* touched */
    assert_int_equal(gknown_t(other, NAME, &a, 990), 1000);
    gknown_close(other);
    gknown_close(k);
}

static void a_clock_that_is_ahead(void **state)
{
    struct gknown *k = open_known();
    int64_t now = time(NULL);
    struct node_export_id a = id_of(1, now + 100000);
    int64_t t = gknown_t(k, NAME, &a, now);

    (void)state;
    assert_true(t >= now && t <= now + 5);
    gknown_close(k);
}

static void what_was_expected_has_the_promised_t(void **state)
{
    (void)state;
    struct gknown *k = open_known(), *other = open_known();
    int64_t now = time(NULL);
    struct node_export_id old = id_of(1, now - 50), made = id_of(2, now + 3), next = id_of(3, now);

    assert_int_equal(gknown_t(k, NAME, &old, now - 60), now - 50);
    gknown_expect(k, NAME, now - 7);
    assert_int_equal(gknown_t(other, NAME, &old, now - 60), now - 50); /* not the old one */
    assert_int_equal(gknown_t(other, NAME, &made, now), now - 7);      /* whoever sees it first */
    assert_int_equal(gknown_t(k, NAME, &made, now), now - 7);
    assert_int_equal(gknown_t(k, NAME, &next, now), now); /* but that one only */
    gknown_close(other);
    gknown_close(k);
}

static void what_is_older_was_not_expected(void **state)
{
    struct gknown *k = open_known();
    int64_t now = time(NULL);
    struct node_export_id older = id_of(2, now - 4000), made = id_of(3, now);

    (void)state;
    gknown_expect(k, NAME, now - 7);
    assert_int_equal(gknown_t(k, NAME, &older, now - 4000), now - 4000);
    assert_int_equal(gknown_t(k, NAME, &made, now - 100), now - 7); /* a clock behind ours */
    gknown_close(k);
}

static void not_expected_any_more(void **state)
{
    struct gknown *k = open_known();
    int64_t now = time(NULL);
    struct node_export_id a = id_of(1, now - 500);

    (void)state;
    gknown_expect(k, NAME, now - 7);
    gknown_unexpect(k, NAME, now - 8); /* somebody else's */
    gknown_unexpect(k, NAME, now - 7);
    assert_int_equal(gknown_t(k, NAME, &a, now), now - 500);
    gknown_close(k);
}

static void checksums(void **state)
{
    static const char text[] = "0123  config.ini\n4567  disk0.raw\n";
    struct gknown *k = open_known(), *other;
    struct node_export_id a = id_of(1, 1000), b = id_of(2, 1000);
    char *got = NULL;
    size_t len = 0;

    (void)state;
    assert_int_equal(gknown_sums(k, NAME, &a, &got, &len), -ENOENT);
    gknown_note_sums(k, NAME, &a, text, strlen(text)); /* never seen: nothing is kept */
    assert_int_equal(gknown_sums(k, NAME, &a, &got, &len), -ENOENT);
    gknown_t(k, NAME, &a, 990);
    gknown_t(k, NAME, &b, 990);
    gknown_note_sums(k, NAME, &a, text, strlen(text));
    other = open_known();
    assert_int_equal(gknown_sums(other, NAME, &a, &got, &len), 0);
    assert_string_equal(got, text);
    assert_int_equal(len, strlen(text));
    assert_int_equal(gknown_sums(other, NAME, &b, &got, &len), -ENOENT);
    free(got);
    gknown_close(other);
    gknown_close(k);
}

/* A year of daily exports leaves a small file; the newest are remembered. */
static void few_are_remembered(void **state)
{
    struct gknown *k = open_known(), *other;
    struct node_export_id id;
    char path[PATH_MAX];
    struct stat st;

    (void)state;
    for (int i = 0; i < 400; i++) {
        id = id_of((uint64_t)i + 1, 1000 + i);
        assert_int_equal(gknown_t(k, NAME, &id, 990), 1000 + i);
    }
    snprintf(path, sizeof path, "%s/exports/" NAME, dir);
    assert_int_equal(stat(path, &st), 0);
    assert_true(st.st_size < 4096);
    other = open_known();
    id.t = 7;
    assert_int_equal(gknown_t(other, NAME, &id, 990), 1399);
    gknown_close(other);
    gknown_close(k);
}

static void junk_is_as_nothing(void **state)
{
    struct gknown *k = open_known();
    struct node_export_id a = id_of(1, 1000);
    char path[PATH_MAX];
    FILE *f;

    (void)state;
    gknown_expect(k, NAME, 5); /* makes the directory */
    snprintf(path, sizeof path, "%s/exports/" NAME, dir);
    f = fopen(path, "w");
    fputs("[0000000000000001\nsize=x\n\x01", f);
    fclose(f);
    assert_int_equal(gknown_t(k, NAME, &a, 990), 1000);
    gknown_close(k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(others_have_their_time, temp_dir_make, temp_dir_remove),
        cmocka_unit_test_setup_teardown(a_clock_that_is_ahead, temp_dir_make, temp_dir_remove),
        cmocka_unit_test_setup_teardown(what_was_expected_has_the_promised_t, temp_dir_make,
                                        temp_dir_remove),
        cmocka_unit_test_setup_teardown(what_is_older_was_not_expected, temp_dir_make,
                                        temp_dir_remove),
        cmocka_unit_test_setup_teardown(not_expected_any_more, temp_dir_make, temp_dir_remove),
        cmocka_unit_test_setup_teardown(checksums, temp_dir_make, temp_dir_remove),
        cmocka_unit_test_setup_teardown(few_are_remembered, temp_dir_make, temp_dir_remove),
        cmocka_unit_test_setup_teardown(junk_is_as_nothing, temp_dir_make, temp_dir_remove),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
