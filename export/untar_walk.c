/* untar_walk.c - see untar_walk.h.
 *
 *     untar_stream --on_read()--> libarchive's tar reader --> visitor
 *
 * Two readers, for two things libarchive does not tell: where the tar ends for want of bytes, and
 * what lies behind its end.  Positions are those of the (decompressed) stream.  Of a sparse member
 * libarchive believes the map, not the size in its header, and so do we; all that the map tells of
 * must come.
 */
#include "export/untar_walk.h"

#include "export/names.h"
#include "export/untar_stream.h"
#include "export/utf8.h"

#include <archive.h>
#include <archive_entry.h>
#include <inttypes.h>
#include <string.h>

#define BLOCK       512
#define MEMBERS_MAX 64                /* with directories; an export has 18 files */
#define HEADER_MAX  (8 * 1024 * 1024) /* bytes; the map of a very sparse file is long */

struct walk {
    struct untar_stream stream;
    struct archive *tar;
    const struct untar_visitor *visitor;
    char top[256]; /* "" when there is none */
    bool any;      /* there was a member, so `top` counts */
    struct err *err;
};

#define incomplete(w, ...) err_set((w)->err, ERR_PREREQ, ECODE_INVAL, EBADMSG, __VA_ARGS__)
#define unfit(w, ...)      err_prereq((w)->err, ECODE_INVAL, __VA_ARGS__)

static la_ssize_t on_read(struct archive *a, void *arg, const void **bytes)
{
    struct walk *w = arg;
    ssize_t n = untar_stream_read(&w->stream, bytes);

    if (n < 0)
        archive_set_error(a, (int)-n, "reading failed");
    return n < 0 ? ARCHIVE_FATAL : n;
}

static int tar_error(struct walk *w, const char *what)
{
    const char *why = archive_error_string(w->tar);

    if (w->stream.failed)
        return w->stream.failed;
    if (archive_errno(w->tar) == ENOMEM)
        return err_sys(w->err, -ENOMEM, "Reading the archive");
    return incomplete(w, "The archive is damaged or not complete: %s: %s", what,
                      why ? why : "no reason given");
}

/* "./top/name" -> name, and the top directory is the same for all.  *name is "" for a directory. */
static int split_path(struct walk *w, const char *path, bool is_dir, const char **name)
{
    const char *p = path, *slash;
    size_t top = 0;

    while (p[0] == '.' && p[1] == '/')
        for (p++; *p == '/';)
            p++;
    if (is_dir && (!*p || !strcmp(p, "."))) {
        *name = "";
        return 0;
    }
    slash = strchr(p, '/');
    if (slash) {
        top = (size_t)(slash - p);
        while (*slash == '/')
            slash++;
    }
    *name = slash ? slash : p;
    if (is_dir && !slash) {
        top = strlen(p);
        *name = "";
    }
    if (top >= sizeof w->top || (is_dir ? **name != '\0' : strchr(*name, '/') != NULL))
        return unfit(w, "'%.300s' is deeper than one directory", path);

    char dir[256];

    snprintf(dir, sizeof dir, "%.*s", (int)top, p);
    if ((slash && !top) || (top && !names_valid_file(dir)))
        return unfit(w, "'%.300s' is not below the archive's directory", path);
    if (w->any && strcmp(dir, w->top))
        return unfit(w, "'%.300s' is not in the directory of the files before", path);
    memcpy(w->top, dir, sizeof dir);
    w->any = true;
    return 0;
}

/* *name: of a file, "" for a directory. */
static int check_entry(struct walk *w, struct archive_entry *e, const char **name)
{
    const char *path = archive_entry_pathname(e);
    mode_t type = archive_entry_filetype(e);
    int r;

    if (!path)
        path = archive_entry_pathname_utf8(e);
    if (!path)
        return unfit(w, "A file's name is not UTF-8");
    if (archive_entry_hardlink(e) || archive_entry_symlink(e))
        return unfit(w, "'%.300s' is a link", path);
    if (type != AE_IFREG && type != AE_IFDIR)
        return unfit(w, "'%.300s' is not a plain file", path);
    r = split_path(w, path, type == AE_IFDIR, name);
    if (r < 0)
        return r;
    if (type == AE_IFREG && !names_valid_file(*name))
        return unfit(w, "'%.300s' is not a plain file's name", path);
    if (archive_entry_size(e) < 0 || (type == AE_IFDIR && archive_entry_size(e) != 0))
        return unfit(w, "'%.300s' has a size that cannot be", path);
    return 0;
}

/* The bytes that a sparse map tells of; all of the file when there is none. */
static uint64_t mapped_bytes(struct archive_entry *e)
{
    la_int64_t offset, len, sum = 0;

    if (!archive_entry_sparse_reset(e))
        return (uint64_t)archive_entry_size(e);
    while (archive_entry_sparse_next(e, &offset, &len) == ARCHIVE_OK)
        if (__builtin_add_overflow(sum, len, &sum))
            return UINT64_MAX;
    return (uint64_t)sum;
}

