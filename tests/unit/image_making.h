/* image_making.h - an image being built over scratch files. */
#ifndef TESTS_UNIT_IMAGE_MAKING_H
#define TESTS_UNIT_IMAGE_MAKING_H

#include "export/image.h"
#include "export/sums.h"
#include "tests/unit/format_tools.h"

#define CONFIG_LEN 4096

static char config_text[CONFIG_LEN + 1];

static inline const char *config_of_image(void)
{
    memset(config_text, '#', CONFIG_LEN - 1);
    config_text[CONFIG_LEN - 1] = '\n';
    return config_text;
}

/* The byte at an offset of disk j. */
static inline char byte_at(unsigned j, uint64_t off)
{
    return (char)('A' + (off / 512 + j * 7 + off % 3) % 50);
}

static inline void fill_dump(int fd, unsigned j, uint64_t from, uint64_t to)
{
    char *buf = malloc(to - from + 1);

    assert_non_null(buf);
    for (uint64_t p = from; p < to; p++)
        buf[p - from] = byte_at(j, p);
    assert_int_equal(pwrite(fd, buf, to - from, (off_t)from), to - from);
    free(buf);
}

static inline int new_dump(unsigned j, uint64_t bytes)
{
    char name[32];
    int fd;

    snprintf(name, sizeof name, "stage%u", j);
    fd = open(in_scratch(name), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(ftruncate(fd, (off_t)bytes), 0);
    return fd;
}

/* A BUILDING image of n disks; fds are the caller's. */
static inline struct image *begun(unsigned n, const uint64_t bytes[], int fds[])
{
    struct image_layout l = {.t = 1000,
                             .timestamp = 900,
                             .config = config_of_image(),
                             .config_len = CONFIG_LEN,
                             .ndisks = n};
    struct image *img = NULL;

    for (unsigned j = 0; j < n; j++) {
        l.bytes[j] = bytes[j];
        l.fds[j] = fds[j] = new_dump(j, bytes[j]);
    }
    assert_int_equal(image_new("inst1.example.com", &img), 0);
    assert_int_equal(image_begin(img, &l), 0);
    return img;
}

/* Sums of the right length for n disks; the caller frees. */
static inline char *sums_for(unsigned n, size_t *len)
{
    struct sums_entry e[17] = {{.name = "config.ini"}};
    char *text = NULL;

    for (unsigned j = 0; j < n; j++)
        snprintf(e[j + 1].name, sizeof e[0].name, "disk%u.raw", j);
    assert_int_equal(sums_format(e, n + 1, &text, len), 0);
    return text;
}

static inline void set_sums(struct image *img, unsigned n)
{
    size_t len;
    char *text = sums_for(n, &len);

    assert_int_equal(image_set_sums(img, text, len), 0);
    free(text);
}

static inline void check_disk_bytes(const char *buf, unsigned j, uint64_t off, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (buf[i] != byte_at(j, off + i))
            fail_msg("disk %u: wrong byte at %llu", j, (unsigned long long)(off + i));
}

#endif
