/* gnode_left.c - see gnode_left.h.
 *
 *                 put back
 *     .old -------------------> NAME            nothing has the name
 *     .old --verified--> .gone ---> (nothing)   a complete export has it, or it is known to be
 *                                               superseded; else it stays
 *     .put ------------> .gone ---> (nothing)
 *
 * An .old- may be an administrator's only backup: it is never deleted but for what is known to be
 * whole in its place.  Renames replace nothing, so two who tend at once do no harm.  What fails is
 * tried again with the next listing.
 *
 * Thread model: the scanner of the node, as a rule; l->m guards the table of what is watched and is
 * not held while the node is asked.
 */
#include "export/ganeti/gnode_left.h"

#include "export/catalog.h"
#include "export/ganeti/gnode_conn.h"
#include "export/ganeti/gnode_raw.h"
#include "export/ganeti/gnode_remove.h"
#include "export/ganeti/gput_note.h"
#include "export/names.h"
#include "export/nodedir.h"
#include "lock/clock.h"

#include <string.h>
#include <sys/stat.h>
#include <xxhash.h>

#define NAMELESS_MS (2 * 60 * 1000)
#define IDLE_MS     (60 * 60 * 1000)
#define GONE_MS     (60 * 1000)
#define WATCHED_MAX 1024

enum kind { NONE, PUT, OLD, GONE };

void gnode_left_init(struct gnode_left *l)
{
    *l = (struct gnode_left){.v = NULL};
    pthread_mutex_init(&l->m, NULL);
}

void gnode_left_destroy(struct gnode_left *l)
{
    for (size_t i = 0; i < l->n; i++)
        free(l->v[i].entry);
    free(l->v);
    pthread_mutex_destroy(&l->m);
}

/* --- how long something has been as it is --- */

/* The time since which it is known to be in this state; from now on if it was not. */
static int64_t watched_for(struct gnode_left *l, const char *entry, uint64_t state, int64_t now)
{
    struct gnode_watched *more;
    char *copy;

    LOCK_SCOPE(&l->m);
    for (size_t i = 0; i < l->n; i++) {
        struct gnode_watched *w = &l->v[i];

        if (strcmp(w->entry, entry) != 0)
            continue;
        w->listed = true;
        if (w->state != state) {
            w->state = state;
            w->since_ms = now;
        }
        return now - w->since_ms;
    }
    if (l->n == WATCHED_MAX)
        return 0;
    copy = strdup(entry);
    more = copy ? realloc(l->v, (l->n + 1) * sizeof *more) : NULL;
    if (!more) {
        free(copy);
        return 0;
    }
    l->v = more;
    l->v[l->n++] = (struct gnode_watched){copy, now, state, true};
    return 0;
}

/* -1: it is not watched yet. */
static int64_t age_of(struct gnode_left *l, const char *entry, int64_t now)
{
    LOCK_SCOPE(&l->m);
    for (size_t i = 0; i < l->n; i++)
        if (!strcmp(l->v[i].entry, entry))
            return now - l->v[i].since_ms;
    return -1;
}

static void keep_listed(struct gnode_left *l, const struct sftp_entries *entries)
{
    size_t kept = 0;

    LOCK_SCOPE(&l->m);
    for (size_t i = 0; i < l->n; i++)
        l->v[i].listed = false;
    for (size_t i = 0; i < l->n; i++)
        for (size_t k = 0; k < entries->n && !l->v[i].listed; k++)
            l->v[i].listed = !strcmp(entries->v[k].name, l->v[i].entry);
    for (size_t i = 0; i < l->n; i++) {
        if (l->v[i].listed)
            l->v[kept++] = l->v[i];
        else
            free(l->v[i].entry);
    }
    l->n = kept;
}

/* --- one name --- */

struct tending {
    struct gnode_conn *c;
    const struct model_node *node;
    const struct sftp_entries *entries;
    int64_t now;
    const char *name;
    struct gput_left own; /* "": nothing is noted */
};

