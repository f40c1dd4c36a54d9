/* untar_stream.c - see untar_stream.h.
 *
 *     file --read_file()--> [gzip] --> [zstd or xz] --> "raw" --untar_stream_read()-->
 *
 * libarchive decompresses and gives out its own buffers; gzip is our own, for checking it.
 * libarchive would nest any number of filters, and each multiplies what a small file can become:
 * more than one is refused.  Holes of the file are not read, and its pages are dropped behind.
 */
#include "export/untar_stream.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>

#define CHUNK  (256 * 1024)
#define WINDOW (32 * 1024 * 1024)

static const unsigned char zeros[CHUNK];

#define incomplete(s, ...)                                                                         \
    ((s)->failed = err_set((s)->err, ERR_PREREQ, ECODE_INVAL, EBADMSG, __VA_ARGS__))

/* Makes sure that `at` is in a known hole or in known data. */
static void find_segment(struct untar_stream *s)
{
    off_t found;

    if (s->at < s->hole_end || s->at < s->data_end)
        return;
    found = lseek(s->job->fd, s->at, SEEK_DATA);
    if (found > s->at) {
        s->hole_end = found;
        return;
    }
    /* data, or the hole at the end, or it cannot tell: so much is read without asking again */
    found = found < 0 ? -1 : lseek(s->job->fd, s->at, SEEK_HOLE);
    s->data_end = found > s->at ? found : s->at + WINDOW;
}

static void drop_behind(struct untar_stream *s)
{
    if (s->at - s->dropped < 2 * WINDOW)
        return;
    posix_fadvise(s->job->fd, s->dropped, s->at - s->dropped - WINDOW, POSIX_FADV_DONTNEED);
    s->dropped = s->at - WINDOW;
}

static ssize_t read_file(struct untar_stream *s, const void **bytes)
{
    size_t len = CHUNK;
    ssize_t n;

    cancel_alive(s->job->cancel);
    if (cancel_requested(s->job->cancel))
        return s->failed = err_set(s->err, ERR_CANCELED, ECODE_NONE, ECANCELED, "Canceled");
    if (s->job->progress)
        s->job->progress(s->job->arg, (uint64_t)s->at);
    find_segment(s);
    if (s->at < s->hole_end) {
        if (s->hole_end - s->at < CHUNK)
            len = (size_t)(s->hole_end - s->at);
        s->at += (off_t)len;
        *bytes = zeros;
        return (ssize_t)len;
    }
    do
        n = pread(s->job->fd, s->buf, len, s->at);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return s->failed =
                   err_sys(s->err, -errno, "Reading the archive at byte %" PRId64, (int64_t)s->at);
    s->at += n;
    drop_behind(s);
    *bytes = s->buf;
    return n;
}

static ssize_t read_gzip(struct untar_stream *s, const void **bytes)
{
    for (;;) {
        ssize_t n = untar_gzip_next(&s->gzip, bytes);
        const void *more;

        if (n > 0)
            return n;
        if (n == -ENOMEM)
            return s->failed = err_sys(s->err, -ENOMEM, "Reading the archive");
        if (n < 0)
            return incomplete(s, "The archive is damaged or not complete: gzip: %s", s->gzip.why);
        n = read_file(s, &more);
        if (n == 0 && !untar_gzip_is_whole(&s->gzip))
            return incomplete(s, "The archive is not complete: gzip: its end is missing");
        if (n <= 0)
            return n;
        untar_gzip_feed(&s->gzip, more, (size_t)n);
    }
}

static la_ssize_t on_read(struct archive *a, void *arg, const void **bytes)
{
    struct untar_stream *s = arg;
    ssize_t n = s->is_gzip ? read_gzip(s, bytes) : read_file(s, bytes);

    if (n < 0)
        archive_set_error(a, (int)-n, "reading failed");
    return n < 0 ? ARCHIVE_FATAL : n;
}

/* What libarchive says, unless it was told so by us. */
static int filter_error(struct untar_stream *s)
{
    const char *why = archive_error_string(s->filters);

    if (s->failed)
        return s->failed;
    if (archive_errno(s->filters) == ENOMEM)
        return s->failed = err_sys(s->err, -ENOMEM, "Reading the archive");
    return incomplete(s, "The archive is damaged or not complete: %s",
                      why ? why : "no reason given");
}

