/* jobs.h - what the tree shows of each instance's image, and the runs that readers and touch start.
 *
 * Everything here is safe from any thread.  Functions marked [memory] answer at once from memory
 * and may be called from a FUSE thread for any request; the others say where they may block.
 */
#ifndef EXPORT_JOBS_H
#define EXPORT_JOBS_H

#include "export/cluster.h"

struct jobs;

struct jobs_options {
    unsigned max_jobs;       /* -o max_jobs, default 2: runs at once, the others queue */
    int64_t max_age_s;       /* -o max_age, default 3600: freshness (a) */
    int64_t linger_s;        /* -o linger, default 900: between two files of one image; (b) */
    int64_t hold_s;          /* -o hold, default a day: longest freshness (b) */
    int64_t keep_s;          /* -o keep: exports made for readers go that long after the last one;
                              * 0: never */
    int64_t retry_after_s;   /* -o retry_after, default 600: readers after a failed run */
    int64_t stall_s;         /* -o stall, default 300: a run without a sign of life hangs */
    bool shutdown;           /* -o shutdown: default of the parameter of that name */
    const char *target_node; /* -o target_node or NULL */
};

/* Takes the cluster over (closes it at jobs_close(), or at failure not). */
int jobs_open(struct cluster *c, const struct jobs_options *opt, struct jobs **ret,
              struct err *err);
int jobs_start(struct jobs *j); /* threads; after daemonising */
/* Cancels what runs and waits for it.  False: a run hangs in a node; it was left behind, and
 * nothing that it may use can be freed. */
bool jobs_stop(struct jobs *j);
/* Stops, unless that was done, and closes the cluster; after a stop that worked. */
void jobs_close(struct jobs *j);
struct cluster *jobs_cluster(struct jobs *j);

/* --- what an image looks like before, during and after a run --- */

/* Why an export is fresh (DESIGN §2); STALE: it is not, or there is none. */
enum fresh { STALE, FRESH_AGE, FRESH_READ, FRESH_UNCHANGED };

/* Facts of one version of an instance's image.  A version is named by its T: while it is fresh the
 * published export's, else the T promised for the next one (DESIGN §3). */
struct jobs_view {
    int64_t t;        /* mtime = ctime = version */
    enum fresh fresh; /* not STALE: a published export stands behind it, reading starts nothing */
    bool secrets;     /* config.ini carries [os_private] */
    bool guessed;     /* the disks' sizes and the tar's are not known before it is exported */
    unsigned ndisks;
    uint64_t size[IMAGE_MAX_FILES];      /* exact, by file number of image.h */
    uint64_t blocks512[IMAGE_MAX_FILES]; /* truth when fresh, else an estimate below size / 512 */
};

/* [memory] -ENOENT: no such instance; -EIO: it has an error (status tells). */
int jobs_view(struct jobs *j, const char *instance, struct jobs_view *ret);

/* --- reading --- */

struct jobs_reader; /* one handle on one version */

/* May opening version t, or the first read of it, hang?  Then what that may be in, a node or its
 * disks, is named in lane, of NAMES_MAX + 1 bytes.  [memory] */
bool jobs_may_hang(struct jobs *j, const char *instance, int64_t t, char *lane);
/* Opens version t of an instance's image without starting anything.  -ESTALE: that version is gone
 * (look up again).  A published one is opened (may block on its node). */
int jobs_reader_open(struct jobs *j, const char *instance, int64_t t, struct jobs_reader **ret,
                     struct err *err);
/* The first read: joins the run for this version or starts it.  0, or -errno with the reason also
 * in the instance's status: everything that processor_check() refuses, at once.  If it has been
 * published since, that is opened, which may block on its node; else [memory].  Any number of
 * threads at once. */
int jobs_reader_trigger(struct jobs_reader *r, struct err *err);
/* Is it published already (reads are served from it)?  [memory] */
bool jobs_reader_published(struct jobs_reader *r);
/* Is it published, and all of that file there, so that no read of it waits?  Its checksums may
 * still be missing.  [memory] */
bool jobs_reader_whole(struct jobs_reader *r, int file);
/* The image to read from now, referenced for the caller; NULL before the trigger, or when the run
 * has had to take another T than was opened.  Ask again after each wait: a run may turn out to be
 * served by an export that somebody else has just made. */
struct image *jobs_reader_image(struct jobs_reader *r);
/* Changes as long as there is reason to go on waiting: the run gives a sign of life, or waits for
 * its turn behind others that do, or for locks (which has a time limit of its own).  [memory] */
uint64_t jobs_reader_progress(struct jobs_reader *r);
/* How much of ms milliseconds is left for whoever can wait for the run's beginning that long only:
 * counted from the first who asked, for they may have to wait one after the other.  [memory] */
unsigned jobs_reader_patience(struct jobs_reader *r, unsigned ms);
/* Bytes of the image, or where its holes are, are about to be handed to this reader; at_end: up to
 * the end of its file.  It keeps the export that it reads fresh, and if that is never made nothing
 * else will be published under its T.  [memory], and at times a moment of the local disk. */
