/* promise.c - see promise.h.
 *
 * One record of fixed length per file, written in place under flock: two processes that look at the
 * same moment agree.  A torn record is junk, and junk is no promise.  Not fsynced: after a loss of
 * power a new T costs one more pull.
 */
#include "export/promise.h"

#include "export/names.h"
#include "lock/cleanup.h"

#include <fcntl.h>
#include <inttypes.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>

#define RECORD 20 /* 19 digits and a newline */

static int open_locked(const char *state_dir, const char *name)
{
    CLEANUP_CLOSE int fd = -1;
    CLEANUP_FREE char *path = NULL;

    if (!names_valid(name) || asprintf(&path, "%s/promise", state_dir) < 0)
        return -1;
    if (mkdir(path, 0700) < 0 && errno != EEXIST)
        return -1;
    free(STEAL(path));
    if (asprintf(&path, "%s/promise/%s", state_dir, name) < 0)
        return -1;
    fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
    if (fd < 0 || flock(fd, LOCK_EX) < 0)
        return -1;
    return STEAL_FD(fd);
}

static int64_t on_record(int fd)
{
    char text[RECORD + 1] = "", *end;
    long long t;

    if (pread(fd, text, RECORD, 0) != RECORD || text[RECORD - 1] != '\n')
        return 0;
    errno = 0;
    t = strtoll(text, &end, 10);
    return errno == 0 && end == text + RECORD - 1 && t > 0 ? t : 0;
}

int64_t promise_make(const char *state_dir, const char *name, int64_t floor)
{
    CLEANUP_CLOSE int fd = open_locked(state_dir, name);
    int64_t now = time(NULL), t = fd < 0 ? 0 : on_record(fd);
    char text[32];

    /* a record from a future that is far off (a clock that was wrong) would never be caught up */
    if (t > floor && t <= (now > floor ? now : floor) + 86400)
        return t;
    t = now > floor ? now : floor + 1;
    if (fd >= 0) {
        snprintf(text, sizeof text, "%019" PRId64 "\n", t);
        if (pwrite(fd, text, RECORD, 0) != RECORD)
            (void)!ftruncate(fd, 0);
    }
    return t;
}
