/* opcode_tables.c - which parameters the opcodes have (spec §1.1).
 *
 * v3.0.2's names, defaults and types; OP_BACKUP_QUERY is v2.3's.  Types are predicates on values,
 * strict as v3's: a bool is no int.  Whoever wants to know what a parameter means reads its help.
 */
#include "export/opcode.h"

#include <string.h>

static bool is_bool(const struct opcode_value *v)
{
    return v->kind == VAL_BOOL;
}

static bool is_null_or_bool(const struct opcode_value *v)
{
    return v->kind == VAL_NULL || v->kind == VAL_BOOL;
}

static bool is_string(const struct opcode_value *v)
{
    return v->kind == VAL_STRING;
}

static bool is_text(const struct opcode_value *v)
{
    return v->kind == VAL_STRING && v->s[0] != '\0';
}

static bool is_null_or_string(const struct opcode_value *v)
{
    return v->kind == VAL_NULL || v->kind == VAL_STRING;
}

static bool is_null_or_text(const struct opcode_value *v)
{
    return v->kind == VAL_NULL || is_text(v);
}

static bool is_text_or_list(const struct opcode_value *v)
{
    return v->kind == VAL_LIST || is_text(v);
}

static bool is_count(const struct opcode_value *v)
{
    return v->kind == VAL_INT && v->i >= 0;
}

static bool is_null_or_count(const struct opcode_value *v)
{
    return v->kind == VAL_NULL || is_count(v);
}

static bool is_null_or_int(const struct opcode_value *v)
{
    return v->kind == VAL_NULL || v->kind == VAL_INT;
}

static bool is_null_or_float(const struct opcode_value *v)
{
    return v->kind == VAL_NULL || v->kind == VAL_FLOAT;
}

static bool is_null_or_list(const struct opcode_value *v)
{
    return v->kind == VAL_NULL || v->kind == VAL_LIST;
}

static bool is_mode(const struct opcode_value *v)
{
    return v->kind == VAL_STRING && (strcmp(v->s, "local") == 0 || strcmp(v->s, "remote") == 0);
}

static bool is_priority(const struct opcode_value *v)
{
    return v->kind == VAL_INT && (v->i == -10 || v->i == 0 || v->i == 10);
}

static bool is_text_list(const struct opcode_value *v)
{
    if (v->kind != VAL_LIST)
        return false;
    for (size_t i = 0; i < v->list.n; i++)
        if (!is_text(&v->list.v[i]))
            return false;
    return true;
}

static bool is_string_list(const struct opcode_value *v)
{
    if (v->kind != VAL_LIST)
        return false;
    for (size_t i = 0; i < v->list.n; i++)
        if (!is_string(&v->list.v[i]))
            return false;
    return true;
}

/* [[job id or negative relative id, [final status, ...]], ...] */
static bool is_depends(const struct opcode_value *v)
{
    if (v->kind == VAL_NULL)
        return true;
    if (v->kind != VAL_LIST)
        return false;
    for (size_t i = 0; i < v->list.n; i++) {
        const struct opcode_value *d = &v->list.v[i];

        if (d->kind != VAL_LIST || d->list.n != 2 || d->list.v[0].kind != VAL_INT ||
            d->list.v[0].i == 0 || !is_string_list(&d->list.v[1]))
            return false;
    }
    return true;
}

/* [[source, text, nanoseconds], ...] */
static bool is_reason(const struct opcode_value *v)
{
    if (v->kind == VAL_NULL)
        return true;
    if (v->kind != VAL_LIST)
        return false;
    for (size_t i = 0; i < v->list.n; i++) {
        const struct opcode_value *r = &v->list.v[i];

        if (r->kind != VAL_LIST || r->list.n != 3 || !is_string(&r->list.v[0]) ||
            !is_string(&r->list.v[1]) || !is_count(&r->list.v[2]))
            return false;
    }
    return true;
}

#define P_COMMON                                                                                   \
    {.name = "dry_run",                                                                            \
     .default_text = "None",                                                                       \
     .accepts = is_null_or_bool,                                                                   \
     .type_text = "true, false or None",                                                           \
     .help = "stop after the pre hooks"},                                                          \
        {.name = "debug_level",                                                                    \
         .default_text = "None",                                                                   \
         .accepts = is_null_or_count,                                                              \
         .type_text = "whole number >= 0 or None",                                                 \
         .help = "kept for the reference's clients"},                                              \
        {.name = "priority",                                                                       \
         .default_text = "0",                                                                      \
         .accepts = is_priority,                                                                   \
         .type_text = "-10 (high), 0 or 10 (low)",                                                 \
         .help = "place in the queues for locks"},                                                 \
        {.name = "depends",                                                                        \
         .default_text = "None",                                                                   \
         .accepts = is_depends,                                                                    \
         .type_text = "list of [job, [status, ...]] or None",                                      \
         .help = "jobs to wait for"},                                                              \
        {.name = "comment",                                                                        \
         .default_text = "None",                                                                   \
         .accepts = is_null_or_string,                                                             \
         .type_text = "text or None",                                                              \
         .help = "free text"},                                                                     \
    {                                                                                              \
        .name = "reason", .default_text = "[]", .accepts = is_reason,                              \
        .type_text = "list of [source, text, nanoseconds] or None", .help = "who asked for it"     \
    }

