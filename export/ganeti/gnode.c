/* gnode.c - see gnode.h: the table, which tells the nodes that are reached over SFTP (gnode_look.h,
 * gnode_remove.h) from the one that is this machine (node_local.h).  Any thread.
 *
 * Counted: the connections, which files that are open hold, outlive gnode_close().
 */
#include "export/ganeti/gnode.h"

#include "export/ganeti/gnode_conn.h"
#include "export/ganeti/gnode_look.h"
#include "export/ganeti/gnode_remove.h"
#include "export/ganeti/gnode_ssh.h"

#include <string.h>

/* --- life --- */

void gnode_unref(struct gnode *g)
{
    if (!g || atomic_fetch_sub_explicit(&g->refs, 1, memory_order_acq_rel) != 1)
        return;
    for (size_t i = 0; g->command && g->command[i]; i++)
        free(g->command[i]);
    free(g->command);
    free(g->state_dir);
    free(g->cluster);
    free(g->known_hosts);
    free(g->identity);
    free(g->user);
    node_local_close(g->local);
    pthread_mutex_destroy(&g->m);
    free(g);
}

static void cleanup(struct gnode **g)
{
    gnode_unref(*g);
}

static int copy(char **to, const char *from)
{
    *to = from ? strdup(from) : NULL;
    return from && !*to ? -ENOMEM : 0;
}

static int copy_options(struct gnode *g, const struct gnode_options *opt)
{
    struct strvec command = {0};
    int r = copy(&g->state_dir, opt->state_dir);

    if (r == 0)
        r = copy(&g->cluster, opt->cluster);
    if (r == 0)
        r = copy(&g->known_hosts, opt->known_hosts);
    if (r == 0)
        r = copy(&g->identity, opt->identity);
    if (r == 0)
        r = copy(&g->user, opt->user ? opt->user : "root");
    for (size_t i = 0; r == 0 && opt->command && opt->command[i]; i++)
        r = strvec_add(&command, opt->command[i]);
    g->command = command.v;
    g->port = opt->port ? opt->port : 22;
    g->stall_s = opt->stall_s;
    g->t_of = opt->t_of;
    g->arg = opt->arg;
    return r;
}

/* What goes into the command as it is must not mean anything else to ssh. */
static int check(const struct gnode *g, struct err *err)
{
    if (!gnode_ssh_plain(g->cluster))
        return err_prereq(err, ECODE_INVAL, "'%.128s' cannot be the name of a cluster", g->cluster);
    if (!gnode_ssh_plain(g->user))
        return err_prereq(err, ECODE_INVAL, "'%.128s' cannot be the name of a user", g->user);
    if (g->port > 65535)
        return err_prereq(err, ECODE_INVAL, "%u is not a port", g->port);
    if (g->known_hosts && !gnode_ssh_path(g->known_hosts))
        return err_prereq(err, ECODE_INVAL, "ssh cannot be given the file '%.256s'",
                          g->known_hosts);
    if (g->identity && !gnode_ssh_path(g->identity))
        return err_prereq(err, ECODE_INVAL, "ssh cannot be given the file '%.256s'", g->identity);
    return 0;
}

int gnode_open(const struct gnode_options *opt, struct gnode **ret, struct err *err)
{
    CLEANUP(cleanup) struct gnode *g = calloc(1, sizeof *g);
    int r;

    if (!g)
        return err_sys(err, -ENOMEM, "nodes");
    atomic_init(&g->refs, 1);
    pthread_mutex_init(&g->m, NULL);
    r = copy_options(g, opt);
    if (r == 0)
        r = node_local_open(opt->state_dir, &g->local);
    if (r < 0)
        return err_sys(err, r, "nodes");
    r = check(g, err);
    if (r < 0)
        return r;
    *ret = STEAL(g);
    return 0;
}

void gnode_close(struct gnode *g)
{
    if (!g)
        return;
    gnode_conn_end_all(g);
    gnode_unref(g);
}

/* --- the table --- */

