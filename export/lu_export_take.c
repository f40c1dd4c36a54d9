/* lu_export_take.c - tasklet 1 of an export: from the last checks to data in the stage.
 *
 *   look()      running?  snapshots possible?  if a snapshot is a must and there is none: error
 *   prepare()   stage and dumps on the target, room for them
 *   ----------- up to here nothing was done to the instance (L7) -----------
 *   stop()      if `shutdown`
 *   freeze()    snapshots, all right after each other
 *   restart()   if it was running and there are snapshots
 *   lu_export_copy()
 *   restart()   if it was running and there are none (long_sleep)
 *
 * Which of these happen is v3's table (spec §6.2), by admin_state:
 *
 *   state     shutdown remove  snapshots       what happens
 *   up        yes      no      ok              stop, freeze, start, copy snapshots
 *   up        yes      no      none, long_sleep     stop, copy disks, start
 *   up        yes      no      none            error, nothing was stopped
 *   up        no       no      ok              freeze, copy snapshots
 *   up        no       no      none            error "live export"
 *   up        yes      yes     not tried       stop, copy disks (then remove)
 *   down, offline  any any     not tried       copy disks (then remove)
 *
 * Unlike the reference the instance is started again if and only if it was found running (P2).
 * Whatever fails, finish() in lu_export.c starts it and gives the rest back; and if the process
 * dies, what was noted before tells the next one (journal.h).
 */
#include "export/lu_export.h"

#include "export/recover.h"

#include <stdio.h>
#include <time.h>

static bool option(const struct lu_export *x, const char *name)
{
    return opcode_get_bool(x->lu.op, name);
}

static bool try_snapshots(const struct lu_export *x)
{
    return x->inst->admin_state == ADMIN_UP && !option(x, "remove_instance");
}

/* There are no snapshots: may the disks themselves be copied? */
static int without_snapshots(struct lu_export *x, const char *why, struct err *err)
{
    if (!option(x, "shutdown"))
        return err_set(err, ERR_EXEC, ECODE_NONE, EBUSY,
                       "Not all disks could be snapshotted, and a live export was requested "
                       "(shutdown = False): %s",
                       why);
    if (!option(x, "long_sleep"))
        return err_set(err, ERR_EXEC, ECODE_NONE, EBUSY,
                       "Not all disks could be snapshotted, and the instance may not stay "
                       "stopped for the whole copy (long_sleep = False): %s",
                       why);
    lu_warning(&x->lu, "no snapshots: %s; %s stays stopped during the copy", why, x->instance);
    x->snapshots = false;
    return 0;
}

static int look_at_snapshots(struct lu_export *x, struct err *err)
{
    const struct lu_env *env = x->lu.env;
    struct err why;
    int r;

    x->snapshots = try_snapshots(x);
    if (!x->snapshots)
        return 0;
    r = env->nodes->blockdev_snapshot_check(env->node_ctx, x->src, x->inst->disks, x->inst->ndisks,
                                            x->lu.run->cancel, &why);
    if (r == -ECANCELED)
        *err = why;
    return r < 0 && r != -ECANCELED ? without_snapshots(x, why.text, err) : r;
}

int lu_export_note(struct lu_export *x, struct err *err)
{
    int r = x->lu.env->ops->journal_note(x->lu.env->arg, x->instance, &x->journal, err);

    x->noted = x->noted || r == 0;
    return r;
}

static void say(void *arg, const char *message)
{
    lu_feedback(arg, "%s", message);
}

/* An export of it that died is put in order first.  What that left on a node that cannot be asked
 * now does not keep this one from going to another, and stays noted behind it; nor are checksums
 * added to what is about to be replaced.  The instance must run if it is to. */
