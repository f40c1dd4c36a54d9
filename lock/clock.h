/* clock.h - a clock that does not jump. */
#ifndef LOCK_CLOCK_H
#define LOCK_CLOCK_H

#include <stdint.h>
#include <time.h>

/* Nanoseconds, milliseconds and seconds since some moment before the start. */
static inline int64_t clock_ns(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

static inline int64_t clock_ms(void)
{
    return clock_ns() / 1000000;
}

static inline int64_t clock_s(void)
{
    return clock_ms() / 1000;
}

#endif
