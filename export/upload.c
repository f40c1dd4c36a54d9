/* upload.c - the files of an upload.  States: upload.h; the way to the LU: upload_finish.c.
 *
 * u->mu protects what is in memory; it is not held while the node is asked.  A write is counted
 * (u->writing) while it is under way: what is checked beside one is not believed.  The directory on
 * the node is made at the first byte, by whoever brings it, under u->begin, which is taken before
 * u->mu and is the only lock under which the node is asked.
 */
#include "export/upload_internal.h"

#include "export/names.h"
#include "export/thread.h"
#include "lock/fullio.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

int upload_new(struct jobs *j, enum upload_kind kind, const char *instance, const char *node,
               struct upload **ret, struct err *err)
{
    struct upload *u;
    int r = jobs_write_check(j, instance, node, 0, NULL, err);

    if (r < 0)
        return r;
    u = calloc(1, sizeof *u);
    if (!u || !(u->instance = strdup(instance)) || (node && !(u->node = strdup(node))) ||
        (r = cancel_init(&u->cancel)) < 0) {
        if (u) {
            free(u->instance);
            free(u->node);
        }
        free(u);
        return err_sys(err, r ? r : -ENOMEM, "upload of %s", instance);
    }
    u->refs = 1;
    u->jobs = j;
    u->kind = kind;
    for (size_t i = 0; i < UPLOAD_FILES; i++) {
        u->files[i].fd = -1;
        u->files[i].cut = UINT64_MAX;
    }
    u->files[0].used = kind == UPLOAD_ARCHIVE;
    u->files[0].mtime = time(NULL);
    pthread_mutex_init(&u->mu, NULL);
    pthread_mutex_init(&u->begin, NULL);
    pthread_mutex_init(&u->append, NULL);
    *ret = u;
    return 0;
}

struct upload *upload_ref(struct upload *u)
{
    LOCK_SCOPE(&u->mu);
    u->refs++;
    return u;
}

/* u->begin held, or nobody else has it. */
void upload_drop_staged(struct upload *u)
{
    for (size_t i = 0; i < UPLOAD_FILES; i++)
        if (u->files[i].fd >= 0)
            close(STEAL_FD(u->files[i].fd));
    put_abort(STEAL(u->put));
}

static void *discard(void *arg)
{
    struct upload *u = arg;

    upload_drop_staged(u);
    manifest_free(u->whole);
    pthread_mutex_destroy(&u->mu);
    pthread_mutex_destroy(&u->begin);
    pthread_mutex_destroy(&u->append);
    cancel_destroy(&u->cancel);
    free(u->instance);
    free(u->node);
    free(u);
    return NULL;
}

/* A node that hangs must not hold up who closes a file: a thread of its own, if one can be had. */
void upload_unref(struct upload *u)
{
    if (!u)
        return;
    pthread_mutex_lock(&u->mu);
    bool last = --u->refs == 0;
    pthread_mutex_unlock(&u->mu);
    if (!last)
        return;
    if (!u->put || thread_detached(discard, u) < 0)
        discard(u);
}

enum upload_kind upload_kind(const struct upload *u)
{
    return u->kind;
}

const char *upload_instance(const struct upload *u)
{
    return u->instance;
}

/* --- names --- */

/* u->mu held.  NULL: it has gone, whatever is in its place now. */
static struct upload_file *file_of(struct upload *u, int file)
{
    struct upload_file *f = &u->files[file % UPLOAD_FILES];

    return f->used && f->reuse == (unsigned)file / UPLOAD_FILES ? f : NULL;
}

static int number_of(const struct upload *u, const struct upload_file *f)
{
    return (int)(f->reuse * UPLOAD_FILES) + (int)(f - u->files);
}

/* u->mu held. */
static int find(const struct upload *u, const char *name)
{
    for (int i = 0; i < UPLOAD_FILES; i++)
        if (u->files[i].used && strcmp(u->files[i].name, name) == 0)
            return i;
    return -ENOENT;
}

static bool is_name(const char *name)
{
    return names_valid_file(name) && strlen(name) <= NAME_MAX &&
           strncmp(name, UPLOAD_NUMBER, strlen(UPLOAD_NUMBER)) != 0;
}

static bool is_busy(const struct upload *u)
{
    return u->state == UPLOAD_RUNNING || u->state == UPLOAD_DONE;
}

static void changed(struct upload *u, struct upload_file *f)
{
    u->dirty = true;
    u->forced = false;
    manifest_free(STEAL(u->whole));
    f->mtime = time(NULL);
}

/* What is staged of a file that has lost its name goes with the next that is written, or at the
 * end: nobody who removes a name waits for the node. */
static void forget(struct upload_file *f)
{
    f->used = false;
    f->stale = f->fd >= 0;
    f->size = 0;
    f->cut = UINT64_MAX;
}