int lu_export_clear_up(struct lu_export *x, struct err *err)
{
    const struct lu_env *env = x->lu.env;
    const struct recovery rc = {
        .env = env,
        .m = x->lu.model,
        .name = x->instance,
        .j = &x->journal,
        .cancel = x->lu.run->cancel,
        .say = say,
        .arg = &x->lu,
    };
    int r = env->ops->journal_left(env->arg, x->instance, &x->journal, err);

    if (r <= 0)
        return r;
    r = recover(&rc, err);
    if (x->journal.stopped)
        return r;
    if (r < 0)
        lu_warning(&x->lu, "an earlier export of it was cut short, and not all is in order: %s",
                   err->text);
    if (!journal_empty(&x->journal))
        return env->ops->journal_note(env->arg, x->instance, &x->journal, err);
    env->ops->journal_end(env->arg, x->instance);
    return 0;
}

static int look(struct lu_export *x, struct err *err)
{
    const struct lu_env *env = x->lu.env;
    bool up = x->inst->admin_state == ADMIN_UP;
    int r = lu_export_clear_up(x, err);

    if (r < 0)
        return r;
    r = env->nodes->instance_running(env->node_ctx, x->src, x->inst, err);
    /* an instance at rest needs no driver for its hypervisor */
    if (r < 0 && (up || r != -EOPNOTSUPP))
        return r;
    x->was_running = r > 0;
    if (x->was_running && !up && !option(x, "shutdown"))
        lu_warning(&x->lu, "%s is running although it should be %s: its copy may be inconsistent",
                   x->instance, model_admin_state_name(x->inst->admin_state));
    return look_at_snapshots(x, err);
}

int lu_export_begin_stage(struct lu_export *x, struct err *err)
{
    const struct lu_env *env = x->lu.env;
    int r;

    r = journal_begin(&x->journal, x->dst->name);
    if (r < 0)
        return err_sys(err, r,
                       "%s: of earlier exports that were cut short too much is to be put "
                       "in order",
                       x->instance);
    r = lu_export_note(x, err);
    if (r == 0)
        r = env->nodes->export_stage(env->node_ctx, x->dst, x->instance, &x->stage, err);
    return r;
}

static int prepare(struct lu_export *x, struct err *err)
{
    const struct lu_env *env = x->lu.env;
    int r = lu_export_begin_stage(x, err);

    x->ndumps = x->inst->ndisks;
    for (unsigned j = 0; r == 0 && j < x->ndumps; j++) {
        char name[32];

        snprintf(name, sizeof name, "disk%u.raw", j);
        r = env->nodes->stage_create(env->node_ctx, x->stage, name, &x->dst_fd[j], err);
        if (__builtin_add_overflow(x->total, x->inst->disks[j].bytes, &x->total))
            return err_set(err, ERR_EXEC, ECODE_NONE, EOVERFLOW, "disks of %s: sizes overflow",
                           x->instance);
    }
    return r < 0 ? r : lu_export_check_space(x, err);
}

static int stop(struct lu_export *x, struct err *err)
{
    const struct lu_env *env = x->lu.env;
    int64_t timeout = opcode_get_int(x->lu.op, "shutdown_timeout", 0);
    int r;

    if (!option(x, "shutdown"))
        return 0;
    lu_phase(&x->lu, "shutting down");
    if (x->was_running) {
        x->journal.stopped = true;
        r = lu_export_note(x, err);
        if (r < 0)
            return r;
    }
    lu_feedback(&x->lu, "Shutting down instance %s", x->instance);
    x->stopped = true;
    r = env->nodes->instance_shutdown(env->node_ctx, x->src, x->inst,
                                      timeout > UINT32_MAX ? UINT32_MAX : (unsigned)timeout,
                                      x->lu.run->cancel, err);
    if (r == -EOPNOTSUPP && !x->was_running && x->inst->admin_state != ADMIN_UP)
        return 0;
    if (r < 0 && r != -ECANCELED)
        return err_prefix(err, "Could not shutdown instance %s on node %s", x->instance,
                          x->src->name);
    return r;
}

void lu_export_release_source(struct lu_export *x, unsigned j)
{
    const struct lu_env *env = x->lu.env;
    struct err err;

    if (x->snap[j].fd >= 0 &&
        env->nodes->blockdev_snapshot_release(env->node_ctx, &x->snap[j], &err) < 0) {
        lu_warning(&x->lu, "%s", err.text);
        x->snapshot_left = true;
    }
    if (x->src_fd[j] >= 0)
        close(STEAL_FD(x->src_fd[j]));
}

