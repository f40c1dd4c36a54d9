/* gfile.c - see gfile.h: the handle, which is opened again when it was lost.
 *
 *               lost()                      the same file
 *     OPEN --------------> CLOSED --reopen()--------------> OPEN
 *                           ^  |  \ another file, or none
 *                  not yet  +--+   +-------------> DEAD (for ever)
 *
 * One reader opens for all (`opening`), the others wait for him.  m guards the handle and is not
 * held while the node is asked.  Chunks on their way hold the handle that they were asked from, so
 * destroying never waits: the keeper does.  holds counts the node_file's owner and the keeper.
 */
#include "export/ganeti/gfile.h"

#include "export/ganeti/gfile_ahead.h"
#include "export/ganeti/gfile_keeper.h"
#include "lock/clock.h"

#include <string.h>
#include <unistd.h>

#define IDLE_MS  3000
#define RETRY_MS 500

struct gfile {
    struct node_file nf;
    struct gfile_kept kept;
    atomic_int holds;
    atomic_bool destroyed;
    struct sftp *s;
    char *path;
    unsigned patience_s;
    struct gfile_owner owner;
    struct sftp_attrs attrs; /* what it was when it was opened */
    struct gfile_ahead ahead;

    pthread_mutex_t m;
    pthread_cond_t moved;
    struct gfile_handle *handle; /* NULL: CLOSED or DEAD */
    bool opening, dead, dropped;
    int failure; /* of the last try to open */
};

/* --- life --- */

static void unhold(struct gfile *f)
{
    if (atomic_fetch_sub_explicit(&f->holds, 1, memory_order_acq_rel) != 1)
        return;
    gfile_ahead_destroy(&f->ahead);
    gfile_handle_unref(f->handle);
    pthread_cond_destroy(&f->moved);
    pthread_mutex_destroy(&f->m);
    if (f->owner.let_go)
        f->owner.let_go(f->owner.arg);
    free(f->path);
    free(f);
}

static struct gfile *of_kept(struct gfile_kept *k)
{
    return (struct gfile *)((char *)k - offsetof(struct gfile, kept));
}

static void kept_shrink(struct gfile_kept *k)
{
    struct gfile *f = of_kept(k);

    gfile_ahead_shrink(&f->ahead, atomic_load(&f->destroyed) ? 0 : IDLE_MS);
}

static bool kept_done(struct gfile_kept *k)
{
    return gfile_ahead_unkeep(&of_kept(k)->ahead);
}

static void kept_release(struct gfile_kept *k)
{
    unhold(of_kept(k));
}

static void keep(struct gfile *f)
{
    if (!gfile_ahead_keep(&f->ahead))
        return;
    atomic_fetch_add(&f->holds, 1);
    gfile_keeper_add(&f->kept);
}

static void drop(struct node_file *nf)
{
    struct gfile *f = (struct gfile *)nf;

    LOCK_SCOPE(&f->m);
    f->dropped = true;
    gfile_handle_unref(STEAL(f->handle));
    pthread_cond_broadcast(&f->moved);
}

static void destroy(struct node_file *nf)
{
    struct gfile *f = (struct gfile *)nf;

    drop(nf);
    atomic_store(&f->destroyed, true);
    if (gfile_ahead_bytes(&f->ahead)) {
        keep(f);
        gfile_keeper_hurry();
    }
    unhold(f);
}

/* --- the handle --- */

/* With m held; released meanwhile. */
static int reopen(struct gfile *f)
{
    struct gfile_handle *h = NULL;
    struct err err;
    int r;

    f->opening = true;
    pthread_mutex_unlock(&f->m);
    r = gfile_handle_open(f->s, f->path, &h, &err);
    pthread_mutex_lock(&f->m);
    f->opening = false;
    if (r == -ENOENT || r == -ELOOP || r == -EINVAL ||
        (r == 0 && (h->attrs.size != f->attrs.size || h->attrs.mtime != f->attrs.mtime)))
        f->dead = true;
    if (r == 0 && !f->dead && !f->dropped)
        f->handle = STEAL(h);
    gfile_handle_unref(h);
    f->failure = r;
    pthread_cond_broadcast(&f->moved);
    return r;
}

static bool is_over(const struct gfile *f)
{
    return f->dead || f->dropped || (f->owner.ended && atomic_load(f->owner.ended));
}

static int get_handle(struct gfile *f, struct gfile_handle **ret)
{
    bool waited = false;

    LOCK_SCOPE(&f->m);
    while (!is_over(f) && !f->handle) {
        int r = 0;

        if (!f->opening && !waited) {
            r = reopen(f);
        } else if (f->opening) {
            pthread_cond_wait(&f->moved, &f->m);
            waited = true;
        } else {
            waited = false;
            r = f->failure;
        }
        if (r < 0 && !f->dead)
            return r;
    }
    if (is_over(f))
        return -EIO;
    *ret = gfile_handle_ref(f->handle);
    return 0;
}

static void lost(struct gfile *f, const struct gfile_handle *h)
{
    LOCK_SCOPE(&f->m);
    if (f->handle == h)
        gfile_handle_unref(STEAL(f->handle));
}

static void pause_a_while(struct gfile *f)
{
    struct timespec until;
    int64_t ms = clock_ms() + RETRY_MS;

    until = (struct timespec){ms / 1000, ms % 1000 * 1000000};
    LOCK_SCOPE(&f->m);
    if (!is_over(f) && !f->handle)
        pthread_cond_timedwait(&f->moved, &f->m, &until);
}

