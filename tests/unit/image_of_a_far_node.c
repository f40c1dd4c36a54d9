/* image_open() of files that are not this machine's: no inodes, whole seconds, holes or not. */
#include "tests/unit/image_making.h"

#include <xxhash.h>

#define DUMP_LEN 9000
#define NAME     "inst1.example.com"

/* How the node is; one for all of its files. */
static struct {
    struct timespec mtime;
    uint64_t ino, size, blocks512;
    int read_error, seek_error;
    bool cut, dropped;
    int open; /* files that are not given back */
} far;

struct far_file {
    struct node_file f;
    bool is_config;
};

static int far_read(struct node_file *f, void *buf, size_t len, uint64_t off)
{
    const struct far_file *ff = (struct far_file *)f;

    if (far.read_error)
        return far.read_error;
    for (size_t i = 0; i < len; i++)
        ((char *)buf)[i] = ff->is_config ? config_of_image()[off + i] : byte_at(0, off + i);
    return 0;
}

/* Data up to 4096, then a hole. */
static int far_seek(struct node_file *f, uint64_t off, int whence, uint64_t *ret)
{
    (void)f;
    if (far.seek_error)
        return far.seek_error;
    if (whence == SEEK_DATA && off >= 4096)
        return -ENXIO;
    *ret = whence == SEEK_DATA || off >= 4096 ? off : 4096;
    return 0;
}

static int far_facts(struct node_file *f, struct node_file_facts *ret)
{
    uint64_t size = ((struct far_file *)f)->is_config ? CONFIG_LEN : DUMP_LEN;

    *ret = (struct node_file_facts){far.cut ? size - 1 : size, far.blocks512, far.mtime, far.ino};
    return 0;
}

static void far_drop(struct node_file *f)
{
    (void)f;
    far.dropped = true;
}

static void far_destroy(struct node_file *f)
{
    far.open--;
    free(f);
}

static const struct node_file_ops far_ops = {.read = far_read,
                                             .seek = far_seek,
                                             .facts = far_facts,
                                             .drop = far_drop,
                                             .destroy = far_destroy};

static int far_open(void *ctx, const struct model_node *node, const char *name, const char *file,
                    struct node_file **ret, struct err *err)
{
    struct far_file *ff = calloc(1, sizeof *ff);

    (void)ctx, (void)node, (void)name, (void)err;
    assert_non_null(ff);
    ff->f = (struct node_file){.ops = &far_ops, .refs = 1, .may_hang = true};
    ff->is_config = !strcmp(file, "config.ini");
    far.open++;
    *ret = &ff->f;
    return 0;
}

static const struct node_ops ops = {.export_open = far_open};
static struct model_node node = {.name = (char *)"node1.example.com",
                                 .address = (char *)"192.0.2.1"};
static struct node_export_file files[2];
static struct node_export_info info;

static int setup(void **state)
{
    (void)state;
    memset(&far, 0, sizeof far);
    far.mtime.tv_sec = 1000;
    far.blocks512 = 16;
    files[0] = (struct node_export_file){.name = (char *)"config.ini", .size = CONFIG_LEN};
    files[1] = (struct node_export_file){.name = (char *)"disk0.raw", .size = DUMP_LEN};
    files[0].mtime.tv_sec = files[1].mtime.tv_sec = 1000;
    info = (struct node_export_info){.nfiles = 2, .files = files};
    info.id.t = 900; /* not config.ini's mtime */
    info.id.size = CONFIG_LEN;
    info.id.hash = XXH3_64bits(config_of_image(), CONFIG_LEN);
    return 0;
}

static int open_it(struct image **ret)
{
    struct catalog_export exp = {.name = (char *)NAME,
                                 .complete = true,
                                 .info = &info,
                                 .ndisks = 1,
                                 .disk_file = {1},
                                 .sums_file = -1};
    struct err err;

    return image_open(&ops, NULL, &node, &exp, false, ret, &err);
}

