/* SEEK_DATA, SEEK_HOLE and blocks: the dump's own, mapped into the tar. */
#include "tests/unit/image_making.h"

#define MIB (1024 * 1024ULL)

static int64_t seek(struct image *img, int file, uint64_t off, int whence)
{
    uint64_t pos = 0;
    int r = image_seek(img, file, off, whence, 12345, &pos);

    return r < 0 ? r : (int64_t)pos;
}

/* 4 MiB: data in the second MiB only; and 64 KiB of data; and 1 MiB of nothing. */
static struct image *sparse(int fds[3])
{
    const uint64_t bytes[] = {4 * MIB, 65536, MIB};
    struct image *img = begun(3, bytes, fds);

    fill_dump(fds[0], 0, MIB, 2 * MIB);
    fill_dump(fds[1], 1, 0, 65536);
    assert_int_equal(fsync(fds[0]), 0);
    assert_int_equal(fsync(fds[1]), 0);
    return img;
}

static void done(struct image *img, int fds[3])
{
    image_unref(img);
    for (int j = 0; j < 3; j++)
        close(fds[j]);
}

static void test_disks(void **state)
{
    int fds[3];
    struct image *img = sparse(fds);

    (void)state;
    /* before it is published, without a map of what is copied: data to the end */
    assert_int_equal(seek(img, IMAGE_DISK0, 10, SEEK_DATA), 10);
    assert_int_equal(seek(img, IMAGE_DISK0, 10, SEEK_HOLE), 4 * MIB);
    assert_int_equal(seek(img, IMAGE_DISK0, 4 * MIB, SEEK_HOLE), -ENXIO);

    image_publish(img);
    assert_int_equal(seek(img, IMAGE_DISK0, 0, SEEK_DATA), MIB);
    assert_int_equal(seek(img, IMAGE_DISK0, 0, SEEK_HOLE), 0);
    assert_int_equal(seek(img, IMAGE_DISK0, MIB + 5, SEEK_DATA), MIB + 5);
    assert_int_equal(seek(img, IMAGE_DISK0, MIB + 5, SEEK_HOLE), 2 * MIB);
    assert_int_equal(seek(img, IMAGE_DISK0, 2 * MIB, SEEK_DATA), -ENXIO);
    assert_int_equal(seek(img, IMAGE_DISK0, 3 * MIB, SEEK_HOLE), 3 * MIB);
    assert_int_equal(seek(img, IMAGE_DISK0, 4 * MIB, SEEK_HOLE), -ENXIO);
    assert_int_equal(seek(img, IMAGE_DISK0, UINT64_MAX, SEEK_DATA), -ENXIO);
    assert_int_equal(seek(img, IMAGE_DISK(1), 5, SEEK_HOLE), 65536);
    assert_int_equal(seek(img, IMAGE_CONFIG, 5, SEEK_DATA), 5);
    assert_int_equal(seek(img, IMAGE_CONFIG, 5, SEEK_HOLE), CONFIG_LEN);
    assert_int_equal(seek(img, IMAGE_CONFIG, 5, SEEK_SET), -EINVAL);
    done(img, fds);
}

static void test_tar(void **state)
{
    int fds[3];
    struct image *img = sparse(fds);
    uint64_t first = TARMAP_FIRST, size = image_size(img, IMAGE_TAR);

    (void)state;
    image_publish(img);
    assert_int_equal(seek(img, IMAGE_TAR, 0, SEEK_DATA), 0);
    assert_int_equal(seek(img, IMAGE_TAR, 0, SEEK_HOLE), first);
    assert_int_equal(seek(img, IMAGE_TAR, first, SEEK_DATA), first + MIB);
    assert_int_equal(seek(img, IMAGE_TAR, first + MIB, SEEK_HOLE), first + 2 * MIB);

    /* the hole at a dump's end ends where the next header begins */
    assert_int_equal(seek(img, IMAGE_TAR, first + 2 * MIB, SEEK_DATA), first + 4 * MIB);

    /* data of the dense disk and the header behind it are one: the next hole is the empty disk */
    int64_t third = seek(img, IMAGE_TAR, first + 4 * MIB, SEEK_HOLE);

    assert_true(third > (int64_t)(first + 4 * MIB + 65536));
    assert_int_equal(third % TARMAP_ALIGN, 0);
    assert_int_equal(seek(img, IMAGE_TAR, (uint64_t)third, SEEK_DATA), third + (int64_t)MIB);
    assert_int_equal(seek(img, IMAGE_TAR, (uint64_t)third + MIB, SEEK_HOLE), size);
    assert_int_equal(seek(img, IMAGE_TAR, size - 1, SEEK_DATA), size - 1);
    assert_int_equal(seek(img, IMAGE_TAR, size, SEEK_DATA), -ENXIO);
    done(img, fds);
}

