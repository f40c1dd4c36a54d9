/* copy.c - see copy.h.  One pass, one thread, one buffer; nothing is shared between two copies.
 *
 * The source is walked as segments, holes and data, as SEEK_DATA and SEEK_HOLE tell them; what
 * cannot tell (a device) is one segment of data.  Data goes through the buffer: read, hashed, and
 * written block by block, blocks of zeros left out.  Holes only go through the hash, from a page of
 * zeros that never leaves the processor's cache.  The destination has its full length from the
 * start, so whatever is not written is a hole.
 *
 * Page cache: behind the copy, WINDOW by WINDOW, writing back is started at once and awaited one
 * window later, then the pages of both sides are dropped.  A reader that follows the copy by less
 * than a window still finds them there.  The kernel reports an error of writing back once: what the
 * waiting is told no fsync hears again, so it ends the copy.
 */
#include "export/copy.h"

#include "lock/cleanup.h"

#include <fcntl.h>
#include <inttypes.h>
#include <linux/fs.h>
#include <stdbool.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#define CHUNK  (1024 * 1024)
#define BLOCK  4096
#define WINDOW (32ULL * 1024 * 1024)

/* in .bss: all of it is the kernel's one page of zeros */
static unsigned char zeros[CHUNK];

struct walk {
    int src, dst; /* dst -1: only hash */
    uint64_t bytes;
    uint64_t at;      /* everything before is done */
    uint64_t seg_end; /* of the segment that `at` is in */
    bool seg_is_hole; /* of that segment */
    bool no_holes;    /* src cannot tell */
    uint64_t dropped; /* everything before is out of the page cache */
    unsigned char *buf;
    XXH3_state_t *hash;
    struct err *err;
};

static int too_short(const struct walk *w)
{
    return err_set(w->err, ERR_EXEC, ECODE_NONE, EIO,
                   "The source is shorter than the %" PRIu64 " bytes it had", w->bytes);
}

/* Holes are believed up to the file's end only: a file that shrinks answers "no data" as well. */
static int check_length(const struct walk *w)
{
    struct stat st;

    if (fstat(w->src, &st) < 0)
        return err_sys(w->err, -errno, "Looking at the source");
    if (S_ISREG(st.st_mode) && (uint64_t)st.st_size < w->bytes)
        return too_short(w);
    return 0;
}

static int next_segment(struct walk *w)
{
    off_t found;

    w->seg_is_hole = false;
    w->seg_end = w->bytes;
    if (w->no_holes)
        return 0;
    found = lseek(w->src, (off_t)w->at, SEEK_DATA);
    if (found < 0 && errno != ENXIO) {
        w->no_holes = true;
        return 0;
    }
    if (found < 0 || (uint64_t)found > w->at) {
        w->seg_is_hole = true;
        if (found >= 0 && (uint64_t)found < w->bytes)
            w->seg_end = (uint64_t)found;
        return found < 0 ? check_length(w) : 0;
    }
    found = lseek(w->src, (off_t)w->at, SEEK_HOLE);
    if (found > (off_t)w->at && (uint64_t)found < w->bytes)
        w->seg_end = (uint64_t)found;
    return 0;
}

static int read_chunk(struct walk *w, size_t len)
{
    for (size_t done = 0; done < len;) {
        ssize_t n = pread(w->src, w->buf + done, len - done, (off_t)(w->at + done));

        if (n == 0)
            return too_short(w);
        if (n < 0 && errno != EINTR)
            return err_sys(w->err, -errno, "Reading at byte %" PRIu64, w->at + done);
        if (n > 0)
            done += (size_t)n;
    }
    return 0;
}

static int write_run(struct walk *w, size_t from, size_t to)
{
    while (from < to) {
        ssize_t n = pwrite(w->dst, w->buf + from, to - from, (off_t)(w->at + from));

        if (n == 0)
            return err_sys(w->err, -EIO, "Writing at byte %" PRIu64, w->at + from);
        if (n < 0 && errno != EINTR)
            return err_sys(w->err, -errno, "Writing at byte %" PRIu64, w->at + from);
        if (n > 0)
            from += (size_t)n;
    }
    return 0;
}

/* Writes what is not zero, in runs as long as possible. */
static int write_chunk(struct walk *w, size_t len)
{
    size_t run = 0; /* start of the pending run of data */

    for (size_t p = 0; p < len;) {
        size_t n = BLOCK - (w->at + p) % BLOCK;

        if (n > len - p)
            n = len - p;
        if (!memcmp(w->buf + p, zeros, n)) {
            int r = write_run(w, run, p);

            if (r < 0)
                return r;
            run = p + n;
        }
        p += n;
    }
    return write_run(w, run, len);
}

