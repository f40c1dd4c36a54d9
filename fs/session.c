/* session.c - one mount from open to unmount.
 *
 *     cluster_open -> jobs_open -> park_new -> fuse_session_new -> mount -> jobs_start -> loop
 *
 * and backwards at the end: parked reads are answered, the mount is taken away and with it whoever
 * still waits for it, open files are released, then running exports are cancelled.  A thread that
 * hangs in a node is left behind, with the memory that it may use; the process's end is its own.
 *
 * TERM, INT and HUP are blocked in all threads but this one, so that they interrupt the loop.
 */
#include "fs/session.h"

#include "fs/backing.h"
#include "fs/handles.h"
#include "fs/lane.h"
#include "fs/ops.h"
#include "fs/park.h"
#include "fs/readahead.h"
#include "fs/unlinked.h"
#include "fs/uploads.h"

#include <signal.h>
#include <string.h>

struct session {
    struct fs fs;
    struct fuse_session *se;
    struct throttle *throttle;
    bool handlers, mounted;
    void (*fail)(void *arg, const char *reason);
    void *arg;
};

static int failed(struct session *s, int code, const char *what, const char *why)
{
    char reason[1536];
    snprintf(reason, sizeof(reason), "%s%s%s", what, *what ? ": " : "", why);
    s->fail(s->arg, reason);
    return code;
}

/* The name in df's first column.  A colon would make it look like a remote host's. */
static int add_name(struct fuse_args *args, const struct options *opt)
{
    CLEANUP_FREE char *list = NULL, *name = NULL;
    if (asprintf(&name, "fsname=%s", opt->fsname ? opt->fsname : opt->cluster) < 0)
        return STEAL(name), -ENOMEM;
    for (char *p = name; *p; p++)
        if (*p == ':' || (unsigned char)*p < ' ')
            *p = '_';
    if (fuse_opt_add_opt_escaped(&list, name) < 0 ||
        fuse_opt_add_opt(&list, "subtype=gnt-exportfs") < 0 ||
        fuse_opt_add_opt(&list, "default_permissions") < 0 ||
        (opt->allow_other && fuse_opt_add_opt(&list, "allow_other") < 0) ||
        (opt->ro && fuse_opt_add_opt(&list, "ro") < 0) ||
        (opt->noexec && fuse_opt_add_opt(&list, "noexec") < 0) ||
        (opt->noatime && fuse_opt_add_opt(&list, "noatime") < 0) ||
        (opt->nodiratime && fuse_opt_add_opt(&list, "nodiratime") < 0))
        return -ENOMEM;
    return fuse_opt_add_arg(args, "-o") < 0 || fuse_opt_add_arg(args, list) < 0 ? -ENOMEM : 0;
}

static int open_session(struct session *s, const struct options *opt)
{
    struct fuse_args args = FUSE_ARGS_INIT(0, NULL);
    if (fuse_opt_add_arg(&args, "gnt-exportfs") == 0 && add_name(&args, opt) == 0 &&
        (!opt->debug || fuse_opt_add_arg(&args, "-d") == 0))
        s->se = fuse_session_new(&args, &ops_table, sizeof(ops_table), &s->fs);
    fuse_opt_free_args(&args);
    s->fs.se = s->se;
    return s->se ? EXIT_OK : failed(s, EXIT_FUSE, "", "the FUSE session could not be made");
}

static int open_cluster(struct session *s, const struct options *opt)
{
    struct cluster_options copt = {.allow_remove_instance = opt->allow_remove_instance,
                                   .lock_timeout_s = opt->lock_timeout_s,
                                   .stall_s = opt->stall_s,
                                   .throttle = s->throttle,
                                   .lowly = {.nice = (int)opt->nice, .idle_io = !opt->busy_io},
                                   .ganeti = {.credentials = opt->ganeti.credentials,
                                              .cafile = opt->ganeti.cafile,
                                              .insecure = opt->ganeti.insecure,
                                              .sshkey = opt->ganeti.sshkey,
                                              .sshuser = opt->ganeti.sshuser,
                                              .sshport = opt->ganeti.sshport,
                                              .known_hosts = opt->ganeti.known_hosts,
                                              .export_dir = opt->ganeti.export_dir,
                                              .nodedirs = (const char **)opt->ganeti.nodedirs,
                                              .state_dir = opt->ganeti.state_dir,
                                              .refresh_s = opt->ganeti.refresh_s}};
    struct jobs_options jopt = {.max_jobs = opt->max_jobs,
                                .max_age_s = opt->max_age_s,
                                .linger_s = opt->linger_s,
                                .hold_s = opt->hold_s,
                                .keep_s = opt->keep_s,
                                .retry_after_s = opt->retry_after_s,
                                .stall_s = opt->stall_s,
                                .shutdown = opt->shutdown,
                                .target_node = opt->target_node};
    struct cluster *cluster = NULL;
    struct err err;
    if (cluster_open(opt->cluster, &copt, &cluster, &err) < 0)
        return failed(s, EXIT_CLUSTER, opt->cluster, err.text);
    if (jobs_open(cluster, &jopt, &s->fs.jobs, &err) < 0) {
        cluster_close(cluster);
        return failed(s, EXIT_STATE, opt->cluster, err.text);
    }
    s->fs.cluster = cluster;
    return EXIT_OK;
}

