/* gput: an image becomes an export on a node, in place of what was there when it began. */
#include "tests/unit/ganeti/gput_help.h"

static void in_place_of_nothing(void **state)
{
    struct image_of_two im = image_of_two("new");
    struct stat st;

    (void)state;
    assert_int_equal(upload(&im), 0);
    assert_true(is_there(export_dir, &im));
    assert_int_equal(count(export_dir), 1);
    assert_int_equal(stat(path("export/" IN "/disk0.raw"), &st), 0);
    assert_int_equal(st.st_size, BYTES0);
    assert_int_equal(st.st_mtime, NEW_T);
    assert_int_equal(st.st_mode, S_IFREG | 0600);
    assert_true(st.st_blocks * 512 < BYTES0 - 30000); /* the hole is one */
    assert_int_equal(stat(path("export/" IN), &st), 0);
    assert_int_equal(st.st_mode, S_IFDIR | 0700);
    assert_int_equal(last_t, NEW_T);
    assert_int_equal(count(path("spool")), 0);
    assert_true(nothing_is_noted());
}

static void without_an_export_directory(void **state)
{
    struct image_of_two im = image_of_two("new");
    struct stat st;

    (void)state;
    assert_int_equal(rmdir(export_dir), 0);
    assert_int_equal(upload(&im), 0);
    assert_true(is_there(export_dir, &im));
    assert_int_equal(stat(export_dir, &st), 0);
    assert_int_equal(st.st_mode, S_IFDIR | 0700);
}

static void in_place_of_another(void **state)
{
    struct image_of_two im = image_of_two("new");

    (void)state;
    make_old(export_dir, "old");
    assert_int_equal(upload(&im), 0);
    assert_true(is_there(export_dir, &im));
    assert_int_equal(count(export_dir), 1);
    assert_true(nothing_is_noted());
    assert_null(strstr(run_log, "WARNING"));
}

static void in_place_of_one_without_config(void **state)
{
    struct image_of_two im = image_of_two("new");

    (void)state;
    assert_true(shell("mkdir '%s/" IN "' && touch '%s/" IN "/x'", export_dir, export_dir));
    assert_int_equal(upload(&im), 0);
    assert_true(is_there(export_dir, &im));
    assert_int_equal(count(export_dir), 1);
}

static void older_copies_go(void **state)
{
    struct image_of_two im = image_of_two("new");

    (void)state;
    make_old(export_dir2, "old");
    world_changed(NULL, two[1].name, IN);
    assert_int_equal(upload(&im), 0);
    assert_true(is_there(export_dir, &im));
    assert_int_equal(count(export_dir2), 0);
    /* the same image once more, from elsewhere */
    assert_true(shell("cp -a '%s/" IN "' '%s/' && touch -d @%d '%s/" IN "/config.ini'", export_dir,
                      export_dir2, NEW_T - 5, export_dir2));
    world_changed(NULL, two[1].name, IN);
    assert_int_equal(upload(&im), 0);
    assert_int_equal(count(export_dir2), 0);
}

static void shared_storage_is_one_copy(void **state)
{
    struct image_of_two im = image_of_two("new");

    (void)state;
    two[1].export_dir = export_dir;
    assert_int_equal(upload(&im), 0);
    world_changed(NULL, two[1].name, IN);
    assert_int_equal(upload(&im), 0);
    assert_true(is_there(export_dir, &im));
}

static void newer_comes(void)
{
    make_old(export_dir2, "newer");
    world_changed(NULL, two[1].name, IN);
}

static void copies_that_came_meanwhile_stay(void **state)
{
    struct image_of_two im = image_of_two("new");

    (void)state;
    make_old(export_dir2, "old");
    world_changed(NULL, two[1].name, IN);
    im.meanwhile = newer_comes;
    assert_int_equal(upload(&im), 0);
    assert_true(is_there(export_dir, &im));
    assert_true(old_is_there(export_dir2, "newer"));
    assert_non_null(strstr(run_log, "was replaced meanwhile"));
}

static void on_this_machine(void **state)
{
    struct image_of_two im = image_of_two("new");

    (void)state;
    two[0].address = NULL;
    make_old(export_dir, "old");
    assert_int_equal(upload(&im), 0);
    assert_true(is_there(export_dir, &im));
    assert_int_equal(count(export_dir), 1);
    assert_false(exists(path("spool")));
}

static void is_kept_in_the_spool(void **state)
{
    struct put *kept;
    int fd;

    (void)state;
    assert_int_equal(gput_begin(&world, &two[0], IN, &kept, &err), 0);
    assert_int_equal(put_open(kept, "x", O_RDWR | O_CREAT, &fd, &err), 0);
    close(fd);
    assert_int_equal(count(path("spool")), 1);
    gput_sweep(&world); /* it lives */
    assert_int_equal(count(path("spool")), 1);
    put_abort(kept);
    assert_int_equal(count(path("spool")), 0);
    assert_true(shell("mkdir '%s/spool/." IN ".put-abcdef'", base));
    gput_sweep(&world);
    assert_int_equal(count(path("spool")), 0);
    two[0].address = NULL;
    assert_int_equal(gput_begin(&world, &two[0], IN, &kept, &err), 0);
    assert_int_equal(count(export_dir), 1);
    put_abort(kept);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, gput_setup, gput_teardown)
    const struct CMUnitTest tests[] = {
        TEST(in_place_of_nothing),
        TEST(without_an_export_directory),
        TEST(in_place_of_another),
        TEST(in_place_of_one_without_config),
        TEST(older_copies_go),
        TEST(shared_storage_is_one_copy),
        TEST(copies_that_came_meanwhile_stay),
        TEST(on_this_machine),
        TEST(is_kept_in_the_spool),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
