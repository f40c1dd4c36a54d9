/* catalog_hide.c - copies that are being removed: out of the catalog until that has ended
 * (catalog_hide()).
 *
 * What a scan has found stays in its listing; it is left out of the catalogs that are made of it.
 * So whatever else changes meanwhile is seen as always, and to show a copy again is to leave it in.
 */
#include "export/catalog_scan.h"

#include <string.h>

struct catalog_hidden {
    struct catalog_hidden *next;
    char *node, *name;
    struct node_export_id id;
};

static void free_hidden(struct catalog_hidden *h)
{
    free(h->node);
    free(h->name);
    free(h);
}

static struct catalog_hidden *new_hidden(const char *node, const char *name,
                                         const struct node_export_id *id)
{
    struct catalog_hidden *h = calloc(1, sizeof *h);

    if (!h)
        return NULL;
    h->node = strdup(node);
    h->name = strdup(name);
    h->id = *id;
    if (h->node && h->name)
        return h;
    free_hidden(h);
    return NULL;
}

static bool is(const struct catalog_hidden *h, const char *node, const char *name,
               const struct node_export_id *id)
{
    return !strcmp(h->node, node) && !strcmp(h->name, name) && node_export_id_same_copy(&h->id, id);
}

bool catalog_scan_hides(const struct catalog_scan *scan, const struct catalog_export *e)
{
    for (const struct catalog_hidden *h = scan->s->hidden; h; h = h->next)
        if (is(h, scan->node.name, e->name, &e->info->id))
            return true;
    return false;
}

void catalog_scan_free_hidden(struct catalog_scanner *s)
{
    while (s->hidden) {
        struct catalog_hidden *h = s->hidden;

        s->hidden = h->next;
        free_hidden(h);
    }
}

int catalog_hide(struct catalog_scanner *s, const char *node, const char *name,
                 const struct node_export_id *id)
{
    struct catalog_hidden *h = new_hidden(node, name, id);
    const struct catalog_export *e;
    uint64_t before;

    if (!h)
        return -ENOMEM;

    LOCK_SCOPE(&s->m);
    e = catalog_find(s->catalog, node, name);
    if (!e || !node_export_id_same_copy(id, &e->info->id)) {
        free_hidden(h);
        return -ENOENT;
    }
    h->next = s->hidden;
    s->hidden = h;
    before = s->catalog->generation;
    catalog_scan_rebuild(s, true);
    if (s->catalog->generation != before)
        return 0;
    s->hidden = h->next;
    free_hidden(h);
    return -ENOMEM;
}

void catalog_show(struct catalog_scanner *s, const char *node, const char *name,
                  const struct node_export_id *id)
{
    LOCK_SCOPE(&s->m);
    for (struct catalog_hidden **p = &s->hidden, *h; (h = *p); p = &h->next) {
        if (!is(h, node, name, id))
            continue;
        *p = h->next;
        free_hidden(h);
        catalog_scan_rebuild(s, true);
        return;
    }
}