/* --- calls --- */

struct request {
    int (*run)(struct gfile *f, struct gfile_handle *h, struct request *q);
    void *buf;
    size_t len;
    uint64_t off;
    struct node_file_facts *facts;
};

static int run_once(struct gfile *f, struct request *q, bool *opened)
{
    CLEANUP_GFILE_HANDLE struct gfile_handle *h = NULL;
    int r = get_handle(f, &h);

    *opened = r == 0;
    if (r < 0)
        return r;
    r = q->run(f, h, q);
    if (gfile_handle_lost(r))
        lost(f, h);
    return r;
}

static int persist(struct gfile *f, struct request *q)
{
    int64_t until = clock_ms() + (int64_t)f->patience_s * 1000;

    for (bool first = true;; first = false) {
        bool opened;
        int r = run_once(f, q, &opened);

        if (!gfile_handle_lost(r))
            return r;
        /* one that was lost long ago, and is found to be only now, is opened again at once */
        if (opened && first)
            continue;
        if (clock_ms() >= until)
            return r == -ETIMEDOUT ? r : -EHOSTUNREACH;
        pause_a_while(f);
    }
}

static int run_read(struct gfile *f, struct gfile_handle *h, struct request *q)
{
    struct err ignored;

    return gfile_ahead_read(&f->ahead, h, q->buf, q->len, q->off, &ignored);
}

static int read_at(struct node_file *nf, void *buf, size_t len, uint64_t off)
{
    struct gfile *f = (struct gfile *)nf;
    struct request q = {.run = run_read, .buf = buf, .len = len, .off = off};
    int r = persist(f, &q);

    keep(f);
    return r;
}

static int read_ready(struct node_file *nf, void *buf, size_t len, uint64_t off)
{
    struct gfile *f = (struct gfile *)nf;

    pthread_mutex_lock(&f->m);
    bool over = is_over(f);
    pthread_mutex_unlock(&f->m);
    return over ? -EAGAIN : gfile_ahead_ready(&f->ahead, buf, len, off);
}

static int run_facts(struct gfile *f, struct gfile_handle *h, struct request *q)
{
    struct sftp_attrs attrs;
    struct err ignored;
    int r = sftp_fstat(h->file, &attrs, &ignored);

    (void)f;
    if (r < 0)
        return r;
    *q->facts = (struct node_file_facts){.size = attrs.size,
                                         .blocks512 = attrs.size / 512 + !!(attrs.size % 512),
                                         .mtime = {.tv_sec = attrs.mtime}};
    return 0;
}

static int facts(struct node_file *nf, struct node_file_facts *ret)
{
    struct request q = {.run = run_facts, .facts = ret};

    return persist((struct gfile *)nf, &q);
}

/* The node does not tell of holes: it is all data. */
static int seek(struct node_file *nf, uint64_t off, int whence, uint64_t *ret)
{
    const struct gfile *f = (const struct gfile *)nf;

    if (off >= f->attrs.size)
        return -ENXIO;
    *ret = whence == SEEK_HOLE ? f->attrs.size : off;
    return 0;
}

static const struct node_file_ops ops = {
    .read = read_at,
    .read_ready = read_ready,
    .seek = seek,
    .facts = facts,
    .drop = drop,
    .destroy = destroy,
};

/* --- opening --- */

static struct gfile *new_file(struct sftp *s, const char *path, uint64_t size)
{
    struct gfile *f = calloc(1, sizeof *f);
    pthread_condattr_t attr;

    if (!f)
        return NULL;
    f->path = strdup(path);
    if (!f->path || gfile_ahead_init(&f->ahead, size) < 0) {
        free(f->path);
        free(f);
        return NULL;
    }
    f->nf = (struct node_file){.ops = &ops, .may_hang = true};
    atomic_init(&f->nf.refs, 1);
    atomic_init(&f->holds, 1);
    f->kept = (struct gfile_kept){NULL, kept_shrink, kept_done, kept_release};
    f->s = s;
    pthread_mutex_init(&f->m, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&f->moved, &attr);
    pthread_condattr_destroy(&attr);
    return f;
}

int gfile_open_owned(struct sftp *s, const char *path, unsigned patience_s,
                     const struct gfile_owner *owner, struct node_file **ret, struct err *err)
{
    CLEANUP_GFILE_HANDLE struct gfile_handle *h = NULL;
    int r = gfile_handle_open(s, path, &h, err);
    struct gfile *f;

    if (r < 0)
        return r;
    f = new_file(s, path, h->attrs.size);
    if (!f)
        return err_sys(err, -ENOMEM, "Cannot open %s", path);
    f->patience_s = patience_s;
    f->owner = *owner;
    f->attrs = h->attrs;
    f->handle = STEAL(h);
    *ret = &f->nf;
    return 0;
}

int gfile_open(struct sftp *s, const char *path, unsigned patience_s, struct node_file **ret,
               struct err *err)
{
    const struct gfile_owner none = {0};

    return gfile_open_owned(s, path, patience_s, &none, ret, err);
}

bool gfile_hash(struct node_file *nf, uint64_t *pos, XXH128_hash_t *ret)
{
    *pos = 0;
    return nf->ops == &ops && gfile_ahead_hash(&((struct gfile *)nf)->ahead, pos, ret);
}

size_t gfile_bytes(struct node_file *nf)
{
    return gfile_ahead_bytes(&((struct gfile *)nf)->ahead);
}
