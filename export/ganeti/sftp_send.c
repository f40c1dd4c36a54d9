/* sftp_send.c - what goes to the server: requests, and the closing of handles that nobody waits
 * for.
 *
 * wm is held while a packet goes into the socket, so that packets stay whole and requests are
 * queued in the order that the server gets them in.  A full socket is waited for as long as stall_s
 * allows, then the connection is given up, which makes all who wait for wm fail at once.
 *
 * A close is only put into a list, and sent by the reader, which never waits: as much of it as does
 * not go stays in `rest`, before everything else.  Who sends wakes the reader afterwards if it has
 * found wm taken meanwhile: the list is not empty then.
 */
#include "export/ganeti/sftp_internal.h"

#include "lock/clock.h"

#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

void sftp_queue(struct sftp_conn *c, struct sftp_req *req)
{
    req->id = c->next_id++;
    req->next = NULL;
    if (!c->head)
        c->head_since = clock_ms();
    *c->tail = req;
    c->tail = &req->next;
}

/* 0, or -ESTALE: nothing was done. */
static int enqueue(struct sftp_conn *c, struct sftp_req *req, struct sftp_out *o, size_t n)
{
    LOCK_SCOPE(&c->m);
    if (c->state != SFTP_UP || c->ending)
        return -ESTALE;
    sftp_queue(c, req);
    sftp_out_seal(o, req->id, n);
    if (c->sleeping) {
        c->sleeping = false;
        sftp_conn_wake(c);
    }
    return 0;
}

/* As much as goes without waiting; bytes, 0: full, -errno. */
static ssize_t put(struct sftp_conn *c, struct iovec *iov, size_t n)
{
    const struct msghdr msg = {.msg_iov = iov, .msg_iovlen = n};
    ssize_t sent;

    do
        sent = sendmsg(c->child.in, &msg, MSG_NOSIGNAL | MSG_DONTWAIT);
    while (sent < 0 && errno == EINTR);
    if (sent < 0)
        return errno == EAGAIN ? 0 : -errno;
    return sent;
}

/* Until the socket takes more: 0, -ETIMEDOUT.  The reader's end of the connection wakes it. */
static int await_room(struct sftp_conn *c)
{
    int64_t until = clock_ms() + c->s->stall_ms;

    for (;;) {
        struct pollfd p = {.fd = c->child.in, .events = POLLOUT};
        int64_t left = until - clock_ms();

        if (poll(&p, 1, left > 0 ? (int)left : 0) > 0)
            break;
        if (left <= 0)
            return -ETIMEDOUT;
    }
    pthread_mutex_lock(&c->m);
    c->drained = clock_ms();
    pthread_mutex_unlock(&c->m);
    return 0;
}

static int put_all(struct sftp_conn *c, struct iovec iov[2])
{
    int i = 0;

    while (i < 2) {
        ssize_t n = put(c, iov + i, 2 - (size_t)i);

        if (n < 0)
            return (int)n;
        if (n == 0 && iov[i].iov_len > 0) {
            int r = await_room(c);

            if (r < 0)
                return r;
        }
        while (i < 2 && (size_t)n >= iov[i].iov_len) {
            n -= (ssize_t)iov[i].iov_len;
            i++;
        }
        if (i < 2) {
            iov[i].iov_base = (char *)iov[i].iov_base + n;
            iov[i].iov_len -= (size_t)n;
        }
    }
    return 0;
}

static int put_packet(struct sftp_conn *c, const struct sftp_out *o, const void *data, size_t n)
{
    struct iovec rest[2] = {{c->rest.p, c->rest.n}};
    struct iovec iov[2] = {{o->p, o->n}, {(void *)data, n}};
    int r = c->rest.n ? put_all(c, rest) : 0;

    c->rest.n = 0;
    return r == 0 ? put_all(c, iov) : r;
}

int sftp_send(struct sftp_conn *c, struct sftp_req *req, struct sftp_out *o, const void *data,
              size_t n)
{
    pthread_mutex_lock(&c->wm);

    int r = enqueue(c, req, o, n);

    if (r == 0) {
        int sent = put_packet(c, o, data, n);

        if (sent == -ETIMEDOUT)
            sftp_conn_fail(c, ETIMEDOUT, "the server takes nothing any more");
        else if (sent < 0)
            sftp_conn_fail(c, ECONNRESET, "");
    }
    pthread_mutex_unlock(&c->wm);

    pthread_mutex_lock(&c->m);
    if (c->closes)
        sftp_conn_wake(c);
    pthread_mutex_unlock(&c->m);
    return r;
}

void sftp_wait(struct sftp_conn *c, struct sftp_req *req)
{
    pthread_cond_t cond = PTHREAD_COND_INITIALIZER;

    pthread_mutex_lock(&c->m);
    req->waiter = &cond;
    while (!req->done)
        pthread_cond_wait(&cond, &c->m);
    req->waiter = NULL;
    pthread_mutex_unlock(&c->m);
    pthread_cond_destroy(&cond);
}

void sftp_send_close(struct sftp_conn *c, const uint8_t *handle, size_t n)
{
    CLEANUP_OUT struct sftp_out o = {0};
    struct sftp_req *req = calloc(1, sizeof *req);

    sftp_out_begin(&o, SFTP_CLOSE);
    sftp_put_bytes(&o, handle, n);
    if (!req || o.failed) { /* it stays open until the connection ends */
        free(req);
        return;
    }
    req->detached = true;
    req->reply_n = o.n;
    req->reply = STEAL(o.p);

    LOCK_SCOPE(&c->m);
    if (c->state != SFTP_UP || c->ending) {
        sftp_req_clear(req);
        free(req);
        return;
    }
    req->next = c->closes;
    c->closes = req;
    sftp_conn_wake(c);
}

/* Under wm: queues all closes, and has their packets in rest. */
static void take_closes(struct sftp_conn *c)
{
    struct sftp_req *req;

    LOCK_SCOPE(&c->m);
    while ((req = c->closes)) {
        struct sftp_out o = {.p = req->reply, .n = req->reply_n};

        c->closes = req->next;
        req->reply = NULL;
        req->reply_n = 0;
        sftp_queue(c, req);
        sftp_out_seal(&o, req->id, 0);
        sftp_put_raw(&c->rest, o.p, o.n);
        free(o.p);
        if (c->rest.failed) { /* too many at once: the server's handles are lost, or memory is */
            c->rest.failed = false;
            sftp_complete(c, req);
        }
    }
}

bool sftp_flush_closes(struct sftp_conn *c)
{
    if (pthread_mutex_trylock(&c->wm) != 0)
        return false; /* who has it will wake us */
    take_closes(c);

    struct iovec iov = {c->rest.p, c->rest.n};
    ssize_t n = c->rest.n ? put(c, &iov, 1) : 0;

    if (n > 0) {
        c->rest.n -= (size_t)n;
        memmove(c->rest.p, c->rest.p + n, c->rest.n);
    }

    bool full = c->rest.n > 0;

    pthread_mutex_unlock(&c->wm);
    if (n < 0)
        sftp_conn_fail(c, ECONNRESET, "");
    return full && n >= 0;
}
