/* backing.c - which open files the kernel reads by itself, and who has been reading.
 *
 * The kernel wants all open files of an inode to be of one kind: read from one backing file, or
 * through us; else open(2) fails with EIO, and mmap(2) with ENODEV.  (One that goes past the page
 * cache counts as well, once it is mapped.)  So the first file that is opened decides for its node,
 * and others follow, until all are closed: whoever opens a node while somebody follows its export
 * goes the ordinary way as well, and what cannot, or should not, be read from the backing file of a
 * node that has one gets both flags: mapped from there, read through us.
 *
 *     no file --enter()--> through us <--enter(), leave()--> ... --leave()--> no file
 *        |
 *        +----enter()----> backed     <--enter(), leave()--> ... --leave()--> no file
 *
 * A file counts here from before the answer to its open until its RELEASE has been seen; for the
 * kernel from that answer until it is closed (a mapping holds it open), and only then RELEASE is
 * sent.  So the kernel's time lies within ours, and in whatever order threads answer opens and see
 * releases, two kinds never meet there.  If the kernel cannot open after all, or who opens has been
 * killed, RELEASE comes, or the answer fails: both leave.
 *
 * What the kernel reads by itself keeps an export fresh, too (DESIGN §2), but opening does not.  So
 * the backing file is watched for IN_ACCESS: once, and again a moment later, for a watch costs each
 * read some time, and freshness counts in seconds.  Who reads the dump itself is taken for a reader
 * of the image, and if several files of a node are open all have read: it is one image.  A mapping
 * and what splices (sendfile(2)) are not seen: so a node that was open for longer than a look takes
 * is taken for one that was read.
 *
 * What is promised of a dump that is cut behind our back while somebody has it open (EIO) does not
 * hold here: the kernel finds its end.  When it is opened it has its size.
 */
#include "fs/backing.h"

#include "export/thread.h"
#include "lock/clock.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#if FUSE_VERSION >= FUSE_MAKE_VERSION(3, 17)
#include <linux/fuse.h>
#endif

#define PAUSE_MS 1000
#define HELD_S   10

enum state { UNKNOWN, YES, OPTION, LIBRARY, KERNEL, PERMISSION, RESOURCES };

struct backing {
    int id;     /* the kernel's */
    int fd, wd; /* to watch; -1: it is not watched, or not now */
    int64_t t;
    int64_t since;        /* monotonic seconds */
    const char *instance; /* the node's */
    struct backing *next, **pprev;
};

struct backings {
    pthread_mutex_t lock;
    enum state state;
    int fuse_fd, inotify_fd, stop_fd; /* -1: not there (yet, any more) */
    struct jobs *jobs;
    struct backing *all;
    pthread_t thread;
    bool started;
};

/* --- the kernel --- */

#ifdef FUSE_DEV_IOC_BACKING_OPEN
static const bool built_in = true;

static bool ask_for_it(struct fuse_conn_info *conn)
{
    conn->want |= conn->capable & FUSE_CAP_PASSTHROUGH;
    /* not of files that are on an overlay themselves: then ours could not be below one */
    conn->max_backing_stack_depth = 0;
    return conn->want & FUSE_CAP_PASSTHROUGH;
}

/* > 0: the id; -EPERM: nobody may, or not we. */
static int kernel_open(int fuse_fd, int fd)
{
    struct fuse_backing_map map = {.fd = fd};
    int id = ioctl(fuse_fd, FUSE_DEV_IOC_BACKING_OPEN, &map);
    return id < 0 ? -errno : id;
}

static void kernel_close(int fuse_fd, int id)
{
    uint32_t arg = (uint32_t)id;
    if (fuse_fd >= 0)
        ioctl(fuse_fd, FUSE_DEV_IOC_BACKING_CLOSE, &arg);
}

static void reply_with(struct fuse_file_info *fi, int id)
{
    fi->backing_id = id;
}
#else
static const bool built_in = false;

static bool ask_for_it(struct fuse_conn_info *conn)
{
    (void)conn;
    return false;
}

static int kernel_open(int fuse_fd, int fd)
{
    (void)fuse_fd, (void)fd;
    return -EOPNOTSUPP;
}

static void kernel_close(int fuse_fd, int id)
{
    (void)fuse_fd, (void)id;
}

static void reply_with(struct fuse_file_info *fi, int id)
{
    (void)fi, (void)id;
}
#endif

/* Is it there, and are we permitted?  The latter is asked before the descriptor is looked at.  The
 * lock is held; once there is a connection. */
