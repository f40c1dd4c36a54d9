/* texts.c - a ring: the oldest makes room.  One that is looked up again is in it twice. */
#include "fs/texts.h"

#include "lock/cleanup.h"

#include <string.h>

struct kept {
    uint64_t number, version;
    char *text;
    size_t len;
};

struct texts {
    pthread_mutex_t lock;
    size_t first, n, bytes;
    struct kept ring[TEXTS_MOST];
};

static struct kept *nth(struct texts *t, size_t i)
{
    return &t->ring[(t->first + i) % TEXTS_MOST];
}

static void drop_oldest(struct texts *t)
{
    struct kept *k = nth(t, 0);
    t->bytes -= k->len;
    free(k->text);
    t->first = (t->first + 1) % TEXTS_MOST;
    t->n--;
}

void texts_keep(struct texts *t, uint64_t number, uint64_t version, char *text_owned, size_t len)
{
    LOCK_SCOPE(&t->lock);
    while (t->n == TEXTS_MOST || (t->n >= TEXTS_FEWEST && t->bytes + len > TEXTS_MOST_BYTES))
        drop_oldest(t);
    *nth(t, t->n++) = (struct kept){number, version, text_owned, len};
    t->bytes += len;
}

int texts_get(struct texts *t, uint64_t number, uint64_t version, char **ret)
{
    LOCK_SCOPE(&t->lock);
    for (size_t i = t->n; i-- > 0;) {
        const struct kept *k = nth(t, i);
        if (k->number != number || k->version != version)
            continue;
        char *copy = malloc(k->len + 1);
        if (!copy)
            return -ENOMEM;
        memcpy(copy, k->text, k->len);
        copy[k->len] = '\0';
        *ret = copy;
        return 0;
    }
    return -ENOENT;
}

int texts_new(struct texts **ret)
{
    struct texts *t = calloc(1, sizeof(*t));
    if (!t)
        return -ENOMEM;
    pthread_mutex_init(&t->lock, NULL);
    *ret = t;
    return 0;
}

void texts_free(struct texts *t)
{
    if (!t)
        return;
    while (t->n)
        drop_oldest(t);
    pthread_mutex_destroy(&t->lock);
    free(t);
}
