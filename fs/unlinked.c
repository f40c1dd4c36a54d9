/* unlinked.c - see unlinked.h.
 *
 * A list of exports of which something was unlinked lately, each with the names.  One that takes
 * such an export's place is another (node_export_id_same_copy()) and has lost nothing.  What nobody
 * goes on with for KEEP_S seconds is forgotten.
 */
#include "fs/unlinked.h"

#include "lock/cleanup.h"

#include <string.h>

#define KEEP_S 600 /* somebody may be asked about each file (rm -ri) */

struct set {
    struct set *next;
    char *node, *name;
    struct node_export_id id;
    int64_t at; /* when something was added last */
    struct strvec files;
};

struct unlinked {
    pthread_mutex_t lock;
    struct set *sets;
};

static void free_set(struct set *s)
{
    free(s->node);
    free(s->name);
    strvec_clear(&s->files);
    free(s);
}

static struct set *find(const struct unlinked *u, const char *node,
                        const struct catalog_export *exp)
{
    struct set *s = u->sets;

    while (s && !(strcmp(s->node, node) == 0 && strcmp(s->name, exp->name) == 0 &&
                  node_export_id_same_copy(&s->id, &exp->info->id)))
        s = s->next;
    return s;
}

static struct set *add(struct unlinked *u, const char *node, const struct catalog_export *exp)
{
    struct set *s = calloc(1, sizeof(*s));
    if (!s)
        return NULL;
    s->node = strdup(node);
    s->name = strdup(exp->name);
    s->id = exp->info->id;
    if (!s->node || !s->name) {
        free_set(s);
        return NULL;
    }
    s->next = u->sets;
    u->sets = s;
    return s;
}

static void forget_old(struct unlinked *u, int64_t now)
{
    for (struct set **p = &u->sets, *s; (s = *p);) {
        if (now - s->at < KEEP_S) {
            p = &s->next;
            continue;
        }
        *p = s->next;
        free_set(s);
    }
}

int unlinked_note(struct unlinked *u, const char *node, const struct catalog_export *exp,
                  const char *file, int64_t now)
{
    LOCK_SCOPE(&u->lock);
    forget_old(u, now);
    struct set *s = find(u, node, exp);
    if (!s)
        s = add(u, node, exp);
    if (!s)
        return -ENOMEM;
    s->at = now;
    if (s->files.n > 2 * exp->info->nfiles) /* the same ones again and again */
        strvec_sort_unique(&s->files);
    return strvec_add(&s->files, file);
}

/* Both are sorted. */
static bool has_all(const struct strvec *names, const struct node_export_info *info)
{
    size_t at = 0;
    for (size_t k = 0; k < info->nfiles; k++) {
        while (at < names->n && strcmp(names->v[at], info->files[k].name) < 0)
            at++;
        if (at == names->n || strcmp(names->v[at], info->files[k].name) != 0)
            return false;
    }
    return true;
}

bool unlinked_all(struct unlinked *u, const char *node, const struct catalog_export *exp,
                  int64_t now)
{
    LOCK_SCOPE(&u->lock);
    forget_old(u, now);
    struct set *s = find(u, node, exp);
    if (!s)
        return exp->info->nfiles == 0;
    strvec_sort_unique(&s->files);
    return has_all(&s->files, exp->info);
}

int unlinked_new(struct unlinked **ret)
{
    struct unlinked *u = calloc(1, sizeof(*u));
    if (!u)
        return -ENOMEM;
    pthread_mutex_init(&u->lock, NULL);
    *ret = u;
    return 0;
}

void unlinked_free(struct unlinked *u)
{
    if (!u)
        return;
    while (u->sets) {
        struct set *s = u->sets;
        u->sets = s->next;
        free_set(s);
    }
    pthread_mutex_destroy(&u->lock);
    free(u);
}
