/* promise.c - see promise.h.
 *
 * One record of fixed length per file, read and written in place under flock: what one process
 * decides from it no other decides otherwise.  It fits a sector, so it is not torn; if it is, it is
 * junk, and junk is no promise.  Not fsynced: after a loss of power a new T costs one more pull.
 *
 * `told` is the T of which somebody may have bytes already.  As long as the run lives that makes
 * them it holds a lock of its own kind (OFD, on a byte behind the record; flock is another thing);
 * when that is free the T is used up, whether it was published or its process died.
 */
#include "export/promise.h"

#include "export/names.h"
#include "lock/cleanup.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>

#define FIELDS 13
#define FIELD  17 /* 16 hexadecimal digits and a newline */
#define RECORD (FIELDS * FIELD)

#define TOLD_BYTE 4096 /* held by who hands out bytes of `told` */

/* A clock that was far in the future left this behind: it would never be caught up with. */
#define TOO_FAR 86400

/* time(2) may be some milliseconds behind, and so a second. */
static struct timespec now_exactly(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_REALTIME, &ts);
    return ts;
}

/* A tool that began in this second, before the promise, must find that T is later. */
static int64_t next_second(void)
{
    struct timespec ts = now_exactly();

    return ts.tv_sec + (ts.tv_nsec > 0);
}

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

static void to_fields(const struct promise *p, uint64_t f[FIELDS])
{
    const uint64_t all[FIELDS] = {(uint64_t)p->t,
                                  (uint64_t)p->floor,
                                  (uint64_t)p->read_t,
                                  (uint64_t)p->read_at,
                                  (uint64_t)p->for_readers,
                                  (uint64_t)p->proof_t,
                                  p->proof.hi,
                                  p->proof.lo,
                                  p->config,
                                  (uint64_t)p->config_mtime,
                                  (uint64_t)p->told,
                                  (uint64_t)p->made,
                                  (uint64_t)p->reserved};

    memcpy(f, all, sizeof all);
}

static void from_fields(const uint64_t f[FIELDS], struct promise *p)
{
    *p = (struct promise){.t = (int64_t)f[0],
                          .floor = (int64_t)f[1],
                          .read_t = (int64_t)f[2],
                          .read_at = (int64_t)f[3],
                          .for_readers = (int64_t)f[4],
                          .proof_t = (int64_t)f[5],
                          .proof = {f[6], f[7]},
                          .config = f[8],
                          .config_mtime = (int64_t)f[9],
                          .told = (int64_t)f[10],
                          .made = (int64_t)f[11],
                          .reserved = (int64_t)f[12]};
}

static int parse_field(const char *text, uint64_t *ret)
{
    if (strspn(text, "0123456789abcdef") != FIELD - 1 || text[FIELD - 1] != '\n')
        return -EINVAL;
    *ret = strtoull(text, NULL, 16);
    return 0;
}

static bool teller_lives(int fd)
{
    struct flock byte = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = TOLD_BYTE, .l_len = 1};

    return fcntl(fd, F_OFD_GETLK, &byte) == 0 && byte.l_type != F_UNLCK;
}

static void load(int fd, struct promise *p)
{
    char text[RECORD + 1] = "";
    uint64_t f[FIELDS];
    int64_t now = now_exactly().tv_sec;

    *p = (struct promise){0};
    if (pread(fd, text, RECORD, 0) != RECORD)
        return;
    for (int i = 0; i < FIELDS; i++)
        if (parse_field(text + i * FIELD, &f[i]) < 0)
            return;
    from_fields(f, p);
    if (p->t < 0 || p->floor < 0 || p->floor > now + TOO_FAR)
        *p = (struct promise){0};
    if (p->read_at > now + 1)
        p->read_at = 0;
    if (p->t > (now > p->floor ? now : p->floor) + TOO_FAR)
        p->t = 0;
    if (p->reserved > now + TOO_FAR)
        p->reserved = 0;
    if (p->told > p->floor && p->told <= now + TOO_FAR && !teller_lives(fd))
        p->floor = p->told;
}

static void store(int fd, const struct promise *p)
{
    char text[RECORD + 1];
    uint64_t f[FIELDS];

    to_fields(p, f);
    for (int i = 0; i < FIELDS; i++)
        snprintf(text + i * FIELD, FIELD + 1, "%016" PRIx64 "\n", f[i]);
    if (pwrite(fd, text, RECORD, 0) != RECORD)
        (void)!ftruncate(fd, 0);
}