/* ".NAME.KIND-xxxxxx" */
static enum kind kind_of(const struct sftp_entry *e, char name[NAME_MAX + 1])
{
    static const char *const kinds[] = {
        [PUT] = NODEDIR_PUT, [OLD] = NODEDIR_OLD, [GONE] = NODEDIR_GONE};
    const char *dot = e->name[0] == '.' ? strrchr(e->name + 1, '.') : NULL;
    size_t len = dot ? (size_t)(dot - e->name - 1) : 0;

    if (!len || len > NAME_MAX || !S_ISDIR(e->attrs.mode))
        return NONE;
    memcpy(name, e->name + 1, len);
    name[len] = '\0';
    if (!names_valid(name))
        return NONE;
    for (enum kind k = PUT; k <= GONE; k++)
        if (nodedir_is_fresh_name(e->name, name, kinds[k]))
            return k;
    return NONE;
}

static bool is_listed(const struct tending *t, const char *entry)
{
    for (size_t i = 0; *entry && i < t->entries->n; i++)
        if (!strcmp(t->entries->v[i].name, entry))
            return true;
    return false;
}

static bool rename_entry(const struct tending *t, const char *from, const char *to)
{
    CLEANUP_FREE char *a = NULL, *b = NULL;
    struct err ignored;

    if (asprintf(&a, "%s/%s", t->node->export_dir, from) < 0) {
        a = NULL;
        return false;
    }
    if (asprintf(&b, "%s/%s", t->node->export_dir, to) < 0) {
        b = NULL;
        return false;
    }
    return sftp_rename(t->c->s, a, b, &ignored) == 0;
}

static bool delete_gone(const struct tending *t, const char *entry)
{
    CLEANUP_FREE char *path = NULL;
    struct err ignored;

    if (asprintf(&path, "%s/%s", t->node->export_dir, entry) < 0) {
        path = NULL;
        return false;
    }
    return gnode_remove_dir(t->c->s, path, &ignored) == 0;
}

static bool delete_entry(const struct tending *t, const char *entry)
{
    char gone[NAME_MAX + 1];

    return nodedir_fresh_name(gone, t->name, NODEDIR_GONE) == 0 && rename_entry(t, entry, gone) &&
           delete_gone(t, gone);
}

/* Is a whole export there now? */
static bool has_successor(const struct tending *t)
{
    CLEANUP_GNODE_RAW struct gnode_raw *raw = NULL;
    struct node_export_info *info = NULL;
    struct catalog_export *e = NULL;
    struct err ignored;
    bool complete;

    if (gnode_raw_read(t->c->s, t->node, t->name, &raw, &ignored) < 0 ||
        gnode_raw_info(raw, t->name, &info) < 0 || catalog_export_new(t->name, info, &e) < 0)
        return false;
    complete = e->complete;
    catalog_export_unref(e);
    return complete;
}

/* What could change in a directory that somebody writes to. */
static uint64_t state_of(const struct tending *t, const struct sftp_entry *dir)
{
    struct sftp_entries in = {0};
    CLEANUP_FREE char *path = NULL;
    uint64_t state = (uint64_t)dir->attrs.mtime;
    struct err ignored;

    if (asprintf(&path, "%s/%s", t->node->export_dir, dir->name) < 0) {
        path = NULL;
        return (uint64_t)t->now;
    }
    if (sftp_list(t->c->s, path, &in, &ignored) < 0)
        return (uint64_t)t->now;
    for (size_t i = 0; i < in.n; i++) {
        uint64_t parts[] = {in.v[i].attrs.size, (uint64_t)in.v[i].attrs.mtime,
                            XXH3_64bits(in.v[i].name, strlen(in.v[i].name))};

        state ^= XXH3_64bits(parts, sizeof parts); /* in whatever order they come */
    }
    sftp_entries_clear(&in);
    return state;
}

