/* jobs_internal.h - what the files behind jobs.h share: runs, their states, the one mutex.
 *
 * A run is one export of one instance.
 *
 *              run_new()         run_execute()          run_end()
 *     (none) -----------> QUEUED -----------> RUNNING --------------> DONE
 *                           |                    |     (superseded: DONE, `served` is the other's)
 *                           |                    +------------------> FAILED
 *                           | run_cancelled()    |     run_cancel(): the LU rolls back
 *                           +--------------------+------------------> FAILED (ERR_CANCELED)
 *
 * A run that hangs in a node is FAILED before its thread has come back (hung.c).
 *
 * An instance has at most one run that is QUEUED or RUNNING and not being cancelled (inst->run).
 * While it has, that run's T is the version the tree shows and all readers of that version join it.
 * Afterwards it stays as inst->last, for status and log.  A run that has published but not ended
 * (it hashes, removes old copies, runs hooks) makes way for a touch: it becomes inst->ending.
 *
 * A run that writes (write.c) exports an image that somebody has written.  It is never inst->run:
 * it has no image that readers could follow and no T before it publishes, so readers and touches
 * start runs of their own, beside which it waits for the locks; there may be any number.  It is
 * found in the queue and among those begun only, and afterwards stays as inst->wrote.
 *
 * Invariants:
 *  - a run that nobody touched or wrote has readers > 0 while it is QUEUED or RUNNING, or is being
 * cancelled;
 *  - a T is published at most once: under the locks a run whose T was used meanwhile takes the
 * next; a T that was shown with sizes that are not so any more is not shown again, nor is that of a
 * run that failed, or was cancelled when somebody had read some of it;
 *  - run->image is failed or published before the run is DONE or FAILED, and gone (as `served` is)
 *    once it is and has no readers;
 *  - ended() is called once; run->written is gone when no thread uses it any more, which for a run
 *    that hangs comes later.
 *
 *  - once a T newer than the current export's was shown, that export is not fresh any more,
 *    whoever reads it then; a T that was given up does not count (fresh.c).
 *
 * Locks: jobs->mu protects everything here; image and share mutexes are taken under it, never the
 * other way.  Not held while the LU runs, a node is asked, or somebody else's callback is called.
 */
#ifndef EXPORT_JOBS_INTERNAL_H
#define EXPORT_JOBS_INTERNAL_H

#include "export/joblog.h"
#include "export/jobs.h"
#include "export/promise.h"
#include "export/share.h"

enum run_state { RUN_QUEUED, RUN_RUNNING, RUN_DONE, RUN_FAILED };

struct run {
    int refs; /* under jobs->mu */
    struct jobs *jobs;
    struct job_inst *inst;
    struct run *next;  /* in the queue, then in jobs->begun */
    struct lu_run *lu; /* while RUNNING */
    uint64_t id;
    enum run_state state;
    bool touched; /* also one that writes */
    bool writes;
    struct written *written;                                     /* of it; dropped before the end */
    void (*ended)(void *arg, int result, const struct err *err); /* of it, may be NULL */
    void *ended_arg;
    unsigned readers;
    int64_t linger_until; /* Unix seconds; without readers it goes on until then */
    int64_t t;            /* may move to a later one until the LU has all its locks */
    bool t_fixed;         /* it has */
    bool committed;       /* it is being published, or was: its readers may leave */
    bool told;            /* something of it was handed to a reader: T is for this run only */
    int told_fd;          /* promise_tell() */
    int64_t read_at;      /* Unix seconds; 0: never */
    int64_t patience_end; /* of all that want its map, monotonic milliseconds; 0: nobody yet */
    struct opcode *op;
    char *target;
    struct image *image;
    bool superseded;
    struct image *served; /* superseded: the export that was there already */
    struct cancel cancel;
    uint64_t life; /* signs of life, as seen last; and when, monotonic seconds (hung.c) */
    int64_t life_at;
    bool hung, over;            /* over: its worker has done with it */
    struct lock_owner *waiting; /* valid under jobs->mu while the LU waits for locks */
    uint64_t beat;              /* grows with every sign of life from the LU */
    char phase[160];
    uint64_t done, total;
    int64_t queued_at, started_at, ended_at; /* Unix seconds */
    struct timespec copy_start;              /* monotonic: first progress */
    struct joblog log;
    struct err err;
};

/* What view.c finds out of an instance and its disks' sizes do not tell. */
struct prediction {
    uint64_t config, tar; /* bytes */
    bool secrets;
};

