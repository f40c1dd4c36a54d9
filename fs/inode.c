/* inode.c - the nodes that the kernel knows.
 *
 * Two chained hash tables over the same nodes, by nodeid and by key, of one size that doubles when
 * there are more than two nodes per chain; without memory to grow, chains get longer, that is all.
 * A node is freed when both its references and its lookup count are gone.  A retired one can be
 * found by its nodeid only.
 */
#include "fs/inode.h"

#include "fs/atoms.h"
#include "lock/cleanup.h"

#include <string.h>
#include <xxhash.h>

#define FIRST_CHAINS 256 /* a power of two */

struct inode_table {
    pthread_mutex_t lock;
    size_t chains, count;
    struct inode **by_id, **by_key;
    uint64_t next_nodeid;
    struct atoms names;
};

static const char *name_or_empty(const char *s)
{
    return s ? s : "";
}

/* Each name seeds the next, so that no two lists of names run together. */
static uint64_t hash_names(const struct inode_key *key)
{
    uint64_t h = (uint64_t)key->kind;
    const char *names[] = {key->instance, key->node, key->file};
    for (int i = 0; i < 3; i++) {
        const char *name = name_or_empty(names[i]);
        h = XXH3_64bits_withSeed(name, strlen(name) + 1, h);
    }
    return h;
}

uint64_t inode_number(const struct inode_key *key)
{
    if (key->kind == INODE_ROOT)
        return 1;
    uint64_t h = hash_names(key);
    return h > 1 ? h : h + 2;
}

static bool same_key(const struct inode *i, const struct inode_key *key)
{
    return i->kind == key->kind && i->version == key->version &&
           strcmp(i->instance, name_or_empty(key->instance)) == 0 &&
           strcmp(i->node, name_or_empty(key->node)) == 0 &&
           strcmp(i->file, name_or_empty(key->file)) == 0;
}

static struct inode **id_chain(const struct inode_table *t, uint64_t nodeid)
{
    return &t->by_id[nodeid & (t->chains - 1)];
}

static struct inode **key_chain(const struct inode_table *t, uint64_t number, uint64_t version)
{
    uint64_t hash = number ^ XXH3_64bits(&version, sizeof(version));
    return &t->by_key[hash & (t->chains - 1)];
}

static void insert(struct inode_table *t, struct inode *i)
{
    i->next_by_id = *id_chain(t, i->nodeid);
    *id_chain(t, i->nodeid) = i;
    if (i->retired)
        return;
    struct inode **chain = key_chain(t, i->number, i->version);
    i->next_by_key = *chain;
    *chain = i;
}

static void grow(struct inode_table *t)
{
    struct inode_table bigger = *t;
    bigger.chains = t->chains * 2;
    bigger.by_id = calloc(bigger.chains, sizeof(*bigger.by_id));
    bigger.by_key = calloc(bigger.chains, sizeof(*bigger.by_key));
    if (!bigger.by_id || !bigger.by_key) {
        free(bigger.by_id);
        free(bigger.by_key);
        return;
    }
    for (size_t c = 0; c < t->chains; c++)
        for (struct inode *i = t->by_id[c], *next; i; i = next) {
            next = i->next_by_id;
            insert(&bigger, i);
        }
    free(t->by_id);
    free(t->by_key);
    t->chains = bigger.chains;
    t->by_id = bigger.by_id;
    t->by_key = bigger.by_key;
}

static struct inode *find_key(const struct inode_table *t, const struct inode_key *key,
                              uint64_t number)
{
    struct inode *i = *key_chain(t, number, key->version);
    while (i && !(i->number == number && same_key(i, key)))
        i = i->next_by_key;
    return i;
}

static struct inode *find_id(const struct inode_table *t, uint64_t nodeid)
{
    struct inode *i = *id_chain(t, nodeid);
    while (i && i->nodeid != nodeid)
        i = i->next_by_id;
    return i;
}

static void inode_free(struct inode_table *t, struct inode *i)
{
    atoms_give(&t->names, i->instance);
    atoms_give(&t->names, i->node);
    atoms_give(&t->names, i->file);
    free(i);
}

static void leave_key_chain(struct inode_table *t, struct inode *i)
{
    if (i->retired)
        return;
    struct inode **p = key_chain(t, i->number, i->version);
    while (*p != i)
        p = &(*p)->next_by_key;
    *p = i->next_by_key;
}

