/* What readers get from an image in each of its states; below the watermark bytes, above -EAGAIN.
 */
#include "tests/unit/image_making.h"

static char buf[1 << 20];

static void test_waiting(void **state)
{
    struct image *img = NULL;

    (void)state;
    assert_int_equal(image_new("i", &img), 0);
    assert_int_equal(image_state(img), IMAGE_WAITING);
    assert_int_equal(image_read(img, IMAGE_CONFIG, 0, buf, 1), -EAGAIN);
    assert_int_equal(image_read(img, IMAGE_TAR, 0, buf, 1), -EAGAIN);
    assert_int_equal(image_size(img, IMAGE_TAR), 0);
    assert_false(image_has_file(img, IMAGE_CONFIG));
    image_watermark(img, 0, 5);
    image_publish(img);
    assert_int_equal(image_state(img), IMAGE_WAITING);
    assert_int_equal(image_set_sums(img, "", 0), -EINVAL);
    image_unref(img);
}

static void test_building(void **state)
{
    const uint64_t bytes[] = {10000, 0};
    int fds[2];
    struct image *img = begun(2, bytes, fds);

    (void)state;
    assert_int_equal(image_state(img), IMAGE_BUILDING);
    assert_int_equal(image_ndisks(img), 2);
    assert_int_equal(image_t(img), 1000);
    assert_true(image_has_file(img, IMAGE_SUMS));
    assert_true(image_has_file(img, IMAGE_DISK(1)));
    assert_false(image_has_file(img, IMAGE_DISK(2)));
    assert_int_equal(image_read(img, IMAGE_DISK(2), 0, buf, 1), -ENOENT);
    assert_int_equal(image_read(img, -1, 0, buf, 1), -ENOENT);

    /* config.ini is there at once */
    assert_int_equal(image_read(img, IMAGE_CONFIG, 0, buf, sizeof buf), CONFIG_LEN);
    assert_memory_equal(buf, config_of_image(), CONFIG_LEN);
    assert_int_equal(image_read(img, IMAGE_CONFIG, CONFIG_LEN - 1, buf, 10), 1);
    assert_int_equal(image_read(img, IMAGE_CONFIG, CONFIG_LEN, buf, 10), 0);
    assert_int_equal(image_read(img, IMAGE_CONFIG, UINT64_MAX, buf, 10), 0);

    /* a disk up to its watermark, which only grows and never beyond the disk */
    assert_int_equal(image_read(img, IMAGE_DISK0, 0, buf, 1), -EAGAIN);
    fill_dump(fds[0], 0, 0, 10000);
    image_watermark(img, 0, 5000);
    image_watermark(img, 0, 4000);
    image_watermark(img, 7, 4000);
    assert_int_equal(image_read(img, IMAGE_DISK0, 4000, buf, 1000), 1000);
    check_disk_bytes(buf, 0, 4000, 1000);
    assert_int_equal(image_read(img, IMAGE_DISK0, 4000, buf, 1001), -EAGAIN);
    assert_int_equal(image_read(img, IMAGE_DISK0, 9999, buf, 1), -EAGAIN);
    assert_int_equal(image_read(img, IMAGE_DISK0, 10000, buf, 1), 0);
    image_watermark(img, 0, UINT64_MAX);
    assert_int_equal(image_read(img, IMAGE_DISK0, 9000, buf, sizeof buf), 1000);
    assert_int_equal(image_read(img, IMAGE_DISK(1), 0, buf, 5), 0);

    /* the sums when they are set, once, in their length */
    size_t len;
    char *sums = sums_for(2, &len);

    assert_int_equal(image_size(img, IMAGE_SUMS), len);
    assert_int_equal(image_read(img, IMAGE_SUMS, 0, buf, 1), -EAGAIN);
    assert_int_equal(image_set_sums(img, sums, len - 1), -EINVAL);
    assert_int_equal(image_set_sums(img, sums, len), 0);
    assert_int_equal(image_set_sums(img, sums, len), -EINVAL);
    assert_int_equal(image_read(img, IMAGE_SUMS, 0, buf, sizeof buf), len);
    assert_memory_equal(buf, sums, len);
    free(sums);
    image_unref(img);
    close(fds[0]);
    close(fds[1]);
}

