/* sftp_conn.c - one connection, and the client that has one at a time.
 *
 *                   sftp_conn_get()                reader: VERSION came
 *     (none) ----------------------> CONNECTING ------------------------> UP
 *                         ^              | reader: cannot be run, ended,   | reader: ended,
 * stalled, |              | no VERSION within connect_s     | nonsense; sftp_free() | v |
 *                         +------------ DOWN <-----------------------------+
 *            sftp_conn_get(), a new one, if this one was good for something or next_after is over
 *
 * A struct sftp_conn goes through this once.  Everything that happens to it after its start is done
 * by its reader thread (sftp_reader.c): nobody else completes requests, so a buffer that an answer
 * is read into is its owner's again when the request is done, and not before.  Others only ask it
 * to end the connection: sftp_conn_fail().
 *
 * Locks: the client's m; a connection's wm, then its m.  The client's m is not held with the
 * others'. Counted: the client by its owner and by each connection, the connection by the client,
 * its reader, each call under way and each file.
 */
#include "export/ganeti/sftp_internal.h"

#include "export/thread.h"
#include "lock/clock.h"

#include <string.h>
#include <sys/eventfd.h>

#define FREE_WAIT_MS 1000 /* for the child to be gone */

void sftp_client_unref(struct sftp *s)
{
    if (atomic_fetch_sub_explicit(&s->refs, 1, memory_order_acq_rel) != 1)
        return;
    strvec_clear(&s->argv);
    free(s->name);
    pthread_mutex_destroy(&s->m);
    free(s);
}

int sftp_new(const struct sftp_options *opt, struct sftp **ret)
{
    struct sftp *s = calloc(1, sizeof *s);

    if (!s)
        return -ENOMEM;
    atomic_init(&s->refs, 1);
    pthread_mutex_init(&s->m, NULL);
    s->connect_ms = (int64_t)(opt->connect_s ? opt->connect_s : SFTP_LIMIT_S) * 1000;
    s->stall_ms = (int64_t)(opt->stall_s ? opt->stall_s : SFTP_LIMIT_S) * 1000;
    s->name = strdup(opt->name);

    int r = s->name ? 0 : -ENOMEM;

    for (const char *const *arg = opt->argv; r == 0 && *arg; arg++)
        r = strvec_add(&s->argv, *arg);
    if (r < 0) {
        sftp_client_unref(s);
        return r;
    }
    *ret = s;
    return 0;
}

struct sftp_conn *sftp_conn_ref(struct sftp_conn *c)
{
    atomic_fetch_add_explicit(&c->refs, 1, memory_order_relaxed);
    return c;
}

void sftp_conn_unref(struct sftp_conn *c)
{
    if (!c || atomic_fetch_sub_explicit(&c->refs, 1, memory_order_acq_rel) != 1)
        return;
    sftp_client_unref(c->s);
    sftp_out_clear(&c->rest);
    close(c->wake);
    pthread_cond_destroy(&c->changed);
    pthread_mutex_destroy(&c->m);
    pthread_mutex_destroy(&c->wm);
    free(c);
}

const char *sftp_conn_node(const struct sftp_conn *c)
{
    return c->s->name;
}

void sftp_conn_wake(struct sftp_conn *c)
{
    const uint64_t one = 1;

    if (write(c->wake, &one, sizeof one) < 0)
        return; /* it is awake already: the counter is at its limit */
}

void sftp_conn_fail(struct sftp_conn *c, int errnum, const char *why)
{
    LOCK_SCOPE(&c->m);
    if (c->ending || c->state == SFTP_DOWN)
        return;
    c->ending = errnum;
    snprintf(c->why, sizeof c->why, "%s", why);
    sftp_conn_wake(c);
}

static struct sftp_conn *new_conn(struct sftp *s)
{
    struct sftp_conn *c = calloc(1, sizeof *c);
    pthread_condattr_t attr;

