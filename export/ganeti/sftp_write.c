/* sftp_write.c - writing to a file, many requests in flight: a ring of them, the oldest is waited
 * for before its place is used again.  The data go out from the caller's buffer.  After the first
 * that fails no more are sent, but all are waited for.
 */
#include "export/ganeti/sftp_internal.h"

#include <string.h>

#define IN_FLIGHT 32

struct ring {
    struct sftp_req reqs[IN_FLIGHT];
    size_t sent, ended;
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

static int end_one(struct sftp_file *f, struct ring *ring, struct err *err)
{
    CLEANUP_REQ struct sftp_req req;
    struct sftp_req *oldest = &ring->reqs[ring->ended++ % IN_FLIGHT];

    sftp_wait(f->c, oldest);
    req = *oldest;
    if (req.error)
        return sftp_lost(f->c, &req, f->path, err);
    return sftp_expect(f->c, &req, SFTP_STATUS, NULL, f->path, err);
}

int sftp_pwrite(struct sftp_file *f, const void *buf, size_t len, uint64_t off, struct err *err)
{
    struct ring ring = {.sent = 0};
    size_t done = 0;
    int r = 0, unsent = 0;

    if (off > INT64_MAX || len > INT64_MAX - off)
        return sftp_err(f->c, f->path, EINVAL, "", err);
    while (r == 0 && done < len) {
        size_t n = len - done < f->c->can.write_max ? len - done : f->c->can.write_max;

        if (ring.sent - ring.ended == IN_FLIGHT)
            r = end_one(f, &ring, err);
        if (r < 0)
            break;
        r = send_one(f, &ring.reqs[ring.sent % IN_FLIGHT], (const char *)buf + done, n, off + done);
        if (r < 0)
            unsent = r;
        else
            ring.sent++;
        done += n;
    }
    /* what was sent before knows the reason if the connection went */
    r = unsent ? 0 : r;
    while (ring.ended < ring.sent) {
        struct err ignored;
        int error = end_one(f, &ring, r < 0 ? &ignored : err);

        r = r < 0 ? r : error;
    }
    if (r == 0 && unsent)
        return unsent == -ESTALE ? sftp_stale(f, err) : sftp_err(f->c, f->path, -unsent, "", err);
    return r;
}