static void test_tar_follows(void **state)
{
    const uint64_t bytes[] = {10000, 5000};
    int fds[2];
    struct image *img = begun(2, bytes, fds);
    uint64_t size = image_size(img, IMAGE_TAR), second = TARMAP_FIRST + 10000;

    (void)state;
    /* everything before the first dump, spanning header, config.ini and filler */
    assert_int_equal(image_read(img, IMAGE_TAR, 0, buf, TARMAP_FIRST), TARMAP_FIRST);
    assert_memory_equal(buf + 512, config_of_image(), CONFIG_LEN);
    assert_memory_equal(buf, "inst1.example.com/config.ini", 29);
    assert_int_equal(image_read(img, IMAGE_TAR, TARMAP_FIRST - 1, buf, 2), -EAGAIN);

    /* literal bytes and dump below the watermark in one read */
    fill_dump(fds[0], 0, 0, 10000);
    fill_dump(fds[1], 1, 0, 5000);
    image_watermark(img, 0, 6000);
    assert_int_equal(image_read(img, IMAGE_TAR, TARMAP_FIRST - 100, buf, 6100), 6100);
    check_disk_bytes(buf + 100, 0, 0, 6000);
    assert_int_equal(image_read(img, IMAGE_TAR, TARMAP_FIRST - 100, buf, 6101), -EAGAIN);

    /* what lies behind an unfinished dump and is literal is there too */
    assert_true(image_read(img, IMAGE_TAR, second, buf, 16) == 16);
    assert_int_equal(image_read(img, IMAGE_TAR, size - 1024, buf, 2000), 1024);
    image_watermark(img, 0, 10000);
    image_watermark(img, 1, 5000);
    assert_int_equal(image_read(img, IMAGE_TAR, 0, buf, sizeof buf), -EAGAIN);
    set_sums(img, 2);
    assert_int_equal(image_read(img, IMAGE_TAR, 0, buf, sizeof buf), size);
    image_publish(img);

    /* and it is a tar */
    write_file(in_scratch("i.tar"), buf, size);
    run_silently("tar -xf i.tar && cmp stage0 inst1.example.com/disk0.raw && cmp stage1 "
                 "inst1.example.com/disk1.raw");

    /* any offset, any length */
    unsigned seed = 7;
    static char part[70000];

    for (int i = 0; i < 500; i++) {
        uint64_t off = (uint64_t)rand_r(&seed) % (size + 100);
        size_t len = (size_t)rand_r(&seed) % sizeof part;
        size_t want = off >= size ? 0 : len < size - off ? len : size - off;

        assert_int_equal(image_read(img, IMAGE_TAR, off, part, len), want);
        assert_memory_equal(part, buf + off, want);
    }
    image_unref(img);
    close(fds[0]);
    close(fds[1]);
}

static void test_published_without_sums(void **state)
{
    const uint64_t bytes[] = {100};
    int fds[1];
    struct image *img = begun(1, bytes, fds);
    uint64_t size = image_size(img, IMAGE_TAR);
    struct err err = {.class = ERR_EXEC, .errnum = ENOSPC};

    (void)state;
    image_publish(img);
    assert_int_equal(image_state(img), IMAGE_PUBLISHED);
    assert_int_equal(image_read(img, IMAGE_DISK0, 0, buf, 1000), 100);
    assert_int_equal(image_read(img, IMAGE_SUMS, 0, buf, 1), -EAGAIN);
    assert_int_equal(image_read(img, IMAGE_TAR, 0, buf, size), -EAGAIN);

    /* they never come: an error, and only for them */
    image_fail(img, &err);
    assert_int_equal(image_state(img), IMAGE_PUBLISHED);
    assert_int_equal(image_read(img, IMAGE_SUMS, 0, buf, 1), -ENOSPC);
    assert_int_equal(image_read(img, IMAGE_TAR, 0, buf, size), -ENOSPC);
    assert_int_equal(image_read(img, IMAGE_DISK0, 0, buf, 1000), 100);
    image_unref(img);
    close(fds[0]);
}

