/* clusterdir_internal.h - shared by the files behind clusterdir.h. */
#ifndef EXPORT_CLUSTERDIR_INTERNAL_H
#define EXPORT_CLUSTERDIR_INTERNAL_H

#include "export/clusterdir.h"
#include "export/modeldir.h"
#include "export/node_local.h"
#include "export/relay.h"

struct clusterdir {
    struct cluster base; /* first: a struct cluster * is one of these */
    char *path;
    struct cluster_options opt;
    struct lock_manager *locks;
    struct node_local *node;
    struct modelwatch *models;
    struct catalog_scanner *catalog;
    struct lu_env env;

    /* the remover of stale copies (clusterdir_pending.c) */
    pthread_mutex_t mu; /* catalog (while closing), kicked, stopping, recovering, hashing; scanners'
                           locks go below it */
    pthread_cond_t wake;
    bool kicked, stopping, remover_started;
    pthread_t remover;
    struct cancel cancel; /* ends what the remover does, and the threads that it leaves behind */

    /* recovery (clusterdir_recover.c) */
    struct relay *relay;
    struct clusterdir_recovering *recovering;
    bool hashing;
    bool ask_again; /* a node, though reachable, has not answered: it may be about to */
};

static inline struct clusterdir *clusterdir(struct cluster *c)
{
    return (struct clusterdir *)c;
}

/* Thread that recovers and does removals pending whenever a node comes back; start, look again,
 * stop and join.  False: threads of its that hang in a node were left behind, and use all of *d. */
int clusterdir_pending_start(struct clusterdir *d);
void clusterdir_pending_kick(struct clusterdir *d);
bool clusterdir_pending_stop(struct clusterdir *d);
/* The removals from one node, in the calling thread. */
void clusterdir_pending_process(struct clusterdir *d, const char *node);

/* lu_env_ops.answers, pending_env.answers */
bool clusterdir_answers(void *arg, const char *node, const char *name);

/* For the remover's thread: puts in order what exports of dead processes have left; is there
 * something that they, or the living, have noted; does the removals pending.  Waits a while for the
 * threads that these have left behind: have all ended? */
void clusterdir_recover(struct clusterdir *d);
bool clusterdir_recover_due(struct clusterdir *d);
void clusterdir_remove_stale(struct clusterdir *d);
void clusterdir_sweep_puts(struct clusterdir *d); /* what dead processes were writing (put.h) */
bool clusterdir_recover_wait(struct clusterdir *d);
/* lu_env_ops.journal_*, cluster_ops.journal, .journaled */
int clusterdir_journal_note(void *arg, const char *name, const struct journal *j, struct err *err);
void clusterdir_journal_end(void *arg, const char *name);
int clusterdir_journal_left(void *arg, const char *name, struct journal *ret, struct err *err);
int clusterdir_journal(struct cluster *c, const char *name, struct journal *ret);
int clusterdir_journal_list(struct cluster *c, struct strvec *ret);

/* lu_env_ops.removal_*, cluster_ops.pending */
int clusterdir_pending_add(void *arg, const char *node, const char *name,
                           const struct node_export_id *id, struct err *err);
int clusterdir_pending_begin(void *arg, const char *node, const char *name, struct err *err);
void clusterdir_pending_end(void *arg, const char *node, const char *name);
void clusterdir_pending_list(struct cluster *c, const char *node,
                             void (*row)(const char *name, int64_t since, void *arg), void *arg);

#endif
