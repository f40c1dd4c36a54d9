/* gput.c - see gput.h.
 *
 *     wait for exports -> look what is there -> stage -> fill -> look again -> commit: T
 *         -> T is known -> publish -> remove copies elsewhere
 *
 * The cluster's own processor does the same for its exports under locks.  There is no lock of
 * Ganeti's that somebody else could take over its remote API, so what locks would keep away is
 * noticed: nothing is replaced or removed that was not there when the run began, and none is begun
 * while a job of Ganeti's exports this instance.  What is left is a job that would come and get as
 * far as its own publication within the moment between the last look and two renames.  Uploads of
 * one name exclude each other, in all mounts of a state directory, by their note (gput_note.h).
 *
 * T is known to gknown.h before the export can be seen.  Should it not come after all, and its
 * config.ini be that of another that is known, that one gets its T back.
 *
 * All in the run's thread.
 */
#include "export/ganeti/gput_parts.h"

#include "export/exportini.h"
#include "lock/clock.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

#define POLL_MS  1000
#define ALIVE_MS (60 * 1000)

static const char *name_of(const struct gput *p)
{
    return p->written->instance;
}

/* --- what the run is told --- */

static void tell(void (*to)(void *, const char *), void *arg, const char *fmt, va_list ap)
    __attribute__((format(printf, 3, 0)));

static void tell(void (*to)(void *, const char *), void *arg, const char *fmt, va_list ap)
{
    char line[2048];

    if (!to)
        return;
    vsnprintf(line, sizeof line, fmt, ap);
    for (char *c = line; *c; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7f)
            *c = '?';
    to(arg, line);
}

void gput_say(struct gput *p, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    tell(p->run->feedback, p->run->arg, fmt, ap);
    va_end(ap);
}

void gput_phase(struct gput *p, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    tell(p->run->phase, p->run->arg, fmt, ap);
    va_end(ap);
}

/* Filling and sending take as long, each. */
void gput_tell_progress(struct gput *p)
{
    if (p->run->progress)
        p->run->progress(p->run->arg, p->filled / 2 + p->sent / 2, p->total);
}

int gput_canceled(struct gput *p, struct err *err)
{
    cancel_alive(p->run->cancel);
    return cancel_requested(p->run->cancel)
               ? err_set(err, ERR_CANCELED, ECODE_NONE, ECANCELED, "canceled by request")
               : 0;
}

/* --- alone --- */

static int take_note(struct gput *p, struct err *err)
{
    for (;;) {
        int r = gput_note_take(p->w->state_dir, name_of(p), &p->note);

        if (r == 0)
            return 0;
        if (r != -EWOULDBLOCK)
            return err_sys(err, r, "%s/uploads", p->w->state_dir);
        gput_phase(p, "waiting for another upload of it");
        if (cancel_sleep(p->run->cancel, POLL_MS) < 0)
            return gput_canceled(p, err);
    }
}

/* Once it is staged that is kept alive. */
static int wait_for_exports(struct gput *p, bool staged, struct err *err)
{
    int64_t told = 0, alive = clock_ms();
    int r = 0;

    while (r == 0) {
        int64_t job = p->w->exporting(p->w->arg, name_of(p), err);

        cancel_alive(p->run->cancel);
        if (job <= 0)
            return (int)job;
        if (job != told)
            gput_say(p, "Waiting for job %" PRId64 ", which exports %s", job, name_of(p));
        told = job;
        gput_phase(p, "waiting for an export that is under way");
        if (cancel_sleep(p->run->cancel, POLL_MS) < 0)
            return gput_canceled(p, err);
        if (staged && clock_ms() - alive >= ALIVE_MS) {
            r = p->target->alive(p, err);
            alive = clock_ms();
        }
    }
    return r;
}

/* --- prepared --- */