/* Some may have been taken, and could not be taken back. */
static void sweep_snapshots(struct lu_export *x)
{
    const struct lu_env *env = x->lu.env;
    struct err err;

    if (env->nodes->blockdev_snapshot_sweep(env->node_ctx, x->src, x->inst->disks, x->inst->ndisks,
                                            &err) < 0) {
        lu_warning(&x->lu, "%s", err.text);
        x->snapshot_left = true;
    }
}

/* Nothing may come in between: what lies between the first and the last snapshot is what a running
 * guest's disks may differ by. */
static int freeze(struct lu_export *x, struct err *err)
{
    const struct lu_env *env = x->lu.env;
    struct err why;
    int r;

    if (!x->snapshots)
        return 0;
    lu_phase(&x->lu, "taking snapshots");
    r = env->nodes->blockdev_snapshot(env->node_ctx, x->src, x->inst->disks, x->inst->ndisks,
                                      x->snap, x->lu.run->cancel, &why);
    x->timestamp = time(NULL);
    if (r == 0)
        lu_feedback(&x->lu, "Created snapshots of %u disks on node %s", x->inst->ndisks,
                    x->src->name);
    else
        sweep_snapshots(x);
    if (r == -ECANCELED)
        *err = why;
    return r < 0 && r != -ECANCELED ? without_snapshots(x, why.text, err) : r;
}

/* Noted too late, it is found running. */
static void is_running_again(struct lu_export *x)
{
    struct err ignored;

    x->started = true;
    x->journal.stopped = false;
    lu_export_note(x, &ignored);
}

int lu_export_restart(struct lu_export *x, struct err *err)
{
    const struct lu_env *env = x->lu.env;
    struct err why;
    int r;

    if (!x->stopped || !x->was_running || x->started)
        return 0;
    /* a shutdown that failed or was cancelled may have left it running */
    if (env->nodes->instance_running(env->node_ctx, x->src, x->inst, &why) > 0) {
        is_running_again(x);
        return 0;
    }
    lu_phase(&x->lu, "starting");
    lu_feedback(&x->lu, "Starting instance %s", x->instance);
    r = env->nodes->instance_start(env->node_ctx, x->src, x->inst, err);
    if (r < 0)
        return err_prefix(err, "Could not start instance %s", x->instance);
    is_running_again(x);
    return 0;
}

/* From now on nothing will be done to the instance: others may look at it, too. */
void lu_export_let_others_read(struct lu_export *x)
{
    const char *const name = x->instance;
    bool pending = x->stopped && x->was_running && !x->started;

    if (pending || option(x, "remove_instance"))
        return;
    if (lock_downgrade(x->lu.owner, LOCK_INSTANCE, &name, 1) < 0)
        lu_warning(&x->lu, "the lock of instance %s stays exclusive", name);
}

int lu_export_step(struct lu_export *x, int (*what)(struct lu_export *, struct err *),
                   struct err *err)
{
    int r = lu_canceled(&x->lu, err);

    return r < 0 ? r : lu_failed(what(x, err), err);
}

int lu_export_create(struct lu *lu, struct err *err)
{
    struct lu_export *x = lu_export_of(lu);
    int r;

    lu_phase(lu, "preparing");
    r = lu_export_step(x, look, err);
    if (r == 0)
        r = lu_export_step(x, prepare, err);
    if (r == 0)
        r = lu_export_step(x, stop, err);
    if (r == 0)
        r = lu_export_step(x, freeze, err);
    if (r == 0 && x->snapshots)
        r = lu_export_step(x, lu_export_restart, err);
    if (r < 0)
        return r;
    lu_export_let_others_read(x);
    r = lu_export_step(x, lu_export_copy, err);
    if (r == 0 && !option(x, "remove_instance"))
        r = lu_export_step(x, lu_export_restart, err);
    return r;
}
