/* sftp_read.c - reading a file, many requests in flight.
 *
 * A read is cut into requests of the server's greatest length, which all go out at once; their
 * answers are waited for in order.  Fewer bytes than asked for are no end of the file: the rest is
 * asked for again, until the server says that it is one.  All requests of a read are waited for,
 * whatever became of the first, for they have the caller's buffer.
 */
#include "export/ganeti/sftp_internal.h"

#include <limits.h>

#define SEGMENT (4 * 1024 * 1024) /* of a long pread; two are in flight */

struct sftp_read {
    struct sftp_file *f;
    uint8_t *buf;
    size_t len, chunk, sent; /* sent: requests */
    uint64_t off;
    bool stale; /* not all could be sent */
    size_t n;
    struct sftp_req reqs[];
};

static void read_free(struct sftp_read *r)
{
    for (size_t i = 0; i < r->n; i++)
        sftp_req_clear(&r->reqs[i]);
    sftp_close(r->f);
    free(r);
}

/* Asks for [off, off + n). */
static int ask_for(struct sftp_file *f, struct sftp_req *req, void *dest, size_t n, uint64_t off)
{
    CLEANUP_OUT struct sftp_out o = {0};

    sftp_req_clear(req);
    *req = (struct sftp_req){.dest = dest, .want = n};
    sftp_out_begin(&o, SFTP_READ);
    sftp_put_bytes(&o, f->handle.bytes, f->handle.n);
    sftp_put_u64(&o, off);
    sftp_put_u32(&o, (uint32_t)n);
    return o.failed ? -ENOMEM : sftp_send(f->c, req, &o, NULL, 0);
}

static size_t chunk_len(const struct sftp_read *r, size_t i)
{
    size_t left = r->len - i * r->chunk;

    return left < r->chunk ? left : r->chunk;
}

int sftp_read_begin(struct sftp_file *f, void *buf, size_t len, uint64_t off,
                    struct sftp_read **ret, struct err *err)
{
    size_t chunk = f->c->can.read_max, n = len / chunk + (len % chunk > 0);
    struct sftp_read *r;
    int error = 0;

    if (len > SSIZE_MAX || off > INT64_MAX - (uint64_t)len)
        return sftp_err(f->c, f->path, EINVAL, "", err);
    r = calloc(1, sizeof *r + n * sizeof *r->reqs);
    if (!r)
        return sftp_err(f->c, f->path, ENOMEM, "", err);
    r->f = sftp_file_ref(f);
    r->buf = buf;
    r->len = len;
    r->chunk = chunk;
    r->off = off;
    r->n = n;
    while (error == 0 && r->sent < n) {
        size_t i = r->sent;

        error = ask_for(f, &r->reqs[i], r->buf + i * chunk, chunk_len(r, i), off + i * chunk);
        r->sent += error == 0;
    }
    if (error < 0 && r->sent == 0) {
        read_free(r);
        return error == -ESTALE ? sftp_stale(f, err) : sftp_err(f->c, f->path, -error, "", err);
    }
    r->stale = error < 0;
    *ret = r;
    return 0;
}

/* What the answer to a sent request is: the bytes, 0 at the end, -errno. */
static ssize_t answer(struct sftp_file *f, const struct sftp_req *req, struct err *err)
{
    struct sftp_in in;
    int r;

    if (req->error)
        return sftp_lost(f->c, req, f->path, err);
    if (req->type == SFTP_DATA)
        return (ssize_t)req->got;
    r = sftp_expect(f->c, req, SFTP_STATUS, &in, f->path, err);
    if (r == 0) /* "OK" */
        return sftp_nonsense(f->c, f->path, err);
    return r == -ENODATA ? 0 : r;
}

/* The whole of chunk i, whose request is answered: its bytes, fewer at the end, -errno. */
static ssize_t take_chunk(struct sftp_read *r, size_t i, struct err *err)
{
    struct sftp_req *req = &r->reqs[i];
    size_t want = chunk_len(r, i), got = 0;

    for (;;) {
        ssize_t n = answer(r->f, req, err);

        if (n < 0)
            return n;
        got += (size_t)n;
        if (n == 0 || got == want)
            return (ssize_t)got;

        size_t at = i * r->chunk + got;
        int error = ask_for(r->f, req, r->buf + at, want - got, r->off + at);

        if (error < 0)
            return error == -ESTALE ? sftp_stale(r->f, err)
                                    : sftp_err(r->f->c, r->f->path, -error, "", err);
        sftp_wait(r->f->c, req);
    }
}

ssize_t sftp_read_end(struct sftp_read *r, struct err *err)
{
    ssize_t total = 0;
    bool over = false;

    for (size_t i = 0; i < r->sent; i++) {
        sftp_wait(r->f->c, &r->reqs[i]);
        if (over)
            continue;

        ssize_t n = take_chunk(r, i, err);

        total = n < 0 ? n : total + n;
        over = n < (ssize_t)chunk_len(r, i);
    }
    if (!over && r->stale)
        total = sftp_stale(r->f, err);
    read_free(r);
    return total;
}

static size_t segment(size_t left)
{
    return left < SEGMENT ? left : SEGMENT;
}

ssize_t sftp_pread(struct sftp_file *f, void *buf, size_t len, uint64_t off, struct err *err)
{
    struct sftp_read *ahead[2];
    size_t begun = 0, total = 0, k = 0;
    ssize_t n = 0;
    bool over = false;

    if (len > SSIZE_MAX || off > INT64_MAX - (uint64_t)len)
        return sftp_err(f->c, f->path, EINVAL, "", err);
    /* k: reads that are begun and not ended, the oldest first */
    while (k > 0 || (!over && begun < len)) {
        while (!over && k < 2 && begun < len) {
            size_t want = segment(len - begun);
            int r = sftp_read_begin(f, (char *)buf + begun, want, off + begun, &ahead[k], err);

            if (r < 0) {
                n = r;
                over = true;
                break;
            }
            begun += want;
            k++;
        }
        if (k == 0)
            break;

        struct err ignored;
        size_t want = segment(len - total);
        ssize_t got = sftp_read_end(ahead[0], over ? &ignored : err);

        ahead[0] = ahead[1];
        k--;
        if (over)
            continue;
        if (got < 0)
            n = got;
        else
            total += (size_t)got;
        over = got < (ssize_t)want;
    }
    return n < 0 ? n : (ssize_t)total;
}
