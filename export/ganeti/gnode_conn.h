/* gnode_conn.h - the connections of a struct gnode (gnode.h), counted. */
#ifndef EXPORT_GANETI_GNODE_CONN_H
#define EXPORT_GANETI_GNODE_CONN_H

#include "export/ganeti/gnode.h"
#include "export/ganeti/gnode_cache.h"
#include "export/ganeti/gnode_left.h"
#include "export/ganeti/sftp.h"
#include "export/node_local.h"

#include <stdatomic.h>

struct gnode_conn {
    atomic_int refs;
    struct gnode *g; /* counted */
    char *node, *address;
    struct sftp *s;
    atomic_bool ended; /* gnode_close() */
    struct gnode_cache cache;
    struct gnode_left left;
    /* guarded by g->m */
    struct gnode_conn *next;
    bool in_table;
    int64_t used_ms;
};

struct gnode {
    atomic_int refs;
    char *state_dir, *cluster, *known_hosts, *identity, *user;
    char **command; /* NULL ended, or NULL */
    unsigned port, stall_s;
    int64_t (*t_of)(void *arg, const char *node, const char *name, const struct node_export_id *id,
                    int64_t timestamp);
    void *arg;
    struct node_local *local;
    pthread_mutex_t m;
    struct gnode_conn *conns; /* all that anybody holds; those in the table are one per node */
};

void gnode_unref(struct gnode *g);

/* -EHOSTUNREACH: the node cannot be used.  node->address is not NULL. */
int gnode_conn_get(struct gnode *g, const struct model_node *node, struct gnode_conn **ret,
                   struct err *err);
void gnode_conn_ref(struct gnode_conn *c);
void gnode_conn_put(struct gnode_conn *c); /* NULL allowed */
/* All of the table: what is under way on them goes on, what they opened is read no more. */
void gnode_conn_end_all(struct gnode *g);

static inline void gnode_conn_cleanup(struct gnode_conn **c)
{
    gnode_conn_put(*c);
}
#define CLEANUP_GNODE_CONN CLEANUP(gnode_conn_cleanup)

#endif
