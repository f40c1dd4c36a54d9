/* gjob_find.c - which of the jobs in the queue is the one that is wanted.
 *
 * A job is asked for by its summary, "BACKUP_EXPORT(NAME)", and recognised by its opcodes.  Until
 * it runs its opcode has the name that was typed, so the short forms of it are asked for, too; one
 * that was typed in other case is not found before it runs.
 */
#include "export/ganeti/gjob_parts.h"
#include "export/names.h"

#include <string.h>

#define USER_REASON "gnt:user"

static const char *const row_fields[] = {"id", "opstatus", "ops", NULL};
enum { ROW_ID, ROW_OPSTATUS, ROW_OPS };

static const char *name_at(const void *arg, size_t i)
{
    (void)i;
    return arg;
}

static bool is_pending(const json_t *status)
{
    const char *s = json_string_value(status);

    return s && (!strcmp(s, "queued") || !strcmp(s, "waiting") || !strcmp(s, "running"));
}

/* One that will put an export of the instance on a node of this cluster. */
static bool exports(const json_t *op, const char *instance)
{
    const char *id = json_string_value(json_object_get(op, "OP_ID"));
    const char *name = json_string_value(json_object_get(op, "instance_name"));
    const char *mode = json_string_value(json_object_get(op, "mode"));

    return id && !strcmp(id, "OP_BACKUP_EXPORT") && name &&
           names_match(name, 1, name_at, instance) == 0 && (!mode || !strcmp(mode, "local")) &&
           !json_is_true(json_object_get(op, "dry_run"));
}

static bool has_reason(const json_t *op, const char *reason)
{
    const json_t *trail = json_object_get(op, "reason"), *entry;
    size_t i;

    json_array_foreach(trail, i, entry)
    {
        const char *source = json_string_value(json_array_get(entry, 0));
        const char *text = json_string_value(json_array_get(entry, 1));

        if (source && text && !strcmp(source, USER_REASON) && !strcmp(text, reason))
            return true;
    }
    return false;
}

bool gjob_find_in(json_t *rows, const char *instance, struct gjob_id *ret)
{
    size_t i, k;
    json_t *row, *op;

    json_array_foreach(rows, i, row)
    {
        int64_t id = gjob_id_of(json_array_get(row, ROW_ID));
        const json_t *opstatus = json_array_get(row, ROW_OPSTATUS);

        json_array_foreach(json_array_get(row, ROW_OPS), k, op)
        {
            if (id > 0 && is_pending(json_array_get(opstatus, k)) && exports(op, instance)) {
                *ret = (struct gjob_id){.id = id, .index = k};
                return true;
            }
        }
    }
    return false;
}

static json_t *summary_is(const char *name, size_t len)
{
    return json_pack("[s,s,o]", "=[]", "summary",
                     json_sprintf("BACKUP_EXPORT(%.*s)", (int)len, name));
}

/* The name, and what is left of it without its last parts. */
static json_t *any_form_of(const char *name)
{
    CLEANUP_JSON json_t *ret = json_pack("[s]", "|");
    size_t len = strlen(name);

    for (;;) {
        if (!ret || json_array_append_new(ret, summary_is(name, len)) < 0)
            return NULL;

        const char *dot = memrchr(name, '.', len);

        if (!dot || dot == name)
            return STEAL(ret);
        len = (size_t)(dot - name);
    }
}

int gjob_find(struct rapi *rapi, const char *instance, struct gjob_id *ret, struct err *err)
{
    json_t *forms = any_form_of(instance);
    /* takes forms over */
    CLEANUP_JSON json_t *filter =
        json_pack("[s,[s,[s,s,s],[s,s,s],[s,s,s]],o]", "&", "|", "=", "status", "queued", "=",
                  "status", "waiting", "=", "status", "running", forms);
    CLEANUP_JSON json_t *rows = NULL;

    if (!filter)
        return err_sys(err, -ENOMEM, "job query");

    int r = rapi_query(rapi, "job", row_fields, filter, &rows, err);

    return r < 0 ? r : gjob_find_in(rows, instance, ret);
}

int gjob_find_reason(struct rapi *rapi, const char *summary, const char *reason,
                     struct gjob_id *ret, struct err *err)
{
    CLEANUP_JSON json_t *filter = json_pack("[s,s,s]", "=[]", "summary", summary);
    CLEANUP_JSON json_t *rows = NULL;
    json_t *row, *op;
    size_t i, k;

    if (!filter)
        return err_sys(err, -ENOMEM, "job query");

    int r = rapi_query(rapi, "job", row_fields, filter, &rows, err);

    if (r < 0)
        return r;
    json_array_foreach(rows, i, row)
    {
        int64_t id = gjob_id_of(json_array_get(row, ROW_ID));

        json_array_foreach(json_array_get(row, ROW_OPS), k, op)
        {
            if (id > 0 && has_reason(op, reason)) {
                *ret = (struct gjob_id){.id = id, .index = k};
                return 1;
            }
        }
    }
    return 0;
}

int64_t gjob_find_export(struct rapi *rapi, const char *instance, struct err *err)
{
    struct gjob_id found;
    int r = gjob_find(rapi, instance, &found, err);

    return r > 0 ? found.id : r;
}