void jobs_reader_served(struct jobs_reader *r, uint64_t bytes, bool at_end);
/* The published version t has been read by ways that do not pass here: that keeps it fresh, too.
 * [memory], and at times a moment of the local disk. */
void jobs_was_read(struct jobs *j, const char *instance, int64_t t);
/* Gives up.  The last reader of a run that no touch asked for cancels it (before publication) --
 * unless one of its readers had read a file to the end: that is a tool which takes config.ini,
 * disk0 ... one after the other, so the run goes on for -o linger seconds, and the tool gets one
 * export.  Nor if all is copied then: who has taken it all has taken what will be published. */
void jobs_reader_close(struct jobs_reader *r);

/* --- acting --- */

/* [memory] Runs the export LU now, fresh or not, with the instance's params; node: target or NULL.
 * 0: checked and queued.  An already running export of the instance that was not touched before is
 * joined, that is, it then runs to its end; but -EBUSY if it goes to another node or cannot do what
 * params ask for now (remove_instance, dry_run).  -errno: refused, the reason is in status. */
int jobs_touch(struct jobs *j, const char *instance, const char *node, struct err *err);

/* [memory] Removes the copy `copy` of export `name`, be it an instance's or not, from node by the
 * removal LU, in the background.  0: it has gone from the cluster's catalog, and comes back only if
 * the removal fails, for which status has the reason.  -EHOSTDOWN, -EHOSTUNREACH, -EROFS: no node
 * to remove from; -ENOENT: that copy is not there; -EAGAIN, -ENOMEM; -ESHUTDOWN: it is the end. */
int jobs_remove(struct jobs *j, const char *node, const char *name,
                const struct node_export_id *copy, struct err *err);

/* [memory] May an image of `instance` be written to node (NULL: to one that is chosen by the usual
 * rule), of which at most `bytes` will take up room there?  What can be told before anything of it
 * is there; jobs_write() asks again.  0, and the node's full name in target (NAMES_MAX + 1 bytes;
 * NULL: not wanted); -errno: no, and status has the reason if the instance is known, which it need
 * not be. At times a moment of the local disk. */
int jobs_write_check(struct jobs *j, const char *instance, const char *node, uint64_t bytes,
                     char *target, struct err *err);

/* [memory] Runs the export LU with a written image in place of the instance's disks (written.h). 0:
 * checked and queued behind what is queued or running; it runs to its end whatever happens to its
 * writer, but for an unmount.  ended() (may be NULL) is called once when it has, with 0 or -errno
 * and the reason, from a thread of the jobs' that holds no lock, or the one that stops them; with
 * -ETIMEDOUT while a node still hangs in it.  -errno: refused, ended() is not called.  It is
 * published under a T of its own, later than all that were shown, and is fresh by age if it is laid
 * out as ours.
 *
 * *w is the jobs' in any case, who drop() it as soon as it is not used any more: before this
 * returns if it is refused, else before ended(), unless a node hangs. */
int jobs_write(struct jobs *j, const char *node, struct written *w,
               void (*ended)(void *arg, int result, const struct err *err), void *arg,
               struct err *err);

/* [memory] Something that was asked of this instance was refused: its status tells. */
void jobs_refused(struct jobs *j, const char *instance, const struct err *err);

/* --- texts; the caller frees --- */

int jobs_params_text(struct jobs *j, const char *instance, char **text, size_t *len);
/* Checks the text and keeps it (state directory, shared by all mounts).  len 0: back to defaults.
 * -EINVAL with the reason (also in the instance's status): the old text stays. */
int jobs_params_set(struct jobs *j, const char *instance, const char *text, size_t len,
                    struct err *err);
/* The same for what can be changed of the mount itself, /params: `bwlimit`.  It is this mount's
 * only, takes effect at once, and is not kept; what is not set has the value that the mount began
 * with.  The reason of a refusal is in status. */
int jobs_mount_params_text(struct jobs *j, char **text, size_t *len);
int jobs_mount_params_set(struct jobs *j, const char *text, size_t len, struct err *err);
int jobs_config_text(struct jobs *j, const char *instance, char **text, size_t *len);
struct jobs_config {
    size_t len;
    uint64_t hash; /* XXH3 of the text, of len bytes */
    int64_t mtime; /* when it changed last, the same in all mounts of all times */
    bool secrets;
};
/* What that text is like, mostly without making it. */
int jobs_config_id(struct jobs *j, const char *instance, struct jobs_config *ret);
int jobs_status_text(struct jobs *j, char **text, size_t *len);
int jobs_metrics_text(struct jobs *j, char **text, size_t *len);
int jobs_instance_status_text(struct jobs *j, const char *instance, char **text, size_t *len);
int jobs_node_status_text(struct jobs *j, const char *node, char **text, size_t *len);

/* The log of the running or last export: *id names the run (a new run is a new file). */
int jobs_log_text(struct jobs *j, const char *instance, uint64_t *id, char **text, size_t *len);

#endif
