/* clusterdir_internal.h - shared by the files behind clusterdir.h. */
#ifndef EXPORT_CLUSTERDIR_INTERNAL_H
#define EXPORT_CLUSTERDIR_INTERNAL_H

#include "export/clusterdir.h"
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
    pthread_mutex_t mu; /* catalog (while closing), kicked, stopping; scanners' locks go below it */
    pthread_cond_t wake;
    bool kicked, stopping, remover_started;
    pthread_t remover;
    struct relay *removals; /* one task per node */
    struct cancel cancel;   /* ends what the remover does */
};

static inline struct clusterdir *clusterdir(struct cluster *c)
{
    return (struct clusterdir *)c;
}

/* Thread that does removals pending whenever a node comes back; start, look again, stop and join.
 */
int clusterdir_pending_start(struct clusterdir *d);
void clusterdir_pending_kick(struct clusterdir *d);
/* False: a removal hangs in its node, and was left behind with all that it uses. */
bool clusterdir_pending_stop(struct clusterdir *d);

/* lu_env_ops.answers, pending_env.answers */
bool clusterdir_answers(void *arg, const char *node, const char *name);

/* Puts in order what exports of dead processes have left; the remover's thread calls it. */
void clusterdir_recover(struct clusterdir *d);
/* lu_env_ops.journal_*, cluster_ops.journal */
int clusterdir_journal_note(void *arg, const char *name, const struct journal *j, struct err *err);
void clusterdir_journal_end(void *arg, const char *name);
bool clusterdir_journal_left(void *arg, const char *name, struct journal *ret);
int clusterdir_journal(struct cluster *c, const char *name, struct journal *ret);

/* lu_env_ops.removal_pending, cluster_ops.pending */
int clusterdir_pending_add(void *arg, const char *node, const char *name,
                           const struct node_export_id *id, struct err *err);
void clusterdir_pending_list(struct cluster *c, const char *node,
                             void (*row)(const char *name, int64_t since, void *arg), void *arg);

#endif
