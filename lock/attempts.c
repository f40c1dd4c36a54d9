/* attempts.c - see attempts.h (spec §2.7).
 *
 * x^1.25 is x times the square root of its square root.
 */
#include "attempts.h"

#include "lock.h"

#include <math.h>

#define FIRST     5.0
#define LONGEST   75.0
#define ALL       1800.0
#define VARIATION 0.05

void lock_attempts_init(struct lock_attempts *a, uint64_t seed)
{
    *a = (struct lock_attempts){.current = FIRST, .seed = seed};
}

int lock_attempts_exhausted(const struct lock_attempts *a)
{
    return a->sum >= ALL;
}

/* A number in [-1, 1) for each attempt: splitmix64 of seed and index. */
static double variation(uint64_t seed, unsigned index)
{
    uint64_t z = seed + 0x9e3779b97f4a7c15u * (index + 1u);

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    z ^= z >> 31;
    return (double)(int64_t)z / 9223372036854775808.0;
}

int64_t lock_attempts_next(struct lock_attempts *a)
{
    double t = a->current, next = t * 1.05;

    if (lock_attempts_exhausted(a))
        return LOCK_FOREVER;
    a->sum += t;
    next *= sqrt(sqrt(next));
    a->current = next < FIRST ? FIRST : next > LONGEST ? LONGEST : next;
    if (a->seed)
        t *= 1.0 + VARIATION * variation(a->seed, a->next);
    a->next++;
    return (int64_t)(t * 1000.0 + 0.5);
}
