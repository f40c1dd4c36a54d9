/* options.h - the command line: what may be given, what it becomes, what the command exits with.
 *
 *     gnt-exportfs [-f] [-d] [-h] [-V] [-o OPTIONS] CLUSTER MOUNTPOINT
 *
 * Options may stand anywhere (mount.fuse3 puts them last) and -o may be repeated; its argument is
 * a comma separated list in which "\," is a comma.  Of an option that is given twice the last one
 * counts.
 */
#ifndef FS_OPTIONS_H
#define FS_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

enum options_exit {
    EXIT_OK = 0,         /* mounted, or unmounted again with -f */
    EXIT_OTHER = 1,      /* none of the below: memory, threads, descriptors */
    EXIT_USAGE = 2,      /* unknown option, bad value, missing argument */
    EXIT_CLUSTER = 3,    /* CLUSTER is not one, or cannot be read */
    EXIT_MOUNTPOINT = 4, /* MOUNTPOINT is missing, not a directory, or mounted on already */
    EXIT_FUSE = 5,       /* the kernel or fusermount3 refused the mount */
    EXIT_STATE = 6,      /* the cluster's state directory cannot be used */
};

struct options {
    bool foreground, debug, help, version;
    char *cluster, *mountpoint; /* as given; NULL only with help or version */
    char *fsname;               /* fsname= or NULL */
    uid_t uid;                  /* default: the caller's */
    gid_t gid;
    mode_t umask; /* default 0077 */
    bool allow_other, ro;
    bool noexec, noatime, nodiratime; /* handed to the kernel */
    bool passthrough;                 /* default true */
    bool shutdown, allow_remove_instance, manage;
    unsigned max_jobs;         /* 1..1000, default 2 */
    int64_t max_age_s;         /* seconds, 0..2^31-1, default 3600 */
    int64_t retry_after_s;     /* seconds, 0..2^31-1, default 600 */
    int64_t linger_s;          /* seconds, 0..2^31-1, default 900 */
    int64_t hold_s;            /* seconds, 0..2^31-1, default 86400 */
    int64_t keep_s;            /* seconds, 1..2^31-1, default 0: for ever */
    unsigned lock_timeout_s;   /* seconds, 0..2^31-1, default 1800 */
    unsigned stall_s;          /* seconds, 1..2^31-1, default 300 */
    uint64_t bwlimit;          /* bytes a second, 0..2^63-1, default 0: no limit */
    unsigned nice;             /* of threads that copy: 0..19, default 10 */
    bool busy_io;              /* ioprio=none; default: theirs is of the idle class */
    char *target_node;         /* NULL: none */
    const char *ganeti_option; /* one of the following that was given, for messages; or NULL */
    struct {
        char *credentials, *cafile, *sshkey, *sshuser, *known_hosts, *export_dir, *state_dir;
        char **nodedirs; /* "NODE:PATH", NULL ended; NULL: none */
        bool insecure;
        unsigned sshport;   /* 1..65535, default 0: ssh's */
        unsigned refresh_s; /* seconds, 1..3600, default 0: the model's */
    } ganeti;               /* of a running Ganeti cluster only; NULL: the default */
};

/* 0, or EXIT_USAGE / EXIT_OTHER with one line (no newline) in msg that names the culprit.  The
 * caller releases *ret with options_clear() in either case. */
int options_parse(int argc, char **argv, struct options *ret, char *msg, size_t msg_size);
void options_clear(struct options *opt);

void options_help(FILE *out);

#endif