static int open_all(struct session *s, const struct options *opt)
{
    if (throttle_new(opt->bwlimit, &s->throttle) < 0)
        return failed(s, EXIT_OTHER, "", strerror(ENOMEM));
    int code = open_cluster(s, opt);
    if (code)
        return code;
    if (inode_table_new(&s->fs.inodes) < 0 || versions_new(&s->fs.versions) < 0 ||
        texts_new(&s->fs.texts) < 0 || handles_new(&s->fs.handles) < 0 ||
        unlinked_new(&s->fs.unlinked) < 0 || uploads_new(&s->fs.uploads) < 0 ||
        backings_new(opt->passthrough, &s->fs.backings) < 0)
        return failed(s, EXIT_OTHER, "", strerror(ENOMEM));
    int r = lanes_new(&s->fs.lanes);
    if (r == 0)
        r = park_new(opt->stall_s, &s->fs.park);
    if (r < 0)
        return failed(s, EXIT_OTHER, "threads", strerror(-r));
    return open_session(s, opt);
}

static int mount_and_start(struct session *s, const char *mountpoint)
{
    if (fuse_session_mount(s->se, mountpoint) < 0)
        return failed(s, EXIT_FUSE, mountpoint, "the mount was refused");
    s->mounted = true;
    readahead_set(mountpoint);
    backings_start(s->fs.backings, fuse_session_fd(s->se), s->fs.jobs);
    int r = uploads_start(s->fs.uploads);
    if (r == 0)
        r = jobs_start(s->fs.jobs);
    if (r < 0)
        return failed(s, EXIT_OTHER, "threads", strerror(-r));
    return EXIT_OK;
}

/* Threads that this one starts inherit the mask. */
static void mask_signals(int how)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    pthread_sigmask(how, &set, NULL);
}

static int loop(struct session *s)
{
    struct fuse_loop_config *config = fuse_loop_cfg_create();
    if (!config)
        return failed(s, EXIT_OTHER, "", strerror(ENOMEM));
    fuse_loop_cfg_set_clone_fd(config, 1);
    fuse_loop_cfg_set_idle_threads(config, 10);
    /* they wait for nothing but local disks, and each keeps a buffer of 1 MiB */
    fuse_loop_cfg_set_max_threads(config, 16);
    s->handlers = fuse_set_signal_handlers(s->se) == 0;
    mask_signals(SIG_UNBLOCK);
    int r = fuse_session_loop_mt(s->se, config); /* > 0: the signal that ended it */
    mask_signals(SIG_BLOCK);
    fuse_loop_cfg_destroy(config);
    if (r == -ECONNABORTED) /* the mount is gone, as with ENODEV: its last open file was closed */
        r = 0;
    return r < 0 ? failed(s, EXIT_OTHER, "FUSE session", strerror(-r)) : EXIT_OK;
}

/* And frees it, unless something hangs. */
static void close_all(struct session *s)
{
    park_stop(s->fs.park);
    if (s->handlers)
        fuse_remove_signal_handlers(s->se);
    if (s->fs.backings)
        backings_stop(s->fs.backings);
    if (s->mounted)
        fuse_session_unmount(s->se);
    if (s->se)
        fuse_session_destroy(s->se);
    handles_free(&s->fs);
    bool ended = lanes_free(s->fs.lanes);
    ended = (!s->fs.uploads || uploads_stop(s->fs.uploads)) && ended;
    ended = (!s->fs.jobs || jobs_stop(s->fs.jobs)) && ended;
    if (!ended)
        return; /* what hangs in a node uses all of this, until the process ends */
    park_free(s->fs.park);
    if (s->fs.jobs)
        jobs_close(s->fs.jobs);
    inode_table_free(s->fs.inodes);
    versions_free(s->fs.versions);
    texts_free(s->fs.texts);
    unlinked_free(s->fs.unlinked);
    uploads_free(s->fs.uploads);
    throttle_free(s->throttle);
    backings_free(s->fs.backings);
    free(s);
}

/* Not on the stack: what hangs in a node goes on using it. */
static struct session *new_session(const struct options *opt, void (*ready)(void *arg),
                                   void (*fail)(void *arg, const char *reason), void *arg)
{
    struct session *s = calloc(1, sizeof(*s));
    if (!s) {
        fail(arg, strerror(ENOMEM));
        return NULL;
    }
    s->fs.opt = opt;
    s->fs.started = fs_now();
    s->fs.ready = ready;
    s->fs.ready_arg = arg;
    s->fail = fail;
    s->arg = arg;
    return s;
}

int session_run(const struct options *opt, const char *mountpoint, void (*ready)(void *arg),
                void (*fail)(void *arg, const char *reason), void *arg)
{
    struct session *s = new_session(opt, ready, fail, arg);
    if (!s)
        return EXIT_OTHER;
    mask_signals(SIG_BLOCK);
    int code = open_all(s, opt);
    if (code == EXIT_OK)
        code = mount_and_start(s, mountpoint);
    if (code == EXIT_OK)
        code = loop(s);
    close_all(s);
    return code;
}
