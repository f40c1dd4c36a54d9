/* Small archives that want to become large ones: time and memory stay bounded, and whoever waits
 * can take it back. */
#include "tests/unit/untar_memory.h"

#include <pthread.h>

/* exp/ with a disk of `size` bytes that `fill` (a filter of /dev/zero) makes. */
static void make(const char *size, const char *fill, const char *filter)
{
    put_file("config.ini", HEAD "disk0_dump = a\n");
    free(run_tool(
        "{ printf '' | " GNUTAR " -cf - config.ini | head -c 1024; } > head && "
        "truncate -s %s a && " GNUTAR
        " -cf - --null --format=gnu a | head -c 512 > ahead && rm a && "
        "(cat head ahead && head -c %s /dev/zero | %s && head -c 1024 /dev/zero) | %s > t.tar",
        size, size, fill, filter));
}

static void test_data_is_stopped_where_room_ends(void **state)
{
    struct manifest *m;
    struct err err;

    (void)state;
    make("100M", "tr '\\0' x", "zstd -q -1");
    assert_int_equal(check_with("t.tar", 10 * MIB, 64 * GIB, &m, &err), -ENOSPC);
    assert_int_equal(check_with("t.tar", GIB, 64 * GIB, &m, &err), 0);
    manifest_free(m);
    check_memory();
}

static void test_compressed_twice(void **state)
{
    (void)state;
    make("10M", "cat", "gzip | gzip");
    refused("t.tar", -EINVAL, "twice");
    make("10M", "cat", "gzip | gzip | gzip | zstd -q | xz");
    refused("t.tar", -EINVAL, "twice");
}

/* Cancels once the check is well under way. */
static void *canceler(void *arg)
{
    while (cancel_life(arg) < 200)
        usleep(1000);
    cancel_request(arg);
    return NULL;
}

static void check_cancel(void)
{
    struct cancel cancel;
    struct manifest *m = NULL;
    struct err err;
    pthread_t thread;
    int fd = open(in_scratch("t.tar"), O_RDONLY);
    struct manifest_job job = {.fd = fd, .instance = INST, .room = GIB, .max_bytes = INT64_MAX};

    assert_int_equal(cancel_init(&cancel), 0);
    job.cancel = &cancel;
    assert_int_equal(pthread_create(&thread, NULL, canceler, &cancel), 0);

    int r = untar_check(&job, &m, &err);

    pthread_join(thread, NULL);
    cancel_destroy(&cancel);
    close(fd);
    if (r != -ECANCELED || err.class != ERR_CANCELED)
        fail_msg("%d %s", r, err.text);
}

static void test_zeros(void **state)
{
    static const char *const filters[] = {"gzip -1", "xz -0", "zstd -q -1"};
    static const char *const sizes[] = {"100M", "100M", "4G"};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        make(sizes[i], "cat", filters[i]);

        struct manifest *m = accepted("t.tar");

        assert_int_equal(m->data, 0);
        assert_int_equal(m->dumps[0].file.size, i == 2 ? 4 * GIB : 100 * MIB);
        manifest_free(m);
        check_memory();
    }
    /* of which libarchive makes the 4 GiB without reading more of the file */
    check_cancel();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_zeros),
        cmocka_unit_test(test_data_is_stopped_where_room_ends),
        cmocka_unit_test(test_compressed_twice),
    };

    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
