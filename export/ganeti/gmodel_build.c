/* gmodel_build.c - a model out of the cluster's answers (gmodel.h).  No state.
 *
 * The first thing that is not as it should be, but hinders nothing, is the model's error.
 */
#include "export/ganeti/gmodel_parts.h"

#include "export/names.h"

#include <arpa/inet.h>
#include <stdarg.h>
#include <string.h>

enum { N_NAME, N_OFFLINE, N_DRAINED, N_MASTER, N_ADDRESS, N_FIELDS };

const char *const gmodel_node_fields[N_FIELDS + 1] = {
    [N_NAME] = "name",     [N_OFFLINE] = "offline", [N_DRAINED] = "drained",
    [N_MASTER] = "master", [N_ADDRESS] = "pip",
};

static int no_memory(struct err *err)
{
    return err_sys(err, -ENOMEM, "the cluster's data");
}

static int note(struct model *m, struct err *err, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static int note(struct model *m, struct err *err, const char *fmt, ...)
{
    char text[512];
    struct err line;
    va_list ap;

    if (m->error)
        return 0;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    err_prereq(&line, ECODE_INVAL, "%s", text);
    m->error = strdup(line.text);
    return m->error ? 0 : no_memory(err);
}

static int check_rows(json_t *rows, size_t nfields, const char *what, struct err *err)
{
    bool good = json_is_array(rows);

    for (size_t i = 0; good && i < json_array_size(rows); i++) {
        json_t *row = json_array_get(rows, i);

        good = json_is_array(row) && json_array_size(row) == nfields;
    }
    return good ? 0
                : err_set(err, ERR_EXEC, ECODE_NONE, EBADMSG,
                          "the cluster's answer is not the %ss that were asked for", what);
}

/* The name of a row, or NULL, which is noted. */
static int get_name(struct model *m, json_t *row, const char *what, const char **ret,
                    struct err *err)
{
    const char *name = json_string_value(json_array_get(row, 0));

    *ret = name && names_valid(name) ? name : NULL;
    return *ret ? 0
                : note(m, err, "%s '%.128s' of the cluster: not a valid name, passed over", what,
                       name ? name : "");
}

/* --- nodes --- */

static bool is_address(const char *text)
{
    struct in6_addr a;

    return inet_pton(AF_INET, text, &a) == 1 || inet_pton(AF_INET6, text, &a) == 1;
}

/* Nobody must take it for a directory of this machine. */
static int set_node_error(struct model_node *n, const char *what)
{
    n->address = strdup("");
    if (!n->address)
        return -ENOMEM;
    return asprintf(&n->error, "node %s: the cluster says nothing usable about its %s", n->name,
                    what) < 0
               ? (n->error = NULL, -ENOMEM)
               : 0;
}

static int read_node(struct model_node *n, json_t *row, const char *name, const char *export_dir)
{
    json_t *offline = json_array_get(row, N_OFFLINE), *drained = json_array_get(row, N_DRAINED);
    const char *address = json_string_value(json_array_get(row, N_ADDRESS));

    n->name = strdup(name);
    n->export_dir = strdup(export_dir);
    n->hooks_dir = strdup(""); /* they are run by Ganeti */
    if (!n->name || !n->export_dir || !n->hooks_dir)
        return -ENOMEM;
    n->offline = json_is_true(offline);
    n->drained = json_is_true(drained);
    if (!json_is_boolean(offline) || !json_is_boolean(drained))
        return set_node_error(n, "offline and drained flags");
    if (!address || !is_address(address))
        return set_node_error(n, "primary address");
    n->address = strdup(address);
    return n->address ? 0 : -ENOMEM;
}

static int by_node(const void *a, const void *b)
{
    return strcmp(((const struct model_node *)a)->name, ((const struct model_node *)b)->name);
}

static int drop_double_nodes(struct model *m, struct err *err)
{
    size_t kept = 0;
    int r = 0;

    for (size_t i = 0; i < m->nnodes; i++) {
        if (kept && !strcmp(m->nodes[kept - 1].name, m->nodes[i].name)) {
            if (r == 0)
                r = note(m, err, "node %s is there twice", m->nodes[i].name);
            model_node_clear(&m->nodes[i]);
        } else {
            m->nodes[kept++] = m->nodes[i];
        }
    }
    m->nnodes = kept;
    return r;
}

static int read_nodes(struct model *m, json_t *rows, const struct gmodel_options *opt,
                      struct err *err)
{
    m->nodes = calloc(json_array_size(rows) + 1, sizeof *m->nodes);
    if (!m->nodes)
        return no_memory(err);
    for (size_t i = 0; i < json_array_size(rows); i++) {
        json_t *row = json_array_get(rows, i);
        const char *name;
        int r = get_name(m, row, "node", &name, err);

        if (r < 0)
            return r;
        if (!name)
            continue;
        if (read_node(&m->nodes[m->nnodes++], row, name, opt->export_dir) < 0)
            return no_memory(err);
        if (!json_is_true(json_array_get(row, N_MASTER)))
            continue;
        free(m->master_node);
        m->master_node = strdup(name);
        if (!m->master_node)
            return no_memory(err);
    }
    if (!m->nnodes)
        return err_set(err, ERR_EXEC, ECODE_NONE, EBADMSG, "the cluster tells of no nodes");
    qsort(m->nodes, m->nnodes, sizeof *m->nodes, by_node);
    return drop_double_nodes(m, err);
}

/* "NODE=PATH": that directory of this machine is the node's. */
static int use_nodedir(struct model *m, const char *nodedir, struct err *err)
{
    const char *equals = strchr(nodedir, '=');
    CLEANUP_FREE char *key = equals ? strndup(nodedir, (size_t)(equals - nodedir)) : NULL;

    if (!key)
        return equals ? no_memory(err) : note(m, err, "nodedir %.256s: no '=' in it", nodedir);

    struct model_node *n = (struct model_node *)model_expand_node(m, key);

    if (!n)
        return note(m, err, "nodedir %.256s: '%.128s' is not a node of the cluster", nodedir, key);
    free(n->export_dir);
    free(n->address);
    n->address = NULL;
    n->export_dir = strdup(equals + 1);
    return n->export_dir ? 0 : no_memory(err);
}

/* --- instances --- */

static int by_instance(const void *a, const void *b)
{
    return strcmp((*(struct model_instance *const *)a)->name,
                  (*(struct model_instance *const *)b)->name);
}

static int drop_double_instances(struct model *m, struct err *err)
{
    size_t kept = 0;
    int r = 0;

    for (size_t i = 0; i < m->ninstances; i++) {
        struct model_instance *inst = m->instances[i];

        if (kept && !strcmp(m->instances[kept - 1]->name, inst->name)) {
            if (r == 0)
                r = note(m, err, "instance %s is there twice", inst->name);
            model_instance_unref(inst);
        } else {
            m->instances[kept++] = inst;
        }
    }
    m->ninstances = kept;
    return r;
}

static int read_instances(struct model *m, json_t *rows, const struct model *previous,
                          struct err *err)
{
    m->instances = calloc(json_array_size(rows) + 1, sizeof *m->instances);
    if (!m->instances)
        return no_memory(err);
    for (size_t i = 0; i < json_array_size(rows); i++) {
        json_t *row = json_array_get(rows, i);
        const char *name;

        if (!gmodel_row_exists(row))
            continue;

        int r = get_name(m, row, "instance", &name, err);

        if (r < 0)
            return r;
        if (!name)
            continue;
        if (gmodel_instance(m, row, previous ? model_find_instance(previous, name) : NULL,
                            &m->instances[m->ninstances]) < 0)
            return no_memory(err);
        m->ninstances++;
    }
    qsort(m->instances, m->ninstances, sizeof *m->instances, by_instance);
    return drop_double_instances(m, err);
}

int gmodel_build(const struct gmodel_cluster *cluster, const struct gmodel_options *opt,
                 json_t *nodes, json_t *instances, const struct model *previous, struct model **ret,
                 struct err *err)
{
    CLEANUP_MODEL struct model *m = calloc(1, sizeof *m);
    int r;

    if (!m)
        return no_memory(err);
    atomic_init(&m->refs, 1);
    if ((r = check_rows(nodes, N_FIELDS, "node", err)) < 0 ||
        (r = check_rows(instances, I_FIELDS, "instance", err)) < 0)
        return r;
    m->generation = previous ? previous->generation + 1 : 1;
    m->name = strdup(cluster->name);
    m->master_node = strdup(cluster->master);
    if (!m->name || !m->master_node)
        return no_memory(err);
    r = read_nodes(m, nodes, opt, err);
    for (size_t i = 0; r == 0 && i < opt->nnodedirs; i++)
        r = use_nodedir(m, opt->nodedirs[i], err);
    if (r == 0)
        r = read_instances(m, instances, previous, err);
    if (r == 0)
        *ret = STEAL(m);
    return r;
}
