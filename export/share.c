/* share.c - see share.h.
 *
 *   QUEUED     reserved; no thread has come to it yet
 *   WAITING    a thread asks for a slot: share_begin()
 *   RUNNING    has one
 *
 * Rows are kept in memory, and written out whole whenever one changes, under a lock that all
 * processes take for each look and each change (STATE/jobs/.lock): what one decides from the rows
 * no other decides otherwise.  Only who asks stands in the queue, for a process whose threads are
 * all busy must not hold up the others.  Tickets are of a clock that all processes share.
 *
 * Lock order: s->mu, then the files' locks.
 */
#include "export/share.h"

#include "export/slurp.h"
#include "lock/cleanup.h"
#include "lock/fullio.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>

#define AREA      "jobs"
#define LOCK_FILE ".lock"
#define MAX_BYTES (1024 * 1024)

enum row_state { QUEUED = 'q', WAITING = 'w', RUNNING = 'r' };

struct row {
    struct row *next;
    const void *owner; /* NULL: of another process */
    enum row_state state;
    uint64_t ticket, bytes;
    char node[256];
};

struct share {
    pthread_mutex_t mu;
    struct row *rows;
    int dir, lock; /* -1: alone */
    int file;      /* ours, locked for as long as we live */
    char name[64];
};

static uint64_t new_ticket(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_BOOTTIME, &ts);
    return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

static int lock_all(struct share *s)
{
    while (s->lock >= 0 && flock(s->lock, LOCK_EX) < 0)
        if (errno != EINTR)
            return -errno;
    return 0;
}

static void unlock_all(struct share *s)
{
    if (s->lock >= 0)
        flock(s->lock, LOCK_UN);
}

/* --- the rows of others --- */

static void free_rows(struct row **rows)
{
    while (*rows) {
        struct row *r = *rows;

        *rows = r->next;
        free(r);
    }
}

/* Lines "STATE TICKET BYTES NODE"; one that is not is passed over. */
static void parse_rows(char *text, struct row **ret)
{
    char *save = NULL;

    for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
        struct row *r = calloc(1, sizeof *r);
        char state;

        if (!r)
            return;
        if (sscanf(line, "%c %" SCNu64 " %" SCNu64 " %255s", &state, &r->ticket, &r->bytes,
                   r->node) != 4 ||
            !strchr("qwr", state)) {
            free(r);
            continue;
        }
        r->state = (enum row_state)state;
        r->next = *ret;
        *ret = r;
    }
}

