/* gput: what keeps an upload from its end leaves everything as it was. */
#include "tests/unit/ganeti/gput_help.h"

static void check_untouched(void)
{
    assert_true(old_is_there(export_dir, "old"));
    assert_int_equal(count(export_dir), 1);
    assert_int_equal(count(path("spool")) > 0, 0);
    assert_true(nothing_is_noted());
}

static void exports_are_waited_for(void **state)
{
    struct image_of_two im = image_of_two("new");

    (void)state;
    make_old(export_dir, "old");
    jobs = 2;
    assert_int_equal(upload(&im), 0);
    assert_int_equal(jobs, 0);
    assert_non_null(strstr(run_log, "Waiting for job"));
    assert_true(is_there(export_dir, &im));
}

static void *request_cancel(void *arg)
{
    sleep_ms(300);
    cancel_request(&cancel);
    return arg;
}

static void waiting_is_cancelled(void **state)
{
    struct image_of_two im = image_of_two("new");
    pthread_t thread;

    (void)state;
    make_old(export_dir, "old");
    jobs = 1000000;
    assert_int_equal(pthread_create(&thread, NULL, request_cancel, NULL), 0);
    assert_int_equal(upload(&im), -ECANCELED);
    assert_int_equal(err.class, ERR_CANCELED);
    pthread_join(thread, NULL);
    check_untouched();
}

static void cancel_now(void)
{
    cancel_request(&cancel);
}

static void sending_is_cancelled(void **state)
{
    struct image_of_two im = image_of_two("new");

    (void)state;
    make_old(export_dir, "old");
    im.meanwhile = cancel_now;
    assert_int_equal(upload(&im), -ECANCELED);
    check_untouched();
}

static bool no_commit(void *arg)
{
    (void)arg;
    return false;
}

static void publication_is_cancelled(void **state)
{
    struct image_of_two im = image_of_two("new");
    const struct lu_run run = {.cancel = &cancel, .commit = no_commit, .written = &im.w};
    struct lu_result result;

    (void)state;
    make_old(export_dir, "old");
    assert_int_equal(gput_run(&world, &run, &two[0], &result, &err), -ECANCELED);
    check_untouched();
}

static void another_comes(void)
{
    make_old(export_dir, "other");
}

static void another_that_came_meanwhile_stays(void **state)
{
    struct image_of_two im = image_of_two("new");

    (void)state;
    im.meanwhile = another_comes;
    assert_int_equal(upload(&im), -EBUSY); /* there was nothing */
    assert_true(old_is_there(export_dir, "other"));
    assert_int_equal(count(export_dir), 1);
    make_old(export_dir, "old");
    assert_int_equal(upload(&im), -EBUSY);
    assert_true(old_is_there(export_dir, "other"));
    assert_int_equal(count(export_dir), 1);
}

static void it_goes(void)
{
    assert_true(shell("rm -r '%s/" IN "'", export_dir));
}

static void one_that_went_meanwhile_does_not_come_back(void **state)
{
    struct image_of_two im = image_of_two("new");

    (void)state;
    make_old(export_dir, "old");
    im.meanwhile = it_goes;
    assert_int_equal(upload(&im), -EBUSY);
    assert_int_equal(count(export_dir), 0);
}

static void a_bad_image(void **state)
{
    struct image_of_two im = image_of_two("new");

    (void)state;
    make_old(export_dir, "old");
    im.fail = EBADMSG;
    assert_int_equal(upload(&im), -EBADMSG);
    check_untouched();
}

static void what_is_no_directory(void **state)
{
    struct image_of_two im = image_of_two("new");

    (void)state;
    put(path("export/" IN), "x", 0600);
    assert_int_equal(upload(&im), -ENOTDIR);
    assert_string_equal(get(path("export/" IN)), "x");
    assert_int_equal(count(export_dir), 1);
}

static void a_full_node(void **state)
{
    struct image_of_two im = image_of_two("new");

    (void)state;
    gput_close_nodes(); /* whose threads would not see the mount */
    assert_int_equal(rmdir(export_dir), 0);
    if (!mount_new("tmpfs", export_dir, 1)) {
        print_message("skipped: cannot mount here\n");
        mkdir(export_dir, 0700);
        assert_int_equal(gput_open_nodes(), 0);
        skip();
    }
    assert_int_equal(gput_open_nodes(), 0);
    make_old(export_dir, "old");
    shell("head -c 900000 /dev/zero >'%s/eaten'", export_dir);
    assert_int_equal(upload(&im), -ENOSPC);
    assert_true(shell("rm '%s/eaten'", export_dir));
    check_untouched();
    im.w.need = 2 << 20;
    assert_int_equal(upload(&im), -ENOSPC); /* before anything is done */
    check_untouched();
    assert_int_equal(umount2(export_dir, MNT_DETACH), 0);
}

/* Another mount, or another upload of this one. */
static void others_are_waited_for(void **state)
{
    struct image_of_two im = image_of_two("new");
    struct gput_note *note, *other;
    pthread_t thread;

    (void)state;
    make_old(export_dir, "old");
    assert_int_equal(gput_note_take(base, IN, &note), 0);
    assert_int_equal(gput_note_take(base, IN, &other), -EWOULDBLOCK);
    assert_int_equal(pthread_create(&thread, NULL, request_cancel, NULL), 0);
    assert_int_equal(upload(&im), -ECANCELED);
    pthread_join(thread, NULL);
    check_untouched();
    gput_note_release(note);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, gput_setup, gput_teardown)
    const struct CMUnitTest tests[] = {
        TEST(exports_are_waited_for),
        TEST(waiting_is_cancelled),
        TEST(sending_is_cancelled),
        TEST(publication_is_cancelled),
        TEST(another_that_came_meanwhile_stays),
        TEST(one_that_went_meanwhile_does_not_come_back),
        TEST(a_bad_image),
        TEST(what_is_no_directory),
        TEST(a_full_node),
        TEST(others_are_waited_for),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
