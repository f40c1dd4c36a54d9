/* lu_world_copy.h - copy.h's functions: no bytes move, the test says what happens.  Include after
 * lu_world.h. */
#ifndef TESTS_LU_WORLD_COPY_H
#define TESTS_LU_WORLD_COPY_H

#include "export/copy.h"

#include <sys/stat.h>

static struct {
    int reflink;  /* what copy_reflink() answers; 0: it works */
    bool written; /* somebody writes to the source before copy_run() returns */
} world_copy;

static inline int world_copy_setup(void **state)
{
    world_copy.reflink = -EOPNOTSUPP;
    world_copy.written = false;
    return world_setup(state);
}

int copy_reflink(int src, int dst, uint64_t bytes)
{
    (void)src, (void)dst;
    world_logf("reflink %llu", (unsigned long long)bytes);
    return world_copy.reflink;
}

static inline int world_hash(const struct copy_job *job, XXH128_canonical_t *digest,
                             struct err *err)
{
    int r = world_call(err, "hash %llu", (unsigned long long)job->bytes);

    if (r == 0 && cancel_requested(job->cancel))
        r = -ECANCELED;
    XXH128_canonicalFromHash(digest, XXH3_128bits("x", 1));
    return r;
}

int copy_run(const struct copy_job *job, XXH128_canonical_t *digest, struct err *err)
{
    int r;

    if (job->dst < 0)
        return world_hash(job, digest, err);
    r = world_call(err, "copy %llu", (unsigned long long)job->bytes);
    if (r < 0)
        return r;
    if (cancel_requested(job->cancel))
        return -ECANCELED;
    job->progress(job->arg, job->bytes);
    if (world_copy.written)
        assert_int_equal(futimens(job->src, (struct timespec[2]){{0}, {.tv_sec = 1}}), 0);
    XXH128_canonicalFromHash(digest, XXH3_128bits("x", 1));
    return 0;
}

#undef WORLD_TEST
#define WORLD_TEST(f) cmocka_unit_test_setup_teardown(f, world_copy_setup, world_teardown)

#endif
