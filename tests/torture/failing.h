/* failing.h - what torture.py and the tortured daemon share: a file, mapped by both. */
#ifndef TESTS_TORTURE_FAILING_H
#define TESTS_TORTURE_FAILING_H

#include <stdint.h>

enum failing_class {
    MEMORY,
    OPEN,
    READ,
    WRITE,
    SYNC,
    NAME, /* mkdir, rename, unlink */
    STAT,
    CLONE,
    LOCK,
    START, /* processes and threads */
    CLASSES
};

/* Calls are counted by class, those of a run of the LU and all others apart (torture.py knows the
 * layout: 32 bits each, then the two strings). */
struct failing {
    uint32_t armed;
    uint32_t in_run; /* which of the two is meant */
    uint32_t class;  /* of which calls one fails */
    uint32_t at;     /* which, from 1; 0: none */
    uint32_t error;  /* errno */
    uint32_t failed; /* it has come to that */
    uint32_t offset; /* of the caller in the program, for addr2line */
    uint32_t count[2][CLASSES];
    char call[32];
};

#endif
