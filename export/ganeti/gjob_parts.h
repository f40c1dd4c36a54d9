/* gjob_parts.h - what the files behind gjob.h share.  No state of its own; all that comes from the
 * cluster may have any shape. */
#ifndef EXPORT_GANETI_GJOB_PARTS_H
#define EXPORT_GANETI_GJOB_PARTS_H

#include "export/ganeti/gjob.h"

/* --- gjob_state.c: one opcode of a job --- */

enum gjob_state {
    GJOB_UNKNOWN, /* nothing was answered yet */
    GJOB_QUEUED,
    GJOB_WAITING,   /* for locks */
    GJOB_CANCELING, /* is to stop waiting */
    GJOB_RUNNING,
    GJOB_SUCCESS,
    GJOB_ERROR,
    GJOB_CANCELED,
};

struct gjob_view {
    enum gjob_state state;
    json_t *op, *log, *result; /* of the job's; may be NULL */
    int64_t start;             /* Unix seconds when the job left the queue; 0: not known */
};

/* Which of the job's opcodes is meant. */
struct gjob_id {
    int64_t id;
    size_t index;
};

/* A job's id as an answer: a number, in old versions a string.  0: none. */
int64_t gjob_id_of(const json_t *j);

/* What GET /2/jobs/ID has answered of opcode w->index, which is an op_id.  -ENOENT: such a job is
 * not there (any more); -EBADMSG: another thing than a job, or another job. */
int gjob_view(json_t *job, const struct gjob_id *w, const char *op_id, struct gjob_view *ret);

/* --- gjob_find.c: jobs that others, or we, have submitted --- */

/* An export of this instance, of a node of this cluster, that is queued or running.  1: *ret; 0:
 * none; -errno. */
int gjob_find(struct rapi *rapi, const char *instance, struct gjob_id *ret, struct err *err);
/* The same, of rows of [id, opstatus, ops].  Pure. */
bool gjob_find_in(json_t *rows, const char *instance, struct gjob_id *ret);

/* The job of this opcode that was submitted for this very reason.  Likewise. */
int gjob_find_reason(struct rapi *rapi, const char *summary, const char *reason,
                     struct gjob_id *ret, struct err *err);

/* --- gjob_submit.c --- */

/* What PUT /2/instances/NAME/export takes: mode, destination and shutdown, and the parameters that
 * are not at their defaults.  `reason` is no part of it. */
int gjob_body(const struct opcode *op, json_t **ret, struct err *err);

/* Text that no other submission has, with what the opcode's own `reason` says; the caller frees. */
int gjob_reason(const struct opcode *op, char **ret);

/* 0: it is a job.  -ENODATA: perhaps it is one: err is what became of the answer.  Else it is none.
 */
int gjob_submit(struct rapi *rapi, const struct opcode *op, const char *reason, int64_t *id,
                struct err *err);

/* --- gjob_log.c --- */

struct gjob_log {
    const struct lu_run *run;
    int64_t id;     /* of the job, for phases */
    int64_t serial; /* the last line that was handed on */
    int64_t first;  /* Unix seconds of the first line; 0: none yet */
    unsigned ndisks;
    uint64_t size[MODEL_MAX_DISKS], done[MODEL_MAX_DISKS], done_all;
    char failure[256]; /* the first line that tells of a transfer that failed; "" */
};

void gjob_log_init(struct gjob_log *l, const struct lu_run *run, const struct gjob_options *opt,
                   int64_t id);
/* Lines that were not there before go to run->feedback, run->phase and run->progress. */
void gjob_log_read(struct gjob_log *l, const json_t *oplog);
/* Of "disk/0 sent 1.5G, 45.2 MiB/s, 37%, ETA 2m 1s" and "disk/0 finished sending data": which disk,
 * and how much of its `size` bytes that is.  False: not of that kind. */
bool gjob_log_sent(const char *line, unsigned ndisks, const uint64_t *size, unsigned *disk,
                   uint64_t *bytes);

void gjob_say(const struct lu_run *run, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* --- gjob_error.c --- */

/* Of an opcode's result as the job has it, ["CLASS", [ARG, ...]].  failure: gjob_log's.  Returns
 * the negative errno. */
int gjob_error(const json_t *result, const char *failure, struct err *err);

/* Does the result of one that ended well say so, too? */
int gjob_check_result(const struct opcode *op, const json_t *result, const char *failure,
                      struct err *err);

/* --- gjob_follow.c: from a job to its end --- */

struct gjob {
    struct rapi *rapi;
    const struct gjob_options *opt;
    const struct lu_run *run;
    const struct opcode *op;
    int64_t stall_ms;

    struct gjob_id job;
    bool joined, export, dry_run;
    bool begun; /* commit() was asked */
    enum gjob_state state;
    int64_t since;    /* monotonic: it is in this state */
    int64_t answered; /* monotonic: when the master was heard of last */
    bool failing;     /* since then it was not */
    unsigned gone;    /* polls in a row that found no such job */
    struct gjob_log log;
    struct gjob_end end;
};

/* It has become job g->job: its own, or one that it has joined. */
void gjob_follow_from_here(struct gjob *g, bool joined);
/* To its end, and *g->end; or until it is given up. */
int gjob_follow(struct gjob *g, struct err *err);
int gjob_canceled(struct err *err); /* what is said then */

#endif
