/* xxh3.c - see xxh3.h.  How a run of zeros is hashed without looking at it.
 *
 * XXH3 keeps eight 64-bit accumulators.  Of each stripe of 64 bytes every lane adds what it makes
 * of eight bytes of input and eight of the secret; for input that is zero that is a constant, the
 * product of the halves of these secret bytes.  After so many stripes (16, with the usual secret: a
 * block of 1 KiB) the accumulators are scrambled.  So a block of zeros is one sum and one scramble:
 * the constants of its stripes can be added up beforehand.
 *
 * The state holds up to 256 bytes back; that those are zeros, too, is seen to by giving the library
 * the first bytes of a run.  It stands between two stripes of a block then, and whole blocks later
 * it stands there again: nothing but the accumulators and the total length has changed.
 *
 * That is the library's inside, declared in its header for who wants states on his stack.  Before
 * the first use it is compared with what the library says; should they differ, which no known
 * version does, the library hashes all zeros itself.
 */
#define XXH_STATIC_LINKING_ONLY
#include "export/xxh3.h"

#include <endian.h>
#include <pthread.h>
#include <stdbool.h>
#include <string.h>

#define LANES      8
#define STRIPE     64
#define SECRET_HOP 8    /* bytes from a stripe's part of the secret to the next one's */
#define LEAD       1024 /* bytes that the library gets first: more than it holds back */
#define PRIME32_1  0x9E3779B1U

typedef uint64_t lanes __attribute__((vector_size(LANES * sizeof(uint64_t))));

static const unsigned char zeros[64 * 1024];

static pthread_once_t once = PTHREAD_ONCE_INIT;
static bool known; /* the library is as described above */

static void by_library(XXH3_state_t *s, uint64_t len)
{
    while (len) {
        size_t n = len < sizeof zeros ? (size_t)len : sizeof zeros;

        XXH3_128bits_update(s, zeros, n);
        len -= n;
    }
}

static void load_secret(const unsigned char *secret, lanes *ret)
{
    memcpy(ret, secret, sizeof *ret);
    for (int i = 0; i < LANES; i++)
        (*ret)[i] = le64toh((*ret)[i]);
}

/* What stripes of zeros add, from one of a block to before another. */
static void sum_up(const unsigned char *secret, size_t from, size_t to, lanes *ret)
{
    lanes key;

    *ret = (lanes){0};
    for (size_t i = from; i < to; i++) {
        load_secret(secret + i * SECRET_HOP, &key);
        *ret += (key & 0xFFFFFFFF) * (key >> 32);
    }
}

static void skip_blocks(XXH3_state_t *s, uint64_t n)
{
    const unsigned char *secret = s->extSecret ? s->extSecret : s->customSecret;
    lanes acc, key, block, begun;

    load_secret(secret + s->secretLimit, &key);
    sum_up(secret, 0, s->nbStripesPerBlock, &block);
    sum_up(secret, 0, s->nbStripesSoFar, &begun);
    memcpy(&acc, s->acc, sizeof acc);
    acc -= begun; /* the first block has had that already, and the one behind the last gets it */
    for (uint64_t i = 0; i < n; i++) {
        acc += block;
        acc = (acc ^ acc >> 47 ^ key) * PRIME32_1;
    }
    acc += begun;
    memcpy(s->acc, &acc, sizeof acc);
    s->totalLen += n * s->nbStripesPerBlock * STRIPE;
}

static void by_blocks(XXH3_state_t *s, uint64_t len)
{
    uint64_t block;

    by_library(s, LEAD);
    len -= LEAD;
    block = s->nbStripesPerBlock * STRIPE;
    skip_blocks(s, len / block);
    by_library(s, len % block);
}

/* Data, zeros, data, with odd lengths: whether that is so for one, two and many blocks. */
static void compare(void)
{
    static const char text[] = "what comes before and after";
    static const uint64_t lens[] = {LEAD, 2 * LEAD, 3 * LEAD + 5, 100 * LEAD + 333};
    XXH3_state_t *a = XXH3_createState(), *b = XXH3_createState();
    bool same = a && b;

    if (same) {
        XXH3_128bits_reset(a);
        XXH3_128bits_reset(b);
    }
    for (size_t i = 0; same && i < sizeof lens / sizeof *lens; i++) {
        XXH3_128bits_update(a, text, sizeof text);
        XXH3_128bits_update(b, text, sizeof text);
        by_library(a, lens[i]);
        same = b->nbStripesPerBlock > 0 && b->nbStripesPerBlock <= LEAD / STRIPE;
        if (same)
            by_blocks(b, lens[i]);
        same = same && XXH128_isEqual(XXH3_128bits_digest(a), XXH3_128bits_digest(b));
    }
    known = same;
    XXH3_freeState(a);
    XXH3_freeState(b);
}

void xxh3_zeros(XXH3_state_t *state, uint64_t len)
{
    pthread_once(&once, compare);
    if (known && len >= 2 * LEAD)
        by_blocks(state, len);
    else
        by_library(state, len);
}
