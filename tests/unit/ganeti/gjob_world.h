/* gjob_world.h - a run that has its opcode done by the fake remote API's jobs, and what it heard.
 */
#ifndef TESTS_UNIT_GANETI_GJOB_WORLD_H
#define TESTS_UNIT_GANETI_GJOB_WORLD_H

#include "scripted_rapi.h"

#include "export/ganeti/gjob.h"

#define NAME   "web1.example.com"
#define TARGET "node3.example.com"

/* The opcode as the job has it, the job, and what a query for jobs tells of it. */
#define OP(name, target)                                                                           \
    "{\"OP_ID\":\"OP_BACKUP_EXPORT\",\"instance_name\":\"" name "\",\"target_node\":\"" target     \
    "\",\"mode\":\"local\",\"reason\":[[\"gnt:user\",\"@REASON@\",1795746480872651264],"           \
    "[\"gnt:library:rlib2:instances_name_export\",\"\",1795746480872669696]]}"
#define JOB_OF(id, status, op, log, result)                                                        \
    "{\"id\":" id ",\"status\":\"" status "\",\"ops\":[" op "],\"opstatus\":[\"" status            \
    "\"],\"start_ts\":[1000,5],\"end_ts\":null,\"oplog\":[[" log "]],\"opresult\":[" result "]}"
#define JOB(status, log, result) JOB_OF("12", status, OP(NAME, TARGET), log, result)
#define ROW(id, status, op)      "[[" id ",[\"" status "\"],[" op "]]]"
#define LINE(serial, text)       "[" #serial ",[2000,7],\"message\",\"" text "\"]"
#define GONE                                                                                       \
    "{\"id\":12,\"ops\":null,\"status\":null,\"summary\":null,\"opstatus\":null,"                  \
    "\"received_ts\":null,\"start_ts\":null,\"end_ts\":null,\"oplog\":null,\"opresult\":null}"
#define SUBMIT "PUT /2/instances/" NAME "/export?reason=gnt-exportfs "
#define ASK    "GET /2/jobs/12"
#define WELL   "[true,[true]]"

static struct world {
    struct cancel cancel;
    char heard[8000], phases[8000]; /* a line each */
    uint64_t done, total;
    unsigned commits, superseded_asked;
    bool superseded, refuse_commit;
    struct gjob_end end;
    struct err err;
} world;

static void hear(char *to, size_t size, const char *line)
{
    size_t len = strlen(to);

    snprintf(to + len, size - len, "%s\n", line);
}

static void on_feedback(void *arg, const char *message)
{
    (void)arg;
    hear(world.heard, sizeof world.heard, message);
}

static void on_phase(void *arg, const char *phase)
{
    (void)arg;
    hear(world.phases, sizeof world.phases, phase);
}

static void on_progress(void *arg, uint64_t done, uint64_t total)
{
    (void)arg;
    world.done = done;
    world.total = total;
}

static bool on_superseded(void *arg)
{
    (void)arg;
    world.superseded_asked++;
    return world.superseded;
}

static bool on_commit(void *arg)
{
    (void)arg;
    world.commits++;
    return !world.refuse_commit;
}

static inline void cancel_it(void)
{
    cancel_request(&world.cancel);
}

static void world_begin(const struct step *script)
{
    memset(&world, 0, sizeof world);
    assert_int_equal(cancel_init(&world.cancel), 0);
    fake_rapi_script(script);
}

static inline struct opcode *export_op(void)
{
    struct opcode *op;
    struct err err;

    assert_int_equal(opcode_new("OP_BACKUP_EXPORT", &op, &err), 0);
    assert_int_equal(opcode_set_string(op, "instance_name", NAME), 0);
    assert_int_equal(opcode_set_string(op, "target_node", TARGET), 0);
    assert_int_equal(opcode_validate(op, &err), 0);
    return op;
}

/* The opcode is consumed. */
static inline int world_run_op(struct opcode *op, bool may_be_shared, unsigned stall_s)
{
    struct gjob_options opt = {.major = 3,
                               .may_be_shared = may_be_shared,
                               .ndisks = 2,
                               .disk_bytes = {1000 * MODEL_MIB, 3000 * MODEL_MIB}};
    struct lu_run run = {.cancel = &world.cancel,
                         .label = "job 1 BACKUP_EXPORT(" NAME ")",
                         .feedback = on_feedback,
                         .phase = on_phase,
                         .progress = on_progress,
                         .superseded = on_superseded,
                         .commit = on_commit};
    int r = gjob_run(NULL, &opt, &run, op, stall_s, &world.end, &world.err);

    opcode_free(op);
    cancel_destroy(&world.cancel);
    return r;
}

static inline int world_run(const struct step *script, bool may_be_shared)
{
    world_begin(script);
    return world_run_op(export_op(), may_be_shared, 60);
}

static inline unsigned heard(const char *text)
{
    unsigned n = 0;

    for (const char *p = world.heard; (p = strstr(p, text)); p++)
        n++;
    return n;
}

#endif
