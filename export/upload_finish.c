/* upload_finish.c - a staged image is checked whole and becomes an export.
 *
 *   upload_finish() -> thread: untar_check() or manifest_check_dir() -> jobs_write() -> ... run's
 * end
 *
 * The check reads all that is staged, and takes as long.  Who writes meanwhile makes it worthless;
 * once the run has it nothing can be written.  A check that fails leaves the upload open for more,
 * and its story in the instance's status.
 *
 * The thread and the run have a reference each.
 */
#include "export/upload_internal.h"

#include "export/thread.h"
#include "export/untar.h"
#include "lock/cleanup.h"
#include "lock/clock.h"

#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

/* u->mu held.  What is there now was judged, or is nothing. */
static bool is_settled(const struct upload *u)
{
    return u->broken || u->state == UPLOAD_DONE || u->state == UPLOAD_EMPTY ||
           (u->state == UPLOAD_STAGED && !u->dirty);
}

static int begin(struct upload *u);

/* The result of a check or a run; err: < 0.  Who waits asks again. */
static void settle(struct upload *u, enum upload_state state, int result, const struct err *err)
{
    struct err over;

    err_set(&over, ERR_CANCELED, ECODE_NONE, ECANCELED, "over: ask again");
    if (state == UPLOAD_DONE) {
        LOCK_SCOPE(&u->begin); /* who reads finds it staged, or done */
        upload_drop_staged(u);
        LOCK_SCOPE(&u->mu);
        u->state = state;
    }
    pthread_mutex_lock(&u->mu);
    u->state = state;
    if (!u->broken) {
        u->last = result;
        snprintf(u->why, sizeof u->why, "%s", result < 0 ? err->text : "");
    }
    struct image *signal = STEAL(u->signal);
    if (u->again && !is_settled(u))
        begin(u);
    pthread_mutex_unlock(&u->mu);
    image_fail(signal, &over);
    image_unref(signal);
    upload_unref(u);
}

/* --- the check --- */

static int lie_as(struct upload *u, struct upload_file *f, const char *name)
{
    if (strcmp(f->lies_as, name) == 0)
        return 0;
    if (renameat(u->put->fd, f->lies_as, u->put->fd, name) < 0)
        return -errno;
    snprintf(f->lies_as, sizeof f->lies_as, "%s", name);
    return 0;
}

static bool name_of(struct upload *u, const struct upload_file *f, char *name)
{
    LOCK_SCOPE(&u->mu);
    snprintf(name, NAME_MAX + 1, "%s", f->name);
    return f->used;
}

/* The check is of a directory: its files get their names there, first all of them out of the way of
 * each other.  What is written from here on makes the check worthless, so nobody waits for it. */
static int name_files(struct upload *u, struct err *err)
{
    char number[UPLOAD_NUMBER_MAX], name[NAME_MAX + 1];
    int r = 0;

    LOCK_SCOPE(&u->begin);
    upload_drop_stale(u);
    for (int i = 0; r == 0 && i < UPLOAD_FILES; i++) {
        struct upload_file *f = &u->files[i];

        upload_number(number, i);
        if (f->fd >= 0 && (!name_of(u, f, name) || strcmp(f->lies_as, name) != 0))
            r = lie_as(u, f, number);
    }
    for (int i = 0; r == 0 && i < UPLOAD_FILES; i++)
        if (u->files[i].fd >= 0 && name_of(u, &u->files[i], name))
            r = lie_as(u, &u->files[i], name);
    return r < 0 ? err_sys(err, r, "upload of %s to node %s", u->instance, u->node) : 0;
}

/* More than that it cannot be: what is free, or is cloned from what is staged.  What it needs in
 * the end the LU knows. */
static uint64_t room(struct upload *u)
{
    struct cluster *c = jobs_cluster(u->jobs);
    struct catalog *cat = c->ops->catalog(c);
    const struct catalog_node *cn = catalog_find_node(cat, u->node);
    uint64_t bytes = cn ? cn->space.free : INT64_MAX;

    catalog_unref(cat);
    LOCK_SCOPE(&u->mu);
    return bytes + u->files[0].size;
}

struct checking {
    int (*check)(const struct manifest_job *job, struct manifest **ret, struct err *err);
    const struct manifest_job *job;
    struct manifest **ret;
    struct err *err;
};

static int run_check(void *arg)
{
    const struct checking *c = arg;

    return c->check(c->job, c->ret, c->err);
}

static int check(struct upload *u, struct manifest **ret, struct err *err)
{
    const struct cluster *c = jobs_cluster(u->jobs);
    int r = upload_lay_out(u, err);
    struct manifest_job job = {.fd = u->files[0].fd,
                               .instance = u->instance,
                               .room = room(u),
                               .max_bytes = UPLOAD_MOST,
                               .cancel = &u->cancel,
                               .throttle = c->throttle};
    struct checking checking = {untar_check, &job, ret, err};

    if (r == 0 && u->kind != UPLOAD_ARCHIVE) {
        r = name_files(u, err);
        job.fd = u->put->fd;
        checking.check = manifest_check_dir;
    }
    return r < 0 ? r : lowly_run(&c->lowly, run_check, &checking);
}

static void ended(void *arg, int result, const struct err *err)
{
    settle(arg, result == 0 ? UPLOAD_DONE : UPLOAD_STAGED, result, err);
}

/* Of a directory all may be there but its checksums, which many tools write last. */
static bool may_wait(const struct upload *u, const struct manifest *m)
{
    return u->kind == UPLOAD_DIRECTORY && !m->has_sums && !u->forced;
}

/* Is what was checked still what is there?  1: from here on nobody can write; 0: it is kept for the
 * checksums; -EBADMSG. */