/* True: it is not there any more. */
static bool tend_old(const struct tending *t, const struct sftp_entry *e, bool own)
{
    struct gnode_left *l = &t->c->left;
    bool nameless = !is_listed(t, t->name);
    int64_t age = watched_for(l, e->name, nameless, t->now);

    if (own && t->own.published)
        return delete_entry(t, e->name);
    if (nameless)
        return (own || age >= NAMELESS_MS) && rename_entry(t, e->name, t->name);
    return (own || age >= IDLE_MS) && has_successor(t) && delete_entry(t, e->name);
}

/* It is not looked into each time, but when it comes into sight and when it may be over. */
static bool tend_put(const struct tending *t, const struct sftp_entry *e, bool own)
{
    struct gnode_left *l = &t->c->left;
    int64_t age = own ? 0 : age_of(l, e->name, t->now);

    if (own)
        return delete_entry(t, e->name);
    if (age >= 0 && age < IDLE_MS)
        return false;
    return watched_for(l, e->name, state_of(t, e), t->now) >= IDLE_MS && delete_entry(t, e->name);
}

/* With the note of the name.  What is aside comes before the stage: as long as that is there it is
 * known that it was not published. */
static void tend_name(struct tending *t, struct gput_note *note)
{
    const struct sftp_entry *own_stage = NULL;
    bool noted = gput_note_get(note, t->node->name, &t->own), left = false;
    char name[NAME_MAX + 1];

    for (size_t i = 0; i < t->entries->n; i++) {
        const struct sftp_entry *e = &t->entries->v[i];
        enum kind kind = kind_of(e, name);

        if (kind == NONE || kind == GONE || strcmp(name, t->name) != 0)
            continue;
        if (kind == PUT && noted && !strcmp(e->name, t->own.stage))
            own_stage = e;
        else if (kind == PUT)
            tend_put(t, e, false);
        else if (noted && !strcmp(e->name, t->own.aside))
            left = !tend_old(t, e, true) || left;
        else
            tend_old(t, e, false);
    }
    if (left)
        return;
    if (own_stage && !tend_put(t, own_stage, true))
        return;
    if (noted)
        gput_note_drop(note, t->node->name);
}

static void tend_named(struct tending *t, const char *name)
{
    CLEANUP_GPUT_NOTE struct gput_note *note = NULL;

    t->name = name;
    t->own = (struct gput_left){.stage = ""};
    /* else somebody is at work */
    if (gput_note_take(t->c->g->state_dir, name, &note) < 0)
        return;
    tend_name(t, note);
    gnode_cache_forget(&t->c->cache, name);
}

/* The first of its name, so that each is seen to once. */
static bool is_first(const struct sftp_entries *entries, size_t i, const char *name)
{
    char other[NAME_MAX + 1];

    for (size_t k = 0; k < i; k++) {
        enum kind kind = kind_of(&entries->v[k], other);

        if (kind != NONE && kind != GONE && !strcmp(name, other))
            return false;
    }
    return true;
}

void gnode_left_tend_at(struct gnode_conn *c, const struct model_node *node,
                        const struct sftp_entries *entries, int64_t now_ms)
{
    struct tending t = {.c = c, .node = node, .entries = entries, .now = now_ms};
    char name[NAME_MAX + 1];

    keep_listed(&c->left, entries);
    for (size_t i = 0; i < entries->n; i++) {
        enum kind kind = kind_of(&entries->v[i], name);

        if (kind == GONE && watched_for(&c->left, entries->v[i].name, 0, now_ms) >= GONE_MS)
            delete_gone(&t, entries->v[i].name);
        else if (kind != NONE && kind != GONE && is_first(entries, i, name))
            tend_named(&t, name);
    }
}

void gnode_left_tend(struct gnode_conn *c, const struct model_node *node,
                     const struct sftp_entries *entries)
{
    gnode_left_tend_at(c, node, entries, clock_ms());
}
