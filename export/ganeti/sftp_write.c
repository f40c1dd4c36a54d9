/* sftp_write.c - writing to a file, many requests in flight: a ring of them, the oldest is waited
 * for before its place is used again.  The data have gone out when a request is sent, so the
 * caller's buffer is his again.  After the first that fails no more are sent, but all are waited
 * for.
 */
#include "export/ganeti/sftp_internal.h"

#include <string.h>

#define IN_FLIGHT 32

struct sftp_writer {
    struct sftp_file *f;
    struct sftp_req reqs[IN_FLIGHT];
    size_t sent, ended;
    int failed;     /* the first of the answers, or sending */
    struct err err; /* its story */
};

static int send_one(struct sftp_file *f, struct sftp_req *req, const void *p, size_t n,
                    uint64_t off)
{
    CLEANUP_OUT struct sftp_out o = {0};

    *req = (struct sftp_req){0};
    sftp_out_begin(&o, SFTP_WRITE);
    sftp_put_bytes(&o, f->handle.bytes, f->handle.n);
    sftp_put_u64(&o, off);
    sftp_put_u32(&o, (uint32_t)n);
    return o.failed ? -ENOMEM : sftp_send(f->c, req, &o, p, n);
}

static int answer(struct sftp_writer *w, struct sftp_req *oldest, struct err *err)
{
    CLEANUP_REQ struct sftp_req req;

    sftp_wait(w->f->c, oldest);
    req = *oldest;
    if (req.error)
        return sftp_lost(w->f->c, &req, w->f->path, err);
    return sftp_expect(w->f->c, &req, SFTP_STATUS, NULL, w->f->path, err);
}

static void end_one(struct sftp_writer *w)
{
    struct err err;
    int r = answer(w, &w->reqs[w->ended++ % IN_FLIGHT], &err);

    if (r == 0 || w->failed)
        return;
    w->failed = r;
    w->err = err;
}

static void end_all(struct sftp_writer *w)
{
    while (w->ended < w->sent)
        end_one(w);
}

/* What was sent before knows the reason if the connection went. */
static void not_sent(struct sftp_writer *w, int r)
{
    end_all(w);
    if (!w->failed)
        w->failed = r == -ESTALE ? sftp_stale(w->f, &w->err)
                                 : sftp_err(w->f->c, w->f->path, -r, "", &w->err);
}

static void put(struct sftp_writer *w, const char *buf, size_t len, uint64_t off)
{
    for (size_t done = 0; done < len && !w->failed;) {
        size_t n = len - done < w->f->c->can.write_max ? len - done : w->f->c->can.write_max;
        int r;

        if (w->sent - w->ended == IN_FLIGHT)
            end_one(w);
        if (w->failed)
            break;
        r = send_one(w->f, &w->reqs[w->sent % IN_FLIGHT], buf + done, n, off + done);
        if (r < 0)
            not_sent(w, r);
        else
            w->sent++;
        done += n;
    }
}

static int tell(const struct sftp_writer *w, struct err *err)
{
    if (w->failed)
        *err = w->err;
    return w->failed;
}

int sftp_writer_new(struct sftp_file *f, struct sftp_writer **ret, struct err *err)
{
    struct sftp_writer *w = calloc(1, sizeof *w);

    if (!w)
        return sftp_err(f->c, f->path, ENOMEM, "", err);
    w->f = sftp_file_ref(f);
    *ret = w;
    return 0;
}

int sftp_writer_put(struct sftp_writer *w, const void *buf, size_t len, uint64_t off,
                    struct err *err)
{
    if (off > INT64_MAX || len > INT64_MAX - off)
        return sftp_err(w->f->c, w->f->path, EINVAL, "", err);
    put(w, buf, len, off);
    return tell(w, err);
}

int sftp_writer_end(struct sftp_writer *w, struct err *err)
{
    int r;

    if (!w)
        return 0;
    end_all(w);
    r = tell(w, err);
    sftp_close(w->f);
    free(w);
    return r;
}

int sftp_pwrite(struct sftp_file *f, const void *buf, size_t len, uint64_t off, struct err *err)
{
    struct sftp_writer *w = NULL;
    struct err ignored;
    int r = sftp_writer_new(f, &w, err), ended;

    if (r < 0)
        return r;
    r = sftp_writer_put(w, buf, len, off, err);
    ended = sftp_writer_end(w, r < 0 ? &ignored : err);
    return r < 0 ? r : ended;
}
