/* ganeti_open.c - from a command line to a running cluster: see ganeti.h.
 *
 * First of all the cluster is asked who it is: its name is that of the state directory, if none was
 * given, and of its host keys.
 */
#include "export/ganeti/ganeti_internal.h"

#include <string.h>
#include <sys/stat.h>

#define STATE_DIR  "/var/lib/gnt-exportfs"
#define EXPORT_DIR "/var/lib/ganeti/export" /* as Debian has it */

/* A node that does not answer for so long is shown as unreachable.  Mounting waits for it once. */
#define NODE_STALL_S 15

/* "HOST", "HOST:PORT", "[ADDRESS]:PORT". */
static int parse_address(const char *spec, char **host, unsigned *port, struct err *err)
{
    const char *end, *colon;
    char *rest;
    unsigned long n = 0;

    if (*spec == '[' && (end = strchr(spec, ']'))) {
        spec++;
        colon = end[1] ? end + 1 : NULL;
    } else {
        colon = strchr(spec, ':');
        end = colon ? colon : spec + strlen(spec);
    }
    if (colon) {
        n = strtoul(colon + 1, &rest, 10);
        if (*colon != ':' || colon[1] < '0' || colon[1] > '9' || *rest || n < 1 || n > 65535)
            return err_prereq(err, ECODE_INVAL, "not a port: '%s'", colon);
    }
    if (end == spec)
        return err_prereq(err, ECODE_INVAL, "wanted: " GANETI_PREFIX "HOST[:PORT]");
    *host = strndup(spec, (size_t)(end - spec));
    *port = (unsigned)n;
    return *host ? 0 : err_sys(err, -ENOMEM, "%s", spec);
}

static int make_dir(const char *path, struct err *err)
{
    return mkdir(path, 0700) < 0 && errno != EEXIST ? err_sys(err, -errno, "%s", path) : 0;
}

static int open_state(struct ganeti *g, struct err *err)
{
    const char *given = g->opt.ganeti.state_dir;
    int r = given ? 0 : make_dir(STATE_DIR, err);

    if (r < 0)
        return r;
    r = given ? asprintf(&g->base.state_dir, "%s", given)
              : asprintf(&g->base.state_dir, STATE_DIR "/%s", gmodel_cluster(g->models)->name);
    if (r < 0) {
        g->base.state_dir = NULL;
        return err_sys(err, -ENOMEM, "state directory");
    }
    if ((r = make_dir(g->base.state_dir, err)) < 0)
        return r;
    if ((r = share_open(g->base.state_dir, &g->base.share)) < 0)
        return err_sys(err, r, "%s/jobs", g->base.state_dir);
    r = gknown_open(g->base.state_dir, &g->known);
    return r < 0 ? err_sys(err, r, "%s", g->base.state_dir) : 0;
}

static int open_api(struct ganeti *g, unsigned port, struct err *err)
{
    const struct ganeti_options *opt = &g->opt.ganeti;
    const struct rapi_options api = {
        .host = g->host,
        .port = port,
        .credentials = opt->credentials,
        .cafile = opt->cafile,
        .insecure = opt->insecure,
    };
    struct gmodel_options model = {
        .export_dir = opt->export_dir ? opt->export_dir : EXPORT_DIR,
        .nodedirs = opt->nodedirs,
        .refresh_s = opt->refresh_s,
    };
    int r = rapi_open(&api, &g->rapi, err);

    while (model.nodedirs && model.nodedirs[model.nnodedirs])
        model.nnodedirs++;

    if (r == 0)
        r = gmodel_open(g->rapi, &model, ganeti_model_changed, g, &g->models, err);
    if (r == 0 && (r = glive_open(g->rapi, opt->refresh_s, &g->live)) < 0)
        err_sys(err, r, "%s", g->host);
    return r;
}

static int64_t t_of(void *arg, const char *node, const char *name, const struct node_export_id *id,
                    int64_t timestamp)
{
    (void)node;
    return gknown_t(((struct ganeti *)arg)->known, name, id, timestamp);
}

static int open_nodes(struct ganeti *g, struct err *err)
{
    const struct ganeti_options *opt = &g->opt.ganeti;
    const struct gnode_options nodes = {
        .state_dir = g->base.state_dir,
        .cluster = gmodel_cluster(g->models)->name,
        .known_hosts = opt->known_hosts,
        .identity = opt->sshkey,
        .user = opt->sshuser,
        .port = opt->sshport,
        .stall_s = g->opt.stall_s,
        .t_of = t_of,
        .arg = g,
    };
    int r = gnode_open(&nodes, &g->nodes, err);

    if (r < 0)
        return r;
    ganeti_make_env(g);
    ganeti_make_puts(g);
    return catalog_open(&gnode_ops, g->nodes, ganeti_model,
                        g->opt.stall_s < NODE_STALL_S ? g->opt.stall_s : NODE_STALL_S,
                        ganeti_catalog_changed, g, &g->catalog, err);
}

static int new_ganeti(const char *spec, const struct cluster_options *opt, struct ganeti **ret)
{
    struct ganeti *g = calloc(1, sizeof *g);
    pthread_condattr_t attr;

    if (!g || !(g->base.source = strdup(spec)) || cancel_init(&g->cancel) < 0) {
        if (g)
            free(g->base.source);
        free(g);
        return -ENOMEM;
    }
    pthread_mutex_init(&g->mu, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&g->idle, &attr);
    pthread_condattr_destroy(&attr);
    g->base.ops = &ganeti_ops;
    g->base.normalises = true;
    g->base.throttle = opt->throttle;
    g->base.lowly = opt->lowly;
    g->opt = *opt;
    *ret = g;
    return 0;
}

int ganeti_open(const char *spec, const struct cluster_options *opt, struct cluster **ret,
                struct err *err)
{
    struct ganeti *g;
    unsigned port = 0;
    int r = new_ganeti(spec, opt, &g);

    if (r < 0)
        return err_sys(err, r, "%s", spec);
    r = parse_address(spec + strlen(GANETI_PREFIX), &g->host, &port, err);
    if (r == 0)
        r = open_api(g, port, err);
    if (r == 0)
        r = open_state(g, err);
    if (r == 0)
        r = open_nodes(g, err);
    if (r < 0) {
        ganeti_close(&g->base);
        return r;
    }
    *ret = &g->base;
    return 0;
}
