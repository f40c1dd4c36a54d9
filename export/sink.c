/* sink.c - see sink.h.
 *
 * Page cache: behind the writing, whenever WINDOW bytes of data have come (however far they lie
 * apart), writing them back is started, and what was started the last time is awaited, then its
 * pages are dropped.
 *
 *     |   dropped   |  being written back  |   dirty   |
 *                   dropped                begun       at
 *
 * A reader that follows by less than a window still finds them there.  The kernel reports an error
 * of writing back once: what the waiting is told no fsync hears again, so it ends the copy.
 */
#include "export/sink.h"

#include "export/xxh3.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#define WINDOW (32ULL * 1024 * 1024)

/* in .bss, and never leaves the processor's cache */
static const unsigned char zeros[SINK_BLOCK];

int sink_begin(struct sink *s, int dst, uint64_t bytes, struct err *err)
{
    XXH3_state_t *hash;

    if (bytes > INT64_MAX)
        return err_sys(err, -EFBIG, "Sizing the copy");
    /* emptied first: what was in it would show through the holes */
    if (dst >= 0 && (ftruncate(dst, 0) < 0 || ftruncate(dst, (off_t)bytes) < 0))
        return err_sys(err, -errno, "Sizing the copy");
    hash = XXH3_createState();
    if (!hash || XXH3_128bits_reset(hash) != XXH_OK) {
        XXH3_freeState(hash);
        return err_sys(err, -ENOMEM, "Copying");
    }
    *s = (struct sink){.dst = dst, .hash = hash};
    return 0;
}

static int write_run(struct sink *s, const unsigned char *buf, size_t from, size_t to,
                     struct err *err)
{
    while (s->dst >= 0 && from < to) {
        ssize_t n = pwrite(s->dst, buf + from, to - from, (off_t)(s->at + from));

        if (n == 0)
            return err_sys(err, -EIO, "Writing at byte %" PRIu64, s->at + from);
        if (n < 0 && errno != EINTR)
            return err_sys(err, -errno, "Writing at byte %" PRIu64, s->at + from);
        if (n > 0)
            from += (size_t)n;
    }
    return 0;
}

/* A block that comes in pieces counts once. */
static void count(struct sink *s, uint64_t at)
{
    uint64_t block = at / SINK_BLOCK;

    if (block >= s->counted) {
        s->data += SINK_BLOCK;
        s->counted = block + 1;
    }
}

/* Writes what is not zero, in runs as long as possible. */
static int write_data(struct sink *s, const unsigned char *buf, size_t len, struct err *err)
{
    size_t run = 0; /* start of the pending run of data */

    for (size_t p = 0; p < len;) {
        size_t n = SINK_BLOCK - (s->at + p) % SINK_BLOCK;

        if (n > len - p)
            n = len - p;
        if (!memcmp(buf + p, zeros, n)) {
            int r = write_run(s, buf, run, p, err);

            if (r < 0)
                return r;
            run = p + n;
        } else {
            count(s, s->at + p);
        }
        p += n;
    }
    return write_run(s, buf, run, len, err);
}

/* Starts or awaits writing back a part of dst.  That a file system cannot is no error. */
static int write_back(struct sink *s, uint64_t from, uint64_t to, unsigned flags, struct err *err)
{
    /* of a length of 0 it takes all that follows */
    if (from == to || sync_file_range(s->dst, (off_t)from, (off_t)(to - from), flags) == 0)
        return 0;
    switch (errno) {
    case EINTR:
    case EINVAL:
    case ENOSYS:
    case EOPNOTSUPP:
    case ESPIPE:
        return 0;
    default:
        return err_sys(err, -errno, "Writing back what was written");
    }
}

/* Keeps the page cache small. */
static int drop_behind(struct sink *s, struct err *err)
{
    const unsigned await =
        SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER;
    int r;

    if (s->dst < 0 || s->data - s->begun_data < WINDOW)
        return 0;
    r = write_back(s, s->begun, s->at, SYNC_FILE_RANGE_WRITE, err);
    if (r == 0)
        r = write_back(s, s->dropped, s->begun, await, err);
    if (s->begun > s->dropped)
        posix_fadvise(s->dst, (off_t)s->dropped, (off_t)(s->begun - s->dropped),
                      POSIX_FADV_DONTNEED);
    s->dropped = s->begun;
    s->begun = s->at;
    s->begun_data = s->data;
    return r;
}

int sink_put(struct sink *s, const void *bytes, size_t len, struct err *err)
{
    int r = write_data(s, bytes, len, err);

    if (r < 0)
        return r;
    XXH3_128bits_update(s->hash, bytes, len);
    s->at += len;
    return drop_behind(s, err);
}

int sink_zeros(struct sink *s, uint64_t to, struct cancel *cancel, struct err *err)
{
    int r = 0;

    while (r == 0 && s->at < to) {
        uint64_t n = to - s->at < WINDOW ? to - s->at : WINDOW;

        cancel_alive(cancel);
        if (cancel_requested(cancel))
            return err_set(err, ERR_CANCELED, ECODE_NONE, ECANCELED, "Canceled");
        xxh3_zeros(s->hash, n);
        s->at += n;
        r = drop_behind(s, err);
    }
    return r;
}

void sink_digest(const struct sink *s, XXH128_canonical_t *ret)
{
    XXH128_canonicalFromHash(ret, XXH3_128bits_digest(s->hash));
}

void sink_clear(struct sink *s)
{
    XXH3_freeState(s->hash);
    s->hash = NULL;
}