    if (!c)
        return NULL;
    c->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (c->wake < 0) {
        free(c);
        return NULL;
    }
    atomic_init(&c->refs, 1);
    c->s = s;
    atomic_fetch_add_explicit(&s->refs, 1, memory_order_relaxed);
    c->tail = &c->head;
    c->child.in = c->child.c.pidfd = c->child.c.pipe[0] = c->child.c.pipe[1] = -1;
    pthread_mutex_init(&c->m, NULL);
    pthread_mutex_init(&c->wm, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&c->changed, &attr);
    pthread_condattr_destroy(&attr);
    return c;
}

/* Under the client's m: a new connection takes the place of the old one. */
static int connect_anew(struct sftp *s, unsigned failures)
{
    CLEANUP_CONN struct sftp_conn *c = new_conn(s);

    if (!c)
        return -ENOMEM;
    c->generation = ++s->generation;
    c->failures = failures;

    int r = thread_detached(sftp_reader_main, sftp_conn_ref(c));

    if (r < 0) {
        sftp_conn_unref(c);
        return r;
    }
    sftp_conn_unref(s->conn);
    s->conn = STEAL(c);
    return 0;
}

/* True: it came to an end of the attempt that the caller has waited for. */
static bool await(struct sftp_conn *c)
{
    bool waited = false;

    LOCK_SCOPE(&c->m);
    while (c->state == SFTP_CONNECTING) {
        waited = true;
        pthread_cond_wait(&c->changed, &c->m);
    }
    return waited;
}

/* What is to be done with a connection that was looked at after await(): 1 it is good, 0 a new one
 * is due, else -errno. */
static int judge(struct sftp_conn *c, bool waited, const char *path, struct err *err)
{
    LOCK_SCOPE(&c->m);
    if (c->state == SFTP_UP)
        return 1;
    if (!c->failed || (!waited && clock_ms() >= c->next_after))
        return 0;
    return sftp_err(c, path, EHOSTUNREACH, c->why, err);
}

/* The client's connection, counted; a new one in the place of `old` if that is there still. */
static int current(struct sftp *s, const struct sftp_conn *old, struct sftp_conn **ret)
{
    LOCK_SCOPE(&s->m);
    if (s->closed)
        return -ECONNRESET;
    if (s->conn == old) {
        int r = connect_anew(s, old && old->failed ? old->failures : 0);

        if (r < 0)
            return r;
    }
    *ret = sftp_conn_ref(s->conn);
    return 0;
}

int sftp_conn_get(struct sftp *s, const char *path, struct sftp_conn **ret, struct err *err)
{
    CLEANUP_CONN struct sftp_conn *old = NULL;

    pthread_mutex_lock(&s->m);
    if (s->conn)
        old = sftp_conn_ref(s->conn);
    pthread_mutex_unlock(&s->m);

    for (bool waited = false;;) {
        struct sftp_conn *next;
        int r = 0;

        if (old) {
            waited = await(old) || waited;
            r = judge(old, waited, path, err);
        }
        if (r > 0) {
            *ret = STEAL(old);
            return 0;
        }
        if (r < 0)
            return r;
        r = current(s, old, &next);
        if (r < 0)
            return err_sys(err, r, "%s: %s", s->name, path);
        sftp_conn_unref(old);
        old = next;
    }
}

uint64_t sftp_generation(struct sftp *s)
{
    LOCK_SCOPE(&s->m);
    if (!s->conn)
        return 0;
    LOCK_SCOPE(&s->conn->m);
    return s->conn->state == SFTP_UP && !s->conn->ending ? s->conn->generation : 0;
}

/* So that whoever ends after this leaves no child behind. */
static void await_reaped(struct sftp_conn *c)
{
    int64_t until = clock_ms() + FREE_WAIT_MS;
    const struct timespec ts = {until / 1000, until % 1000 * 1000000};

    LOCK_SCOPE(&c->m);
    while (!c->reaped && pthread_cond_timedwait(&c->changed, &c->m, &ts) == 0)
        ;
}

void sftp_free(struct sftp *s)
{
    struct sftp_conn *c;

    if (!s)
        return;
    pthread_mutex_lock(&s->m);
    s->closed = true;
    c = STEAL(s->conn);
    pthread_mutex_unlock(&s->m);
    if (c) {
        sftp_conn_fail(c, ECONNRESET, "the connection was ended");
        await_reaped(c);
        sftp_conn_unref(c);
    }
    sftp_client_unref(s);
}
