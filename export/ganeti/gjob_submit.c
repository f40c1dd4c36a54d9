/* gjob_submit.c - an opcode as a request, and whether that has made a job of it.  No state.
 *
 * The remote API of 2.4 and later takes an opcode's parameters as they are called, of which
 * `destination` is the target node; that of 2.3 took six of them and passed over the others, so
 * those count as not known to it, whatever the opcode itself knew.
 */
#include "export/ganeti/gjob_parts.h"

#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#define EXPORT "OP_BACKUP_EXPORT"
#define REMOVE "OP_BACKUP_REMOVE"

/* Since when a cluster takes a parameter from its remote API; those not named: 2.2 or earlier. */
static const struct {
    const char *name;
    unsigned major, minor;
} since[] = {
    {"shutdown_timeout", 2, 4},
    {"ignore_remove_failures", 2, 4},
    {"dry_run", 2, 4},
    {"debug_level", 2, 4},
    {"priority", 2, 4},
    {"depends", 2, 5},
    {"comment", 2, 5},
    {"target_node_uuid", 2, 9},
    {"instance_uuid", 2, 9},
    {"reason", 2, 9},
    {"compress", 2, 11},
    {"zero_free_space", 2, 12},
    {"zeroing_timeout_fixed", 2, 12},
    {"zeroing_timeout_per_mib", 2, 12},
    {"long_sleep", 2, 14},
};

static bool same_value(const struct opcode_value *a, const struct opcode_value *b)
{
    CLEANUP_FREE char *ta = NULL, *tb = NULL;

    return opcode_value_format(a, &ta) == 0 && opcode_value_format(b, &tb) == 0 &&
           strcmp(ta, tb) == 0;
}

/* None is false where both are allowed. */
static bool is_unset(const struct opcode_value *v)
{
    return v->kind == VAL_NULL || (v->kind == VAL_BOOL && !v->b);
}

static bool at_default(const struct opcode *op, const struct opcode_param *p)
{
    const struct opcode_value *v = opcode_get(op, p->name);
    struct opcode_value def = {.kind = VAL_NULL};
    struct err ignored;

    if (p->required || opcode_value_parse(p->default_text, &def, &ignored) < 0)
        return false;

    bool same = (is_unset(v) && is_unset(&def)) || same_value(v, &def);

    opcode_value_clear(&def);
    return same;
}

int gjob_check_version(const struct opcode *op, unsigned major, unsigned minor, struct err *err)
{
    const struct opcode_desc *d = opcode_description(op);

    for (size_t i = 0; i < d->n; i++) {
        for (size_t k = 0; k < sizeof since / sizeof *since; k++) {
            if (strcmp(d->params[i].name, since[k].name) != 0 || major > since[k].major ||
                (major == since[k].major && minor >= since[k].minor) ||
                at_default(op, &d->params[i]))
                continue;
            return err_prereq(err, ECODE_INVAL,
                              "Parameter '%s' is not known to Ganeti %u.%u (since %u.%u)",
                              since[k].name, major, minor, since[k].major, since[k].minor);
        }
    }
    return 0;
}

/* NULL: out of memory, or text that is not UTF-8. */
static json_t *json_of(const struct opcode_value *v)
{
    CLEANUP_JSON json_t *list = NULL;

    switch (v->kind) {
    case VAL_NULL:
        return json_null();
    case VAL_BOOL:
        return json_boolean(v->b);
    case VAL_INT:
        return json_integer(v->i);
    case VAL_FLOAT:
        return json_real(v->f);
    case VAL_STRING:
        return json_string(v->s);
    case VAL_LIST:
        list = json_array();
        for (size_t i = 0; i < v->list.n; i++)
            if (!list || json_array_append_new(list, json_of(&v->list.v[i])) < 0)
                return NULL;
        return STEAL(list);
    }
    return NULL;
}

static const char *name_in_body(const char *param)
{
    return strcmp(param, "target_node") == 0 ? "destination" : param;
}

/* In the path, in the query, or ours alone. */
static bool is_elsewhere(const char *param)
{
    return !strcmp(param, "instance_name") || !strcmp(param, "reason") ||
           !strcmp(param, "node_name");
}

/* What 2.3 insists on. */
static bool is_always_sent(const char *param)
{
    return !strcmp(param, "target_node") || !strcmp(param, "mode") || !strcmp(param, "shutdown");
}

