/* gnode_cache.c - see gnode_cache.h.  m guards all; the innermost lock. */
#include "export/ganeti/gnode_cache.h"

#include "lock/clock.h"

#include <string.h>
#include <sys/stat.h>
#include <xxhash.h>

#define YOUNG_MS  3000  /* a directory that was seen to change so lately may change again unseen */
#define OLD_MS    30000 /* so long what was read is believed, */
#define SPREAD_MS 5000  /* more or less: not all of it ends at once */
#define LISTED_MS 10000 /* so long a listing counts as just had */
#define SPACE_MS  10000

void gnode_cache_init(struct gnode_cache *c)
{
    *c = (struct gnode_cache){0};
    pthread_mutex_init(&c->m, NULL);
}

static void clear(struct gnode_seen *v, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        free(v[i].name);
        gnode_raw_unref(v[i].raw);
    }
    free(v);
}

void gnode_cache_destroy(struct gnode_cache *c)
{
    clear(c->v, c->n);
    pthread_mutex_destroy(&c->m);
}

static int compare(const void *a, const void *b)
{
    return strcmp(((const struct gnode_seen *)a)->name, ((const struct gnode_seen *)b)->name);
}

static struct gnode_seen *find(struct gnode_cache *c, const char *name)
{
    struct gnode_seen key = {.name = (char *)name};

    return c->n ? bsearch(&key, c->v, c->n, sizeof *c->v, compare) : NULL;
}

/* What was known of it goes with it, if it is as it was. */
static void carry_over(struct gnode_cache *c, struct gnode_seen *e)
{
    struct gnode_seen *old = find(c, e->name);

    if (!old || old->mtime != e->mtime || old->mode != e->mode)
        return;
    e->since_ms = old->since_ms;
    e->read_ms = old->read_ms;
    e->raw = STEAL(old->raw);
}

int gnode_cache_listed(struct gnode_cache *c, const struct sftp_entries *entries)
{
    struct gnode_seen *v = calloc(entries->n + 1, sizeof *v);
    int64_t now = clock_ms();
    size_t n = 0;

    LOCK_SCOPE(&c->m);
    for (; v && n < entries->n; n++) {
        const struct sftp_entry *e = &entries->v[n];

        v[n] = (struct gnode_seen){.name = strdup(e->name),
                                   .mode = e->attrs.mode,
                                   .mtime = e->attrs.mtime,
                                   .since_ms = now,
                                   .fresh = true};
        if (!v[n].name)
            break;
        carry_over(c, &v[n]);
    }
    clear(c->v, c->n);
    c->v = NULL;
    c->n = 0;
    if (!v || n < entries->n) {
        clear(v, n);
        return -ENOMEM;
    }
    qsort(v, n, sizeof *v, compare);
    c->v = v;
    c->n = n;
    c->lister = pthread_self();
    c->listed_ms = now;
    return 0;
}

/* So that exports which were first read together are not read again together for ever. */
static int64_t spread(const char *name)
{
    return (int64_t)(XXH3_64bits(name, strlen(name)) % (2 * SPREAD_MS)) - SPREAD_MS;
}

enum gnode_cached gnode_cache_find(struct gnode_cache *c, const char *name, struct gnode_raw **ret)
{
    int64_t now = clock_ms();

    LOCK_SCOPE(&c->m);
    struct gnode_seen *e = find(c, name);

    if (!e || !e->fresh || !pthread_equal(c->lister, pthread_self()) ||
        now - c->listed_ms > LISTED_MS)
        return GNODE_UNKNOWN;
    e->fresh = false;
    if (!S_ISDIR(e->mode))
        return GNODE_NO_DIR;
    if (!e->raw || e->read_ms - e->since_ms < YOUNG_MS || now - e->read_ms > OLD_MS + spread(name))
        return GNODE_UNKNOWN;
    *ret = gnode_raw_ref(e->raw);
    return GNODE_KNOWN;
}

void gnode_cache_put(struct gnode_cache *c, const char *name, struct gnode_raw *raw, int64_t at_ms)
{
    LOCK_SCOPE(&c->m);
    struct gnode_seen *e = find(c, name);

    if (!e || e->mtime != raw->published)
        return;
    gnode_raw_unref(e->raw);
    e->raw = gnode_raw_ref(raw);
    e->read_ms = at_ms;
}

void gnode_cache_forget(struct gnode_cache *c, const char *name)
{
    LOCK_SCOPE(&c->m);
    struct gnode_seen *e = find(c, name);

    if (!e)
        return;
    gnode_raw_unref(STEAL(e->raw));
    e->fresh = false;
}

bool gnode_cache_space(struct gnode_cache *c, struct node_space *ret)
{
    LOCK_SCOPE(&c->m);
    if (!c->space_ms || clock_ms() - c->space_ms > SPACE_MS)
        return false;
    *ret = c->space;
    return true;
}

void gnode_cache_put_space(struct gnode_cache *c, const struct node_space *space)
{
    LOCK_SCOPE(&c->m);
    c->space = *space;
    c->space_ms = clock_ms();
}