static void test_blocks(void **state)
{
    int fds[3];
    struct image *img = sparse(fds);
    uint64_t size = image_size(img, IMAGE_TAR), tar;

    (void)state;
    for (int f = IMAGE_TAR; f <= IMAGE_DISK(2); f++)
        assert_true(image_blocks512(img, f) * 512 < image_size(img, f));
    image_publish(img);
    assert_int_equal(image_blocks512(img, IMAGE_CONFIG), CONFIG_LEN / 512);
    assert_true(image_blocks512(img, IMAGE_DISK0) >= MIB / 512);
    assert_true(image_blocks512(img, IMAGE_DISK0) < 2 * MIB / 512);
    assert_int_equal(image_blocks512(img, IMAGE_DISK(1)), 65536 / 512);
    assert_int_equal(image_blocks512(img, IMAGE_DISK(2)), 0);
    tar = image_blocks512(img, IMAGE_TAR);
    assert_int_equal(tar, image_blocks512(img, IMAGE_DISK0) + 65536 / 512 +
                              (size - 5 * MIB - 65536) / 512);
    done(img, fds);
}

static void test_dense_blocks(void **state)
{
    const uint64_t bytes[] = {5000};
    int fds[1];
    struct image *img = begun(1, bytes, fds);

    (void)state;
    fill_dump(fds[0], 0, 0, 5000);
    assert_int_equal(fsync(fds[0]), 0);
    image_publish(img);
    assert_int_equal(image_blocks512(img, IMAGE_DISK0), 10);
    assert_int_equal(image_blocks512(img, IMAGE_TAR) * 512, image_size(img, IMAGE_TAR));
    image_unref(img);
    close(fds[0]);
}

/* Nothing is known yet: data to the end of the size that the caller promised. */
static void test_waiting(void **state)
{
    const struct err failure = {.class = ERR_EXEC, .errnum = ENOSPC};
    struct image *img;

    (void)state;
    assert_int_equal(image_new("web1", &img), 0);
    assert_int_equal(seek(img, IMAGE_DISK0, 10, SEEK_DATA), 10);
    assert_int_equal(seek(img, IMAGE_DISK0, 10, SEEK_HOLE), 12345);
    assert_int_equal(seek(img, IMAGE_DISK0, 12345, SEEK_HOLE), -ENXIO);
    image_fail(img, &failure);
    assert_int_equal(seek(img, IMAGE_DISK0, 10, SEEK_HOLE), -ENOSPC);
    image_unref(img);
}

/* While the dumps are empty still, holes are those of what they are copied from. */
static void test_map(void **state)
{
    const uint64_t bytes[] = {4 * MIB, 65536};
    struct image_layout l = {
        .t = 1, .config = config_of_image(), .config_len = CONFIG_LEN, .ndisks = 2};
    int sources[2] = {new_dump(5, bytes[0]), -1};
    struct image *img;

    (void)state;
    fill_dump(sources[0], 0, MIB, 2 * MIB);
    assert_int_equal(fsync(sources[0]), 0);
    for (unsigned j = 0; j < 2; j++) {
        l.fds[j] = new_dump(j, bytes[j]);
        l.bytes[j] = bytes[j];
    }
    l.map_fds = sources;
    assert_int_equal(image_new("web1", &img), 0);
    assert_int_equal(image_begin(img, &l), 0);
    close(sources[0]); /* the image has its own */

    int64_t disk0 = seek(img, IMAGE_TAR, TARMAP_FIRST, SEEK_HOLE);

    assert_int_equal(disk0, TARMAP_FIRST);
    assert_int_equal(seek(img, IMAGE_DISK0, 0, SEEK_DATA), MIB);
    assert_int_equal(seek(img, IMAGE_DISK0, 0, SEEK_HOLE), 0);
    assert_int_equal(seek(img, IMAGE_DISK0, MIB + 5, SEEK_HOLE), 2 * MIB);
    assert_int_equal(seek(img, IMAGE_DISK0, 2 * MIB, SEEK_DATA), -ENXIO);
    assert_int_equal(seek(img, IMAGE_TAR, (uint64_t)disk0, SEEK_DATA), disk0 + (int64_t)MIB);
    assert_int_equal(seek(img, IMAGE_TAR, (uint64_t)disk0 + MIB, SEEK_HOLE),
                     disk0 + 2 * (int64_t)MIB);
    /* one without a map is data */
    assert_int_equal(seek(img, IMAGE_DISK(1), 5, SEEK_DATA), 5);
    assert_int_equal(seek(img, IMAGE_DISK(1), 5, SEEK_HOLE), 65536);

    /* the dump has less data than that: zeros were left out */
    fill_dump(l.fds[0], 0, MIB, MIB + 65536);
    assert_int_equal(fsync(l.fds[0]), 0);
    image_publish(img);
    assert_int_equal(seek(img, IMAGE_DISK0, MIB, SEEK_HOLE), MIB + 65536);
    image_unref(img);
    close(l.fds[0]);
    close(l.fds[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_waiting), cmocka_unit_test(test_map),
        cmocka_unit_test(test_disks),   cmocka_unit_test(test_tar),
        cmocka_unit_test(test_blocks),  cmocka_unit_test(test_dense_blocks),
    };

    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
