/* image_open(): what lies on a node, opened only if it is still what the catalog saw. */
#include "tests/unit/image_making.h"

#include <xxhash.h>

#define DUMP_LEN 9000
#define NAME     "inst1.example.com"

/* export_open() of the scratch directory, as a node does it: never through a symlink. */
static int fake_open(void *ctx, const struct model_node *node, const char *name, const char *file,
                     struct node_file **ret, struct err *err)
{
    (void)ctx;
    assert_string_equal(name, NAME);

    int fd = open(in_scratch(file), O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

    if (fd < 0)
        return err_sys(err, -errno, "%s", file);
    return node_file_local(fd, node->name, ret);
}

static const struct node_ops ops = {.export_open = fake_open};
static struct model_node node = {.name = (char *)"node1.example.com"};

/* What the catalog saw: config.ini, two dumps, and XXH128SUMS if it is there. */
struct seen {
    struct node_export_file files[4];
    struct node_export_info info;
    struct catalog_export exp;
};

static void look(struct node_export_file *f, const char *name)
{
    struct stat st;

    assert_int_equal(stat(in_scratch(name), &st), 0);
    *f = (struct node_export_file){
        .name = (char *)name, .size = (uint64_t)st.st_size, .mtime = st.st_mtim, .ino = st.st_ino};
}

static void make_export(struct seen *s)
{
    size_t len;
    char *sums = sums_for(2, &len);

    *s = (struct seen){0};
    write_file(in_scratch("config.ini"), config_of_image(), CONFIG_LEN);
    write_file(in_scratch("XXH128SUMS"), sums, len);
    free(sums);
    for (unsigned j = 0; j < 2; j++) {
        int fd = open(in_scratch(j ? "disk1.raw" : "uuid-of-0"), O_RDWR | O_CREAT | O_TRUNC, 0600);

        fill_dump(fd, j, 0, DUMP_LEN);
        close(fd);
    }
    look(&s->files[0], "XXH128SUMS");
    look(&s->files[1], "config.ini");
    look(&s->files[2], "disk1.raw");
    look(&s->files[3], "uuid-of-0");
    s->info.id.t = s->files[1].mtime.tv_sec;
    s->info.id.size = CONFIG_LEN;
    s->info.id.hash = XXH3_64bits(config_of_image(), CONFIG_LEN);
    s->info.timestamp = 1234567890;
    s->info.nfiles = 4;
    s->info.files = s->files;
    s->exp.name = (char *)NAME;
    s->exp.complete = true;
    s->exp.info = &s->info;
    s->exp.ndisks = 2;
    s->exp.disk_file[0] = 3;
    s->exp.disk_file[1] = 2;
    s->exp.sums_file = 0;
}

static int open_it(struct seen *s, struct image **img, struct err *err)
{
    return image_open(&ops, NULL, &node, &s->exp, false, img, err);
}

static void refused(struct seen *s, int want, const char *says)
{
    struct image *img = NULL;
    struct err err = {0};
    int r = open_it(s, &img, &err);

    if (r != want || !strstr(err.text, says))
        fail_msg("%d: %s", r, err.text);
    assert_null(img);
}

static void test_whole(void **state)
{
    struct seen s;
    struct image *img = NULL;
    struct err err;
    char *tar = malloc(1 << 20);

    (void)state;
    make_export(&s);
    assert_int_equal(open_it(&s, &img, &err), 0);
    assert_int_equal(image_state(img), IMAGE_PUBLISHED);
    assert_int_equal(image_t(img), s.info.id.t);
    assert_int_equal(image_ndisks(img), 2);
    assert_int_equal(image_read(img, IMAGE_DISK0, 0, tar, 1 << 20), DUMP_LEN);
    check_disk_bytes(tar, 0, 0, DUMP_LEN);
    assert_int_equal(image_read(img, IMAGE_DISK(1), 0, tar, 1 << 20), DUMP_LEN);
    check_disk_bytes(tar, 1, 0, DUMP_LEN);

    /* the tar has the names as they lie there */
    ssize_t n = image_read(img, IMAGE_TAR, 0, tar, 1 << 20);

    assert_int_equal(n, image_size(img, IMAGE_TAR));
    write_file(in_scratch("t.tar"), tar, (size_t)n);
    run_silently("tar -xf t.tar && for f in config.ini uuid-of-0 disk1.raw XXH128SUMS; do "
                 "cmp $f " NAME "/$f; done");
    free(tar);

    /* the bytes stay when the export is replaced */
    char byte;

    assert_int_equal(unlink(in_scratch("uuid-of-0")), 0);
    assert_int_equal(image_read(img, IMAGE_DISK0, 8999, &byte, 1), 1);
    assert_int_equal(byte, byte_at(0, 8999));
    image_unref(img);
}

static void test_without_sums(void **state)
{
    struct seen s;
    struct image *img = NULL;
    struct err err;
    char byte;

    (void)state;
    make_export(&s);
    s.exp.sums_file = -1;
    assert_int_equal(open_it(&s, &img, &err), 0);
    assert_false(image_has_file(img, IMAGE_SUMS));
    assert_int_equal(image_read(img, IMAGE_SUMS, 0, &byte, 1), -ENOENT);
    assert_int_equal(image_read(img, IMAGE_TAR, image_size(img, IMAGE_TAR) - 1, &byte, 1), 1);
    image_unref(img);
}

static void test_changed_since(void **state)
{
    struct seen s;
    struct stat st;

    (void)state;
    make_export(&s);
    assert_int_equal(truncate(in_scratch("uuid-of-0"), DUMP_LEN - 1), 0);
    refused(&s, -ESTALE, "uuid-of-0");

    /* another file of the same size and time */
    make_export(&s);
    assert_int_equal(rename(in_scratch("disk1.raw"), in_scratch("old")), 0);
    run_silently("cp -p old disk1.raw");
    refused(&s, -ESTALE, "disk1.raw");

    /* config.ini rewritten in place, size and time put back: its hash tells */
    make_export(&s);
    assert_int_equal(stat(in_scratch("config.ini"), &st), 0);

    int fd = open(in_scratch("config.ini"), O_WRONLY);
    const struct timespec times[] = {st.st_atim, st.st_mtim};

    assert_int_equal(pwrite(fd, "x", 1, 5), 1);
    assert_int_equal(futimens(fd, times), 0);
    close(fd);
    refused(&s, -ESTALE, "config.ini");

    make_export(&s);
    assert_int_equal(unlink(in_scratch("XXH128SUMS")), 0);
    refused(&s, -ENOENT, "XXH128SUMS");
}

static void test_symlinks(void **state)
{
    struct seen s;

    (void)state;
    make_export(&s);
    assert_int_equal(rename(in_scratch("disk1.raw"), in_scratch("elsewhere")), 0);
    assert_int_equal(symlink("elsewhere", in_scratch("disk1.raw")), 0);
    refused(&s, -ELOOP, "disk1.raw");
    assert_int_equal(unlink(in_scratch("disk1.raw")), 0);
}

static void test_incomplete(void **state)
{
    struct seen s;

    (void)state;
    make_export(&s);
    s.exp.complete = false;
    s.exp.error = (char *)"no config.ini";
    refused(&s, -EBADMSG, "no config.ini");
    make_export(&s);
    s.exp.disk_file[1] = 4;
    refused(&s, -EBADMSG, "not complete");
    make_export(&s);
    s.exp.ndisks = MODEL_MAX_DISKS + 1;
    refused(&s, -EBADMSG, "not complete");
}

static void test_huge_config(void **state)
{
    struct seen s;

    (void)state;
    make_export(&s);
    assert_int_equal(truncate(in_scratch("config.ini"), 2 * INI_MAX_BYTES), 0);
    look(&s.files[1], "config.ini");
    refused(&s, -EFBIG, "config.ini");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole),         cmocka_unit_test(test_without_sums),
        cmocka_unit_test(test_changed_since), cmocka_unit_test(test_symlinks),
        cmocka_unit_test(test_incomplete),    cmocka_unit_test(test_huge_config),
    };

    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
