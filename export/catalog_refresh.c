/* catalog_refresh.c - catalog_refresh(): one export of one node is read again.
 *
 * By whoever asks, if the node lies on a local file system; else by a relay's thread, which may be
 * left behind in it: it works on data of its own, and only an answer in time counts.
 */
#include "export/catalog_scan.h"
#include "export/names.h"
#include "export/relay.h"

#include <string.h>

#define ASK_S 8

static void no_progress(void *arg)
{
    (void)arg;
}

/* One read of one export; may be left behind in the node, with all that it uses. */
struct ask {
    struct catalog_reader rd;
    struct model_node node;
    char *name;
    struct catalog_entry entry;
    int result;
    struct err err;
};

static void ask_work(void *data)
{
    struct ask *a = data;

    a->result = catalog_read_export(&a->rd, &a->node, a->name, NULL, &a->entry, &a->err);
}

static void ask_free(void *data)
{
    struct ask *a = data;

    catalog_export_unref(a->entry.exp);
    model_node_clear(&a->node);
    free(a->name);
    free(a);
}

/* Finds the node; *local: it does not hang, as far as is known. */
static int find_node(struct catalog_scanner *s, const char *node, struct catalog_scan **ret,
                     struct model_node *copy, bool *local, struct err *err)
{
    LOCK_SCOPE(&s->m);
    struct catalog_scan *scan = catalog_scan_find(s, node);

    if (!scan)
        return err_prereq(err, ECODE_NOENT, "node '%s' is not known", node);
    if (scan->node.offline)
        return err_set(err, ERR_PREREQ, ECODE_STATE, EHOSTDOWN, "node %s is offline", node);
    if (model_node_copy(&scan->node, copy) < 0)
        return err_sys(err, -ENOMEM, "node %s", node);
    *local = scan->looked && !scan->error && !scan->listing.space.remote;
    atomic_fetch_add(&scan->refs, 1);
    *ret = scan;
    return 0;
}

static int ask(struct catalog_scanner *s, struct ask **a, bool local, struct err *err)
{
    struct relay_item item = {.key = (*a)->node.name, .data = *a};
    unsigned limit_s = s->stall_s < ASK_S ? s->stall_s : ASK_S;
    int r = 0;

    if (local)
        ask_work(*a);
    else
        r = relay_run(s->asks, &item, 1, ask_work, ask_free, limit_s * 1000);
    if (!local)
        *a = item.done ? item.data : NULL;
    if (r < 0)
        return err_sys(err, r, "asking a node");
    if (!*a)
        return err_set(err, ERR_EXEC, ECODE_NONE, ETIMEDOUT,
                       "no answer from its export directory for %u s", limit_s);
    if ((*a)->result < 0)
        *err = (*a)->err;
    return (*a)->result;
}

/* Takes the answer over. */
static int put_answer(struct catalog_scanner *s, struct catalog_scan *scan, struct ask *a,
                      struct err *err)
{
    struct catalog_entry entry = a->entry;
    int r = 0;

    a->entry = (struct catalog_entry){0};
    LOCK_SCOPE(&s->m);
    scan->epoch++;
    /* an unreachable node shows nothing: its own thread is asked to look again instead */
    if (scan->error)
        catalog_export_unref(entry.exp);
    else if ((r = catalog_listing_set(&scan->listing, a->name, entry)) < 0)
        err_sys(err, r, "export %s on node %s", a->name, a->node.name);
    catalog_scan_rebuild(s, true);
    return r;
}

static struct ask *new_ask(const struct catalog_scanner *s, const char *name)
{
    struct ask *a = calloc(1, sizeof *a);

    if (!a)
        return NULL;
    a->rd = (struct catalog_reader){s->ops, s->ctx, no_progress, NULL};
    a->name = strdup(name);
    if (!a->name) {
        free(a);
        return NULL;
    }
    return a;
}

int catalog_refresh(struct catalog_scanner *s, const char *node, const char *name, struct err *err)
{
    struct catalog_scan *scan = NULL;
    struct ask *a;
    bool local = false;

    if (!names_valid(name) && !names_unfinished(name))
        return err_prereq(err, ECODE_INVAL, "'%.128s' is not a valid name", name);
    a = new_ask(s, name);
    if (!a)
        return err_sys(err, -ENOMEM, "node %s", node);

    int r = find_node(s, node, &scan, &a->node, &local, err);

    if (r == 0)
        r = ask(s, &a, local, err);
    if (r == 0)
        r = put_answer(s, scan, a, err);
    if (a)
        ask_free(a);
    if (scan) {
        catalog_scan_kick(scan->kick);
        catalog_scan_unref(scan);
    }
    return r;
}
