/* When the files of an export that were unlinked add up to all of it. */
#include "fs/unlinked.c"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static char config[] = "config.ini", disk0[] = "disk0.raw", disk1[] = "disk1.raw";
static struct node_export_file files[] = {{.name = config}, {.name = disk0}, {.name = disk1}};
static struct node_export_info info;
static struct catalog_export export;
static char web1[] = "web1", web2[] = "web2";
static struct unlinked *u;

static int setup(void **state)
{
    (void)state;
    info = (struct node_export_info){
        .id = {.dev = 1, .ino = 2, .t = 3, .size = 4, .hash = 5}, .nfiles = 3, .files = files};
    export = (struct catalog_export){.name = web1, .info = &info};
    return unlinked_new(&u);
}

static int teardown(void **state)
{
    (void)state;
    unlinked_free(u);
    return 0;
}

static void note(const char *node, const char *file, int64_t now)
{
    assert_int_equal(unlinked_note(u, node, &export, file, now), 0);
}

static void note_all(const char *node, int64_t now)
{
    note(node, "disk1.raw", now);
    note(node, "config.ini", now);
    note(node, "disk0.raw", now);
}

static void all_in_any_order(void **state)
{
    (void)state;
    assert_false(unlinked_all(u, "n1", &export, 0));
    note("n1", "disk1.raw", 0);
    note("n1", "config.ini", 0);
    note("n1", "config.ini", 0);
    assert_false(unlinked_all(u, "n1", &export, 0));
    note("n1", "disk0.raw", 0);
    assert_true(unlinked_all(u, "n1", &export, 0));
}

static void nothing_to_unlink_is_all(void **state)
{
    (void)state;
    info.nfiles = 0;
    assert_true(unlinked_all(u, "n1", &export, 0));
}

static void of_that_node_and_name_alone(void **state)
{
    (void)state;
    note_all("n1", 0);
    assert_false(unlinked_all(u, "n2", &export, 0));
    export.name = web2;
    assert_false(unlinked_all(u, "n1", &export, 0));
}

static void not_of_another_export_in_its_place(void **state)
{
    (void)state;
    note_all("n1", 0);
    info.id.t++;
    assert_false(unlinked_all(u, "n1", &export, 0));
}

static void not_with_a_file_more(void **state)
{
    (void)state;
    info.nfiles = 2;
    note("n1", "config.ini", 0);
    note("n1", "disk0.raw", 0);
    assert_true(unlinked_all(u, "n1", &export, 0));
    info.nfiles = 3;
    assert_false(unlinked_all(u, "n1", &export, 0));
}

static void for_a_while(void **state)
{
    (void)state;
    note("n1", "config.ini", 0);
    note("n1", "disk0.raw", 500);
    note("n1", "disk1.raw", 1000);
    assert_true(unlinked_all(u, "n1", &export, 1500));
    assert_false(unlinked_all(u, "n1", &export, 1600));
    assert_null(u->sets);
}

static void the_same_again_and_again_takes_no_room(void **state)
{
    (void)state;
    for (int k = 0; k < 1000; k++)
        note("n1", "config.ini", 0);
    assert_true(u->sets->files.n <= 8);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(all_in_any_order),
        T(nothing_to_unlink_is_all),
        T(of_that_node_and_name_alone),
        T(not_of_another_export_in_its_place),
        T(not_with_a_file_more),
        T(for_a_while),
        T(the_same_again_and_again_takes_no_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