struct job_inst {
    struct job_inst *next; /* hash chain */
    char *name;
    int64_t promise;         /* T promised for the next export; stands while greater than floor */
    int64_t floor;           /* greatest T that was published here or given up by a failed run */
    bool loaded;             /* both are at least what STATE/promise says */
    int64_t read_t, read_at; /* the newest export that was read here, and when */
    int64_t noted_at;        /* read_at that was put on record */
    int64_t proof_t;         /* the export that `proof` is of; proof_asked: looked for on record */
    int64_t proof_asked;
    struct proof proof;
    struct run *run, *last;
    struct run *wrote;  /* the last that wrote; `last` is of the others */
    struct run *ending; /* no reference: run_end() clears it; there is at most one, for they follow
                         * each other under the export's lock */
    struct run *hung;   /* hung.c; no reference: hung_came_back() clears it */
    int64_t retry_at;   /* Unix seconds; until then readers get inst->last's error */
    struct jobs_reader *readers; /* open handles */
    struct err *refused;         /* NULL, or the last trigger, touch or params that was refused */
    int64_t refused_at;
    /* predicted from this model instance (owned reference) */
    struct model_instance *predicted_for;
    struct prediction predicted;
    bool provable; /* proof_of() it */
    struct proof predicted_proof;
    uint64_t config; /* hash of config.ini as shown last, and its mtime */
    int64_t config_mtime;
    uint32_t config_len;
    struct model_instance *config_for; /* they are of (owned reference) */
};

struct jobs_reader {
    struct jobs_reader *next, **pprev; /* in inst->readers */
    struct jobs *jobs;
    struct job_inst *inst;
    int64_t t;
    struct run *run;              /* joined */
    bool at_end;                  /* has read its file to the end */
    atomic_bool told;             /* run->told was set for it */
    atomic_int_fast64_t noted_at; /* Unix seconds: its last read that inst knows of */
    struct image *image;          /* opened, published */
};

#define JOBS_HASH 8192

struct jobs {
    struct cluster *cluster;
    struct jobs_options opt;
    char *target_node;
    char *params_of_none; /* request.c's; NULL: not asked for yet */
    pthread_mutex_t mu;
    pthread_cond_t work; /* queue not empty, or stopping */
    struct run *queue;
    struct run *begun; /* a worker has them; until they end, also those being cancelled */
    bool stopping;
    unsigned nworkers, nhung;    /* threads; those that hang are not counted as workers */
    pthread_cond_t worker_ended; /* monotonic */
    pthread_t watcher;           /* hung.c */
    bool watching;
    pthread_t keeper; /* keep.c */
    bool keeping;
    pthread_cond_t stop;
    struct cancel keeper_cancel;
    struct lock_owner *keeper_waits; /* valid under jobs->mu while the keeper waits for locks */
    struct removal *removals;        /* removal_internal.h: those under way, and the last ones */
    unsigned nremovers;              /* their threads */
    uint64_t next_id, beat;          /* beat: of any run */
    struct job_inst *insts[JOBS_HASH];
    struct teller *tellers; /* teller.c */
    int64_t started_at;
    uint64_t bwlimit;   /* that the mount began with */
    struct err refused; /* why its params were, last */
    /* counters since start */
    uint64_t runs_ok, runs_failed, runs_canceled, runs_superseded, bytes_copied;
    uint64_t removals_ok, removals_failed;
    atomic_uint_fast64_t bytes_read;
};

/* --- under jobs->mu --- */

struct job_inst *jobs_inst(struct jobs *j, const char *name); /* made when missing; NULL: ENOMEM */
struct job_inst *jobs_inst_find(struct jobs *j, const char *name);
/* What status and log of an instance tell of: the run under way, else one that is still ending or
 * rolling back, else the last; NULL. */
const struct run *jobs_run_shown(struct jobs *j, const struct job_inst *inst);
const struct run *jobs_run_ended(const struct job_inst *inst); /* the last one; NULL */
void jobs_count(const struct jobs *j, unsigned *queued, unsigned *running);

/* Queues a run of op for version t, or (t unused) of that written image, which it has from now on
 * if it works.  Takes op.  0, -ENOMEM, -errno. */
int run_new(struct jobs *j, struct job_inst *inst, struct opcode *op_owned, int64_t t,
            struct written *written, struct run **ret);
struct run *run_ref(struct run *r);
void run_unref(struct run *r);      /* NULL allowed */
void run_drop_image(struct run *r); /* if it has ended and nobody reads it any more */
/* Asks a run to stop and takes it off its instance.  A run that no worker had begun is returned
 * with the queue's reference: the caller ends it with run_cancelled() once it has let go of the
 * mutex. */
struct run *run_cancel(struct run *r, const char *why);

/* Starts workers until there are max_jobs, or no thread can be had: 0 or -EAGAIN. */
int jobs_start_workers(struct jobs *j);

/* --- without it --- */

/* The last step of every run: wakes readers, becomes inst->last. */
void run_end(struct run *r, int result, const struct err *err);
void run_cancelled(struct run *r);

void run_execute(struct run *r); /* in a worker */

/* The opcode of an instance's next export: defaults, params, target.  one_shot: an explicit touch,
 * which alone may honour remove_instance.  Checked; -errno with *err, which is also kept for
 * status. */
int jobs_request(struct jobs *j, const char *instance, const char *node, bool one_shot,
                 struct opcode **ret, struct err *err);

/* The opcode of a write to node (NULL: by the usual rule), likewise, but nothing is kept.  Memory,
 * and a moment of the local disk. */
int jobs_request_write(struct jobs *j, struct written *w, const char *node, struct opcode **ret,
                       struct err *err);