static void is_read_through_its_files(void **state)
{
    struct image *img = NULL;
    char buf[DUMP_LEN];

    (void)state;
    assert_int_equal(open_it(&img), 0);
    assert_int_equal(far.open, 1); /* config.ini is read and given back */
    assert_int_equal(image_t(img), 900);
    assert_string_equal(image_node(img), node.name);
    assert_int_equal(image_read(img, IMAGE_DISK0, 0, buf, sizeof buf), DUMP_LEN);
    check_disk_bytes(buf, 0, 0, DUMP_LEN);
    assert_int_equal(image_blocks512(img, IMAGE_DISK0), 16);
    far.read_error = -ETIMEDOUT;
    assert_int_equal(image_read(img, IMAGE_DISK0, 0, buf, sizeof buf), -EIO);
    assert_false(far.dropped);
    image_unref(img);
    assert_int_equal(far.open, 0);
}

static void holes_are_the_nodes_if_it_tells(void **state)
{
    struct image *img = NULL;
    uint64_t at = 0;

    (void)state;
    assert_int_equal(open_it(&img), 0);
    assert_int_equal(image_seek(img, IMAGE_DISK0, 10, SEEK_HOLE, 0, &at), 0);
    assert_int_equal(at, 4096);
    assert_int_equal(image_seek(img, IMAGE_DISK0, 5000, SEEK_DATA, 0, &at), -ENXIO);

    far.seek_error = -EOPNOTSUPP;
    assert_int_equal(image_seek(img, IMAGE_DISK0, 10, SEEK_HOLE, 0, &at), 0);
    assert_int_equal(at, DUMP_LEN);
    assert_int_equal(image_seek(img, IMAGE_DISK0, 5000, SEEK_DATA, 0, &at), 0);
    assert_int_equal(at, 5000);

    far.seek_error = 0;
    far.cut = true; /* a dump that was cut has no holes */
    assert_int_equal(image_seek(img, IMAGE_DISK0, 5000, SEEK_DATA, 0, &at), 0);
    assert_int_equal(at, 5000);
    image_unref(img);
}

/* Whether what is described and what is found now is the same export. */
static void check(int want)
{
    struct image *img = NULL;

    assert_int_equal(open_it(&img), want);
    image_unref(img);
    assert_int_equal(far.open, 0);
}

static void whole_seconds_are_the_same(void **state)
{
    (void)state;
    files[0].mtime.tv_nsec = files[1].mtime.tv_nsec = 5; /* described by something better */
    check(0);
    far.mtime.tv_nsec = 5;
    check(0);
    far.mtime.tv_nsec = 6;
    check(-ESTALE);
    files[0].mtime.tv_nsec = files[1].mtime.tv_nsec = 0;
    check(0);
    far.mtime.tv_sec++;
    check(-ESTALE);
}

static void inodes_are_compared_if_told(void **state)
{
    (void)state;
    far.ino = 77;
    check(0);
    files[0].ino = files[1].ino = 77;
    check(0);
    far.ino = 0;
    check(0);
    far.ino = 78;
    check(-ESTALE);
    far.ino = 77; /* told: then times are exact */
    far.mtime.tv_nsec = 1;
    check(-ESTALE);
}

static void changed_while_opened(void **state)
{
    (void)state;
    far.cut = true;
    check(-ESTALE);
    far.cut = false;
    far.read_error = -ETIMEDOUT;
    check(-ETIMEDOUT);
    far.read_error = 0;
    info.id.hash++;
    check(-ESTALE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(is_read_through_its_files, setup),
        cmocka_unit_test_setup(holes_are_the_nodes_if_it_tells, setup),
        cmocka_unit_test_setup(whole_seconds_are_the_same, setup),
        cmocka_unit_test_setup(inodes_are_compared_if_told, setup),
        cmocka_unit_test_setup(changed_while_opened, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
