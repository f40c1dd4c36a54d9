/* gjob_error.c - what became of a job's opcode, as struct err (DESIGN §4).  Pure. */
#include "export/ganeti/gjob_parts.h"

#include <stdio.h>
#include <string.h>

static enum ecode ecode_of(const char *name)
{
    for (enum ecode e = ECODE_RESOLVER; name && e <= ECODE_ENVIRON; e++)
        if (strcmp(ecode_name(e), name) == 0)
            return e;
    return ECODE_NONE;
}

/* Not of an instance that is marked so. */
static bool tells_of_an_offline_node(const char *text)
{
    return strcasestr(text, "offline node") || strcasestr(text, "node is offline") ||
           strcasestr(text, "node is marked offline");
}

static int prereq(const json_t *args, const char *text, struct err *err)
{
    enum ecode ecode = ecode_of(json_string_value(json_array_get(args, 1)));

    if (ecode == ECODE_STATE && tells_of_an_offline_node(text))
        return err_set(err, ERR_PREREQ, ecode, EHOSTDOWN, "%s", text);
    return err_prereq(err, ecode, "%s", text);
}

/* [[NODE, SCRIPT, OUTPUT], ...] */
static int hooks_abort(const json_t *args, struct err *err)
{
    const json_t *failed = json_array_get(args, 0), *one;
    char text[sizeof err->text] = "";
    size_t i, len = 0;

    json_array_foreach(failed, i, one)
    {
        const char *node = json_string_value(json_array_get(one, 0));
        const char *script = json_string_value(json_array_get(one, 1));
        const char *output = json_string_value(json_array_get(one, 2));

        len += (size_t)snprintf(text + len, sizeof text - len, "%snode: %s, script: %s, output: %s",
                                len ? "; " : "", node ? node : "?", script ? script : "?",
                                output && *output ? output : "(none)");
        if (len >= sizeof text)
            break;
    }
    return err_set(err, ERR_HOOKS_ABORT, ECODE_NONE, EPERM, "hooks execution failed: %s",
                   *text ? text : "no script is named");
}

static bool tells_of_a_full_disk(const char *text)
{
    return strcasestr(text, "no space left") || strcasestr(text, "disk quota exceeded");
}

static int exec_failed(const char *text, const char *failure, struct err *err)
{
    int errnum = EIO;

    if (tells_of_a_full_disk(text) || tells_of_a_full_disk(failure))
        errnum = ENOSPC;
    else if (strstr(text, "could be snapshotted, and you"))
        errnum = EBUSY;
    return err_set(err, ERR_EXEC, ECODE_NONE, errnum, "%s%s%s%s", text, *failure ? " (" : "",
                   failure, *failure ? ")" : "");
}

/* All that is text in it. */
static void text_of(const json_t *args, char *ret, size_t size)
{
    const json_t *arg;
    size_t i, len = 0;

    *ret = '\0';
    json_array_foreach(args, i, arg)
    {
        const char *text = json_string_value(arg);

        if (text && len < size)
            len += (size_t)snprintf(ret + len, size - len, "%s%s", len ? ", " : "", text);
    }
}

int gjob_error(const json_t *result, const char *failure, struct err *err)
{
    const char *class = json_string_value(json_array_get(result, 0));
    const json_t *args = json_array_get(result, 1);
    const char *first = json_string_value(json_array_get(args, 0));
    char all[sizeof err->text];

    if (!class) {
        CLEANUP_FREE char *dump = json_dumps(result, JSON_COMPACT | JSON_ENCODE_ANY);

        return err_exec(err, "the job failed and does not say why (%.200s)", dump ? dump : "null");
    }
    if (strcmp(class, "HooksAbort") == 0)
        return hooks_abort(args, err);
    if (strcmp(class, "OpPrereqError") == 0)
        return prereq(args, first ? first : "no reason given", err);
    if (strcmp(class, "OpExecError") == 0)
        return exec_failed(first ? first : "no reason given", failure, err);
    text_of(args, all, sizeof all);
    return err_exec(err, "%s: %s", class, *all ? all : "no reason given");
}

/* [FINALIZED, [DISK, ...]]; nothing of a dry run. */
int gjob_check_result(const struct opcode *op, const json_t *result, const char *failure,
                      struct err *err)
{
    const json_t *disks = json_array_get(result, 1), *disk;
    size_t i;

    if (strcmp(opcode_description(op)->op_id, "OP_BACKUP_EXPORT") != 0 ||
        opcode_get_bool(op, "dry_run"))
        return 0;
    if (!json_is_true(json_array_get(result, 0)) || !json_is_array(disks))
        return exec_failed("the job ended, but did not finish the export", failure, err);
    json_array_foreach(disks, i, disk)
    {
        char text[80];

        if (json_is_true(disk))
            continue;
        snprintf(text, sizeof text, "the job ended, but disk/%zu was not exported", i);
        return exec_failed(text, failure, err);
    }
    return 0;
}
