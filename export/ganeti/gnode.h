/* gnode.h - node_ops of the nodes of a running Ganeti cluster: what lies in their EXPORT_DIR.
 *
 * The identity of a copy on a node with an address is its T, size and hash: dev is 0, and so is
 * ino, unless it has no config.ini: then ino stands for the node, the name and when it last changed
 * (never 0).  "NAME.new", which Ganeti is exporting into, is listed and looked at like any other.
 *
 * Over SFTP where the node has an address, else in the directory of this machine that export_dir
 * is (node_local.h).  There are only those calls here that look at exports, open them, and remove a
 * single copy; all else is done by Ganeti's jobs, or by gput.h.  The others are NULL.
 *
 * Whoever lists a node also sees to what uploads have left there (gnode_left.h).
 *
 * Connections are per node, made at the first need, shared by all calls, and dropped when the node
 * has left the cluster or got another address.
 */
#ifndef EXPORT_GANETI_GNODE_H
#define EXPORT_GANETI_GNODE_H

#include "export/node_ops.h"

struct gnode_options {
    const char *state_dir;   /* node_local.h's, for nodes that are directories */
    const char *cluster;     /* its name, under which it knows its host keys (HostKeyAlias) */
    const char *known_hosts; /* file; NULL: Ganeti's own if this is a node of it, else ssh's */
    const char *identity;    /* private key file; NULL: ssh's usual */
    const char *user;        /* NULL: root */
    unsigned port;           /* 0: 22 */
    unsigned stall_s;        /* -o stall: how long a read goes on trying to reach its node */
    /* The T of a copy (DESIGN §3): what is to be in its node_export_id.t, whose mtime of config.ini
     * is passed in id->t; timestamp: [export] timestamp.  Called without locks, from any thread,
     * each time that an export is looked at which has a config.ini.  NULL: the mtime. */
    int64_t (*t_of)(void *arg, const char *node, const char *name, const struct node_export_id *id,
                    int64_t timestamp);
    void *arg;
    /* NULL ended: what to run instead of ssh, whatever the node (an SFTP server, for tests) */
    const char *const *command;
};

struct gnode;

int gnode_open(const struct gnode_options *opt, struct gnode **ret, struct err *err);
/* Nobody uses it any more.  Files that were opened may still be read: they fail, and are let go. */
void gnode_close(struct gnode *g);

extern const struct node_ops gnode_ops; /* ctx: a struct gnode * */

/* The connection to a node, counted for the caller: gnode_sftp_put().  NULL: it has no address. */
struct sftp *gnode_sftp_get(struct gnode *g, const struct model_node *node);
void gnode_sftp_put(struct gnode *g, struct sftp *s);

#endif
