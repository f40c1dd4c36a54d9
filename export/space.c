/* space.c - see space.h.
 *
 * A short list under one mutex, which is a leaf: there are never more entries than queued runs.
 */
#include "export/space.h"

#include "lock/cleanup.h"

#include <string.h>

struct reservation {
    struct reservation *next;
    const void *owner;
    char *node;
    uint64_t bytes;
};

struct space {
    pthread_mutex_t mu;
    struct reservation *list;
};

int space_new(struct space **ret)
{
    struct space *s = calloc(1, sizeof *s);

    if (!s)
        return -ENOMEM;
    pthread_mutex_init(&s->mu, NULL);
    *ret = s;
    return 0;
}

static void unlink_owner(struct space *s, const void *owner)
{
    for (struct reservation **p = &s->list; *p;) {
        struct reservation *r = *p;

        if (r->owner != owner) {
            p = &r->next;
            continue;
        }
        *p = r->next;
        free(r->node);
        free(r);
    }
}

void space_free(struct space *s)
{
    if (!s)
        return;
    while (s->list)
        unlink_owner(s, s->list->owner);
    pthread_mutex_destroy(&s->mu);
    free(s);
}

int space_reserve(struct space *s, const void *owner, const char *node, uint64_t bytes)
{
    struct reservation *r = malloc(sizeof *r);
    char *copy = strdup(node);

    if (!r || !copy) {
        free(r);
        free(copy);
        return -ENOMEM;
    }

    LOCK_SCOPE(&s->mu);
    unlink_owner(s, owner);
    *r = (struct reservation){s->list, owner, copy, bytes};
    s->list = r;
    return 0;
}

void space_release(struct space *s, const void *owner)
{
    LOCK_SCOPE(&s->mu);
    unlink_owner(s, owner);
}

uint64_t space_reserved(struct space *s, const char *node, const void *owner)
{
    uint64_t sum = 0;

    LOCK_SCOPE(&s->mu);
    for (const struct reservation *r = s->list; r; r = r->next)
        if (r->owner != owner && strcmp(r->node, node) == 0 &&
            __builtin_add_overflow(sum, r->bytes, &sum))
            return UINT64_MAX;
    return sum;
}
