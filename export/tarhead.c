/* tarhead.c - headers by libarchive's writer of restricted pax, which adds pax records only where
 * ustar has no room.
 *
 * libarchive looks at the thread's locale to convert names; C.UTF-8 is put in place meanwhile, so
 * that one name gives the same bytes in every process.  It also spends a pax record on a time after
 * 2038, though ustar can hold it: the time is put in afterwards, so that no time changes the
 * length.
 */
#include "export/tarhead.h"

#include "export/utf8.h"
#include "lock/cleanup.h"

#include <archive.h>
#include <archive_entry.h>
#include <string.h>

#define MTIME_MAX 077777777777LL /* eleven octal digits */

/* offsets in a ustar header */
enum { AT_MTIME = 136, MTIME_LEN = 12, AT_CHECKSUM = 148, CHECKSUM_LEN = 8, AT_TYPE = 156 };

/* What libarchive has written.  Not archive_write_open_memory(), which allocates data of its own
 * per archive and leaves it to the end of the archive to free them: all archives end in an error
 * here (cleanup_archive()). */
struct sink {
    unsigned char bytes[TARHEAD_MAX];
    size_t used;
};

static la_ssize_t sink_write(struct archive *a, void *data, const void *bytes, size_t n)
{
    struct sink *s = data;

    if (n > sizeof s->bytes - s->used) {
        archive_set_error(a, ENOSPC, "header too long");
        return -1;
    }
    memcpy(s->bytes + s->used, bytes, n);
    s->used += n;
    return (la_ssize_t)n;
}

/* The entry's data never comes, so libarchive writes zeros in its place until the sink is full: a
 * few thousand bytes, and the error is of no interest.  Marking the archive as failed instead would
 * make it forget its buffers. */
static void cleanup_archive(struct archive **a)
{
    archive_write_free(*a);
}

static void cleanup_entry(struct archive_entry **e)
{
    archive_entry_free(*e);
}

static void put_checksum(unsigned char *block)
{
    unsigned sum = 0;

    memset(block + AT_CHECKSUM, ' ', CHECKSUM_LEN);
    for (size_t i = 0; i < TARHEAD_BLOCK; i++)
        sum += block[i];
    snprintf((char *)block + AT_CHECKSUM, CHECKSUM_LEN, "%06o", sum);
    block[AT_CHECKSUM + CHECKSUM_LEN - 1] = ' ';
}

/* With time 0. */
static long write_header(const char *path, uint64_t size, unsigned char ret[TARHEAD_MAX])
{
    struct sink sink = {.used = 0}; /* outlives the archive */
    CLEANUP(cleanup_archive) struct archive *a = archive_write_new();
    CLEANUP(cleanup_entry) struct archive_entry *e = archive_entry_new();

    if (!a || !e)
        return -ENOMEM;
    archive_entry_set_pathname(e, path);
    archive_entry_set_filetype(e, AE_IFREG);
    archive_entry_set_perm(e, 0600);
    archive_entry_set_size(e, (la_int64_t)size);
    archive_entry_set_mtime(e, 0, 0);
    /* unblocked output is in the sink as soon as the header is written */
    if (archive_write_set_format_pax_restricted(a) != ARCHIVE_OK ||
        archive_write_set_bytes_per_block(a, 0) != ARCHIVE_OK ||
        archive_write_open(a, &sink, NULL, sink_write, NULL) != ARCHIVE_OK ||
        archive_write_header(a, e) != ARCHIVE_OK)
        return -EIO;
    if (!sink.used || sink.used % TARHEAD_BLOCK)
        return -EINVAL;
    memcpy(ret, sink.bytes, sink.used);
    return (long)sink.used;
}

long tarhead_file(const char *path, uint64_t size, int64_t mtime, unsigned char ret[TARHEAD_MAX])
{
    locale_t old = uselocale(utf8_locale());
    long r = write_header(path, size, ret);

    uselocale(old);
    if (r < 0)
        return r;

    unsigned char *block = ret + r - TARHEAD_BLOCK;
    char text[MTIME_LEN + 1];

    mtime = mtime < 0 ? 0 : mtime > MTIME_MAX ? MTIME_MAX : mtime;
    snprintf(text, sizeof text, "%011llo ", (unsigned long long)mtime);
    memcpy(block + AT_MTIME, text, MTIME_LEN);
    put_checksum(block);
    return r;
}

long tarhead_global(uint64_t size, unsigned char ret[TARHEAD_MAX])
{
    long r = write_header("pax_global_header", size, ret);

    if (r < 0)
        return r;
    if (r != TARHEAD_BLOCK)
        return -EINVAL;
    ret[AT_TYPE] = 'g';
    put_checksum(ret);
    return r;
}