static bool is_usable(struct backings *bs)
{
    if (bs->state == UNKNOWN && bs->fuse_fd >= 0)
        bs->state = kernel_open(bs->fuse_fd, -1) == -EBADF ? YES : PERMISSION;
    return bs->state == YES && bs->fuse_fd >= 0;
}

/* --- who has been reading --- */

struct seen {
    struct seen *next;
    int64_t t;
    char instance[];
};

static void was_read(const struct backing *b, struct seen **seen)
{
    struct seen *s = malloc(sizeof(*s) + strlen(b->instance) + 1);
    if (!s)
        return;
    s->t = b->t;
    strcpy(s->instance, b->instance);
    s->next = *seen;
    *seen = s;
}

/* The lock is not held. */
static void tell(struct backings *bs, struct seen *seen)
{
    for (struct seen *s = seen, *next; s; s = next) {
        next = s->next;
        jobs_was_read(bs->jobs, s->instance, s->t);
        free(s);
    }
}

static int watch(struct backings *bs, int fd)
{
    char path[32];
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    return inotify_add_watch(bs->inotify_fd, path, IN_ACCESS | IN_ONESHOT);
}

/* The lock is held. */
static struct seen *take_events(struct backings *bs)
{
    char buf[4096] __attribute__((aligned(__alignof__(struct inotify_event))));
    struct seen *seen = NULL;
    for (ssize_t n; (n = read(bs->inotify_fd, buf, sizeof(buf))) > 0;)
        for (char *p = buf; p < buf + n;) {
            const struct inotify_event *e = (struct inotify_event *)p;
            p += sizeof(*e) + e->len;
            for (struct backing *b = bs->all; b && (e->mask & IN_ACCESS); b = b->next)
                if (b->wd == e->wd) {
                    b->wd = -1; /* once */
                    was_read(b, &seen);
                }
        }
    return seen;
}

/* The lock is held. */
static void watch_again(struct backings *bs)
{
    for (struct backing *b = bs->all; b; b = b->next)
        if (b->fd >= 0 && b->wd < 0)
            b->wd = watch(bs, b->fd);
}

static bool stops_within(const struct backings *bs, int ms)
{
    struct pollfd p = {.fd = bs->stop_fd, .events = POLLIN};
    return poll(&p, 1, ms) > 0;
}

static void *watcher(void *arg)
{
    struct backings *bs = arg;
    struct pollfd p[2] = {{.fd = bs->stop_fd, .events = POLLIN},
                          {.fd = bs->inotify_fd, .events = POLLIN}};
    do {
        poll(p, 2, -1);
        pthread_mutex_lock(&bs->lock);
        struct seen *seen = take_events(bs);
        pthread_mutex_unlock(&bs->lock);
        tell(bs, seen);
        if (stops_within(bs, PAUSE_MS))
            break;
        LOCK_SCOPE(&bs->lock);
        watch_again(bs);
    } while (!stops_within(bs, 0));
    return NULL;
}

/* --- nodes --- */

static void drop(struct backings *bs, struct backing *b)
{
    bool shared = false;
    for (const struct backing *other = bs->all; other; other = other->next)
        shared |= other != b && other->wd == b->wd;
    if (b->wd >= 0 && !shared)
        inotify_rm_watch(bs->inotify_fd, b->wd);
    if (b->id > 0)
        kernel_close(bs->fuse_fd, b->id);
    if (b->fd >= 0)
        close(b->fd);
    *b->pprev = b->next;
    if (b->next)
        b->next->pprev = b->pprev;
    free(b);
}

static struct backing *add(struct backings *bs)
{
    struct backing *b = calloc(1, sizeof(*b));
    if (!b)
        return NULL;
    b->fd = b->wd = -1;
    b->next = bs->all;
    if (b->next)
        b->next->pprev = &b->next;
    b->pprev = &bs->all;
    bs->all = b;
    return b;
}

/* O_DIRECT is the user's to ask for, and then the kernel opens the backing file with it. */
static bool opens_direct(int fd)
{
    char path[32];
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    CLEANUP_CLOSE int direct = open(path, O_RDONLY | O_DIRECT | O_CLOEXEC);
    return direct >= 0;
}

static bool is_whole(const struct backing_file *file)
{
    struct stat st;
    return file->fd >= 0 && fstat(file->fd, &st) == 0 && S_ISREG(st.st_mode) &&
           (uint64_t)st.st_size == file->size;
}

static bool set_up(struct backings *bs, struct backing *b, const struct backing_file *file)
{
    if (file->t) {
        b->fd = fcntl(file->fd, F_DUPFD_CLOEXEC, 0);
        b->wd = b->fd < 0 ? -1 : watch(bs, b->fd);
        if (b->wd < 0)
            return false;
    }
    b->id = kernel_open(bs->fuse_fd, file->fd);
    return b->id > 0;
}

