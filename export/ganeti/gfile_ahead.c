/* gfile_ahead.c - see gfile_ahead.h: the run, and who is served from where.
 *
 * Several readers of one stream arrive at once and out of order, so a read belongs to the run if it
 * touches one of the last few or lies close to the head; the chunks between are fetched with it.
 * What is a little late still finds its chunk: those are kept for BACK bytes unless they were read
 * to the end.
 *
 *     EMPTY --start()--> STARTING --> FETCHING --collect()--> ENDING --> READY --take()--> EMPTY
 *       ^                   |                                    |
 *       +------ failed -----+------------------ failed ----------+
 *
 * Whoever needs a chunk first waits for its answer, the others for him.  m guards all; it is not
 * held in calls of sftp.h nor while bytes are copied (users keeps the chunk).
 */
#include "export/ganeti/gfile_ahead.h"

#include "export/ganeti/gfile_chunk.h"
#include "lock/clock.h"

#include <string.h>

#define GAP           (2u * 1024 * 1024) /* so far ahead of the head a read may begin */
#define MAX_STRANGERS 8u

int gfile_ahead_init(struct gfile_ahead *a, uint64_t size)
{
    *a = (struct gfile_ahead){.size = size, .hash = XXH3_createState()};
    if (!a->hash)
        return -ENOMEM;
    XXH3_128bits_reset(a->hash);
    pthread_mutex_init(&a->m, NULL);
    pthread_cond_init(&a->moved, NULL);
    return 0;
}

void gfile_ahead_destroy(struct gfile_ahead *a)
{
    for (unsigned i = 0; i < GFILE_CHUNKS; i++)
        gfile_chunk_free(&a->chunks[i]);
    XXH3_freeState(a->hash);
    pthread_cond_destroy(&a->moved);
    pthread_mutex_destroy(&a->m);
}

/* --- the run --- */

static bool touches_recent(struct gfile_ahead *a, uint64_t off, uint64_t end)
{
    bool found = false;

    for (unsigned i = 0; i < GFILE_RECENT && !found; i++)
        found = a->recent[i].end && (a->recent[i].end == off || a->recent[i].off == end);
    a->recent[a->next_recent] = (struct gfile_range){off, end};
    a->next_recent = (a->next_recent + 1) % GFILE_RECENT;
    return found;
}

/* Does it go with those before?  The first bytes of a file are the beginning of a run; but not of
 * one that is read further than it was asked for. */
static bool joins_run(struct gfile_ahead *a, size_t len, uint64_t off)
{
    uint64_t end = off + len;
    bool touches = touches_recent(a, off, end);

    if (touches)
        a->strangers = 0;
    else if (++a->strangers >= MAX_STRANGERS)
        a->run = false;
    if (a->run && off + GFILE_CHUNK_BACK >= a->head && off <= a->head + GAP) {
        a->run_bytes += len;
        a->head = end > a->head ? end : a->head;
        return true;
    }
    /* two streams in one file: the one that has the chunks keeps them while it moves */
    if ((a->run && clock_ms() - a->used_ms < 1000) || !(touches || off == 0))
        return false;
    a->run = true;
    a->strangers = 0;
    a->head = end;
    a->issued = off / GFILE_CHUNK;
    a->run_bytes = touches ? len : 0;
    return true;
}

/* Up to where all is to be begun if it has been asked for up to head. */
static uint64_t ahead_of(const struct gfile_ahead *a, uint64_t head, uint64_t run_bytes)
{
    uint64_t window = run_bytes < GFILE_CHUNK_WINDOW ? run_bytes : GFILE_CHUNK_WINDOW;

    return head + window < a->size ? head + window : a->size;
}

/* Has all begun that the run is to have next.  Errors are found by whoever needs the chunk. */
static void run_ahead(struct gfile_ahead *a, struct gfile_handle *h)
{
    uint64_t until = ahead_of(a, a->head, a->run_bytes);
    struct err ignored;

    while (a->run && a->issued * GFILE_CHUNK < until) {
        uint64_t number = a->issued;

        if (!gfile_chunk_find(a, number) && gfile_chunk_start(a, h, number, &ignored) != 0)
            break;
        if (a->issued == number)
            a->issued++;
    }
}

/* --- serving --- */

static int read_plain(struct gfile_ahead *a, struct gfile_handle *h, unsigned char *buf, size_t len,
                      uint64_t off, struct err *err)
{
    ssize_t n;

    pthread_mutex_unlock(&a->m);
    n = sftp_pread(h->file, buf, len, off, err);
    pthread_mutex_lock(&a->m);
    if (n < 0)
        return (int)n;
    gfile_chunk_tap(a, buf, (size_t)n, off);
    return (size_t)n < len ? err_sys(err, -EIO, "The file has become shorter") : 0;
}

static int take(struct gfile_ahead *a, struct gfile_chunk *c, unsigned char *buf, size_t len,
                uint64_t off, struct err *err)
{
    size_t at = (size_t)(off - c->off);

    if (at + len > c->got)
        return err_sys(err, -EIO, "The file has become shorter");
    c->users++;
    pthread_mutex_unlock(&a->m);
    memcpy(buf, c->buf + at, len);
    pthread_mutex_lock(&a->m);
    c->users--;
    c->eaten += len;
    return 0;
}

