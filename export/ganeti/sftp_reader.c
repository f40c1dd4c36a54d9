/* sftp_reader.c - the thread that a connection lives in: start, handshake, answers, end.
 *
 * It reads like a program that may block, but waits in await_input() only, which looks after
 * everything else meanwhile: the limits, what the child says on stderr, closes to be sent, and
 * whether the connection is to end.
 *
 * The stall clock is that of the oldest request: it starts when the request is sent to an idle
 * server or when the one before it was answered, and again with each byte of its answer and
 * whenever a full socket takes something (the request may be on its way still).  So a long queue is
 * no stall, and one answer that never comes is one, however much is answered besides.
 *
 * A DATA packet goes from the pipe to where the request wants it.  Everything else is read whole.
 * Whatever does not fit to a request (unknown id, too long, data not asked for) ends the
 * connection: after that nothing that the server says could be told apart.
 */
#include "export/ganeti/sftp_internal.h"

#include "lock/clock.h"

#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define BACKOFF_MAX_MS 10000

struct reader {
    struct sftp_conn *c;
    int64_t connect_until;    /* 0: it is UP */
    struct sftp_req *current; /* whose answer is being read; NULL: none, or not known yet */
    int64_t began;            /* when bytes of an answer came of which is not known yet whose */
};

static int lost(struct sftp_conn *c, int errnum, const char *why)
{
    sftp_conn_fail(c, errnum, why);
    return -errnum;
}

static int64_t later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* Until when the server has to move: clock_ms(), INT64_MAX: nothing is asked for.  Negative: the
 * connection is to end. */
static int64_t limit(struct reader *r)
{
    struct sftp_conn *c = r->c;
    int64_t from;

    LOCK_SCOPE(&c->m);
    if (c->ending)
        return -c->ending;
    if (r->connect_until)
        return r->connect_until;
    c->sleeping = !c->head;
    if (!c->head)
        return INT64_MAX;
    from = later(later(c->head_since, c->head->moved), later(c->drained, r->began));
    return from + c->s->stall_ms;
}

static bool has_closes(struct sftp_conn *c)
{
    LOCK_SCOPE(&c->m);
    return c->closes;
}

static int stalled(struct reader *r)
{
    char why[64];
    int64_t ms = r->connect_until ? r->c->s->connect_ms : r->c->s->stall_ms;

    snprintf(why, sizeof why, "no answer within %lld seconds", (long long)ms / 1000);
    return lost(r->c, ETIMEDOUT, why);
}

static void take_wake(struct sftp_conn *c)
{
    uint64_t n;

    if (read(c->wake, &n, sizeof n) < 0)
        return; /* nothing was there */
}

/* Until the pipe has something, or its end.  0 or -errno. */
static int await_input(struct reader *r)
{
    struct sftp_conn *c = r->c;

    for (;;) {
        bool full = !r->connect_until && sftp_flush_closes(c);
        int64_t until = limit(r), left = until - clock_ms();
        struct pollfd p[] = {
            {.fd = c->child.c.pipe[0], .events = POLLIN},
            {.fd = c->child.c.pipe[1], .events = POLLIN},
            {.fd = c->wake, .events = POLLIN},
            {.fd = full ? c->child.in : -1, .events = POLLOUT},
        };

        if (until < 0)
            return (int)until;
        if (until == INT64_MAX)
            left = -1;
        else
            left = left < 0 ? 0 : left > INT_MAX ? INT_MAX : left;
        if (poll(p, 4, (int)left) < 0)
            continue;
        if (p[2].revents)
            take_wake(c);
        if (p[1].revents)
            sftp_child_listen(&c->child);
        if (p[0].revents)
            return 0;
        if (left == 0)
            return stalled(r);
    }
}

static int get(struct reader *r, void *buf, size_t n)
{
    uint8_t *p = buf;

    while (n > 0) {
        ssize_t got = read(r->c->child.c.pipe[0], p, n);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0 && errno == EAGAIN) {
            int error = await_input(r);

            if (error < 0)
                return error;
            continue;
        }
        if (got <= 0)
            return lost(r->c, ECONNRESET, "");
        *(r->current ? &r->current->moved : &r->began) = clock_ms();
        p += got;
        n -= (size_t)got;
    }
    return 0;
}