static int check_room(struct gput *p, struct err *err)
{
    struct node_space space;
    int r = gnode_ops.export_space(p->w->nodes, p->node, &space, err);

    if (r == 0 && space.total && p->written->need > space.free)
        r = err_prereq(err, ECODE_NORES,
                       "Not enough space on node %s: %" PRIu64 " bytes needed, %" PRIu64 " free",
                       p->node->name, p->written->need, space.free);
    return r;
}

static int count(struct gput *p, struct err *err)
{
    for (unsigned i = 0; i < p->written->ndumps; i++)
        if (__builtin_add_overflow(p->total, p->written->dumps[i].bytes, &p->total))
            return err_exec(err, "disks of %s: sizes overflow", name_of(p));
    return 0;
}

static int prepare(struct gput *p, struct err *err)
{
    int r;

    gput_phase(p, "preparing");
    r = take_note(p, err);
    if (r == 0)
        r = wait_for_exports(p, false, err);
    if (r < 0)
        return r;
    /* the others' copies, as they are now */
    if (p->run->superseded)
        p->run->superseded(p->run->arg);
    p->seen = p->w->catalog(p->w->arg);
    r = gput_canceled(p, err);
    if (r == 0)
        r = count(p, err);
    if (r == 0)
        r = check_room(p, err);
    if (r == 0)
        r = p->target->begin(p, err);
    return r < 0 ? r : p->target->there(p, &p->there, err);
}

/* --- filled --- */

static int create_dump(void *arg, const char *name, int *fd, struct err *err)
{
    struct gput *p = arg;
    unsigned i = p->created;
    int r;

    if (i == p->written->ndumps || strcmp(name, p->written->dumps[i].name) != 0)
        return err_set(err, ERR_PROGRAMMER, ECODE_NONE, EIO, "the written image brings %s", name);
    r = gput_canceled(p, err);
    if (r < 0)
        return r;
    gput_phase(p, "copying disk/%u", p->written->dumps[i].disk);
    r = p->target->create(p, name, &p->fds[i], err);
    if (r < 0)
        return r;
    p->created++;
    *fd = p->fds[i];
    return 0;
}

static void filled(void *arg, uint64_t done)
{
    struct gput *p = arg;

    p->filled = done < p->total ? done : p->total;
    gput_tell_progress(p);
}

static int fill(struct gput *p, struct err *err)
{
    const struct written_to to = {create_dump,    filled,         p,
                                  p->run->cancel, p->w->throttle, &p->w->lowly};
    XXH128_canonical_t digests[MODEL_MAX_DISKS];
    int r = p->written->ops->fill(p->written, &to, digests, err);

    if (r == -ECANCELED)
        return err_set(err, ERR_CANCELED, ECODE_NONE, ECANCELED, "canceled by request");
    if (r == 0 && p->created != p->written->ndumps)
        r = err_set(err, ERR_PROGRAMMER, ECODE_NONE, EIO, "the written image has no %s",
                    p->written->dumps[p->created].name);
    if (r < 0)
        return err_prefix(err, "Export failed, errors in the written image");
    filled(p, p->total);
    for (unsigned i = 0; i < p->written->ndumps; i++) {
        snprintf(p->sums[1 + i].name, sizeof p->sums[0].name, "%s", p->written->dumps[i].name);
        p->sums[1 + i].digest = digests[i];
    }
    return 0;
}

static int send_dumps(struct gput *p, struct err *err)
{
    int r = 0;

    for (unsigned i = 0; r == 0 && i < p->written->ndumps; i++) {
        r = gput_canceled(p, err);
        if (r < 0)
            break;
        gput_phase(p, "sending disk/%u", p->written->dumps[i].disk);
        gput_say(p, "Writing disk/%u to %s", p->written->dumps[i].disk, p->node->name);
        r = p->target->take(p, i, err);
    }
    return r;
}

