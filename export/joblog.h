/* joblog.h - the feedback lines of one run, bounded; single-threaded (the owner locks). */
#ifndef EXPORT_JOBLOG_H
#define EXPORT_JOBLOG_H

#include <stddef.h>

#define JOBLOG_MAX_BYTES (256 * 1024)

struct joblog {
    char *text; /* NUL-ended lines, each "YYYY-MM-DD HH:MM:SS message\n" in local time */
    size_t len, alloc;
    int full; /* the bound was reached: said once, later lines are dropped */
};

/* Appends one line; control characters are shown as '?'.  Out of memory drops the line. */
void joblog_add(struct joblog *l, const char *message);
void joblog_clear(struct joblog *l);

#endif