/* --- write.c --- */

/* What the LU calls with all locks, and before it publishes (jobs->mu held; current: T of the
 * export that there is). */
bool write_superseded(void *arg);
void write_take_t(struct run *r, int64_t current);
/* Lets go of what was written, which may block.  Without jobs->mu. */
void write_drop(struct run *r);
/* Under jobs->mu: takes all that have not begun out of the queue and asks the others to stop.  They
 * are put in front of *unbegun, for run_cancelled(). */
void write_cancel_all(struct jobs *j, const char *why, struct run **unbegun);
/* Under jobs->mu: the last writes to that node that failed. */
void write_put_node(FILE *f, const struct jobs *j, const char *node);

/* --- fresh.c: is the current export fresh?  Under jobs->mu --- */

/* What STATE/promise says, at the first need. */
void fresh_load(struct jobs *j, struct job_inst *inst);
/* As far as this mount knows: another may have read it lately (fresh_promise()). */
enum fresh fresh_of(struct jobs *j, struct job_inst *inst, const struct model_instance *mi,
                    const struct catalog_export *e);
/* T for the next export: after every T that was ever published or given up.  0: there is none
 * wanted, for another mount's readers keep the current export fresh; not if `needed`. */
int64_t fresh_promise(struct jobs *j, struct job_inst *inst, const struct catalog_export *current,
                      bool needed);
/* T is given up.  Also notes that on the local disk. */
void fresh_retire(struct jobs *j, struct job_inst *inst, int64_t t);
/* Young enough by itself: freshness (a). */
bool fresh_by_age(const struct jobs *j, const struct catalog_export *e);

/* --- fresh.c, without jobs->mu --- */

/* Whether t is used up, by a run of another mount or of a dead process.  If that was published the
 * catalog knows it then, for which nodes may be asked. */
bool fresh_is_used_up(struct jobs *j, struct job_inst *inst, int64_t t);

/* What its freshness rests on could not be looked at: from now on its export is stale. */
void fresh_doubt(struct jobs *j, const char *instance);

/* Export t is being read; at: Unix seconds. */
void fresh_note_read(struct jobs *j, struct job_inst *inst, int64_t t, int64_t at);
/* What identifies the instance now, looked at anew; false: nothing does.  May block for ten
 * seconds. */
bool fresh_proof(struct jobs *j, const char *instance, int64_t since, struct proof *ret);

/* --- hung.c --- */

int hung_start(struct jobs *j);
/* Once jobs->stopping, with all workers told: waits for them.  False: one hangs. */
bool hung_stop(struct jobs *j);
/* A run that hung has ended: the last step of it, in place of run_end(). */
void hung_came_back(struct run *r, int result);
/* jobs->mu held.  0, or why there can be no other run of it now. */
int hung_refuses(const struct job_inst *inst, struct err *err);

/* --- jobs_text.c --- */

void jobs_put_err(FILE *f, const char *key, const struct err *e); /* a line; none for no error */

/* --- mount_params.c --- */

void mount_params_put(FILE *f, struct jobs *j); /* for status; jobs->mu held */

/* --- teller.c; under jobs->mu --- */

/* The descriptor of promise_tell() of a run that was published; takes it. */
void teller_keep(struct jobs *j, int fd);
/* Closes those that were kept long enough, or all. */
void teller_expire(struct jobs *j, bool all);

/* --- keep.c --- */

int keep_start(struct jobs *j);
bool keep_stop(struct jobs *j); /* false: it hangs in a node, and was left behind */

/* --- removal.c, removal_run.c, removal_text.c --- */

bool removal_stop(struct jobs *j); /* once jobs->stopping; false: one hangs */
void removal_free(struct jobs *j); /* when all have ended */
/* Under jobs->mu: adds how many there are; a line for each under way, for each of a node but those
 * that went well, for each of an instance; the log of its last (NULL: none, *id as it was). */
void removal_count(const struct jobs *j, unsigned *queued, unsigned *running);
void removal_put_jobs(FILE *f, const struct jobs *j);
void removal_put_node(FILE *f, const struct jobs *j, const char *node);
void removal_put_instance(FILE *f, const struct jobs *j, const char *name);
const struct joblog *removal_log(const struct jobs *j, const char *name, uint64_t *id);

/* What an instance's image will be like; kept in inst->predicted, as far as it takes long to find
 * out.  0 or -ENOMEM ... */
int jobs_predict(struct jobs *j, struct job_inst *inst, const struct model_instance *mi);
/* Facts of the version shown now; memory only. */
int jobs_view_locked(struct jobs *j, const struct model_instance *mi,
                     const struct catalog_export *current, struct jobs_view *ret);
/* Can it be served as the instance's image?  It is as ours are, or the cluster makes it so. */
bool jobs_serves(const struct jobs *j, const struct catalog_export *e);
/* Of one that can be served.  0 or -ENOMEM ...: a wrong size must never be shown. */
int jobs_view_of_export(const struct catalog_export *e, struct jobs_view *v);

#endif