int upload_create(struct upload *u, const char *name)
{
    if (!is_name(name))
        return -EINVAL;
    LOCK_SCOPE(&u->mu);
    if (is_busy(u))
        return -EBUSY;
    if (find(u, name) >= 0)
        return -EEXIST;
    for (int i = 0; i < UPLOAD_FILES; i++) {
        struct upload_file *f = &u->files[i];

        if (f->used || f->stale || f->writing)
            continue;
        f->used = true;
        f->reuse = (f->reuse + 1) % UPLOAD_REUSE;
        strcpy(f->name, name);
        changed(u, f);
        return number_of(u, f);
    }
    return -EMFILE;
}

int upload_find(struct upload *u, const char *name)
{
    LOCK_SCOPE(&u->mu);
    int i = find(u, name);
    return i < 0 ? i : number_of(u, &u->files[i]);
}

int upload_rename(struct upload *u, const char *from, const char *to)
{
    if (!is_name(to))
        return -EINVAL;
    LOCK_SCOPE(&u->mu);
    int i = find(u, from), old = find(u, to);
    if (i < 0 || i == old)
        return i < 0 ? i : 0;
    if (is_busy(u))
        return -EBUSY;
    if (old >= 0)
        forget(&u->files[old]);
    strcpy(u->files[i].name, to);
    changed(u, &u->files[i]);
    return 0;
}

int upload_unlink(struct upload *u, const char *name)
{
    LOCK_SCOPE(&u->mu);
    int i = find(u, name);
    if (i < 0)
        return i;
    if (is_busy(u))
        return -EBUSY;
    forget(&u->files[i]);
    changed(u, &u->files[i]);
    return 0;
}

bool upload_stat(struct upload *u, int file, uint64_t *size, int64_t *mtime)
{
    LOCK_SCOPE(&u->mu);
    const struct upload_file *f = file_of(u, file);
    if (!f)
        return false;
    *size = f->size;
    *mtime = f->mtime;
    return true;
}

void upload_list(struct upload *u, void (*row)(void *arg, const char *name), void *arg)
{
    LOCK_SCOPE(&u->mu);
    for (int i = 0; i < UPLOAD_FILES; i++)
        if (u->files[i].used)
            row(arg, u->files[i].name);
}

/* --- bytes --- */

static const char *chosen(struct upload *u)
{
    LOCK_SCOPE(&u->mu);
    return u->node;
}

int upload_target(struct upload *u, const char **ret, struct err *err)
{
    char target[NAMES_MAX + 1];
    int r = chosen(u) ? 0 : jobs_write_check(u->jobs, u->instance, NULL, 0, target, err);

    if (r < 0)
        return r;
    LOCK_SCOPE(&u->mu);
    if (!u->node && !(u->node = strdup(target)))
        return err_sys(err, -ENOMEM, "upload of %s", u->instance);
    *ret = u->node;
    return 0;
}

/* u->begin held. */
static int begin_put(struct upload *u, struct err *err)
{
    struct cluster *c = jobs_cluster(u->jobs);
    const char *node;
    int r = u->put ? 0 : upload_target(u, &node, err);

    return r < 0 || u->put ? r : c->ops->put_begin(c, node, u->instance, &u->put, err);
}

void upload_drop_stale(struct upload *u)
{
    for (int i = 0; i < UPLOAD_FILES; i++) {
        struct upload_file *f = &u->files[i];
        pthread_mutex_lock(&u->mu);
        int fd = f->stale && f->writing == 0 ? STEAL_FD(f->fd) : -1;
        pthread_mutex_unlock(&u->mu);
        if (fd < 0)
            continue;
        close(fd);
        unlinkat(u->put->fd, f->lies_as, 0);
        LOCK_SCOPE(&u->mu);
        f->stale = false;
    }
}

/* What truncate(2) said is done before the next byte. */
static int cut(struct upload *u, struct upload_file *f)
{
    pthread_mutex_lock(&u->mu);
    uint64_t least = f->cut, size = f->size;
    f->cut = UINT64_MAX;
    pthread_mutex_unlock(&u->mu);
    if (least == UINT64_MAX)
        return 0;
    return ftruncate(f->fd, (off_t)least) < 0 || ftruncate(f->fd, (off_t)size) < 0 ? -errno : 0;
}

/* u->begin held. */
static int open_file(struct upload *u, struct upload_file *f, struct err *err)
{
    int fd, r;

    upload_number(f->lies_as, (int)(f - u->files));
    r = put_open(u->put, f->lies_as, O_RDWR | O_CREAT | O_TRUNC, &fd, err);
    if (r < 0)
        return r;
    LOCK_SCOPE(&u->mu);
    f->fd = fd;
    f->stale = !f->used;
    return 0;
}

/* u->begin held. */
static int begun_fd(struct upload *u, struct upload_file *f, struct err *err)
{
    int r = begin_put(u, err);

    if (r < 0)
        return r;
    upload_drop_stale(u);
    if (f->fd < 0 && (r = open_file(u, f, err)) < 0)
        return r;
    r = cut(u, f);
    return r < 0 ? err_sys(err, r, "upload of %s to node %s", u->instance, u->node) : f->fd;
}