#define P_INSTANCE_NAME                                                                            \
    {.name = "instance_name",                                                                      \
     .required = true,                                                                             \
     .accepts = is_text,                                                                           \
     .type_text = "name",                                                                          \
     .help = "the instance"},                                                                      \
    {                                                                                              \
        .name = "instance_uuid", .default_text = "None", .accepts = is_null_or_text,               \
        .type_text = "text or None", .help = "must be the instance's UUID"                         \
    }

static const struct opcode_param export_params[] = {
    P_INSTANCE_NAME,
    {.name = "target_node",
     .required = true,
     .accepts = is_text_or_list,
     .type_text = "node name (mode remote: list)",
     .help = "where the export goes; None: chosen for you"},
    {.name = "target_node_uuid",
     .default_text = "None",
     .accepts = is_null_or_text,
     .type_text = "text or None",
     .help = "must be the target node's UUID"},
    {.name = "shutdown",
     .default_text = "True",
     .accepts = is_bool,
     .type_text = "true or false",
     .help = "stop the instance to take its data"},
    {.name = "shutdown_timeout",
     .default_text = "120",
     .accepts = is_count,
     .type_text = "whole number >= 0",
     .help = "seconds to wait for the shutdown"},
    {.name = "remove_instance",
     .default_text = "False",
     .accepts = is_bool,
     .type_text = "true or false",
     .help = "delete the instance after the export"},
    {.name = "ignore_remove_failures",
     .default_text = "False",
     .accepts = is_bool,
     .type_text = "true or false",
     .help = "only warn when its disks cannot be deleted"},
    {.name = "mode",
     .default_text = "local",
     .accepts = is_mode,
     .type_text = "local or remote",
     .help = "within the cluster or to another one"},
    {.name = "x509_key_name",
     .default_text = "None",
     .accepts = is_null_or_list,
     .type_text = "list or None",
     .help = "mode remote: name, digest and salt of the key"},
    {.name = "destination_x509_ca",
     .default_text = "None",
     .accepts = is_null_or_text,
     .type_text = "text or None",
     .help = "mode remote: signed certificate of the destination"},
    {.name = "compress",
     .default_text = "none",
     .accepts = is_string,
     .type_text = "text",
     .help = "compression in transit",
     .only_default = true},
    {.name = "zero_free_space",
     .default_text = "False",
     .accepts = is_bool,
     .type_text = "true or false",
     .help = "overwrite unused blocks with zeros first",
     .only_default = true},
    {.name = "zeroing_timeout_fixed",
     .default_text = "None",
     .accepts = is_null_or_int,
     .type_text = "whole number or None",
     .help = "zero_free_space: seconds"},
    {.name = "zeroing_timeout_per_mib",
     .default_text = "None",
     .accepts = is_null_or_float,
     .type_text = "number or None",
     .help = "zero_free_space: seconds per MiB"},
    {.name = "long_sleep",
     .default_text = "False",
     .accepts = is_bool,
     .type_text = "true or false",
     .help = "may stay stopped for the whole copy if there are no snapshots"},
    P_COMMON,
};

/* node_name is ours: the reference's removes from all nodes. */
static const struct opcode_param remove_params[] = {
    P_INSTANCE_NAME,
    {.name = "node_name",
     .default_text = "None",
     .accepts = is_null_or_text,
     .type_text = "node name or None",
     .help = "only what lies on this node, under exactly this name"},
    P_COMMON,
};

static const struct opcode_param query_params[] = {
    {.name = "nodes",
     .default_text = "[]",
     .accepts = is_text_list,
     .type_text = "list of node names",
     .help = "nodes to ask; empty: all"},
    {.name = "use_locking",
     .default_text = "False",
     .accepts = is_bool,
     .type_text = "true or false",
     .help = "ignored: locks are always taken"},
    P_COMMON,
};

#define LEN(a) (sizeof(a) / sizeof *(a))

static const struct opcode_desc opcode_tables[] = {
    {"OP_BACKUP_EXPORT", "instance_name", export_params, LEN(export_params)},
    {"OP_BACKUP_REMOVE", "instance_name", remove_params, LEN(remove_params)},
    {"OP_BACKUP_QUERY", NULL, query_params, LEN(query_params)},
};

const struct opcode_desc *opcode_find(const char *op_id)
{
    for (size_t i = 0; i < LEN(opcode_tables); i++)
        if (strcmp(opcode_tables[i].op_id, op_id) == 0)
            return &opcode_tables[i];
    return NULL;
}
