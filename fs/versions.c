/* versions.c - an open addressing table (linear probing, at most half full). */
#include "fs/versions.h"

#include "lock/cleanup.h"

struct entry {
    uint64_t number; /* 0: empty */
    uint64_t content;
    int64_t mtime;
};

struct versions {
    pthread_mutex_t lock;
    size_t slots, used; /* slots: a power of two */
    struct entry *entries;
};

static struct entry *slot_of(struct entry *entries, size_t slots, uint64_t number)
{
    size_t i = number & (slots - 1);
    while (entries[i].number && entries[i].number != number)
        i = (i + 1) & (slots - 1);
    return &entries[i];
}

static int grow(struct versions *v)
{
    size_t slots = v->slots * 2;
    struct entry *entries = calloc(slots, sizeof(*entries));
    if (!entries)
        return -ENOMEM;
    for (size_t i = 0; i < v->slots; i++)
        if (v->entries[i].number)
            *slot_of(entries, slots, v->entries[i].number) = v->entries[i];
    free(v->entries);
    v->entries = entries;
    v->slots = slots;
    return 0;
}

int64_t versions_stamp(struct versions *v, uint64_t number, uint64_t content, int64_t first,
                       int64_t now, int64_t least)
{
    LOCK_SCOPE(&v->lock);
    struct entry *e = slot_of(v->entries, v->slots, number);
    if (!e->number) {
        int64_t mtime = first > least ? first : least;
        if ((v->used + 1) * 2 > v->slots) {
            if (grow(v) < 0)
                return mtime;
            e = slot_of(v->entries, v->slots, number);
        }
        *e = (struct entry){number, content, mtime};
        v->used++;
        return mtime;
    }
    if (e->content != content) {
        e->content = content;
        e->mtime = now > e->mtime ? now : e->mtime + 1;
    }
    if (e->mtime < least)
        e->mtime = least;
    return e->mtime;
}

int versions_new(struct versions **ret)
{
    struct versions *v = calloc(1, sizeof(*v));
    if (!v)
        return -ENOMEM;
    v->slots = 64;
    v->entries = calloc(v->slots, sizeof(*v->entries));
    if (!v->entries) {
        free(v);
        return -ENOMEM;
    }
    pthread_mutex_init(&v->lock, NULL);
    *ret = v;
    return 0;
}

void versions_free(struct versions *v)
{
    if (!v)
        return;
    pthread_mutex_destroy(&v->lock);
    free(v->entries);
    free(v);
}