/* A piece within one chunk, with m held. */
static int serve(struct gfile_ahead *a, struct gfile_handle *h, unsigned char *buf, size_t len,
                 uint64_t off, struct err *err)
{
    for (;;) {
        struct gfile_chunk *c = gfile_chunk_find(a, off / GFILE_CHUNK);
        const struct gfile_handle *asked;
        int r;

        if (!c || off + len > c->off + c->len)
            return read_plain(a, h, buf, len, off, err);
        if (c->state == CHUNK_READY)
            return take(a, c, buf, len, off, err);
        if (c->state != CHUNK_FETCHING) {
            pthread_cond_wait(&a->moved, &a->m);
            continue;
        }
        asked = c->h;
        r = gfile_chunk_collect(a, c, err);
        if (r < 0 && asked == h) /* else another connection's fault than this one's */
            return r;
    }
}

/* What a reader has passed over, having got it in another way, the tap still waits for. */
static void collect_passed(struct gfile_ahead *a)
{
    struct gfile_chunk *c;
    struct err ignored;

    while ((c = gfile_chunk_find(a, a->pos / GFILE_CHUNK)) && c->state == CHUNK_FETCHING &&
           c->off + c->len <= a->head)
        if (gfile_chunk_collect(a, c, &ignored) < 0)
            break;
}

int gfile_ahead_read(struct gfile_ahead *a, struct gfile_handle *h, void *buf, size_t len,
                     uint64_t off, struct err *err)
{
    unsigned char *p = buf;
    bool joins;
    int r = 0;

    if (off > INT64_MAX - len)
        return err_sys(err, -EIO, "Beyond the end of the file");
    LOCK_SCOPE(&a->m);
    joins = joins_run(a, len, off);
    if (joins) {
        a->used_ms = clock_ms();
        run_ahead(a, h);
    }
    while (r == 0 && len) {
        size_t piece = GFILE_CHUNK - (size_t)(off % GFILE_CHUNK);

        /* what is in no chunk is read in one piece with what follows it */
        if (!joins && !gfile_chunk_find(a, off / GFILE_CHUNK))
            piece = gfile_chunk_until(a, off, off + len);
        piece = piece < len ? piece : len;
        r = serve(a, h, p, piece, off, err);
        p += piece;
        off += piece;
        len -= piece;
    }
    if (r == 0 && joins)
        collect_passed(a);
    return r;
}

/* Most reads of a run: they lie in a chunk that another has waited for. */
int gfile_ahead_ready(struct gfile_ahead *a, void *buf, size_t len, uint64_t off)
{
    struct err ignored;

    if (len == 0 || off > INT64_MAX - len)
        return -EAGAIN;
    LOCK_SCOPE(&a->m);
    struct gfile_chunk *c = gfile_chunk_find(a, off / GFILE_CHUNK);
    uint64_t head = off + len > a->head ? off + len : a->head;

    if (!a->run || !c || c->state != CHUNK_READY || off + len > c->off + c->got ||
        a->issued * GFILE_CHUNK < ahead_of(a, head, a->run_bytes + len) || !joins_run(a, len, off))
        return -EAGAIN;
    a->used_ms = clock_ms();
    return take(a, c, buf, len, off, &ignored);
}

/* --- keeping --- */

static size_t bytes(const struct gfile_ahead *a)
{
    size_t sum = 0;

    for (unsigned i = 0; i < GFILE_CHUNKS; i++)
        sum += a->chunks[i].buf ? GFILE_CHUNK : 0;
    return sum;
}

size_t gfile_ahead_bytes(struct gfile_ahead *a)
{
    LOCK_SCOPE(&a->m);
    return bytes(a);
}

bool gfile_ahead_keep(struct gfile_ahead *a)
{
    LOCK_SCOPE(&a->m);
    if (a->kept || !bytes(a))
        return false;
    a->kept = true;
    return true;
}

bool gfile_ahead_unkeep(struct gfile_ahead *a)
{
    LOCK_SCOPE(&a->m);
    if (bytes(a))
        return false;
    a->kept = false;
    return true;
}

void gfile_ahead_shrink(struct gfile_ahead *a, int64_t idle_ms)
{
    struct err ignored;

    LOCK_SCOPE(&a->m);
    for (unsigned i = 0; i < GFILE_CHUNKS; i++) {
        struct gfile_chunk *c = &a->chunks[i];

        if (clock_ms() - a->used_ms < idle_ms)
            return;
        a->run = false;
        if (c->state == CHUNK_FETCHING)
            gfile_chunk_collect(a, c, &ignored);
        if ((c->state == CHUNK_READY && !c->users) || c->state == CHUNK_EMPTY)
            gfile_chunk_free(c);
    }
}

bool gfile_ahead_hash(struct gfile_ahead *a, uint64_t *pos, XXH128_hash_t *ret)
{
    LOCK_SCOPE(&a->m);
    *pos = a->pos;
    if (a->pos < a->size)
        return false;
    *ret = XXH3_128bits_digest(a->hash);
    return true;
}