static int nonsense(struct reader *r)
{
    return lost(r->c, r->connect_until ? EHOSTUNREACH : ECONNRESET,
                r->connect_until ? "what answers there does not speak SFTP"
                                 : "the server's answers make no sense");
}

/* A packet of the handshake: 0 and *type, its rest in *body. */
static int get_whole(struct reader *r, uint8_t *type, uint8_t **body, size_t *n)
{
    CLEANUP_FREE uint8_t *p = NULL;
    uint8_t head[4];
    int error = get(r, head, sizeof head);

    if (error < 0)
        return error;

    uint32_t len = sftp_load_u32(head);

    if (len < 1 || len > SFTP_REPLY_MAX)
        return nonsense(r);
    p = malloc(len);
    if (!p)
        return lost(r->c, ENOMEM, "out of memory");
    error = get(r, type, 1);
    if (error == 0)
        error = get(r, p, len - 1);
    if (error < 0)
        return error;
    *n = len - 1;
    *body = STEAL(p);
    return 0;
}

/* The socket is empty: it takes all. */
static int say(struct reader *r, const void *p, size_t n)
{
    ssize_t sent = send(r->c->child.in, p, n, MSG_NOSIGNAL | MSG_DONTWAIT);

    return sent == (ssize_t)n ? 0 : lost(r->c, ECONNRESET, "");
}

static int ask_limits(struct reader *r)
{
    CLEANUP_OUT struct sftp_out o = {0};
    CLEANUP_FREE uint8_t *body = NULL;
    struct sftp_in in = {0};
    uint8_t type;
    int error;

    sftp_out_begin(&o, SFTP_EXTENDED);
    sftp_put_string(&o, "limits@openssh.com");
    if (o.failed)
        return lost(r->c, ENOMEM, "out of memory");
    sftp_out_seal(&o, r->c->next_id, 0);
    error = say(r, o.p, o.n);
    if (error == 0)
        error = get_whole(r, &type, &body, &in.n);
    if (error < 0)
        return error;
    in.p = body;
    if (sftp_get_u32(&in) != r->c->next_id++ || in.bad)
        return nonsense(r);
    if (type == SFTP_EXTENDED_REPLY)
        sftp_get_limits(&in, &r->c->can);
    return type == SFTP_EXTENDED_REPLY || type == SFTP_STATUS ? 0 : nonsense(r);
}

static int shake_hands(struct reader *r)
{
    static const uint8_t init[] = {0, 0, 0, 5, SFTP_INIT, 0, 0, 0, 3};
    CLEANUP_FREE uint8_t *body = NULL;
    struct sftp_in in = {0};
    uint8_t type;
    int error = say(r, init, sizeof init);

    if (error == 0)
        error = get_whole(r, &type, &body, &in.n);
    if (error < 0)
        return error;
    in.p = body;
    if (type != SFTP_VERSION)
        return nonsense(r);
    error = sftp_get_version(&in, &r->c->can);
    if (error == -EPROTONOSUPPORT)
        return lost(r->c, EHOSTUNREACH, "the server does not speak version 3 of SFTP");
    if (error < 0)
        return nonsense(r);
    return r->c->can.limits ? ask_limits(r) : 0;
}

static int start(struct reader *r)
{
    struct sftp_conn *c = r->c;
    char why[256];
    int error;

    r->connect_until = clock_ms() + c->s->connect_ms;
    error = sftp_child_start(&c->child, (const char *const *)c->s->argv.v, why, sizeof why);
    if (error < 0)
        return lost(c, -error, why);
    error = shake_hands(r);
    if (error < 0)
        return error;
    r->connect_until = 0;

    LOCK_SCOPE(&c->m);
    c->state = SFTP_UP;
    pthread_cond_broadcast(&c->changed);
    return 0;
}

static struct sftp_req *find(struct sftp_conn *c, uint32_t id)
{
    LOCK_SCOPE(&c->m);
    for (struct sftp_req *req = c->head; req; req = req->next)
        if (req->id == id)
            return req;
    return NULL;
}

