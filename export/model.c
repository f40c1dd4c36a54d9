/* model.c - see model.h.
 *
 * A model owns its nodes and holds one reference on each instance.  Nothing is changed after the
 * maker has handed it out, so the reference counts are the only shared state.
 */
#include "export/model.h"

#include "export/names.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

struct model *model_ref(struct model *m)
{
    atomic_fetch_add_explicit(&m->refs, 1, memory_order_relaxed);
    return m;
}

void model_unref(struct model *m)
{
    if (!m || atomic_fetch_sub_explicit(&m->refs, 1, memory_order_acq_rel) != 1)
        return;
    for (size_t i = 0; i < m->nnodes; i++)
        model_node_clear(&m->nodes[i]);
    for (size_t i = 0; i < m->ninstances; i++)
        model_instance_unref(m->instances[i]);
    free(m->nodes);
    free(m->instances);
    free(m->name);
    free(m->master_node);
    free(m->error);
    free(m);
}

struct model_instance *model_instance_ref(struct model_instance *i)
{
    atomic_fetch_add_explicit(&i->refs, 1, memory_order_relaxed);
    return i;
}

struct model_disk *model_add_disk(struct model_instance *i)
{
    struct model_disk *v = realloc(i->disks, (i->ndisks + 1) * sizeof *v);

    if (!v)
        return NULL;
    i->disks = v;
    v[i->ndisks] = (struct model_disk){0};
    return &v[i->ndisks++];
}

struct model_nic *model_add_nic(struct model_instance *i)
{
    struct model_nic *v = realloc(i->nics, (i->nnics + 1) * sizeof *v);

    if (!v)
        return NULL;
    i->nics = v;
    v[i->nnics] = (struct model_nic){0};
    return &v[i->nnics++];
}

/* All strings of an instance. */
static void each_text(struct model_instance *i, void (*fn)(char **text, void *arg), void *arg)
{
    char **own[] = {&i->name,       &i->error,         &i->primary_node, &i->os,
                    &i->hypervisor, &i->disk_template, &i->tags};

    for (size_t k = 0; k < sizeof own / sizeof *own; k++)
        fn(own[k], arg);
    for (unsigned j = 0; j < i->ndisks; j++) {
        fn(&i->disks[j].path, arg);
        fn(&i->disks[j].name, arg);
        fn(&i->disks[j].mode, arg);
    }
    for (unsigned j = 0; j < i->nnics; j++) {
        struct model_nic *n = &i->nics[j];
        char **parts[] = {&n->mac, &n->ip, &n->network, &n->name, &n->mode, &n->link, &n->vlan};

        for (size_t k = 0; k < sizeof parts / sizeof *parts; k++)
            fn(parts[k], arg);
    }
}

static void free_text(char **text, void *arg)
{
    (void)arg;
    free(*text);
}

static void count_text(char **text, void *arg)
{
    size_t *sum = arg;

    *sum += *text ? strlen(*text) + 1 : 0;
}

static void move_text(char **text, void *arg)
{
    char **at = arg, *to = *at;

    if (!*text)
        return;
    *at = stpcpy(to, *text) + 1;
    free(*text);
    *text = to;
}

void model_instance_pack(struct model_instance *i)
{
    size_t sum = 0;
    char *at;

    (void)ini_pack(&i->ini);
    each_text(i, count_text, &sum);
    at = i->texts || i->owner ? NULL : malloc(sum + 1);
    if (!at)
        return;
    i->texts = at;
    each_text(i, move_text, &at);
}

void model_instance_unref(struct model_instance *i)
{
    if (!i || atomic_fetch_sub_explicit(&i->refs, 1, memory_order_acq_rel) != 1)
        return;
    if (i->owner) {
        model_instance_unref(i->owner);
    } else {
        if (!i->texts)
            each_text(i, free_text, NULL);
        free(i->texts);
        free(i->nics);
        ini_free(i->ini);
    }
    free(i->disks);
    free(i);
}

int model_instance_copy(struct model_instance *i, struct model_instance **ret)
{
    const size_t rest = offsetof(struct model_instance, name);
    struct model_instance *copy = calloc(1, sizeof *copy);
    struct model_disk *disks = calloc(i->ndisks + 1, sizeof *disks);

    if (!copy || !disks) {
        free(copy);
        free(disks);
        return -ENOMEM;
    }
    atomic_init(&copy->refs, 1);
    memcpy((char *)copy + rest, (const char *)i + rest, sizeof *copy - rest);
    if (i->ndisks)
        memcpy(disks, i->disks, i->ndisks * sizeof *disks);
    copy->disks = disks;
    copy->owner = model_instance_ref(i->owner ? i->owner : i);
    *ret = copy;
    return 0;
}

void model_node_clear(struct model_node *n)
{
    free(n->name);
    free(n->export_dir);
    free(n->address);
    free(n->hooks_dir);
    free(n->error);
    *n = (struct model_node){0};
}

int model_node_copy(const struct model_node *from, struct model_node *to)
{
    *to = *from;
    to->name = strdup(from->name);
    to->export_dir = strdup(from->export_dir);
    to->address = from->address ? strdup(from->address) : NULL;
    to->hooks_dir = strdup(from->hooks_dir);
    to->error = from->error ? strdup(from->error) : NULL;
    if (to->name && to->export_dir && to->hooks_dir && (to->error || !from->error) &&
        (to->address || !from->address))
        return 0;
    model_node_clear(to);
    return -ENOMEM;
}

