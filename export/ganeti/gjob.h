/* gjob.h - opcodes as jobs of a running Ganeti cluster: submitted, joined, followed, cancelled.
 */
#ifndef EXPORT_GANETI_GJOB_H
#define EXPORT_GANETI_GJOB_H

#include "export/ganeti/rapi.h"
#include "export/lu.h"

struct gjob_options {
    unsigned major, minor; /* of the cluster's software: which parameters it knows */
    bool may_be_shared;    /* an export that somebody else has asked for will do, whatever its
                            * parameters */
    /* NULL, or a file that is made and locked while it is decided whether a job is submitted or
     * joined: processes that share it never submit two for one that would have done */
    const char *lock;
    unsigned ndisks; /* the instance's disks, for progress; 0: not known, none is told */
    uint64_t disk_bytes[MODEL_MAX_DISKS];
};

struct gjob_end {
    int64_t id;
    bool joined;      /* it was somebody else's */
    char target[256]; /* export: the node that the job exported to, full name; else "" */
    int64_t started;  /* Unix seconds of the master's clock when it had its locks: its first line of
                       * log, else when it left the queue; 0: not known */
};

/* Are these parameters known to a cluster of that version?  -EINVAL names the one that is not (spec
 * §0, §1.1): of those at their defaults nothing is sent, so they are no hindrance.  Pure. */
int gjob_check_version(const struct opcode *op, unsigned major, unsigned minor, struct err *err);

/* Runs OP_BACKUP_EXPORT or OP_BACKUP_REMOVE as a job to its end, or joins an export of the same
 * instance that is queued or running already.  One that was joined and ends before it did anything,
 * for its parameters or because somebody cancelled it, says nothing of ours, which is submitted
 * then. A dry run joins nothing.
 *
 * Of run: feedback (each line of the job's log once), phase, progress (bytes, by the "sent ... %"
 * lines), superseded (before it submits) and commit (as soon as the job cannot be cancelled any
 * more; not for a dry run or a removal) are called as lu.h says.  Every poll is a sign of life,
 * also while the job waits in the queue or for locks, for which there is no limit.  Polls take a
 * twenty-fifth of the time that a state lasts, but 0.25 to 1 s, and at most 5 s after an hour.
 *
 * Of a cancel is heard at once, except within a request: a job of ours that is still queued or
 * waiting for locks is cancelled, which Ganeti may take as long for as a request may last; one that
 * runs, or is somebody else's, goes on without us, which is said in the log.
 *
 * 0: the job ended well and *ret tells of it.  Errors of the job by DESIGN §4: OpPrereqError by its
 * ECODE, HooksAbort -EPERM, OpExecError -EIO (-ENOSPC: its log says that a disk is full; -EBUSY:
 * live export impossible), canceled by somebody else -ECANCELED as ERR_EXEC; the text is the job's.
 * -EALREADY: superseded().  ERR_CANCELED: cancel.
 * Before there is a job: what rapi_request() returns, but -EBUSY: the job queue is full or drained;
 * -EOPNOTSUPP: this version's remote API has no such opcode (removal: all but the newest).
 * While the master cannot be asked the job is asked for again until it can: the job goes on without
 * us, too; after stall_s seconds of that -ETIMEDOUT.  A submission without an answer is looked for
 * by its reason before it is given up (-ETIMEDOUT), never repeated blindly. */
int gjob_run(struct rapi *rapi, const struct gjob_options *opt, const struct lu_run *run,
             const struct opcode *op, unsigned stall_s, struct gjob_end *ret, struct err *err);

/* Is an export of this instance (full name) to a node of this cluster queued or running?  Its job's
 * id; 0: none; -errno. */
int64_t gjob_find_export(struct rapi *rapi, const char *instance, struct err *err);

#endif
