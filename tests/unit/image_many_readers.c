/* Readers that wait, read and wait again while a run writes: every byte right, nobody forgotten. */
#include "tests/unit/image_making.h"

#include <pthread.h>
#include <sched.h>
#include <semaphore.h>

#define READERS 4
#define DISK    (2 * 1024 * 1024)
#define STEP    (64 * 1024)

struct reader {
    struct image_waiter w; /* first: ready() casts */
    struct image *img;
    sem_t wake;
    int file;
    unsigned seed;
    char *copy;
    uint64_t size;
    int result;
    pthread_t thread;
};

static void ready(struct image_waiter *w)
{
    sem_post(&((struct reader *)w)->wake);
}

/* Blocks until the range can be answered; at times takes a wait back and queues again. */
static void wait_for(struct reader *r, uint64_t off, size_t len)
{
    r->w = (struct image_waiter){.ready = ready, .file = r->file, .off = off, .len = len};
    while (image_wait(r->img, &r->w) == 0) {
        if (rand_r(&r->seed) % 4 == 0 && image_unwait(r->img, &r->w))
            continue;
        while (sem_wait(&r->wake) < 0)
            ;
        return;
    }
}

static void *read_all(void *arg)
{
    struct reader *r = arg;

    for (uint64_t off = 0; off < r->size;) {
        size_t len = 1 + (size_t)rand_r(&r->seed) % 100000;
        ssize_t n = image_read(r->img, r->file, off, r->copy + off, len);

        if (n == -EAGAIN) {
            wait_for(r, off, len);
            continue;
        }
        if (n <= 0) {
            r->result = n < 0 ? (int)n : -EIO;
            break;
        }
        off += (uint64_t)n;
    }
    image_unref(r->img);
    return NULL;
}

static void start(struct reader *r, struct image *img, unsigned i)
{
    *r = (struct reader){.img = image_ref(img), .file = i % 2 ? IMAGE_TAR : IMAGE_DISK0, .seed = i};
    sem_init(&r->wake, 0, 0);
    r->size = image_size(img, r->file);
    r->copy = malloc(r->size + 100000);
    assert_non_null(r->copy);
    assert_int_equal(pthread_create(&r->thread, NULL, read_all, r), 0);
}

static void finish(struct reader *r)
{
    pthread_join(r->thread, NULL);
    sem_destroy(&r->wake);
    free(r->copy);
}

static void run(struct image *img, int fd, uint64_t until)
{
    for (uint64_t p = 0; p < until; p += STEP) {
        fill_dump(fd, 0, p, p + STEP);
        image_watermark(img, 0, p + STEP);
        if (p % (8 * STEP) == 0)
            sched_yield();
    }
}

static void test_all_read_all(void **state)
{
    const uint64_t bytes[] = {DISK};
    int fds[1];
    struct image *img = begun(1, bytes, fds);
    struct reader r[READERS];

    (void)state;
    for (unsigned i = 0; i < READERS; i++)
        start(&r[i], img, i);
    run(img, fds[0], DISK);
    image_publish(img);
    set_sums(img, 1);
    for (unsigned i = 0; i < READERS; i++) {
        pthread_join(r[i].thread, NULL);
        assert_int_equal(r[i].result, 0);
        check_disk_bytes(r[i].copy + (r[i].file == IMAGE_TAR ? TARMAP_FIRST : 0), 0, 0, DISK);
        sem_destroy(&r[i].wake);
        free(r[i].copy);
    }
    image_unref(img);
    close(fds[0]);
}

static void test_failure_reaches_all(void **state)
{
    const uint64_t bytes[] = {DISK};
    int fds[1];
    struct image *img = begun(1, bytes, fds);
    struct reader r[READERS];
    struct err err = {.class = ERR_EXEC, .errnum = ENOSPC};

    (void)state;
    for (unsigned i = 0; i < READERS; i++)
        start(&r[i], img, i);
    run(img, fds[0], DISK / 2);
    image_fail(img, &err);
    for (unsigned i = 0; i < READERS; i++) {
        finish(&r[i]);
        assert_int_equal(r[i].result, -ENOSPC);
    }
    image_unref(img);
    close(fds[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_read_all),
        cmocka_unit_test(test_failure_reaches_all),
    };

    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