/* *got: bytes that came; *straight: they came without a gap from 0 on. */
static int read_data(struct walk *w, const char *name, uint64_t size, uint64_t *got, bool *straight)
{
    uint64_t at = 0;

    *got = 0;
    *straight = true;
    for (;;) {
        const void *bytes;
        la_int64_t offset;
        size_t len = 0;
        int r = archive_read_data_block(w->tar, &bytes, &len, &offset);

        if (r == ARCHIVE_EOF)
            return 0;
        if (r != ARCHIVE_OK)
            return tar_error(w, name);
        if (!len)
            continue;
        if (offset < 0 || (uint64_t)offset < at || (uint64_t)offset > size ||
            len > size - (uint64_t)offset)
            return incomplete(w, "%s: its parts overlap or are beyond its end", name);
        *straight = *straight && (uint64_t)offset == at;
        at = (uint64_t)offset + len;
        *got += len;
        r = w->visitor->data(w->visitor->arg, (uint64_t)offset, bytes, len, w->err);
        if (r < 0)
            return r;
    }
}

static int one_file(struct walk *w, struct archive_entry *e, const char *name)
{
    uint64_t start = (uint64_t)archive_filter_bytes(w->tar, 0);
    uint64_t size = (uint64_t)archive_entry_size(e), got = 0;
    bool straight = false;
    int r;

    r = w->visitor->begin(w->visitor->arg, name, size, w->err);
    if (r == 0)
        r = read_data(w, name, size, &got, &straight);
    if (r < 0)
        return r;
    if (got != mapped_bytes(e))
        return incomplete(w, "%s: %" PRIu64 " bytes are there, not as many as its header says",
                          name, got);
    return w->visitor->end(w->visitor->arg, straight && got == size && !w->stream.compressed, start,
                           w->err);
}

/* The next header: 1, 0 at the end. */
static int next_entry(struct walk *w, struct archive_entry **e)
{
    int r;

    w->stream.budget = HEADER_MAX;
    r = archive_read_next_header(w->tar, e);
    if (w->stream.failed)
        return w->stream.failed;
    w->stream.budget = UINT64_MAX;
    if (r != ARCHIVE_OK && r != ARCHIVE_EOF)
        return tar_error(w, "a header");
    return r == ARCHIVE_OK;
}

static int no_end(struct walk *w)
{
    return incomplete(w, "The archive is not complete: its end is missing");
}

static int check_end(struct walk *w, uint64_t *zeros)
{
    uint64_t end = (uint64_t)archive_read_header_position(w->tar);
    const void *bytes;
    ssize_t n;
    int r;

    while ((n = untar_stream_read(&w->stream, &bytes)) > 0)
        ;
    if (n < 0)
        return (int)n;
    if ((r = untar_stream_check_rest(&w->stream)) < 0)
        return r;
    if (w->stream.used > end)
        return incomplete(w, "There is something behind the end of the archive, at byte %" PRIu64,
                          w->stream.used - 1);
    if (w->stream.total < end + BLOCK)
        return no_end(w);
    *zeros = w->stream.total - end;
    return 0;
}

/* Whoever writes an archive may flush it many times; what ends in something else than zeros is not
 * worth reading. */
static int check_tail(struct walk *w)
{
    off_t size = lseek(w->stream.job->fd, 0, SEEK_END);
    char tail[BLOCK];

    if (w->stream.compressed || size < BLOCK ||
        pread(w->stream.job->fd, tail, BLOCK, size - BLOCK) != BLOCK)
        return 0;
    for (size_t i = 0; i < BLOCK; i++)
        if (tail[i])
            return no_end(w);
    return 0;
}

static int walk_members(struct walk *w, uint64_t *zeros)
{
    for (unsigned members = 0;; members++) {
        struct archive_entry *e;
        const char *name = "";
        int r = next_entry(w, &e);

        if (r <= 0)
            return r < 0 ? r : check_end(w, zeros);
        if (!members && (r = check_tail(w)) < 0)
            return r;
        if (members == MEMBERS_MAX)
            return unfit(w, "The archive has more members than an export can have");
        if ((r = check_entry(w, e, &name)) < 0)
            return r;
        if (*name && (r = one_file(w, e, name)) < 0)
            return r;
    }
}

static int open_tar(struct walk *w)
{
    w->tar = archive_read_new();
    if (!w->tar || archive_read_support_format_tar(w->tar) != ARCHIVE_OK)
        return err_sys(w->err, -ENOMEM, "Reading the archive");
    if (archive_read_open(w->tar, w, NULL, on_read, NULL) != ARCHIVE_OK)
        return tar_error(w, "its start");
    return 0;
}

int untar_walk(const struct manifest_job *job, const struct untar_visitor *visitor, uint64_t *zeros,
               struct err *err)
{
    struct walk w = {.visitor = visitor, .err = err};
    locale_t old = uselocale(utf8_locale());
    int r = untar_stream_open(&w.stream, job, err);

    if (r == 0)
        r = open_tar(&w);
    if (r == 0)
        r = walk_members(&w, zeros);
    archive_read_free(w.tar);
    untar_stream_clear(&w.stream);
    uselocale(old);
    return r;
}