/* A file that nobody holds is a dead process's. */
static void read_file(struct share *s, const char *name, struct row **ret)
{
    CLEANUP_CLOSE int fd = openat(s->dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    CLEANUP_FREE char *text = NULL;
    size_t len;

    if (fd < 0)
        return;
    if (flock(fd, LOCK_EX | LOCK_NB) == 0)
        unlinkat(s->dir, name, 0);
    else if (slurp_fd(fd, MAX_BYTES, &text, &len) == 0)
        parse_rows(text, ret);
}

/* With the lock of all held.  The caller frees the rows. */
static struct row *read_others(struct share *s)
{
    CLEANUP_CLOSE int fd = s->dir < 0 ? -1 : openat(s->dir, ".", O_RDONLY | O_CLOEXEC);
    CLEANUP_CLOSEDIR DIR *d = fd < 0 ? NULL : fdopendir(fd);
    struct row *rows = NULL;
    struct dirent *e;

    if (!d)
        return NULL;
    fd = -1; /* the stream's now */
    while ((e = readdir(d)))
        if (e->d_name[0] != '.' && strcmp(e->d_name, s->name) != 0)
            read_file(s, e->d_name, &rows);
    return rows;
}

/* --- our own --- */

static int write_rows(struct share *s)
{
    CLEANUP_FREE char *text = NULL;
    size_t len;
    FILE *f;
    int r;

    if (s->file < 0)
        return 0;
    f = open_memstream(&text, &len);
    if (!f)
        return -ENOMEM;
    for (const struct row *row = s->rows; row; row = row->next)
        fprintf(f, "%c %" PRIu64 " %" PRIu64 " %s\n", (char)row->state, row->ticket, row->bytes,
                row->node);
    if (fclose(f) != 0)
        return -ENOMEM;
    if (ftruncate(s->file, 0) < 0 || lseek(s->file, 0, SEEK_SET) < 0)
        return -errno;
    r = fullio_write(s->file, text, len);
    return r;
}

static struct row **find(struct share *s, const void *owner)
{
    struct row **p = &s->rows;

    while (*p && (*p)->owner != owner)
        p = &(*p)->next;
    return p;
}

static void take_out(struct share *s, const void *owner)
{
    struct row **p = find(s, owner), *r = *p;

    if (!r)
        return;
    *p = r->next;
    free(r);
}

static int make_file(struct share *s)
{
    for (unsigned n = 0;; n++) {
        snprintf(s->name, sizeof s->name, "%d.%u", (int)getpid(), n);
        s->file = openat(s->dir, s->name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        if (s->file >= 0)
            return flock(s->file, LOCK_EX | LOCK_NB) < 0 ? -errno : 0;
        if (errno != EEXIST || n > 10000)
            return -errno;
    }
}

static int open_dir(struct share *s, const char *state_dir)
{
    CLEANUP_FREE char *path = NULL;
    int r;

    if (asprintf(&path, "%s/" AREA, state_dir) < 0) {
        path = NULL;
        return -ENOMEM;
    }
    if (mkdir(path, 0700) < 0 && errno != EEXIST)
        return -errno;
    s->dir = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (s->dir < 0)
        return -errno;
    s->lock = openat(s->dir, LOCK_FILE, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (s->lock < 0)
        return -errno;
    r = lock_all(s);
    if (r < 0)
        return r;
    r = make_file(s);
    unlock_all(s);
    return r;
}

int share_open(const char *state_dir, struct share **ret)
{
    struct share *s = calloc(1, sizeof *s);
    int r;

    if (!s)
        return -ENOMEM;
    pthread_mutex_init(&s->mu, NULL);
    s->dir = s->lock = s->file = -1;
    r = state_dir ? open_dir(s, state_dir) : 0;
    if (r < 0) {
        share_close(s);
        return r;
    }
    *ret = s;
    return 0;
}

void share_close(struct share *s)
{
    if (!s)
        return;
    free_rows(&s->rows);
    if (s->file >= 0) {
        unlinkat(s->dir, s->name, 0);
        close(s->file);
    }
    if (s->lock >= 0)
        close(s->lock);
    if (s->dir >= 0)
        close(s->dir);
    pthread_mutex_destroy(&s->mu);
    free(s);
}

int share_add(struct share *s, const void *owner, const char *node, uint64_t bytes)
{
    struct row *r = calloc(1, sizeof *r);
    int e;

    if (!r)
        return -ENOMEM;
    *r = (struct row){.owner = owner, .state = QUEUED, .ticket = new_ticket(), .bytes = bytes};
    snprintf(r->node, sizeof r->node, "%s", *node ? node : "-");

    LOCK_SCOPE(&s->mu);
    take_out(s, owner);
    r->next = s->rows;
    s->rows = r;
    e = lock_all(s);
    if (e == 0) {
        e = write_rows(s);
        unlock_all(s);
    }
    if (e < 0)
        take_out(s, owner);
    return e;
}

/* Is there room for one more, and nobody before it?  s->mu and the lock of all are held. */
static bool is_next(struct share *s, const struct row *row, const struct row *others,
                    unsigned limit)
{
    const struct row *const lists[] = {s->rows, others};
    unsigned running = 0;

    for (int i = 0; i < 2; i++)
        for (const struct row *r = lists[i]; r; r = r->next) {
            running += r->state == RUNNING;
            if (r->state == WAITING && r != row && r->ticket < row->ticket)
                return false;
        }
    return running < limit;
}

bool share_begin(struct share *s, const void *owner, unsigned limit)
{
    LOCK_SCOPE(&s->mu);

    struct row *row = *find(s, owner), *others;
    enum row_state before = row ? row->state : RUNNING;

    /* what cannot be shared is done alone: max_jobs is a matter of courtesy, not of right */
    if (!row || before == RUNNING || lock_all(s) < 0)
        return true;
    others = read_others(s);
    row->state = is_next(s, row, others, limit) ? RUNNING : WAITING;
    if (row->state != before)
        write_rows(s);
    unlock_all(s);
    free_rows(&others);
    return row->state == RUNNING;
}

void share_drop(struct share *s, const void *owner)
{
    LOCK_SCOPE(&s->mu);
    if (!*find(s, owner))
        return;
    take_out(s, owner);
    if (lock_all(s) == 0) {
        write_rows(s);
        unlock_all(s);
    }
}

/* The rows of others at this moment, for the caller to free.  s->mu is held. */
static struct row *look_at_others(struct share *s)
{
    struct row *rows = NULL;

    if (s->dir >= 0 && lock_all(s) == 0) {
        rows = read_others(s);
        unlock_all(s);
    }
    return rows;
}

uint64_t share_reserved(struct share *s, const char *node, const void *owner)
{
    LOCK_SCOPE(&s->mu);

    struct row *others = look_at_others(s);
    const struct row *const lists[] = {s->rows, others};
    uint64_t sum = 0;

    for (int i = 0; i < 2; i++)
        for (const struct row *r = lists[i]; r; r = r->next)
            if ((!r->owner || r->owner != owner) && strcmp(r->node, node) == 0 &&
                __builtin_add_overflow(sum, r->bytes, &sum))
                sum = UINT64_MAX;
    free_rows(&others);
    return sum;
}

void share_others(struct share *s, unsigned *running, unsigned *queued)
{
    LOCK_SCOPE(&s->mu);

    struct row *others = look_at_others(s);

    *running = *queued = 0;
    for (const struct row *r = others; r; r = r->next)
        (*(r->state == RUNNING ? running : queued))++;
    free_rows(&others);
}