static int export_list(void *ctx, const struct model_node *node, struct strvec *ret,
                       struct err *err)
{
    CLEANUP_GNODE_CONN struct gnode_conn *c = NULL;
    struct gnode *g = ctx;
    int r;

    if (!node->address)
        return node_local_ops.export_list(g->local, node, ret, err);
    r = gnode_conn_get(g, node, &c, err);
    return r < 0 ? r : gnode_look_list(c, node, ret, err);
}

static int export_info(void *ctx, const struct model_node *node, const char *name,
                       struct node_export_info **ret, struct err *err)
{
    CLEANUP_GNODE_CONN struct gnode_conn *c = NULL;
    struct gnode *g = ctx;
    int r;

    if (node->address) {
        r = gnode_conn_get(g, node, &c, err);
        return r < 0 ? r : gnode_look_info(c, node, name, ret, err);
    }
    r = node_local_ops.export_info(g->local, node, name, ret, err);
    if (r == 0)
        gnode_look_ask_t(g, node, name, *ret);
    return r;
}

static int export_open(void *ctx, const struct model_node *node, const char *name, const char *file,
                       struct node_file **ret, struct err *err)
{
    CLEANUP_GNODE_CONN struct gnode_conn *c = NULL;
    struct gnode *g = ctx;
    int r;

    if (!node->address)
        return node_local_ops.export_open(g->local, node, name, file, ret, err);
    r = gnode_conn_get(g, node, &c, err);
    return r < 0 ? r : gnode_look_open(c, node, name, file, ret, err);
}

static int export_space(void *ctx, const struct model_node *node, struct node_space *ret,
                        struct err *err)
{
    CLEANUP_GNODE_CONN struct gnode_conn *c = NULL;
    struct gnode *g = ctx;
    int r;

    if (!node->address)
        return node_local_ops.export_space(g->local, node, ret, err);
    r = gnode_conn_get(g, node, &c, err);
    return r < 0 ? r : gnode_look_space(c, node, ret, err);
}

static int export_sweep(void *ctx, const struct model_node *node, const char *name, struct err *err)
{
    CLEANUP_GNODE_CONN struct gnode_conn *c = NULL;
    struct gnode *g = ctx;
    int r;

    if (!node->address)
        return node_local_ops.export_sweep(g->local, node, name, err);
    r = gnode_conn_get(g, node, &c, err);
    return r < 0 ? r : gnode_remove_sweep(c, node, name, err);
}

/* The copy that `only`, which carries our T, means is named to node_local_ops as it knows it. */
static int remove_local(struct gnode *g, const struct model_node *node, const char *name,
                        const struct node_export_id *only, struct err *err)
{
    struct node_export_info *info = NULL;
    struct node_export_id there;
    int r;

    if (!only)
        return node_local_ops.export_remove(g->local, node, name, NULL, err);
    r = node_local_ops.export_info(g->local, node, name, &info, err);
    if (r < 0)
        return r;
    there = info->id;
    node_export_info_free(info);

    struct node_export_id as_told = *only;

    as_told.t = there.t;
    if (node_export_id_is_older_than(only) || !node_export_id_same_copy(&there, &as_told))
        return err_set(err, ERR_EXEC, ECODE_NONE, ESTALE, "%s/%s is another export now",
                       node->export_dir, name);
    return node_local_ops.export_remove(g->local, node, name, &there, err);
}

static int export_remove(void *ctx, const struct model_node *node, const char *name,
                         const struct node_export_id *only, struct err *err)
{
    CLEANUP_GNODE_CONN struct gnode_conn *c = NULL;
    struct gnode *g = ctx;
    int r;

    if (!node->address)
        return remove_local(g, node, name, only, err);
    r = gnode_conn_get(g, node, &c, err);
    return r < 0 ? r : gnode_remove(c, node, name, only, err);
}

const struct node_ops gnode_ops = {
    .export_list = export_list,
    .export_info = export_info,
    .export_open = export_open,
    .export_space = export_space,
    .export_sweep = export_sweep,
    .export_remove = export_remove,
};
