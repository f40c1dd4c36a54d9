/* modelnode.c - see modelnode.h.
 *
 * What a probe needs and finds is in a struct of its own on the heap, for a probe that hangs keeps
 * it (relay.h).
 */
#include "export/modelnode.h"

#include "export/inival.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

struct probe {
    char *cluster_dir, *name;
    int r; /* 0, -ENOTDIR (leave it out) or -ENOMEM */
    struct model_node node;
};

static void probe_free(void *data)
{
    struct probe *p = data;

    model_node_clear(&p->node);
    free(p->cluster_dir);
    free(p->name);
    free(p);
}

static struct probe *probe_new(const char *cluster_dir, const char *name)
{
    struct probe *p = calloc(1, sizeof *p);

    if (!p)
        return NULL;
    p->cluster_dir = strdup(cluster_dir);
    p->name = strdup(name);
    if (p->cluster_dir && p->name)
        return p;
    probe_free(p);
    return NULL;
}

/* [node] key as a directory; relative ones and the default start at the node's directory. */
static int read_dir(const struct probe *p, const struct ini *ini, const char *key,
                    const char *otherwise, char **ret)
{
    const char *value = ini ? inival_get(ini, "node", key) : NULL;
    int r;

    if (value && *value == '/')
        r = asprintf(ret, "%s", value);
    else
        r = asprintf(ret, "%s/nodes/%s/%s", p->cluster_dir, p->name, value ? value : otherwise);
    if (r < 0)
        *ret = NULL;
    return r < 0 ? -ENOMEM : 0;
}

static int read_values(const struct ini *ini, struct model_node *node, struct err *err)
{
    static const char *const keys[] = {"offline", "drained", "export_dir", "hooks_dir", NULL};
    static const struct inival_section sections[] = {{"node", keys, NULL}};
    int r = inival_check(ini, sections, 1, err);

    if (r == 0)
        r = inival_bool(ini, "node", "offline", &node->offline, err);
    if (r == 0)
        r = inival_bool(ini, "node", "drained", &node->drained, err);
    return r;
}

static int fail(struct model_node *node, const char *text)
{
    node->offline = true;
    node->error = strdup(text);
    return node->error ? 0 : -ENOMEM;
}

static int read_ini(const struct probe *p, struct model_node *node)
{
    CLEANUP_FREE char *path = NULL;
    CLEANUP_INI struct ini *ini = NULL;
    struct err err;

    if (asprintf(&path, "%s/nodes/%s/node.ini", p->cluster_dir, p->name) < 0) {
        path = NULL;
        return -ENOMEM;
    }

    int r = ini_read_file(AT_FDCWD, path, &ini, &err);
    bool read = r == 0;

    if (r == -ENOENT)
        r = 0;
    if (read) {
        r = read_values(ini, node, &err);
        if (r < 0)
            err_prefix(&err, "nodes/%s/node.ini", p->name);
    }
    if (r == -ENOMEM || (r < 0 && fail(node, err.text) < 0))
        return -ENOMEM;
    if (read_dir(p, ini, "export_dir", "export", &node->export_dir) < 0)
        return -ENOMEM;
    return read_dir(p, ini, "hooks_dir", "hooks", &node->hooks_dir);
}

static void probe_work(void *data)
{
    struct probe *p = data;
    CLEANUP_FREE char *dir = NULL;
    struct stat top, st;

    if (asprintf(&dir, "%s/nodes/%s", p->cluster_dir, p->name) < 0) {
        dir = NULL;
        p->r = -ENOMEM;
        return;
    }
    if (stat(dir, &st) < 0 || !S_ISDIR(st.st_mode)) {
        p->r = -ENOTDIR;
        return;
    }
    p->node.same_fs = stat(p->cluster_dir, &top) == 0 && top.st_dev == st.st_dev;
    p->node.name = strdup(p->name);
    p->r = p->node.name ? read_ini(p, &p->node) : -ENOMEM;
}

/* A node that does not answer: as it was known, or as one that cannot be used. */
static int stand_in(const char *cluster_dir, const char *name, const struct model *previous,
                    struct model_node *ret)
{
    const struct model_node *was = previous ? model_find_node(previous, name) : NULL;
    struct probe p = {.cluster_dir = (char *)cluster_dir, .name = (char *)name};
    struct model_node node = {0};

    if (was)
        return model_node_copy(was, ret);
    node.name = strdup(name);
    if (!node.name || read_dir(&p, NULL, "export_dir", "export", &node.export_dir) < 0 ||
        read_dir(&p, NULL, "hooks_dir", "hooks", &node.hooks_dir) < 0 ||
        fail(&node, "the node's directory does not answer") < 0) {
        model_node_clear(&node);
        return -ENOMEM;
    }
    *ret = node;
    return 0;
}

static int run_probes(struct relay *relay, struct relay_item *items, size_t n)
{
    if (relay)
        return relay_run(relay, items, n, probe_work, probe_free, MODELNODE_LIMIT_MS);
    for (size_t i = 0; i < n; i++) {
        probe_work(items[i].data);
        items[i].done = true;
    }
    return 0;
}

static int collect(const char *cluster_dir, const struct relay_item *items, size_t n,
                   const struct model *previous, struct model_node *nodes, size_t *count)
{
    for (size_t i = 0; i < n; i++) {
        struct probe *p = items[i].data;
        int r = 0;

        if (!items[i].done) {
            r = stand_in(cluster_dir, items[i].key, previous, &nodes[*count]);
        } else if (p->r == 0) {
            nodes[*count] = p->node;
            p->node = (struct model_node){0};
        } else {
            r = p->r;
        }
        if (r == 0)
            ++*count;
        else if (r == -ENOMEM)
            return r;
    }
    return 0;
}

int modelnode_read(struct relay *relay, const char *cluster_dir, const struct strvec *names,
                   const struct model *previous, struct model_node **ret, size_t *n)
{
    CLEANUP_FREE struct relay_item *items = calloc(names->n + 1, sizeof *items);
    CLEANUP_FREE struct model_node *nodes = calloc(names->n + 1, sizeof *nodes);
    size_t count = 0;
    int r = items && nodes ? 0 : -ENOMEM;

    for (size_t i = 0; r == 0 && i < names->n; i++) {
        items[i].key = names->v[i];
        items[i].data = probe_new(cluster_dir, names->v[i]);
        if (!items[i].data)
            r = -ENOMEM;
    }
    if (r == 0)
        r = run_probes(relay, items, names->n);
    if (r == 0)
        r = collect(cluster_dir, items, names->n, previous, nodes, &count);
    for (size_t i = 0; items && i < names->n; i++)
        if (items[i].data)
            probe_free(items[i].data);
    if (r < 0) {
        while (count > 0)
            model_node_clear(&nodes[--count]);
        return r;
    }
    *ret = STEAL(nodes);
    *n = count;
    return 0;
}