/* What begins as gzip does and is not can be no tar. */
static int look_for_gzip(struct untar_stream *s)
{
    static const char magic[] = {0x1f, (char)0x8b};
    char head[sizeof magic];

    if (pread(s->job->fd, head, sizeof head, 0) != sizeof head || memcmp(head, magic, sizeof head))
        return 0;
    if (untar_gzip_begin(&s->gzip) < 0)
        return s->failed = err_sys(s->err, -ENOMEM, "Reading the archive");
    s->is_gzip = true;
    return 0;
}

static int open_filters(struct untar_stream *s)
{
    struct archive_entry *entry;
    int filters, r;

    s->filters = archive_read_new();
    if (!s->filters || archive_read_support_filter_gzip(s->filters) != ARCHIVE_OK ||
        archive_read_support_filter_zstd(s->filters) != ARCHIVE_OK ||
        archive_read_support_filter_xz(s->filters) != ARCHIVE_OK ||
        archive_read_support_format_raw(s->filters) != ARCHIVE_OK)
        return s->failed = err_sys(s->err, -ENOMEM, "Reading the archive");
    r = archive_read_open(s->filters, s, NULL, on_read, NULL);
    /* the file itself is counted as one */
    filters = archive_filter_count(s->filters) - 1 + s->is_gzip;
    if (r == ARCHIVE_OK && filters > 1)
        return s->failed = err_prereq(s->err, ECODE_INVAL, "The archive is compressed twice");
    if (r == ARCHIVE_OK)
        r = archive_read_next_header(s->filters, &entry);
    if (r != ARCHIVE_OK)
        return filter_error(s);
    s->compressed = filters > 0;
    return 0;
}

int untar_stream_open(struct untar_stream *s, const struct manifest_job *job, struct err *err)
{
    off_t size = lseek(job->fd, 0, SEEK_END);

    *s = (struct untar_stream){.job = job, .err = err, .budget = UINT64_MAX};
    if (size < 0)
        return s->failed = err_sys(err, -errno, "Reading the archive");
    if (!size)
        return incomplete(s, "The archive is empty");
    s->buf = malloc(CHUNK);
    if (!s->buf)
        return s->failed = err_sys(err, -ENOMEM, "Reading the archive");
    posix_fadvise(job->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
    return look_for_gzip(s) < 0 ? s->failed : open_filters(s);
}

/* How much of it is left when zeros at its end are taken away. */
static size_t without_zeros(const unsigned char *p, size_t len)
{
    while (len >= 512 && !memcmp(p + len - 512, zeros, 512))
        len -= 512;
    while (len && !p[len - 1])
        len--;
    return len;
}

ssize_t untar_stream_read(struct untar_stream *s, const void **bytes)
{
    la_int64_t offset;
    size_t len = 0, used;
    int r;

    if (s->failed)
        return s->failed;
    /* one block of a filter may come from few bytes of the file */
    cancel_alive(s->job->cancel);
    if (cancel_requested(s->job->cancel))
        return s->failed = err_set(s->err, ERR_CANCELED, ECODE_NONE, ECANCELED, "Canceled");
    r = archive_read_data_block(s->filters, bytes, &len, &offset);
    if (r == ARCHIVE_EOF)
        return 0;
    if (r != ARCHIVE_OK)
        return filter_error(s);
    if (len > s->budget)
        return s->failed = err_prereq(s->err, ECODE_INVAL,
                                      "A header of the archive is longer than any export's");
    if (s->budget != UINT64_MAX)
        s->budget -= len;
    used = without_zeros(*bytes, len);
    if (used)
        s->used = s->total + used;
    s->total += len;
    return (ssize_t)len;
}

int untar_stream_check_rest(struct untar_stream *s)
{
    const void *bytes;
    ssize_t n;

    if (!s->compressed || s->is_gzip)
        return 0;
    s->at = s->hole_end = s->data_end = (off_t)archive_filter_bytes(s->filters, -1);
    while ((n = read_file(s, &bytes)) > 0)
        if (without_zeros(bytes, (size_t)n))
            return incomplete(s, "There is something behind the end of the compressed archive");
    return (int)n;
}

void untar_stream_clear(struct untar_stream *s)
{
    archive_read_free(s->filters);
    untar_gzip_end(&s->gzip);
    free(s->buf);
    s->filters = NULL;
    s->buf = NULL;
}