static void test_failed(void **state)
{
    const uint64_t bytes[] = {100};
    int fds[1];
    struct image *img = begun(1, bytes, fds);
    struct err err = {.class = ERR_EXEC, .errnum = ENOSPC, .text = "no room"}, got;

    (void)state;
    image_fail(img, &err);
    assert_int_equal(image_state(img), IMAGE_FAILED);
    assert_int_equal(image_read(img, IMAGE_CONFIG, 0, buf, 1), -ENOSPC);
    assert_int_equal(image_read(img, IMAGE_TAR, 0, buf, 1), -ENOSPC);
    err.errnum = EIO;
    image_fail(img, &err);
    image_publish(img);
    image_error(img, &got);
    assert_int_equal(got.errnum, ENOSPC);
    assert_string_equal(got.text, "no room");
    assert_int_equal(image_state(img), IMAGE_FAILED);
    image_unref(img);
    close(fds[0]);
}

static void test_begin_refused(void **state)
{
    struct image_layout l = {.config = config_of_image(), .config_len = CONFIG_LEN};
    struct image *img = NULL;

    (void)state;
    assert_int_equal(image_new("i", &img), 0);
    l.ndisks = MODEL_MAX_DISKS + 1;
    assert_int_equal(image_begin(img, &l), -EINVAL);
    l.ndisks = 2;
    l.fds[0] = open("/dev/null", O_RDONLY);
    l.fds[1] = -1;
    assert_int_equal(image_begin(img, &l), -EBADF);
    l.fds[1] = l.fds[0];
    l.bytes[0] = l.bytes[1] = INT64_MAX - 4096;
    assert_int_equal(image_begin(img, &l), -EOVERFLOW);
    l.config_len = 97 * 1024;
    assert_int_equal(image_begin(img, &l), -EFBIG);
    assert_int_equal(image_state(img), IMAGE_WAITING);
    l.ndisks = 0;
    l.config_len = CONFIG_LEN;
    assert_int_equal(image_begin(img, &l), 0);
    assert_int_equal(image_begin(img, &l), -EINVAL);
    close(l.fds[0]);
    image_unref(img);
}

/* A dump that was cut after it was published: EIO, neither a short read nor zeros nor a hole. */
static void test_cut_dump(void **state)
{
    const uint64_t bytes[] = {10000};
    int fds[1];
    struct image *img = begun(1, bytes, fds);
    uint64_t pos = 0;

    (void)state;
    fill_dump(fds[0], 0, 0, 10000);
    image_publish(img);
    assert_int_equal(ftruncate(fds[0], 5000), 0);
    assert_int_equal(image_read(img, IMAGE_DISK0, 0, buf, 5000), 5000);
    assert_int_equal(image_read(img, IMAGE_DISK0, 4000, buf, 1001), -EIO);
    assert_int_equal(image_read(img, IMAGE_DISK0, 9000, buf, 1), -EIO);
    assert_int_equal(image_read(img, IMAGE_TAR, TARMAP_FIRST + 6000, buf, 1), -EIO);
    assert_int_equal(image_seek(img, IMAGE_DISK0, 6000, SEEK_DATA, 0, &pos), 0);
    assert_int_equal(pos, 6000);
    assert_int_equal(image_seek(img, IMAGE_DISK0, 100, SEEK_HOLE, 0, &pos), 0);
    assert_int_equal(pos, 10000);
    image_unref(img);
    close(fds[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_waiting),     cmocka_unit_test(test_building),
        cmocka_unit_test(test_tar_follows), cmocka_unit_test(test_published_without_sums),
        cmocka_unit_test(test_failed),      cmocka_unit_test(test_begin_refused),
        cmocka_unit_test(test_cut_dump),
    };

    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