/* Frees it if nobody holds it.  Called with the lock. */
static void drop_unused(struct inode_table *t, struct inode *i)
{
    if (i->refs || i->nlookup)
        return;
    struct inode **p = id_chain(t, i->nodeid);
    while (*p != i)
        p = &(*p)->next_by_id;
    *p = i->next_by_id;
    leave_key_chain(t, i);
    t->count--;
    inode_free(t, i);
}

static int set_names(struct inode_table *t, struct inode *i, const struct inode_key *key)
{
    i->instance = atoms_take(&t->names, name_or_empty(key->instance));
    i->node = atoms_take(&t->names, name_or_empty(key->node));
    i->file = atoms_take(&t->names, name_or_empty(key->file));
    return i->instance && i->node && i->file ? 0 : -ENOMEM;
}

static void set_frozen(struct inode *i, const struct inode_frozen *frozen)
{
    i->frozen.mtime = frozen->mtime;
    i->frozen.size = frozen->size;
    i->index = frozen->index;
    i->secret = frozen->secret;
    atomic_init(&i->blocks512, frozen->blocks512);
}

static struct inode *inode_make(struct inode_table *t, const struct inode_key *key, uint64_t number,
                                const struct inode_frozen *frozen)
{
    struct inode *i = calloc(1, sizeof(*i));
    if (!i)
        return NULL;
    i->kind = key->kind;
    i->version = key->version;
    i->number = number;
    if (frozen)
        set_frozen(i, frozen);
    if (set_names(t, i, key) < 0) {
        inode_free(t, i);
        return NULL;
    }
    return i;
}

int inode_intern(struct inode_table *t, const struct inode_key *key,
                 const struct inode_frozen *frozen, struct inode **ret)
{
    LOCK_SCOPE(&t->lock);
    uint64_t number = inode_number(key);
    struct inode *i = find_key(t, key, number);
    if (!i) {
        i = inode_make(t, key, number, frozen);
        if (!i)
            return -ENOMEM;
        i->nodeid = t->next_nodeid++;
        if (t->count >= 2 * t->chains)
            grow(t);
        insert(t, i);
        t->count++;
    }
    i->refs++;
    *ret = i;
    return 0;
}

struct inode *inode_get(struct inode_table *t, uint64_t nodeid)
{
    LOCK_SCOPE(&t->lock);
    struct inode *i = find_id(t, nodeid);
    if (i)
        i->refs++;
    return i;
}

struct inode *inode_ref(struct inode_table *t, struct inode *i)
{
    LOCK_SCOPE(&t->lock);
    i->refs++;
    return i;
}

void inode_put(struct inode_table *t, struct inode *i)
{
    if (!i)
        return;
    LOCK_SCOPE(&t->lock);
    i->refs--;
    drop_unused(t, i);
}

void inode_looked_up(struct inode_table *t, struct inode *i)
{
    LOCK_SCOPE(&t->lock);
    i->nlookup++;
}

void inode_forget(struct inode_table *t, uint64_t nodeid, uint64_t nlookup)
{
    LOCK_SCOPE(&t->lock);
    struct inode *i = find_id(t, nodeid);
    if (!i)
        return;
    i->nlookup -= nlookup < i->nlookup ? nlookup : i->nlookup;
    drop_unused(t, i);
}

void inode_retire(struct inode_table *t, struct inode *i)
{
    LOCK_SCOPE(&t->lock);
    leave_key_chain(t, i);
    i->retired = true;
}

uint64_t inode_count(struct inode_table *t)
{
    LOCK_SCOPE(&t->lock);
    return t->count;
}

int inode_table_new(struct inode_table **ret)
{
    struct inode_table *t = calloc(1, sizeof(*t));
    if (!t)
        return -ENOMEM;
    t->chains = FIRST_CHAINS;
    t->by_id = calloc(t->chains, sizeof(*t->by_id));
    t->by_key = calloc(t->chains, sizeof(*t->by_key));
    t->next_nodeid = 1;
    pthread_mutex_init(&t->lock, NULL);
    struct inode *root; /* its reference is never given back */
    if (!t->by_id || !t->by_key ||
        inode_intern(t, &(struct inode_key){.kind = INODE_ROOT}, NULL, &root)) {
        inode_table_free(t);
        return -ENOMEM;
    }
    *ret = t;
    return 0;
}

void inode_table_free(struct inode_table *t)
{
    if (!t)
        return;
    for (size_t c = 0; t->by_id && c < t->chains; c++)
        for (struct inode *i = t->by_id[c], *next; i; i = next) {
            next = i->next_by_id;
            inode_free(t, i);
        }
    free(t->by_id);
    free(t->by_key);
    atoms_clear(&t->names);
    pthread_mutex_destroy(&t->lock);
    free(t);
}