/* NULL: not of this one. */
static struct backing *back(struct backings *bs, const struct inode *i,
                            const struct backing_file *file)
{
    if (!is_usable(bs) || !is_whole(file) || !opens_direct(file->fd))
        return NULL;
    struct backing *b = add(bs);
    if (!b)
        return NULL;
    b->t = file->t;
    b->since = clock_s();
    b->instance = i->instance;
    if (set_up(bs, b, file))
        return b;
    drop(bs, b);
    return NULL;
}

void backing_enter(struct backings *bs, struct inode *i, const struct backing_file *file,
                   struct fuse_file_info *fi)
{
    LOCK_SCOPE(&bs->lock);
    if (i->files++ == 0)
        i->backing = back(bs, i, file);
    if (!i->backing)
        return;
    reply_with(fi, i->backing->id);
    /* through us O_DIRECT may start and end anywhere */
    fi->direct_io = file->fd < 0 || (fi->flags & O_DIRECT);
    fi->keep_cache = 0;
    fi->noflush = !fi->direct_io; /* there is nothing to be interrupted */
}

void backing_leave(struct backings *bs, struct inode *i)
{
    struct seen *seen = NULL;
    pthread_mutex_lock(&bs->lock);
    if (--i->files == 0 && i->backing) {
        if (i->backing->wd >= 0)
            seen = take_events(bs); /* what it has read is known by now */
        if (i->backing->t && clock_s() - i->backing->since >= HELD_S)
            was_read(i->backing, &seen);
        drop(bs, STEAL(i->backing));
        watch_again(bs); /* those of others have been taken as well */
    }
    pthread_mutex_unlock(&bs->lock);
    tell(bs, seen);
}

/* --- the mount --- */

int backings_new(bool wanted, struct backings **ret)
{
    struct backings *bs = calloc(1, sizeof(*bs));
    if (!bs)
        return -ENOMEM;
    pthread_mutex_init(&bs->lock, NULL);
    bs->state = !wanted ? OPTION : built_in ? UNKNOWN : LIBRARY;
    bs->fuse_fd = bs->inotify_fd = bs->stop_fd = -1;
    *ret = bs;
    return 0;
}

void backings_ask(struct backings *bs, struct fuse_conn_info *conn)
{
    LOCK_SCOPE(&bs->lock);
    if (bs->state == UNKNOWN && !ask_for_it(conn))
        bs->state = KERNEL;
}

void backings_start(struct backings *bs, int fuse_fd, struct jobs *jobs)
{
    LOCK_SCOPE(&bs->lock);
    if (bs->state != UNKNOWN)
        return;
    bs->jobs = jobs;
    bs->inotify_fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    bs->stop_fd = eventfd(0, EFD_CLOEXEC);
    bs->started =
        bs->inotify_fd >= 0 && bs->stop_fd >= 0 && thread_start(&bs->thread, watcher, bs) == 0;
    if (bs->started)
        bs->fuse_fd = fuse_fd;
    else
        bs->state = RESOURCES;
}

void backings_stop(struct backings *bs)
{
    pthread_mutex_lock(&bs->lock);
    bs->fuse_fd = -1;
    bool started = bs->started;
    bs->started = false;
    pthread_mutex_unlock(&bs->lock);
    if (!started)
        return;
    eventfd_write(bs->stop_fd, 1);
    pthread_join(bs->thread, NULL);
}

void backings_free(struct backings *bs)
{
    if (!bs)
        return;
    while (bs->all)
        drop(bs, bs->all);
    if (bs->inotify_fd >= 0)
        close(bs->inotify_fd);
    if (bs->stop_fd >= 0)
        close(bs->stop_fd);
    pthread_mutex_destroy(&bs->lock);
    free(bs);
}

const char *backings_state(struct backings *bs)
{
    static const char *const texts[] = {
        [UNKNOWN] = "no (not mounted)",
        [YES] = "yes",
        [OPTION] = "no (mounted with nopassthrough)",
        [LIBRARY] = "no (built with a libfuse before 3.17)",
        [KERNEL] = "no (the kernel has none)",
        [PERMISSION] = "no (only a daemon with CAP_SYS_ADMIN may)",
        [RESOURCES] = "no (there was no inotify instance, or no thread, to be had)",
    };
    LOCK_SCOPE(&bs->lock);
    is_usable(bs);
    return texts[bs->state];
}