int gjob_body(const struct opcode *op, json_t **ret, struct err *err)
{
    const struct opcode_desc *d = opcode_description(op);
    CLEANUP_JSON json_t *body = json_object();

    for (size_t i = 0; i < d->n; i++) {
        const struct opcode_param *p = &d->params[i];

        if (is_elsewhere(p->name) || (!is_always_sent(p->name) && at_default(op, p)))
            continue;
        if (!body ||
            json_object_set_new(body, name_in_body(p->name), json_of(opcode_get(op, p->name))) < 0)
            return err_prereq(err, ECODE_INVAL, "Parameter '%s' cannot be sent", p->name);
    }
    *ret = STEAL(body);
    return 0;
}

/* The texts of the opcode's own reasons. */
static void add_reasons(const struct opcode *op, FILE *f)
{
    const struct opcode_value *trail = opcode_get(op, "reason");

    for (size_t i = 0; trail && trail->kind == VAL_LIST && i < trail->list.n; i++) {
        const struct opcode_value *entry = &trail->list.v[i];

        if (entry->kind == VAL_LIST && entry->list.n == 3 && entry->list.v[1].kind == VAL_STRING &&
            entry->list.v[1].s[0])
            fprintf(f, ": %s", entry->list.v[1].s);
    }
}

int gjob_reason(const struct opcode *op, char **ret)
{
    uint64_t random[2];
    char *text = NULL;
    size_t size;

    if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random)
        return -EIO;

    FILE *f = open_memstream(&text, &size);

    if (!f)
        return -ENOMEM;
    fprintf(f, "gnt-exportfs %016llx%016llx", (unsigned long long)random[0],
            (unsigned long long)random[1]);
    add_reasons(op, f);

    bool failed = ferror(f);

    if (fclose(f) != 0 || failed) {
        free(text);
        return -ENOMEM;
    }
    *ret = text;
    return 0;
}

static int put_or_delete(struct rapi *rapi, const struct opcode *op, const char *reason,
                         json_t **ret, struct err *err)
{
    bool export = strcmp(opcode_description(op)->op_id, EXPORT) == 0;
    const char *name = opcode_get_string(op, "instance_name");
    CLEANUP_FREE char *name_part = rapi_escape(name ? name : ""),
                      *reason_part = rapi_escape(reason), *path = NULL;
    CLEANUP_JSON json_t *body = NULL;

    if (!name_part || !reason_part ||
        asprintf(&path, "/2/instances/%s/export?reason=%s", name_part, reason_part) < 0) {
        path = NULL;
        return err_sys(err, -ENOMEM, "%s", opcode_description(op)->op_id);
    }

    int r = export ? gjob_body(op, &body, err) : 0;

    return r < 0 ? r : rapi_request(rapi, export ? "PUT" : "DELETE", path, body, ret, err);
}

/* Which errors mean that there is no job for certain: the request was refused, or never sent. */
static bool is_refusal(int r)
{
    return r == -EACCES || r == -EINVAL || r == -ENOENT || r == -EHOSTUNREACH || r == -EPROTO ||
           r == -EHOSTDOWN || r == -EOPNOTSUPP || r == -ENOMEM;
}

static int refused(const struct opcode *op, int r, struct err *err)
{
    if ((r == -EOPNOTSUPP || r == -ENOENT) && !strcmp(opcode_description(op)->op_id, REMOVE))
        return err_set(err, ERR_EXEC, ECODE_NONE, EOPNOTSUPP,
                       "the remote API of this version of Ganeti cannot remove exports: "
                       "'gnt-backup remove %s' on the master can",
                       opcode_get_string(op, "instance_name"));
    return r;
}

/* 3.0.2 answers 500 then, as for everything that goes wrong in it. */
static bool takes_no_jobs(int r, const struct err *err)
{
    return r == -EIO &&
           (strcasestr(err->text, "queue drained") || strcasestr(err->text, "queue is full") ||
            strcasestr(err->text, "queue full"));
}

int gjob_submit(struct rapi *rapi, const struct opcode *op, const char *reason, int64_t *id,
                struct err *err)
{
    CLEANUP_JSON json_t *answer = NULL;
    int r = put_or_delete(rapi, op, reason, &answer, err);

    if (r < 0 && is_refusal(r))
        return refused(op, r, err);
    if (r < 0 && takes_no_jobs(r, err))
        return err_set(err, ERR_PREREQ, ECODE_STATE, EBUSY, "%s", err->text);
    if (r < 0)
        return -ENODATA;

    int64_t got = gjob_id_of(answer);

    if (got <= 0) {
        err_set(err, ERR_EXEC, ECODE_NONE, EBADMSG, "%s: the answer is no job id", rapi_url(rapi));
        return -ENODATA;
    }
    *id = got;
    return 0;
}
