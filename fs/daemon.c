/* daemon.c - the process around a mount.
 *
 * The process forks before it has any thread.  The child does all the work and tells the parent the
 * exit code through a pipe, once: when the mount answers requests, or when it has failed.  Until
 * then its stderr is the user's, so errors need no way of their own; from then on its descriptors
 * 0, 1 and 2 are /dev/null.  A child that dies without a word closes the pipe: exit code 1.
 */
#include "fs/daemon.h"

#include "fs/mountpoint.h"
#include "fs/notify_ready.h"
#include "fs/session.h"
#include "lock/cleanup.h"

#include <fcntl.h>
#include <malloc.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

struct daemon {
    const struct options *opt;
    int pipe; /* to the parent; -1 in the foreground, and once it has been told */
};

static void report(struct daemon *d, int code)
{
    unsigned char byte = (unsigned char)code;
    if (d->pipe < 0)
        return;
    while (write(d->pipe, &byte, 1) < 0 && errno == EINTR)
        ;
    close(d->pipe);
    d->pipe = -1;
}

static void detach(void)
{
    CLEANUP_CLOSE int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    for (int fd = 0; null >= 0 && fd < 3; fd++)
        dup2(null, fd);
}

static void on_ready(void *arg)
{
    struct daemon *d = arg;
    if (d->opt->foreground) {
        printf("gnt-exportfs: %s is mounted on %s\n", d->opt->cluster, d->opt->mountpoint);
        fflush(stdout);
        int r = notify_ready("READY=1");
        if (r < 0)
            fprintf(stderr, "gnt-exportfs: NOTIFY_SOCKET: %s\n", strerror(-r));
        return;
    }
    detach();
    report(d, EXIT_OK);
}

static void on_fail(void *arg, const char *reason)
{
    (void)arg;
    fprintf(stderr, "gnt-exportfs: %s\n", reason);
}

static int serve(struct daemon *d, const char *mountpoint)
{
    /* there may be a thread for each of many nodes, but little that they allocate at once: an arena
     * of its own for each leaves much unused */
    mallopt(M_ARENA_MAX, 2);

    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files);
    }
    umask(077);
    int code = session_run(d->opt, mountpoint, on_ready, on_fail, d);
    report(d, code);
    return code;
}

/* The parent: waits for the child's word. */
static int wait_for_child(int fd)
{
    unsigned char byte;
    ssize_t n;
    do
        n = read(fd, &byte, 1);
    while (n < 0 && errno == EINTR);
    if (n == 1)
        return byte;
    fprintf(stderr, "gnt-exportfs: the mount process died\n");
    return EXIT_OTHER;
}

/* The child leaves the directory it was started in, which must not stay busy. */
static int make_absolute(struct options *opt)
{
    char *absolute = realpath(opt->cluster, NULL);
    if (!absolute)
        return errno == ENOMEM ? -ENOMEM : 0; /* cluster_open() will say what is wrong */
    if (!opt->fsname) {
        opt->fsname = STEAL(opt->cluster);
    }
    free(opt->cluster);
    opt->cluster = absolute;
    return 0;
}

static int run_in_background(struct options *opt, const char *mountpoint)
{
    int ends[2];
    if (make_absolute(opt) < 0 || pipe2(ends, O_CLOEXEC) < 0) {
        fprintf(stderr, "gnt-exportfs: %s\n", strerror(errno));
        return EXIT_OTHER;
    }
    pid_t pid = fork();
    if (pid < 0) {
        fprintf(stderr, "gnt-exportfs: fork: %s\n", strerror(errno));
        close(ends[0]);
        close(ends[1]);
        return EXIT_OTHER;
    }
    if (pid > 0) {
        close(ends[1]);
        int code = wait_for_child(ends[0]);
        close(ends[0]);
        return code;
    }
    close(ends[0]);
    struct daemon d = {opt, ends[1]};
    setsid();
    return chdir("/") < 0 ? EXIT_OTHER : serve(&d, mountpoint);
}

int daemon_run(struct options *opt)
{
    CLEANUP_FREE char *mountpoint = NULL;
    char msg[512];
    if (mountpoint_check(opt->mountpoint, &mountpoint, msg, sizeof(msg)) < 0) {
        fprintf(stderr, "gnt-exportfs: %s\n", msg);
        return EXIT_MOUNTPOINT;
    }
    if (!opt->foreground)
        return run_in_background(opt, mountpoint);
    struct daemon d = {opt, -1};
    return serve(&d, mountpoint);
}
