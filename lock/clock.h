/* clock.h - clocks that do not jump, and what they are made of. */
#ifndef LOCK_CLOCK_H
#define LOCK_CLOCK_H

#include <stdint.h>
#include <time.h>

static inline int64_t clock_ns_of(clockid_t clock)
{
    struct timespec ts;

    clock_gettime(clock, &ts);
    return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

/* Nanoseconds, milliseconds and seconds since some moment before the start. */
static inline int64_t clock_ns(void)
{
    return clock_ns_of(CLOCK_MONOTONIC);
}

static inline int64_t clock_ms(void)
{
    return clock_ns() / 1000000;
}

static inline int64_t clock_s(void)
{
    return clock_ms() / 1000;
}

/* Milliseconds of processor time that the calling thread has used. */
static inline int64_t clock_cpu_ms(void)
{
    return clock_ns_of(CLOCK_THREAD_CPUTIME_ID) / 1000000;
}

#endif