static int commit(struct upload *u, struct manifest *m, struct err *err)
{
    LOCK_SCOPE(&u->mu);
    if (u->dirty || u->writing)
        return err_set(err, ERR_EXEC, ECODE_NONE, EBADMSG, "written to while it was checked");
    if (may_wait(u, m)) {
        u->whole = m;
        u->whole_since = clock_s();
        return 0;
    }
    u->state = UPLOAD_RUNNING;
    return 1;
}

static struct manifest *take_whole(struct upload *u)
{
    LOCK_SCOPE(&u->mu);
    return STEAL(u->whole);
}

/* Takes m. */
static void run(struct upload *u, struct manifest *m)
{
    struct written *w = upload_source(u, m);
    struct err err;
    int r;

    if (!w) {
        manifest_free(m);
        settle(u, UPLOAD_STAGED, err_sys(&err, -ENOMEM, "upload of %s", u->instance), &err);
        return;
    }
    r = jobs_write(u->jobs, u->node, w, ended, u, &err);
    if (r < 0)
        settle(u, UPLOAD_STAGED, r, &err);
}

static void *finish(void *arg)
{
    struct upload *u = upload_ref(arg);
    struct manifest *m = take_whole(u);
    struct err err;
    int r = m ? 0 : check(u, &m, &err);

    if (r == 0 && (r = commit(u, m, &err)) < 0)
        manifest_free(m);
    /* that a directory is not complete yet is in the nature of it */
    if (r < 0 && !(r == -EBADMSG && u->kind == UPLOAD_DIRECTORY))
        jobs_refused(u->jobs, u->instance, &err);
    if (r > 0)
        run(u, m);
    else
        settle(u, UPLOAD_STAGED, r, &err);
    pthread_mutex_lock(&u->mu);
    u->checking--;
    pthread_mutex_unlock(&u->mu);
    upload_unref(u);
    return NULL;
}

/* u->mu held. */
static int begin(struct upload *u)
{
    int r = image_new(u->instance, &u->signal);

    if (r < 0)
        return r;
    u->state = UPLOAD_CHECKED;
    u->dirty = u->again = false;
    u->refs++;
    u->checking++;
    r = thread_detached(finish, u);
    if (r == 0)
        return 0;
    image_unref(STEAL(u->signal));
    u->state = UPLOAD_STAGED;
    u->dirty = true;
    u->refs--;
    u->checking--;
    return r;
}

bool upload_is_whole(struct upload *u, int64_t quiet_s)
{
    LOCK_SCOPE(&u->mu);
    return u->state == UPLOAD_STAGED && u->whole && clock_s() - u->whole_since >= quiet_s;
}

void upload_no_more(struct upload *u)
{
    LOCK_SCOPE(&u->mu);
    if (u->state != UPLOAD_STAGED || !u->whole)
        return;
    u->forced = true;
    begin(u);
}

int upload_finish(struct upload *u, struct image **wait)
{
    int r = 0;

    LOCK_SCOPE(&u->mu);
    if (is_settled(u))
        return u->state == UPLOAD_EMPTY && !u->broken ? 0 : u->last;
    if (u->state == UPLOAD_STAGED)
        r = begin(u);
    else if (u->dirty)
        u->again = true; /* perhaps nobody waits to ask again */
    if (r < 0)
        return r;
    *wait = image_ref(u->signal);
    return -EAGAIN;
}

bool upload_is_finishing(struct upload *u)
{
    LOCK_SCOPE(&u->mu);
    return u->state == UPLOAD_CHECKED || u->state == UPLOAD_RUNNING;
}

bool upload_is_incomplete(struct upload *u)
{
    LOCK_SCOPE(&u->mu);
    return u->state != UPLOAD_RUNNING && u->last == -EBADMSG;
}

bool upload_is_checked(struct upload *u)
{
    LOCK_SCOPE(&u->mu);
    return u->checking > 0;
}

uint64_t upload_life(struct upload *u)
{
    LOCK_SCOPE(&u->mu);
    return u->state == UPLOAD_CHECKED ? cancel_life(&u->cancel) : (uint64_t)clock_s();
}

void upload_cancel(struct upload *u)
{
    cancel_request(&u->cancel);
}

bool upload_is_empty(struct upload *u)
{
    LOCK_SCOPE(&u->mu);
    return u->state == UPLOAD_EMPTY && !u->broken;
}

bool upload_is_dirty(struct upload *u)
{
    LOCK_SCOPE(&u->mu);
    return u->dirty;
}

bool upload_is_done(struct upload *u)
{
    LOCK_SCOPE(&u->mu);
    return u->state == UPLOAD_DONE;
}

bool upload_may_go_on(struct upload *u)
{
    LOCK_SCOPE(&u->mu);
    return u->state == UPLOAD_CHECKED || u->state == UPLOAD_RUNNING ||
           (u->state == UPLOAD_STAGED && !u->broken &&
            (u->dirty || u->whole || u->last == -EBADMSG));
}

void upload_text(struct upload *u, char *buf, size_t size)
{
    uint64_t bytes = 0;

    LOCK_SCOPE(&u->mu);
    for (int i = 0; i < UPLOAD_FILES; i++)
        bytes += u->files[i].used ? u->files[i].size : 0;
    if (u->state == UPLOAD_CHECKED)
        snprintf(buf, size, "%" PRIu64 " bytes, being checked", bytes);
    else if (u->state == UPLOAD_RUNNING)
        snprintf(buf, size, "%" PRIu64 " bytes, being exported", bytes);
    else if (u->whole)
        snprintf(buf, size, "%" PRIu64 " bytes, complete; checksums may follow", bytes);
    else if (u->last < 0)
        snprintf(buf, size, "%" PRIu64 " bytes, %s", bytes, u->why);
    else
        snprintf(buf, size, "%" PRIu64 " bytes so far", bytes);
}