/* The descriptor of a file, which stays as long as that is counted in f->writing, or checked. */
static int file_fd(struct upload *u, struct upload_file *f, struct err *err)
{
    LOCK_SCOPE(&u->begin);
    return begun_fd(u, f, err);
}

int upload_lay_out(struct upload *u, struct err *err)
{
    pthread_mutex_lock(&u->begin);
    int r = begin_put(u, err); /* all of it may have been unlinked before a byte came */
    pthread_mutex_unlock(&u->begin);
    if (r < 0)
        return r;
    for (int i = 0; i < UPLOAD_FILES; i++) {
        int fd = u->files[i].used ? file_fd(u, &u->files[i], err) : 0;

        if (fd < 0)
            return fd;
    }
    return 0;
}

/* 0, and counted. */
static int begin_write(struct upload *u, int file, struct upload_file **ret)
{
    LOCK_SCOPE(&u->mu);
    if (is_busy(u))
        return -EBUSY;
    if (!(*ret = file_of(u, file)))
        return -ESTALE;
    (*ret)->writing++;
    u->writing++;
    return 0;
}

static void end_write(struct upload *u, struct upload_file *f, uint64_t end)
{
    LOCK_SCOPE(&u->mu);
    if (f->used && end > f->size)
        f->size = end;
    if (u->state == UPLOAD_EMPTY)
        u->state = UPLOAD_STAGED;
    changed(u, f);
    f->writing--;
    u->writing--;
}

/* Some of it may have been written. */
static void abort_write(struct upload *u, struct upload_file *f, int r, const struct err *err)
{
    jobs_refused(u->jobs, u->instance, err);
    LOCK_SCOPE(&u->mu);
    changed(u, f);
    snprintf(u->why, sizeof u->why, "%s", err->text);
    u->last = r;
    u->broken = true;
    f->writing--;
    u->writing--;
}

ssize_t upload_write(struct upload *u, int file, const void *buf, size_t n, uint64_t off)
{
    struct upload_file *f;
    struct err err;
    uint64_t end;
    int r;

    if (__builtin_add_overflow(off, n, &end) || end > INT64_MAX)
        return -EFBIG;
    if ((r = begin_write(u, file, &f)) < 0)
        return r;
    int fd = file_fd(u, f, &err);
    r = fd < 0 ? fd : fullio_pwrite(fd, buf, n, (off_t)off);
    if (r < 0 && fd >= 0)
        err_sys(&err, r, "upload of %s to node %s", u->instance, u->node);
    if (r < 0) {
        abort_write(u, f, r, &err);
        return r;
    }
    end_write(u, f, end);
    return (ssize_t)n;
}

/* Two who append at once come one after the other. */
ssize_t upload_append(struct upload *u, int file, const void *buf, size_t n)
{
    uint64_t at;
    int64_t mtime;

    LOCK_SCOPE(&u->append);
    if (!upload_stat(u, file, &at, &mtime))
        return -ESTALE;
    return upload_write(u, file, buf, n, at);
}

/* u->mu held. */
static int begin_read(struct upload *u, int file, size_t *n, uint64_t off, struct upload_file **ret)
{
    *ret = file_of(u, file);
    if (u->state == UPLOAD_DONE || !*ret)
        return -ESTALE;
    if (off >= (*ret)->size)
        *n = 0;
    else if ((*ret)->size - off < *n)
        *n = (size_t)((*ret)->size - off);
    return 0;
}

/* u->begin is held all the while, for nobody counts who reads. */
ssize_t upload_read(struct upload *u, int file, void *buf, size_t n, uint64_t off)
{
    struct upload_file *f;
    struct err err;

    LOCK_SCOPE(&u->begin);
    pthread_mutex_lock(&u->mu);
    ssize_t r = begin_read(u, file, &n, off, &f);
    pthread_mutex_unlock(&u->mu);
    if (r < 0 || n == 0)
        return r;
    int fd = begun_fd(u, f, &err);
    if (fd < 0)
        return fd;
    r = pread(fd, buf, n, (off_t)off);
    return r < 0 ? -errno : r;
}

int upload_truncate(struct upload *u, int file, uint64_t size)
{
    if (size > INT64_MAX)
        return -EFBIG;
    LOCK_SCOPE(&u->mu);
    struct upload_file *f = file_of(u, file);
    if (is_busy(u) || !f)
        return f ? -EBUSY : -ESTALE;
    if (size == f->size)
        return 0;
    if (size < f->cut)
        f->cut = size < f->size ? size : f->size;
    f->size = size;
    if (u->state == UPLOAD_EMPTY)
        u->state = UPLOAD_STAGED;
    changed(u, f);
    return 0;
}