static int instance_cmp(const void *key, const void *elem)
{
    return strcmp(key, (*(struct model_instance *const *)elem)->name);
}

static struct model_instance **find_instance(const struct model *m, const char *name)
{
    return m->ninstances
               ? bsearch(name, m->instances, m->ninstances, sizeof *m->instances, instance_cmp)
               : NULL;
}

uint64_t model_names(struct model *m, bool usable)
{
    uint64_t content = atomic_load(&m->names[usable]);

    if (content)
        return content;
    for (size_t k = 0; k < m->ninstances; k++)
        if (!usable || !m->instances[k]->error)
            content = XXH3_64bits_withSeed(m->instances[k]->name, strlen(m->instances[k]->name) + 1,
                                           content);
    content |= 1;
    atomic_store(&m->names[usable], content);
    return content;
}

static int copy_lists(const struct model *m, struct model *copy)
{
    copy->nodes = calloc(m->nnodes + 1, sizeof *copy->nodes);
    copy->instances = calloc(m->ninstances + 1, sizeof *copy->instances);
    if (!copy->nodes || !copy->instances)
        return -ENOMEM;
    for (; copy->nnodes < m->nnodes; copy->nnodes++)
        if (model_node_copy(&m->nodes[copy->nnodes], &copy->nodes[copy->nnodes]) < 0)
            return -ENOMEM;
    for (; copy->ninstances < m->ninstances; copy->ninstances++)
        copy->instances[copy->ninstances] = model_instance_ref(m->instances[copy->ninstances]);
    return 0;
}

static int copy_model(const struct model *m, const char *error, struct model **ret)
{
    CLEANUP_MODEL struct model *copy = calloc(1, sizeof *copy);

    if (!copy)
        return -ENOMEM;
    atomic_init(&copy->refs, 1);
    copy->generation = m->generation + 1;
    copy->name = strdup(m->name);
    copy->master_node = strdup(m->master_node);
    copy->error = error ? strdup(error) : NULL;
    if (!copy->name || !copy->master_node || (error && !copy->error) || copy_lists(m, copy) < 0)
        return -ENOMEM;
    *ret = STEAL(copy);
    return 0;
}

int model_copy_with_error(const struct model *m, const char *text, struct model **ret)
{
    return copy_model(m, text, ret);
}

int model_copy_with_instance(const struct model *m, struct model_instance *inst, struct model **ret)
{
    struct model_instance **place;
    struct model *copy;
    int r = copy_model(m, m->error, &copy);

    if (r < 0)
        return r;
    place = find_instance(copy, inst->name);
    if (!place) {
        model_unref(copy);
        return -ENOENT;
    }
    model_instance_unref(*place);
    *place = model_instance_ref(inst);
    *ret = copy;
    return 0;
}

static bool same_text(const char *a, const char *b)
{
    return a == b || (a && b && !strcmp(a, b));
}

static bool same_node(const struct model_node *a, const struct model_node *b)
{
    return !strcmp(a->name, b->name) && a->offline == b->offline && a->drained == b->drained &&
           same_text(a->export_dir, b->export_dir) && same_text(a->address, b->address) &&
           same_text(a->hooks_dir, b->hooks_dir) && same_text(a->error, b->error);
}

static bool same_instance(const struct model_instance *a, const struct model_instance *b)
{
    return a == b || (a->error && same_text(a->error, b->error) && !strcmp(a->name, b->name));
}

bool model_same(const struct model *a, const struct model *b)
{
    if (a->nnodes != b->nnodes || a->ninstances != b->ninstances || strcmp(a->name, b->name) ||
        strcmp(a->master_node, b->master_node) || !same_text(a->error, b->error))
        return false;
    for (size_t i = 0; i < a->nnodes; i++)
        if (!same_node(&a->nodes[i], &b->nodes[i]))
            return false;
    for (size_t i = 0; i < a->ninstances; i++)
        if (!same_instance(a->instances[i], b->instances[i]))
            return false;
    return true;
}

static int node_cmp(const void *key, const void *elem)
{
    return strcmp(key, ((const struct model_node *)elem)->name);
}

const struct model_instance *model_find_instance(const struct model *m, const char *name)
{
    struct model_instance **found = find_instance(m, name);

    return found ? *found : NULL;
}

const struct model_node *model_find_node(const struct model *m, const char *name)
{
    return m->nnodes ? bsearch(name, m->nodes, m->nnodes, sizeof *m->nodes, node_cmp) : NULL;
}

static const char *instance_name(const void *arg, size_t i)
{
    return ((const struct model *)arg)->instances[i]->name;
}

static const char *node_name(const void *arg, size_t i)
{
    return ((const struct model *)arg)->nodes[i].name;
}

const struct model_instance *model_expand_instance(const struct model *m, const char *key)
{
    const struct model_instance *exact = model_find_instance(m, key);
    long i;

    if (exact) /* which it mostly is: not all names are to be compared for it */
        return exact;
    i = names_match(key, m->ninstances, instance_name, m);
    return i < 0 ? NULL : m->instances[i];
}

const struct model_node *model_expand_node(const struct model *m, const char *key)
{
    long i = names_match(key, m->nnodes, node_name, m);

    return i < 0 ? NULL : &m->nodes[i];
}

const char *model_admin_state_name(enum model_admin_state s)
{
    static const char *const names[] = {
        [ADMIN_DOWN] = "down", [ADMIN_UP] = "up", [ADMIN_OFFLINE] = "offline"};

    return names[s];
}
