/* luexport_image.c - how a run's image follows it: layout early, watermarks, published, sums. */
#include "lu_world.h"

#include "lu_world_copy.h"
#include "lu_world_image.h"
#include "lu_world_locks.h"

static void copied_disks_have_their_sums_before_publication(void **state)
{
    struct image *img = world_with_image();

    (void)state;
    assert_int_equal(world_run(world_export(NODE2)), 0);
    assert_int_equal(img->state, IMAGE_PUBLISHED);
    world_assert_order("create config.ini", "image-begin t=5000 disks=2");
    world_assert_order("image-begin ", "image-watermark 0 8192");
    world_assert_order("image-watermark 0", "image-watermark 1 8192");
    world_assert_order("create XXH128SUMS", "image-sums ");
    world_assert_order("image-sums ", "finalize t=5000");
    world_assert_order("finalize ", "image-publish");
    assert_int_equal(world_logged("add-file "), 0);
    assert_int_equal(world_logged("hash "), 0);
}

/* A reader that has all of a disk does not hear of what comes later. */
static void the_end_of_a_disk_at_rest_is_there_when_nobody_wrote_to_it(void **state)
{
    world_with_image();
    (void)state;
    w.web1.admin_state = ADMIN_DOWN;
    w.running = false;
    assert_int_equal(world_run(world_export(NODE2)), 0);
    world_assert_order("image-watermark 0 8191", "image-watermark 0 8192");
    world_assert_order("image-watermark 0 8192", "image-watermark 1 8191");
    world_assert_order("image-watermark 1 8192", "finalize ");
}

static void nobody_reads_the_end_of_a_disk_that_was_written_to(void **state)
{
    struct image *img = world_with_image();

    (void)state;
    w.web1.admin_state = ADMIN_DOWN;
    w.running = false;
    world_copy.written = true;
    assert_int_equal(world_run(world_export(NODE2)), -EIO);
    assert_int_equal(world_logged("image-watermark 0 8191"), 1);
    assert_int_equal(world_logged("image-watermark 0 8192"), 0);
    assert_int_equal(world_logged("finalize "), 0);
    assert_int_equal(img->state, IMAGE_FAILED);
}

static void clones_are_published_first_and_hashed_then(void **state)
{
    world_with_image();
    (void)state;
    world_copy.reflink = 0;
    assert_int_equal(world_run(world_export(NODE2)), 0);
    world_assert_order("image-watermark 1 8192", "finalize ");
    world_assert_order("finalize ", "image-publish");
    world_assert_order("image-publish", "hash 8192");
    world_assert_order("hash ", "add-file node2.example.com web1.example.com XXH128SUMS");
    world_assert_order("add-file ", "image-sums ");
    assert_int_equal(world_logged("create XXH128SUMS"), 0);
    assert_int_equal(world_logged("copy "), 0);
}

static void whoever_waits_for_sums_learns_that_they_will_not_come(void **state)
{
    struct image *img = world_with_image();

    (void)state;
    world_copy.reflink = 0;
    w.fail_call = "add-file ";
    assert_int_equal(world_run(world_export(NODE2)), -EIO);
    world_assert_order("image-publish", "image-fail broken: add-file");
    assert_int_equal(img->err.errnum, EIO);
}

static void clones_free_their_snapshots_before_publication(void **state)
{
    (void)state;
    world_copy.reflink = 0;
    assert_int_equal(world_run(world_export(NODE2)), 0);
    world_assert_order("release-snapshot", "finalize ");
}

static void a_snapshot_goes_as_soon_as_its_disk_is_copied(void **state)
{
    const char *second;

    (void)state;
    assert_int_equal(world_run(world_export(NODE2)), 0);
    world_assert_order("copy ", "release-snapshot");
    second = strstr(world_log(), "release-snapshot");
    assert_non_null(strstr(second, "copy "));
}

static void snapshots_are_taken_right_after_each_other(void **state)
{
    (void)state;
    assert_int_equal(world_run(world_export(NODE2)), 0);
    assert_non_null(strstr(world_log(), "snapshot /disks/web1-0\nsnapshot /disks/web1-1\n"));
}

static void without_an_image_the_same_happens(void **state)
{
    (void)state;
    assert_int_equal(world_run(world_export(NODE2)), 0);
    assert_int_equal(world_logged("finalize t=5000"), 1);
    assert_int_equal(world_logged("image-"), 0);
}

static void t_zero_is_now_but_later_than_the_current_export(void **state)
{
    const char *p;

    (void)state;
    world_old_copy(NODE3);
    w.old_info[2].id.t = 5000000000; /* after the year 2100 */
    w.run.image_t = 0;
    assert_int_equal(world_run(world_export(NODE2)), 0);
    p = strstr(world_log(), "finalize t=");
    assert_non_null(p);
    assert_int_equal(strtoll(p + strlen("finalize t="), NULL, 10), 5000000001);
}

static void a_failed_run_fails_its_image(void **state)
{
    struct image *img = world_with_image();

    (void)state;
    w.nodes[1].drained = true;
    assert_int_equal(world_run(world_export(NODE2)), -EBUSY);
    assert_int_equal(img->state, IMAGE_FAILED);
    assert_int_equal(img->err.errnum, EBUSY);
}

static void a_superseded_run_leaves_its_image_alone(void **state)
{
    struct image *img = world_with_image();

    (void)state;
    w.superseded = true;
    assert_int_equal(world_run(world_export(NODE2)), -EALREADY);
    assert_int_equal(img->state, IMAGE_WAITING);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(copied_disks_have_their_sums_before_publication),
        WORLD_TEST(the_end_of_a_disk_at_rest_is_there_when_nobody_wrote_to_it),
        WORLD_TEST(nobody_reads_the_end_of_a_disk_that_was_written_to),
        WORLD_TEST(clones_are_published_first_and_hashed_then),
        WORLD_TEST(whoever_waits_for_sums_learns_that_they_will_not_come),
        WORLD_TEST(clones_free_their_snapshots_before_publication),
        WORLD_TEST(a_snapshot_goes_as_soon_as_its_disk_is_copied),
        WORLD_TEST(snapshots_are_taken_right_after_each_other),
        WORLD_TEST(without_an_image_the_same_happens),
        WORLD_TEST(t_zero_is_now_but_later_than_the_current_export),
        WORLD_TEST(a_failed_run_fails_its_image),
        WORLD_TEST(a_superseded_run_leaves_its_image_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