/* Starts or awaits writing back a part of dst.  That a file system cannot is no error. */
static int write_back(struct walk *w, off_t from, unsigned flags)
{
    if (sync_file_range(w->dst, from, (off_t)WINDOW, flags) == 0)
        return 0;
    switch (errno) {
    case EINTR:
    case EINVAL:
    case ENOSYS:
    case EOPNOTSUPP:
    case ESPIPE:
        return 0;
    default:
        return err_sys(w->err, -errno, "Writing back what was written");
    }
}

/* Keeps the page cache small. */
static int drop_behind(struct walk *w)
{
    const off_t win = (off_t)WINDOW;

    while (w->at - w->dropped >= 2 * WINDOW) {
        off_t done = (off_t)w->dropped;
        int r = 0;

        posix_fadvise(w->src, done, win, POSIX_FADV_DONTNEED);
        if (w->dst >= 0) {
            r = write_back(w, done + win, SYNC_FILE_RANGE_WRITE);
            if (r == 0)
                r = write_back(w, done,
                               SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE |
                                   SYNC_FILE_RANGE_WAIT_AFTER);
            posix_fadvise(w->dst, done, win, POSIX_FADV_DONTNEED);
        }
        if (r < 0)
            return r;
        w->dropped += WINDOW;
    }
    return 0;
}

static int one_chunk(struct walk *w)
{
    uint64_t left;
    size_t len = CHUNK - w->at % CHUNK;
    int r;

    if (w->at == w->seg_end && (r = next_segment(w)) < 0)
        return r;
    left = w->seg_end - w->at;
    if (left < len)
        len = (size_t)left;
    if (w->seg_is_hole) {
        XXH3_128bits_update(w->hash, zeros, len);
    } else {
        if ((r = read_chunk(w, len)) < 0)
            return r;
        XXH3_128bits_update(w->hash, w->buf, len);
        if (w->dst >= 0 && (r = write_chunk(w, len)) < 0)
            return r;
    }
    w->at += len;
    return drop_behind(w);
}

static void cleanup_walk(struct walk *w)
{
    free(w->buf);
    XXH3_freeState(w->hash);
}

static int walk(const struct copy_job *job, XXH128_canonical_t *digest, struct err *err)
{
    CLEANUP(cleanup_walk)
    struct walk w = {.src = job->src, .dst = job->dst, .bytes = job->bytes, .err = err};
    int r;

    w.buf = aligned_alloc(BLOCK, CHUNK);
    w.hash = XXH3_createState();
    if (!w.buf || !w.hash || XXH3_128bits_reset(w.hash) != XXH_OK)
        return err_sys(err, -ENOMEM, "Copying");
    if ((r = check_length(&w)) < 0)
        return r;
    posix_fadvise(w.src, 0, 0, POSIX_FADV_SEQUENTIAL);
    while (w.at < w.bytes) {
        cancel_alive(job->cancel);
        if (cancel_requested(job->cancel))
            return err_set(err, ERR_CANCELED, ECODE_NONE, ECANCELED, "Canceled");
        if ((r = one_chunk(&w)) < 0)
            return r;
        if (job->progress)
            job->progress(job->arg, w.at);
    }
    XXH128_canonicalFromHash(digest, XXH3_128bits_digest(w.hash));
    return 0;
}

int copy_run(const struct copy_job *job, XXH128_canonical_t *digest, struct err *err)
{
    if (job->bytes > INT64_MAX)
        return err_sys(err, -EFBIG, "Sizing the copy");
    /* emptied first: what was in it would show through the holes */
    if (ftruncate(job->dst, 0) < 0 || ftruncate(job->dst, (off_t)job->bytes) < 0)
        return err_sys(err, -errno, "Sizing the copy");
    return walk(job, digest, err);
}

int copy_hash(int fd, uint64_t bytes, struct cancel *cancel,
              void (*progress)(void *arg, uint64_t watermark), void *arg,
              XXH128_canonical_t *digest, struct err *err)
{
    const struct copy_job job = {
        .src = fd, .dst = -1, .bytes = bytes, .cancel = cancel, .progress = progress, .arg = arg};

    return walk(&job, digest, err);
}

int copy_reflink(int src, int dst, uint64_t bytes)
{
    struct stat st;

    if (ioctl(dst, FICLONE, src) < 0) {
        switch (errno) {
        case EINVAL:
        case EOPNOTSUPP:
        case ENOTTY:
        case ENOSYS:
        case EXDEV:
        case EPERM:
        case ETXTBSY:
            return -EOPNOTSUPP;
        default:
            return -errno;
        }
    }
    if (fstat(dst, &st) < 0)
        return -errno;
    if ((uint64_t)st.st_size < bytes)
        return ftruncate(dst, 0) < 0 ? -errno : -EIO;
    return ftruncate(dst, (off_t)bytes) < 0 ? -errno : 0;
}
