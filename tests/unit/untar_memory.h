/* untar_memory.h - archives that want memory do not get it. */
#ifndef TESTS_UNIT_UNTAR_MEMORY_H
#define TESTS_UNIT_UNTAR_MEMORY_H

#include "tests/unit/untar_help.h"

#include <sys/resource.h>

#define MAX_MEMORY (512 * 1024) /* KiB; what sanitizers take included */

static inline long peak_kib(void)
{
    struct rusage u;

    assert_int_equal(getrusage(RUSAGE_SELF, &u), 0);
    return u.ru_maxrss;
}

static inline void check_memory(void)
{
    if (!getenv("VALGRIND") && peak_kib() > MAX_MEMORY)
        fail_msg("%ld KiB were used", peak_kib());
}

#endif
