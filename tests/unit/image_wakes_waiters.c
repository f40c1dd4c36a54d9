/* Waiters are called exactly once, exactly when their read can be answered, without locks. */
#include "tests/unit/image_making.h"

struct waiter {
    struct image_waiter w;
    struct image *img;
    unsigned calls;
    ssize_t got; /* of an image_read() made inside ready() */
};

static void ready(struct image_waiter *w)
{
    struct waiter *me = (struct waiter *)w;
    char buf[4096];

    me->calls++;
    me->got = image_read(me->img, w->file, w->off, buf, w->len);
}

static struct waiter waiter(struct image *img, int file, uint64_t off, size_t len)
{
    return (struct waiter){.w = {.ready = ready, .file = file, .off = off, .len = len}, .img = img};
}

static void test_watermarks(void **state)
{
    const uint64_t bytes[] = {10000};
    int fds[1];
    struct image *img = begun(1, bytes, fds);
    struct waiter near = waiter(img, IMAGE_DISK0, 100, 900),
                  far = waiter(img, IMAGE_DISK0, 8000, 4000),
                  tar = waiter(img, IMAGE_TAR, TARMAP_FIRST + 1000, 10),
                  now = waiter(img, IMAGE_CONFIG, 0, 10), sums = waiter(img, IMAGE_SUMS, 0, 4),
                  gone = waiter(img, IMAGE_DISK0, 0, 100);

    (void)state;
    assert_int_equal(image_wait(img, &near.w), 0);
    assert_int_equal(image_wait(img, &gone.w), 0);
    assert_int_equal(image_wait(img, &far.w), 0);
    assert_int_equal(image_wait(img, &tar.w), 0);
    assert_int_equal(image_wait(img, &sums.w), 0);
    assert_int_equal(image_wait(img, &now.w), 1);
    assert_false(image_unwait(img, &now.w));
    assert_true(image_unwait(img, &gone.w));
    assert_false(image_unwait(img, &gone.w));

    image_watermark(img, 0, 999);
    assert_int_equal(near.calls + far.calls + tar.calls + sums.calls, 0);
    image_watermark(img, 0, 1000);
    assert_int_equal(near.calls, 1);
    assert_int_equal(near.got, 900);
    assert_int_equal(tar.calls, 0);
    image_watermark(img, 0, 1010);
    assert_int_equal(tar.calls, 1);
    assert_int_equal(tar.got, 10);
    image_watermark(img, 0, 9999);
    assert_int_equal(far.calls, 0);
    image_publish(img);
    assert_int_equal(far.calls, 1);
    assert_int_equal(far.got, 2000);
    assert_int_equal(sums.calls, 0);
    set_sums(img, 1);
    assert_int_equal(sums.calls, 1);
    assert_int_equal(sums.got, 4);
    assert_int_equal(near.calls + tar.calls, 2);
    assert_int_equal(gone.calls + now.calls, 0);
    assert_false(image_unwait(img, &far.w));
    image_unref(img);
    close(fds[0]);
}

static void test_begin_and_fail(void **state)
{
    struct image_layout l = {.config = config_of_image(), .config_len = CONFIG_LEN};
    struct image *img = NULL;
    struct err err = {.class = ERR_CANCELED, .errnum = ECANCELED};

    (void)state;
    assert_int_equal(image_new("i", &img), 0);

    struct waiter config = waiter(img, IMAGE_CONFIG, 0, 10), disk = waiter(img, IMAGE_DISK0, 0, 1),
                  sums = waiter(img, IMAGE_SUMS, 0, 1);

    assert_int_equal(image_wait(img, &config.w), 0);
    assert_int_equal(image_wait(img, &disk.w), 0);
    assert_int_equal(image_wait(img, &sums.w), 0);
    l.config_len = 1 << 20;
    assert_int_equal(image_begin(img, &l), -EFBIG);
    assert_int_equal(config.calls, 0);
    l.config_len = CONFIG_LEN;
    assert_int_equal(image_begin(img, &l), 0);
    assert_int_equal(config.got, 10);
    assert_int_equal(disk.got, -ENOENT);
    assert_int_equal(sums.calls, 0);
    image_fail(img, &err);
    assert_int_equal(sums.got, -ECANCELED);
    assert_int_equal(config.calls + disk.calls + sums.calls, 3);
    image_unref(img);
}

/* The last one in the queue goes, a new one comes: the queue stays whole. */
static void test_queue(void **state)
{
    struct image *img = NULL;
    struct waiter w[5];
    struct err err = {.errnum = EIO};

    (void)state;
    assert_int_equal(image_new("i", &img), 0);
    for (int i = 0; i < 5; i++)
        w[i] = waiter(img, IMAGE_TAR, 0, 1);
    for (int i = 0; i < 3; i++)
        assert_int_equal(image_wait(img, &w[i].w), 0);
    assert_true(image_unwait(img, &w[2].w));
    assert_int_equal(image_wait(img, &w[3].w), 0);
    assert_true(image_unwait(img, &w[0].w));
    assert_int_equal(image_wait(img, &w[4].w), 0);
    image_fail(img, &err);
    for (int i = 0; i < 5; i++)
        assert_int_equal(w[i].calls, i == 0 || i == 2 ? 0 : 1);
    image_unref(img);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_watermarks),
        cmocka_unit_test(test_begin_and_fail),
        cmocka_unit_test(test_queue),
    };

    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
