/* throttle.c - see throttle.h.
 *
 * A bucket counts two things up: the bytes that were asked for, and how many of them time has paid
 * for.  Who takes bytes stands behind all that was asked for before, and begins once that is paid
 * for.  So chunks may be larger than what is saved up, they follow each other as they came, several
 * copies of equal chunks get equal shares, and each can tell by itself how long it has to wait.
 * While nobody asks, a twentieth of a second's worth is saved up, no more.  What was taken by a
 * copy that is then cancelled stays taken.
 *
 * Waiting is looking again every SLICE_MS: a new rate is seen soon, a request to stop at once.
 *
 * The mutex is a leaf, and held for the arithmetic only.
 */
#include "export/throttle.h"

#include "lock/cleanup.h"
#include "lock/clock.h"

#include <limits.h>
#include <string.h>

#define SECOND   INT64_C(1000000000)
#define BURSTS   20 /* in a second */
#define SLICE_MS 50

typedef unsigned __int128 wide;

struct throttle {
    pthread_mutex_t mu;
    struct bucket bucket;
};

/* --- the arithmetic --- */

void bucket_begin(struct bucket *b, uint64_t rate, int64_t now)
{
    *b = (struct bucket){.rate = rate, .at = now};
}

/* Time that has paid for no whole byte yet is not lost. */
static void pay(struct bucket *b, int64_t now)
{
    uint64_t most = b->rate / BURSTS;
    wide bytes, time;

    most = most > UINT64_MAX - b->asked ? UINT64_MAX : b->asked + most;
    if (b->rate == 0)
        b->paid = b->asked;
    if (now <= b->at)
        return;
    bytes = (wide)b->rate * (uint64_t)(now - b->at) / SECOND;
    if (b->rate == 0 || bytes >= most - b->paid) {
        b->paid = most;
        b->at = now;
        return;
    }
    time = (bytes * SECOND + b->rate - 1) / b->rate;
    b->paid += (uint64_t)bytes;
    b->at += (int64_t)time;
}

void bucket_set(struct bucket *b, uint64_t rate, int64_t now)
{
    pay(b, now);
    b->rate = rate;
    b->at = now > b->at ? now : b->at;
    if (b->paid > b->asked) /* saved up at another rate */
        b->paid = b->asked;
}

uint64_t bucket_take(struct bucket *b, uint64_t bytes, int64_t now)
{
    uint64_t place = b->asked;

    pay(b, now);
    if (__builtin_add_overflow(b->asked, bytes, &b->asked))
        b->asked = UINT64_MAX;
    return place;
}

int64_t bucket_wait(struct bucket *b, uint64_t place, int64_t now)
{
    wide wait;

    pay(b, now);
    if (b->rate == 0 || b->paid >= place)
        return 0;
    wait = ((wide)(place - b->paid) * SECOND + b->rate - 1) / b->rate;
    return wait > INT64_MAX ? INT64_MAX : (int64_t)wait;
}

/* --- the throttle --- */

int throttle_new(uint64_t rate, struct throttle **ret)
{
    struct throttle *t = calloc(1, sizeof *t);

    if (!t)
        return -ENOMEM;
    pthread_mutex_init(&t->mu, NULL);
    bucket_begin(&t->bucket, rate, clock_ns());
    *ret = t;
    return 0;
}

void throttle_free(struct throttle *t)
{
    if (!t)
        return;
    pthread_mutex_destroy(&t->mu);
    free(t);
}

uint64_t throttle_rate(struct throttle *t)
{
    if (!t)
        return 0;
    LOCK_SCOPE(&t->mu);
    return t->bucket.rate;
}

void throttle_set(struct throttle *t, uint64_t rate)
{
    LOCK_SCOPE(&t->mu);
    bucket_set(&t->bucket, rate, clock_ns());
}

static int64_t wait_for(struct throttle *t, uint64_t place)
{
    LOCK_SCOPE(&t->mu);
    return bucket_wait(&t->bucket, place, clock_ns());
}

static uint64_t take(struct throttle *t, uint64_t bytes)
{
    LOCK_SCOPE(&t->mu);
    return bucket_take(&t->bucket, bytes, clock_ns());
}

int throttle_take(struct throttle *t, uint64_t bytes, struct cancel *cancel, struct err *err)
{
    uint64_t place;
    int64_t wait;

    if (!t || bytes == 0)
        return 0;
    place = take(t, bytes);
    while ((wait = wait_for(t, place)) > 0) {
        int64_t ms = wait / 1000000 + 1;

        if (cancel_sleep(cancel, ms < SLICE_MS ? (int)ms : SLICE_MS) < 0)
            return err_set(err, ERR_CANCELED, ECODE_NONE, ECANCELED, "Canceled");
    }
    return 0;
}

int throttle_parse(const char *text, uint64_t *ret)
{
    static const char suffixes[] = "KMGT";
    uint64_t v = 0;
    const char *p = text, *suffix;

    for (; *p >= '0' && *p <= '9'; p++)
        if (__builtin_mul_overflow(v, 10, &v) ||
            __builtin_add_overflow(v, (uint64_t)(*p - '0'), &v))
            return -ERANGE;
    if (p == text)
        return -EINVAL;
    if (*p) {
        suffix = strchr(suffixes, *p >= 'a' && *p <= 'z' ? *p - 'a' + 'A' : *p);
        if (!suffix || p[1])
            return -EINVAL;
        for (long i = suffix - suffixes; i >= 0; i--)
            if (__builtin_mul_overflow(v, 1024, &v))
                return -ERANGE;
    }
    if (v > INT64_MAX)
        return -ERANGE;
    *ret = v;
    return 0;
}

const char *throttle_refusal(int r)
{
    return r == -ERANGE ? "too much" : "not a whole number of bytes, or of K, M, G or T";
}