static int add_texts(struct gput *p, struct err *err)
{
    const struct written *w = p->written;
    CLEANUP_FREE char *text = NULL;
    size_t len;
    int r;

    snprintf(p->sums[0].name, sizeof p->sums[0].name, "%s", EXPORTINI_FILE);
    XXH128_canonicalFromHash(&p->sums[0].digest, XXH3_128bits(w->config, w->config_len));
    r = p->target->add(p, EXPORTINI_FILE, w->config, w->config_len, err);
    if (r < 0)
        return r;
    r = sums_format(p->sums, 1 + w->ndumps, &text, &len);
    return r < 0 ? err_sys(err, r, SUMS_FILE) : p->target->add(p, SUMS_FILE, text, len, err);
}

/* --- published --- */

static int look_again(struct gput *p, struct err *err)
{
    struct node_export_id now;
    int r = wait_for_exports(p, true, err);

    if (r == 0)
        r = p->target->there(p, &now, err);
    if (r < 0)
        return r;
    if (now.size != p->there.size || now.hash != p->there.hash || now.ino != p->there.ino)
        return err_set(err, ERR_EXEC, ECODE_STATE, EBUSY,
                       "Another export of %s has come to node %s meanwhile", name_of(p),
                       p->node->name);
    return 0;
}

static int commit(struct gput *p, struct err *err)
{
    const struct lu_run *run = p->run;

    if (run->commit && !run->commit(run->arg))
        return err_set(err, ERR_CANCELED, ECODE_NONE, ECANCELED, "canceled by request");
    p->t = run->image_t ? run->image_t : (int64_t)time(NULL);
    return gput_canceled(p, err);
}

struct node_export_id gput_identity(const struct gput *p)
{
    const struct written *w = p->written;

    return (struct node_export_id){
        .t = p->t, .size = w->config_len, .hash = XXH3_64bits(w->config, w->config_len)};
}

static int publish(struct gput *p, struct err *err)
{
    struct node_export_id id;
    int64_t had;
    int r = look_again(p, err);

    if (r == 0)
        r = commit(p, err);
    if (r < 0)
        return r;
    gput_phase(p, "publishing");
    gput_say(p, "Finalizing export on %s", p->node->name);
    r = p->target->date(p, err);
    if (r < 0)
        return r;
    id = gput_identity(p);
    had = p->w->set_t(p->w->arg, name_of(p), &id, p->t);
    r = p->target->publish(p, err);
    if (r < 0 && had)
        p->w->set_t(p->w->arg, name_of(p), &id, had);
    p->w->changed(p->w->arg, p->node->name, name_of(p));
    return r;
}

/* --- all of it --- */

static int work(struct gput *p, struct err *err)
{
    int r = prepare(p, err);

    if (r == 0)
        r = fill(p, err);
    if (r == 0)
        r = send_dumps(p, err);
    if (r == 0)
        r = add_texts(p, err);
    if (r == 0)
        r = publish(p, err);
    if (r == 0)
        gput_remove_older(p);
    return r;
}

static void clear(struct gput *p)
{
    p->target->end(p);
    for (unsigned i = 0; i < MODEL_MAX_DISKS; i++)
        if (p->fds[i] >= 0)
            close(p->fds[i]);
    gput_note_release(p->note);
    catalog_unref(p->seen);
}

int gput_run(const struct gput_world *w, const struct lu_run *run, const struct model_node *node,
             struct lu_result *result, struct err *err)
{
    struct gput p = {.w = w,
                     .run = run,
                     .written = run->written,
                     .node = node,
                     .target = node->address ? &gput_far : &gput_near};
    int r;

    for (unsigned i = 0; i < MODEL_MAX_DISKS; i++)
        p.fds[i] = -1;
    r = work(&p, err);
    clear(&p);
    if (r < 0)
        return r;
    *result = (struct lu_result){.fin_resu = true, .ndisks = p.written->ndumps};
    for (unsigned i = 0; i < p.written->ndumps; i++)
        result->disks[i] = true;
    return 0;
}
