/* Large archives: one that is mostly holes, with a size that ustar cannot hold, and one of much
 * data.
 */
#include "tests/unit/untar_own.h"

static const struct tarmap_member members[] = {{"config.ini", 4096, 0},
                                               {"disk0.raw", 9 * GIB + 77, 1},
                                               {"disk1.raw", 0, 1},
                                               {"disk2.raw", 100 * MIB, 1}};

/* disk0.raw: a word here and there; disk2.raw: bytes that differ from page to page */
static void make(void)
{
    struct tarmap *map = NULL;
    char *page = calloc(1, 4096), *config = page;
    int fd = open(in_scratch("large.tar"), O_RDWR | O_CREAT | O_TRUNC, 0600);

    assert_true(fd >= 0);
    assert_int_equal(tarmap_build(INST, 1700000000, members, 4, &map), 0);
    assert_int_equal(ftruncate(fd, (off_t)map->size), 0);
    for (size_t i = 0; i < map->n; i++) {
        const struct tarmap_extent *e = &map->extents[i];

        if (e->member < 0)
            assert_int_equal(pwrite(fd, map->bytes + e->offset, e->len, (off_t)e->start), e->len);
        if (e->member == 0) {
            memset(config, '#', 4096);
            memcpy(config, HEAD, sizeof HEAD - 1);
            assert_non_null(memcpy(config + sizeof HEAD - 1,
                                   "disk0_dump = disk0.raw\ndisk1_dump = disk1.raw\n"
                                   "disk2_dump = disk2.raw\n",
                                   69));
            assert_int_equal(pwrite(fd, config, 4096, (off_t)e->start), 4096);
        }
        if (e->member == 1)
            for (uint64_t at = GIB; at < 9 * GIB; at += GIB)
                assert_int_equal(pwrite(fd, "word", 4, (off_t)(e->start + at)), 4);
        for (uint64_t at = 0; e->member == 3 && at < e->len; at += 4096) {
            memset(page, 'a' + (int)(at / 4096 % 26), 4096);
            assert_int_equal(pwrite(fd, page, 4096, (off_t)(e->start + at)), 4096);
        }
    }
    close(fd);
    free(page);
    tarmap_free(map);
}

/* In out/disk0.raw are the words and nothing else. */
static void check_words(void)
{
    int fd = open(in_scratch("out/disk0.raw"), O_RDONLY);
    char page[4096], want[4096] = "word";

    assert_true(fd >= 0);
    assert_int_equal(lseek(fd, 0, SEEK_END), 9 * GIB + 77);
    for (uint64_t at = GIB; at < 9 * GIB; at += GIB) {
        off_t data = lseek(fd, (off_t)(at - GIB + 4096), SEEK_DATA);

        assert_int_equal(data, at);
        assert_int_equal(pread(fd, page, sizeof page, data), sizeof page);
        assert_memory_equal(page, want, sizeof page);
        assert_true(lseek(fd, data, SEEK_HOLE) <= data + 4096);
    }
    close(fd);
}

static void test_large(void **state)
{
    struct err err;

    (void)state;
    make();

    struct manifest *m = accepted("large.tar");

    assert_int_equal(m->n, 3);
    assert_int_equal(m->dumps[0].file.size, 9 * GIB + 77);
    assert_int_equal(m->dumps[0].file.data, 8 * 4096);
    assert_int_equal(m->dumps[2].file.data, 100 * MIB);
    assert_true(m->dumps[0].file.plain);
    if (split("large.tar", m, &err) < 0)
        fail_msg("%s", err.text);
    run_silently("tail -c +%llu large.tar | head -c %llu | cmp - out/disk2.raw",
                 (unsigned long long)m->dumps[2].file.offset + 1, 100 * MIB);
    check_words();
    run_silently("[ $(stat -c %%b out/disk0.raw) -le 512 ]");
    manifest_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_large)};

    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