void promise_get(const char *state_dir, const char *name, struct promise *ret)
{
    CLEANUP_CLOSE int fd = open_locked(state_dir, name);

    *ret = (struct promise){0};
    if (fd >= 0)
        load(fd, ret);
}

int64_t promise_make(const char *state_dir, const char *name, int64_t floor, int64_t current,
                     int64_t read_since)
{
    CLEANUP_CLOSE int fd = open_locked(state_dir, name);
    int64_t now = next_second();
    struct promise p = {0};

    if (fd >= 0)
        load(fd, &p);
    if (floor < p.floor)
        floor = p.floor;
    if (floor < current)
        floor = current;
    if (p.t > floor && p.t <= (now > floor ? now : floor) + TOO_FAR)
        return p.t;
    if (current && p.read_t == current && p.read_at >= read_since)
        return 0;
    if (floor < p.reserved)
        floor = p.reserved;
    p.t = now > floor ? now : floor + 1;
    if (fd >= 0)
        store(fd, &p);
    return p.t;
}

static int64_t latest(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

int64_t promise_reserve(const char *state_dir, const char *name, int64_t floor, int64_t current)
{
    CLEANUP_CLOSE int fd = open_locked(state_dir, name);
    int64_t now = next_second(), last = latest(floor, current);
    struct promise p = {0};

    if (fd >= 0)
        load(fd, &p);
    last = latest(last, latest(latest(p.t, p.floor), latest(p.told, p.reserved)));
    p.reserved = latest(now, last + 1);
    if (fd >= 0)
        store(fd, &p);
    return p.reserved;
}

void promise_retire(const char *state_dir, const char *name, int64_t t)
{
    CLEANUP_CLOSE int fd = open_locked(state_dir, name);
    struct promise p;

    if (fd < 0)
        return;
    load(fd, &p);
    if (p.floor >= t)
        return;
    p.floor = t;
    store(fd, &p);
}

int promise_tell(const char *state_dir, const char *name, int64_t t)
{
    struct flock byte = {.l_type = F_RDLCK, .l_whence = SEEK_SET, .l_start = TOLD_BYTE, .l_len = 1};
    CLEANUP_CLOSE int fd = open_locked(state_dir, name);
    struct promise p;

    if (fd < 0)
        return -1;
    load(fd, &p);
    if (p.told < t) {
        p.told = t;
        store(fd, &p);
    }
    if (fcntl(fd, F_OFD_SETLK, &byte) < 0)
        return -1;
    flock(fd, LOCK_UN);
    return STEAL_FD(fd);
}

void promise_note_read(const char *state_dir, const char *name, int64_t t, int64_t at)
{
    CLEANUP_CLOSE int fd = open_locked(state_dir, name);
    struct promise p;

    if (fd < 0)
        return;
    load(fd, &p);
    if (t < p.read_t || (t == p.read_t && at <= p.read_at))
        return;
    p.read_t = t;
    p.read_at = at;
    store(fd, &p);
}

void promise_note_made(const char *state_dir, const char *name, int64_t t, bool for_readers,
                       const struct proof *proof)
{
    CLEANUP_CLOSE int fd = open_locked(state_dir, name);
    struct promise p;

    if (fd < 0)
        return;
    load(fd, &p);
    p.made = t;
    p.for_readers = for_readers ? t : 0;
    p.proof_t = proof ? t : 0;
    p.proof = proof ? *proof : (struct proof){0};
    store(fd, &p);
}

int64_t promise_config_mtime(const char *state_dir, const char *name, uint64_t config,
                             int64_t first)
{
    CLEANUP_CLOSE int fd = open_locked(state_dir, name);
    int64_t now = now_exactly().tv_sec;
    struct promise p = {0};

    if (fd >= 0)
        load(fd, &p);
    if (p.config_mtime && p.config == config)
        return p.config_mtime;
    if (!p.config_mtime)
        p.config_mtime = first;
    else
        p.config_mtime = now > p.config_mtime ? now : p.config_mtime + 1;
    p.config = config;
    if (fd >= 0)
        store(fd, &p);
    return p.config_mtime;
}
