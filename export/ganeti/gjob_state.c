/* gjob_state.c - what an answer says of one opcode of a job.  Pure.
 *
 * A job may be of several opcodes, of which one is ours to follow: its own status counts, and the
 * job's only where that is missing.
 */
#include "export/ganeti/gjob_parts.h"

#include <string.h>

#define DIGITS_MAX 18 /* fit into an int64_t */

static const struct {
    const char *name;
    enum gjob_state state;
} states[] = {
    {"queued", GJOB_QUEUED},       {"waiting", GJOB_WAITING},
    {"waitlock", GJOB_WAITING}, /* before 2.5 */
    {"canceling", GJOB_CANCELING}, {"running", GJOB_RUNNING},
    {"success", GJOB_SUCCESS},     {"error", GJOB_ERROR},
    {"canceled", GJOB_CANCELED},
};

static bool state_of(const json_t *j, enum gjob_state *ret)
{
    const char *name = json_string_value(j);

    for (size_t i = 0; name && i < sizeof states / sizeof *states; i++) {
        if (strcmp(name, states[i].name) == 0) {
            *ret = states[i].state;
            return true;
        }
    }
    return false;
}

int64_t gjob_id_of(const json_t *j)
{
    const char *text = json_string_value(j);

    if (json_is_integer(j))
        return json_integer_value(j) > 0 ? json_integer_value(j) : 0;
    if (!text || !*text || strlen(text) > DIGITS_MAX || text[strspn(text, "0123456789")])
        return 0;
    return strtoll(text, NULL, 10);
}

int gjob_view(json_t *job, const struct gjob_id *w, const char *op_id, struct gjob_view *ret)
{
    json_t *op = json_array_get(json_object_get(job, "ops"), w->index);
    struct gjob_view v = {
        .op = op,
        .log = json_array_get(json_object_get(job, "oplog"), w->index),
        .result = json_array_get(json_object_get(job, "opresult"), w->index),
    };
    const char *name = json_string_value(json_object_get(op, "OP_ID"));

    if (!json_is_object(job))
        return -EBADMSG;
    if (json_is_null(json_object_get(job, "status")))
        return -ENOENT;
    if (gjob_id_of(json_object_get(job, "id")) != w->id || !name || strcmp(name, op_id) != 0)
        return -EBADMSG;
    if (!state_of(json_array_get(json_object_get(job, "opstatus"), w->index), &v.state) &&
        !state_of(json_object_get(job, "status"), &v.state))
        return -EBADMSG;
    v.start = json_integer_value(json_array_get(json_object_get(job, "start_ts"), 0));
    if (v.start < 0)
        v.start = 0;
    *ret = v;
    return 0;
}
