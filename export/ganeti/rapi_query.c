/* rapi_query.c - bulk queries (rapi.h).
 *
 *     {"data": [[[STATUS, VALUE], ...], ...], "fields": [...]}
 *
 * Each row has as many pairs as there are fields; STATUS 0: that is the value; 1: no such field in
 * this version; 2 ... 4: not to be had.  No state.
 */
#include "export/ganeti/rapi.h"

#include <stdio.h>

#define NORMAL 0

static json_t *make_body(const char *const fields[], json_t *qfilter)
{
    CLEANUP_JSON json_t *body = json_object(), *list = json_array();

    if (!body || !list)
        return NULL;
    for (; *fields; fields++)
        if (json_array_append_new(list, json_string(*fields)) < 0)
            return NULL;
    if (json_object_set(body, "fields", list) < 0 ||
        (qfilter && json_object_set(body, "qfilter", qfilter) < 0))
        return NULL;
    return json_incref(body);
}

/* The values of a row; NULL: it is none, or *no_memory. */
static json_t *make_row(json_t *answered, size_t nfields, bool *no_memory)
{
    CLEANUP_JSON json_t *row = NULL;

    if (!json_is_array(answered) || json_array_size(answered) != nfields)
        return NULL;
    row = json_array();
    *no_memory = !row;
    for (size_t i = 0; row && i < nfields; i++) {
        json_t *pair = json_array_get(answered, i);
        json_t *status = json_array_get(pair, 0), *value = json_array_get(pair, 1);

        if (!json_is_array(pair) || !json_is_integer(status) || !value)
            return NULL;
        if (json_array_append_new(row, json_integer_value(status) == NORMAL ? json_incref(value)
                                                                            : json_null()) < 0) {
            *no_memory = true;
            return NULL;
        }
    }
    return json_incref(row);
}

static int make_rows(json_t *answer, size_t nfields, json_t **ret)
{
    CLEANUP_JSON json_t *rows = json_array();
    json_t *data = json_object_get(answer, "data");

    if (!json_is_array(data))
        return -EBADMSG;
    for (size_t i = 0; i < json_array_size(data); i++) {
        bool no_memory = false;
        json_t *row = make_row(json_array_get(data, i), nfields, &no_memory);

        if (!row)
            return no_memory ? -ENOMEM : -EBADMSG;
        if (json_array_append_new(rows, row) < 0)
            return -ENOMEM;
    }
    if (!rows)
        return -ENOMEM;
    *ret = json_incref(rows);
    return 0;
}

int rapi_query_within(struct rapi *r, int64_t limit_ms, const char *what,
                      const char *const fields[], json_t *qfilter, json_t **ret, struct err *err)
{
    CLEANUP_JSON json_t *body = make_body(fields, qfilter), *answer = NULL;
    size_t nfields = 0;
    char path[64];

    while (fields[nfields])
        nfields++;
    snprintf(path, sizeof path, "/2/query/%s", what);

    int rc = body ? rapi_request_within(r, limit_ms, "PUT", path, body, &answer, err)
                  : err_sys(err, -ENOMEM, "%s: PUT %s", rapi_url(r), path);

    if (rc < 0)
        return rc;
    rc = make_rows(answer, nfields, ret);
    if (rc < 0)
        return err_set(err, ERR_EXEC, ECODE_NONE, -rc, "%s: PUT %s: %s", rapi_url(r), path,
                       rc == -ENOMEM ? "no memory" : "answered what was not asked for");
    return 0;
}

int rapi_query(struct rapi *r, const char *what, const char *const fields[], json_t *qfilter,
               json_t **ret, struct err *err)
{
    return rapi_query_within(r, rapi_limit_ms(r), what, fields, qfilter, ret, err);
}