void sftp_complete(struct sftp_conn *c, struct sftp_req *req)
{
    struct sftp_req **p = &c->head;

    while (*p != req)
        p = &(*p)->next;
    if (p == &c->head)
        c->head_since = clock_ms();
    *p = req->next;
    if (!req->next)
        c->tail = p;
    if (req->detached) {
        sftp_req_clear(req);
        free(req);
        return;
    }
    req->done = true;
    if (req->waiter)
        pthread_cond_signal(req->waiter);
}

static int get_data(struct reader *r, struct sftp_req *req, uint32_t len)
{
    uint8_t head[4];
    uint32_t n;
    int error;

    if (!req->dest || len < sizeof head || len - sizeof head > req->want)
        return nonsense(r);
    error = get(r, head, sizeof head);
    if (error < 0)
        return error;
    n = sftp_load_u32(head);
    if (n != len - sizeof head || n == 0)
        return nonsense(r);
    error = get(r, req->dest, n);
    if (error == 0)
        req->got = n;
    return error;
}

static int get_reply(struct reader *r, struct sftp_req *req, uint32_t len)
{
    if (len > SFTP_REPLY_MAX)
        return nonsense(r);
    req->reply = malloc(len ? len : 1);
    if (!req->reply)
        return lost(r->c, ENOMEM, "out of memory");
    req->reply_n = len;
    return get(r, req->reply, len);
}

static int get_answer(struct reader *r)
{
    struct sftp_conn *c = r->c;
    uint8_t head[9]; /* length, type, id */
    struct sftp_req *req;
    uint32_t len;
    int error = get(r, head, sizeof head);

    if (error < 0)
        return error;
    len = sftp_load_u32(head);
    req = find(c, sftp_load_u32(head + 5));
    if (len < 5 || !req)
        return nonsense(r);
    r->current = req;
    req->moved = r->began;
    r->began = 0;
    req->type = head[4];
    error = req->type == SFTP_DATA ? get_data(r, req, len - 5) : get_reply(r, req, len - 5);
    r->current = NULL;
    if (error < 0)
        return error;
    c->answered = true;

    LOCK_SCOPE(&c->m);
    sftp_complete(c, req);
    return c->ending ? -c->ending : 0;
}

static void serve(struct reader *r)
{
    while (get_answer(r) == 0)
        if (has_closes(r->c)) /* it may be long until nothing comes */
            sftp_flush_closes(r->c);
}

/* UP or CONNECTING -> DOWN.  what: how the child ended. */
static void tell_all(struct sftp_conn *c, const char *what)
{
    struct sftp_req *req;

    LOCK_SCOPE(&c->m);
    c->error = c->ending;
    c->failed = c->state == SFTP_CONNECTING || !c->answered;
    c->state = SFTP_DOWN;
    if (c->failed) {
        int64_t ms = c->failures < 4 ? 1000 << c->failures : BACKOFF_MAX_MS;

        c->failures++;
        c->next_after = clock_ms() + ms;
    }
    if (*what) {
        size_t n = strlen(c->why);

        snprintf(c->why + n, sizeof c->why - n, "%s%s", n ? ": " : "", what);
    }
    while ((req = c->head)) {
        req->error = -c->error;
        sftp_complete(c, req);
    }
    while ((req = c->closes)) {
        c->closes = req->next;
        sftp_req_clear(req);
        free(req);
    }
    pthread_cond_broadcast(&c->changed);
}

static void end(struct sftp_conn *c)
{
    char what[400] = "";
    bool by_itself;

    pthread_mutex_lock(&c->m);
    by_itself = c->ending == ECONNRESET && !*c->why;
    pthread_mutex_unlock(&c->m);
    sftp_child_kill(&c->child, !by_itself, what, sizeof what);
    if (c->child.in >= 0)
        shutdown(c->child.in, SHUT_RDWR); /* whoever has wm lets go of it */
    tell_all(c, what);
    pthread_mutex_lock(&c->wm);
    sftp_child_hang_up(&c->child);
    pthread_mutex_unlock(&c->wm);
    sftp_child_reap(&c->child);

    LOCK_SCOPE(&c->m);
    c->reaped = true;
    pthread_cond_broadcast(&c->changed);
}

void *sftp_reader_main(void *conn)
{
    struct reader r = {.c = conn};

    if (start(&r) == 0)
        serve(&r);
    end(r.c);
    sftp_conn_unref(r.c);
    return NULL;
}
