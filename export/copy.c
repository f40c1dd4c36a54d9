/* copy.c - see copy.h.  One pass, one thread, one buffer; nothing is shared between two copies.
 *
 * The source is walked as segments, holes and data, as SEEK_DATA and SEEK_HOLE tell them; what
 * cannot tell (a device) is one segment of data.  Data goes through the buffer to the sink, which
 * hashes it and writes what is not zeros; holes only go through the hash.  Pages of the source are
 * dropped WINDOW by WINDOW, some way behind, as the sink does with those of the copy.
 */
#include "export/copy.h"

#include "export/ahead.h"
#include "export/sink.h"

#include <fcntl.h>
#include <inttypes.h>
#include <linux/fs.h>
#include <stdbool.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#define CHUNK  (256 * 1024)
#define WINDOW (32ULL * 1024 * 1024)

struct walk {
    const struct copy_job *job;
    uint64_t at;      /* everything before is done */
    uint64_t seg_end; /* of the segment that `at` is in */
    bool seg_is_hole; /* of that segment */
    bool no_holes;    /* src cannot tell */
    uint64_t dropped; /* of src, everything before is out of the page cache */
    unsigned char *buf;
    struct ahead ahead;
    struct sink sink;
    struct err *err;
};

static int too_short(const struct walk *w)
{
    return err_set(w->err, ERR_EXEC, ECODE_NONE, EIO,
                   "The source is shorter than the %" PRIu64 " bytes it had", w->job->bytes);
}

/* Holes are believed up to the file's end only: a file that shrinks answers "no data" as well. */
static int check_length(const struct walk *w)
{
    struct stat st;

    if (fstat(w->job->src, &st) < 0)
        return err_sys(w->err, -errno, "Looking at the source");
    if (S_ISREG(st.st_mode) && (uint64_t)st.st_size < w->job->bytes)
        return too_short(w);
    return 0;
}

static int next_segment(struct walk *w)
{
    off_t found;

    w->seg_is_hole = false;
    w->seg_end = w->job->bytes;
    if (w->no_holes)
        return 0;
    found = lseek(w->job->src, (off_t)w->at, SEEK_DATA);
    if (found < 0 && errno != ENXIO) {
        w->no_holes = true;
        return 0;
    }
    if (found < 0 || (uint64_t)found > w->at) {
        w->seg_is_hole = true;
        if (found >= 0 && (uint64_t)found < w->job->bytes)
            w->seg_end = (uint64_t)found;
        return found < 0 ? check_length(w) : 0;
    }
    found = lseek(w->job->src, (off_t)w->at, SEEK_HOLE);
    if (found > (off_t)w->at && (uint64_t)found < w->job->bytes)
        w->seg_end = (uint64_t)found;
    return 0;
}

static int read_chunk(struct walk *w, size_t len)
{
    ahead_of(&w->ahead, len);
    for (size_t done = 0; done < len;) {
        ssize_t n = pread(w->job->src, w->buf + done, len - done, (off_t)(w->at + done));

        if (n == 0)
            return too_short(w);
        if (n < 0 && errno != EINTR)
            return err_sys(w->err, -errno, "Reading at byte %" PRIu64, w->at + done);
        if (n > 0)
            done += (size_t)n;
    }
    return 0;
}

static void drop_behind(struct walk *w)
{
    while (w->at - w->dropped >= 2 * WINDOW) {
        posix_fadvise(w->job->src, (off_t)w->dropped, (off_t)WINDOW, POSIX_FADV_DONTNEED);
        w->dropped += WINDOW;
    }
}

static int one_chunk(struct walk *w)
{
    uint64_t left, most, len;
    int r;

    if (w->at == w->seg_end && (r = next_segment(w)) < 0)
        return r;
    most = w->seg_is_hole ? WINDOW : CHUNK;
    left = w->seg_end - w->at;
    len = most - w->at % most;
    if (left < len)
        len = left;
    if (w->seg_is_hole)
        r = sink_zeros(&w->sink, w->at + len, NULL, w->err);
    else if ((r = throttle_take(w->job->throttle, len, w->job->cancel, w->err)) == 0 &&
             (r = read_chunk(w, (size_t)len)) == 0)
        r = sink_put(&w->sink, w->buf, (size_t)len, w->err);
    if (r < 0)
        return r;
    w->at += len;
    drop_behind(w);
    return 0;
}

static void cleanup_walk(struct walk *w)
{
    free(w->buf);
    sink_clear(&w->sink);
}

int copy_run(const struct copy_job *job, XXH128_canonical_t *digest, struct err *err)
{
    CLEANUP(cleanup_walk)
    struct walk w = {.job = job, .ahead = {.fd = job->src, .bytes = job->bytes}, .err = err};
    int r;

    w.buf = aligned_alloc(SINK_BLOCK, CHUNK);
    if (!w.buf)
        return err_sys(err, -ENOMEM, "Copying");
    if ((r = sink_begin(&w.sink, job->dst, job->bytes, err)) < 0 || (r = check_length(&w)) < 0)
        return r;
    posix_fadvise(job->src, 0, 0, POSIX_FADV_SEQUENTIAL);
    while (w.at < job->bytes) {
        cancel_alive(job->cancel);
        if (cancel_requested(job->cancel))
            return err_set(err, ERR_CANCELED, ECODE_NONE, ECANCELED, "Canceled");
        if ((r = one_chunk(&w)) < 0)
            return r;
        if (job->progress)
            job->progress(job->arg, w.at);
    }
    sink_digest(&w.sink, digest);
    return 0;
}

/* What tells of a file system that cannot, as -EOPNOTSUPP. */
static int clone_error(int errnum)
{
    switch (errnum) {
    case EINVAL:
    case EOPNOTSUPP:
    case ENOTTY:
    case ENOSYS:
    case EXDEV:
    case EPERM:
    case ETXTBSY:
        return -EOPNOTSUPP;
    default:
        return -errnum;
    }
}

int copy_reflink(int src, int dst, uint64_t bytes)
{
    struct stat st;

    if (ioctl(dst, FICLONE, src) < 0)
        return clone_error(errno);
    if (fstat(dst, &st) < 0)
        return -errno;
    if ((uint64_t)st.st_size < bytes)
        return ftruncate(dst, 0) < 0 ? -errno : -EIO;
    return ftruncate(dst, (off_t)bytes) < 0 ? -errno : 0;
}

int copy_reflink_range(int src, uint64_t offset, int dst, uint64_t bytes)
{
    unsigned char tail[SINK_BLOCK];
    uint64_t whole = bytes - bytes % sizeof tail;
    struct file_clone_range range = {.src_fd = src, .src_offset = offset, .src_length = whole};
    ssize_t n;

    if (ftruncate(dst, 0) < 0)
        return -errno;
    if (!whole || offset % sizeof tail)
        return -EOPNOTSUPP;
    if (ioctl(dst, FICLONERANGE, &range) < 0)
        return clone_error(errno);
    errno = 0;
    n = pread(src, tail, bytes - whole, (off_t)(offset + whole));
    if (n < 0)
        return -errno;
    if (pwrite(dst, tail, (size_t)n, (off_t)whole) != n)
        return errno ? -errno : -EIO;
    return ftruncate(dst, (off_t)bytes) < 0 ? -errno : 0;
}
