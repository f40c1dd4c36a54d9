/* gfile_chunk.c - see gfile_chunk.h.
 *
 * The tap hashes in order.  What comes before its turn waits in its chunk, which is not used again
 * while the one that the tap is waiting for is on its way.
 */
#include "export/ganeti/gfile_chunk.h"

#include <sys/mman.h>

struct gfile_chunk *gfile_chunk_find(struct gfile_ahead *a, uint64_t number)
{
    for (unsigned i = 0; i < GFILE_CHUNKS; i++) {
        struct gfile_chunk *c = &a->chunks[i];

        if (c->state != CHUNK_EMPTY && c->off / GFILE_CHUNK == number)
            return c;
    }
    return NULL;
}

size_t gfile_chunk_until(struct gfile_ahead *a, uint64_t off, uint64_t end)
{
    uint64_t until = end;

    for (unsigned i = 0; i < GFILE_CHUNKS; i++) {
        const struct gfile_chunk *c = &a->chunks[i];

        if (c->state != CHUNK_EMPTY && c->off > off && c->off < until)
            until = c->off;
    }
    return (size_t)(until - off);
}

/* --- the tap --- */

static bool hash_bytes(struct gfile_ahead *a, const unsigned char *p, size_t len, uint64_t off)
{
    if (off > a->pos || off + len <= a->pos)
        return false;
    XXH3_128bits_update(a->hash, p + (a->pos - off), (size_t)(off + len - a->pos));
    a->pos = off + len;
    return true;
}

void gfile_chunk_tap(struct gfile_ahead *a, const unsigned char *p, size_t len, uint64_t off)
{
    bool moved = hash_bytes(a, p, len, off);

    while (moved) {
        const struct gfile_chunk *c = gfile_chunk_find(a, a->pos / GFILE_CHUNK);

        moved = c && c->state == CHUNK_READY && hash_bytes(a, c->buf, c->got, c->off);
    }
}

/* --- one chunk --- */

static bool is_tapped(struct gfile_ahead *a, const struct gfile_chunk *c)
{
    const struct gfile_chunk *due;

    if (c->off + c->len <= a->pos)
        return true;
    due = gfile_chunk_find(a, a->pos / GFILE_CHUNK);
    return !due || due->state == CHUNK_READY;
}

static bool is_wanted(const struct gfile_ahead *a, const struct gfile_chunk *c)
{
    return a->run && c->off + c->len + GFILE_CHUNK_BACK > a->head &&
           c->off < a->head + GFILE_CHUNK_WINDOW;
}

/* One that is free, or not wanted any more. */
static struct gfile_chunk *find_free(struct gfile_ahead *a)
{
    struct gfile_chunk *best = NULL;

    for (unsigned i = 0; i < GFILE_CHUNKS; i++) {
        struct gfile_chunk *c = &a->chunks[i];

        if (c->state == CHUNK_READY && !c->users && is_tapped(a, c) &&
            (c->eaten >= c->len || !is_wanted(a, c)))
            c->state = CHUNK_EMPTY;
        if (c->state == CHUNK_EMPTY && (!best || c->buf))
            best = c;
    }
    return best;
}

static struct gfile_chunk *find_unwanted(struct gfile_ahead *a)
{
    for (unsigned i = 0; i < GFILE_CHUNKS; i++)
        if (a->chunks[i].state == CHUNK_FETCHING && !is_wanted(a, &a->chunks[i]))
            return &a->chunks[i];
    return NULL;
}

static bool have_buffer(struct gfile_chunk *c)
{
    void *p;

    if (c->buf)
        return true;
    /* mapped, so that it really goes when it is given back */
    p = mmap(NULL, GFILE_CHUNK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED)
        return false;
    c->buf = p;
    return true;
}

void gfile_chunk_free(struct gfile_chunk *c)
{
    if (c->buf)
        munmap(c->buf, GFILE_CHUNK);
    *c = (struct gfile_chunk){0};
}

int gfile_chunk_start(struct gfile_ahead *a, struct gfile_handle *h, uint64_t number,
                      struct err *err)
{
    struct gfile_chunk *c = find_free(a), *old;
    uint64_t off = number * GFILE_CHUNK;
    int r;

    if (!c && (old = find_unwanted(a)))
        gfile_chunk_collect(a, old, err); /* of another run: it came long ago */
    if (!c)
        c = find_free(a);
    if (!c || gfile_chunk_find(a, number))
        return -EBUSY;
    if (!have_buffer(c))
        return -ENOMEM;
    *c = (struct gfile_chunk){.state = CHUNK_STARTING,
                              .off = off,
                              .len = a->size - off < GFILE_CHUNK ? (size_t)(a->size - off)
                                                                 : GFILE_CHUNK,
                              .buf = c->buf,
                              .h = gfile_handle_ref(h)};
    pthread_mutex_unlock(&a->m);
    r = sftp_read_begin(h->file, c->buf, c->len, off, &c->read, err);
    pthread_mutex_lock(&a->m);
    c->state = r < 0 ? CHUNK_EMPTY : CHUNK_FETCHING;
    if (r < 0)
        gfile_handle_unref(STEAL(c->h));
    pthread_cond_broadcast(&a->moved);
    return r;
}

int gfile_chunk_collect(struct gfile_ahead *a, struct gfile_chunk *c, struct err *err)
{
    ssize_t n;

    c->state = CHUNK_ENDING;
    pthread_mutex_unlock(&a->m);
    n = sftp_read_end(c->read, err);
    pthread_mutex_lock(&a->m);
    c->read = NULL;
    gfile_handle_unref(STEAL(c->h));
    c->got = n < 0 ? 0 : (size_t)n;
    if (n < 0 && is_wanted(a, c) && a->issued > c->off / GFILE_CHUNK)
        a->issued = c->off / GFILE_CHUNK; /* once more, on another connection */
    c->state = n < 0 ? CHUNK_EMPTY : CHUNK_READY;
    if (n >= 0)
        gfile_chunk_tap(a, c->buf, c->got, c->off);
    pthread_cond_broadcast(&a->moved);
    return n < 0 ? (int)n : 0;
}
