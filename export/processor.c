/* processor.c - see processor.h.
 *
 *   processor_run()                                     processor_check()
 *     open_lu()   arguments, name expansion               the same
 *     lock_all()  processor_locks.c                       -
 *     refresh()   what is true under the locks            -
 *     superseded?                                         -
 *     check_prereq of the LU, then of its tasklets        the same
 *     hooks_master_pre()                                  -
 *     [dry run: here it ends]
 *     exec, or the tasklets in order; finish()            -
 *     hooks_master_post()                                 -
 *     close_lu()  locks in reverse order, memory          the same
 *
 * Prerequisites are checked under the locks only, on data read anew, because what was checked
 * before waiting need not be true any more; processor_check() is the early answer for a user.  A
 * request to stop is looked at before each lock level, after the last one (spec §2.8) and, by the
 * LUs, at every step of exec (§12 L20).  An image that a failed run was to fill is failed here,
 * once, whatever phase the run got to.
 */
#include "export/processor.h"

#include "export/hooks_master.h"
#include "export/processor_locks.h"

#include <string.h>

static const struct lu_class *const classes[] = {&lu_export_class, &lu_remove_class,
                                                 &lu_query_class};

static const struct lu_class *find_class(const char *op_id, const struct lu_run *run)
{
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++)
        if (strcmp(classes[i]->op_id, op_id) == 0)
            return classes[i] == &lu_export_class && run->written ? &lu_write_class : classes[i];
    return NULL;
}

static void close_lu(struct lu **lup)
{
    struct lu *lu = *lup;

    if (!lu)
        return;
    lock_owner_free(lu->owner);
    if (lu->class->destroy)
        lu->class->destroy(lu);
    for (int i = 0; i < LOCK_LEVELS; i++)
        strvec_clear(&lu->locks[i].names);
    lu_result_clear(&lu->result);
    catalog_unref(lu->catalog);
    model_unref(lu->model);
    free(lu);
}
#define CLEANUP_LU CLEANUP(close_lu)

static int make_lu(const struct lu_env *env, const struct lu_run *run, struct opcode *op,
                   struct lu **ret, struct err *err)
{
    const char *op_id = opcode_description(op)->op_id;
    const struct lu_class *class = find_class(op_id, run);
    struct lu *lu;

    if (!class)
        return err_set(err, ERR_PROGRAMMER, ECODE_NONE, EIO, "no logical unit for %s", op_id);
    lu = calloc(1, class->size);
    if (!lu)
        return err_sys(err, -ENOMEM, "%s", op_id);
    lu->class = class;
    lu->op = op;
    lu->env = env;
    lu->run = run;
    lu->model = env->ops->model(env->arg);
    lu->catalog = env->ops->catalog(env->arg);
    *ret = lu;
    return 0;
}

/* A new LU with its arguments checked and its names expanded.  *ret is set, to be closed, as soon
 * as there is one. */
static int open_lu(const struct lu_env *env, const struct lu_run *run, struct opcode *op,
                   struct lu **ret, struct err *err)
{
    int r = opcode_validate(op, err);

    if (r == 0)
        r = make_lu(env, run, op, ret, err);
    if (r == 0 && (*ret)->class->check_arguments)
        r = (*ret)->class->check_arguments(*ret, err);
    if (r == 0)
        r = (*ret)->class->expand_names(*ret, err);
    if (r == 0 && !(*ret)->locks_declared)
        r = err_set(err, ERR_PROGRAMMER, ECODE_NONE, EIO, "%s has not said what it locks",
                    (*ret)->class->name);
    return r;
}

static int check_prereq(struct lu *lu, struct err *err)
{
    int r = lu->class->check_prereq ? lu->class->check_prereq(lu, err) : 0;

    for (const struct lu_tasklet *t = lu->class->tasklets; r == 0 && t && t->name; t++)
        if (t->check_prereq)
            r = t->check_prereq(lu, err);
    return r;
}

int processor_check(const struct lu_env *env, struct written *written, struct opcode *op,
                    struct err *err)
{
    const struct lu_run nobody = {.written = written};
    CLEANUP_LU struct lu *lu = NULL;
    int r = open_lu(env, &nobody, op, &lu, err);

    return r < 0 ? r : check_prereq(lu, err);
}

static int make_owner(struct lu *lu, struct err *err)
{
    CLEANUP_FREE char *summary = NULL;
    int prio = (int)opcode_get_int(lu->op, "priority", LOCK_PRIO_NORMAL);
    int r = lu->run->label ? 0 : opcode_summary(lu->op, &summary);

    if (r == 0)
        r = lock_owner_new(lu->env->locks, summary ? summary : lu->run->label, prio, &lu->owner);
    return r < 0 ? err_sys(err, r, "lock owner") : 0;
}

/* What was known before the wait for locks may be outdated. */
static int refresh(struct lu *lu, struct err *err)
{
    struct model *model;
    int r = lu->env->ops->model_refresh(lu->env->arg, &model, err);

    if (r < 0)
        return r;
    model_unref(lu->model);
    lu->model = model;
    catalog_unref(lu->catalog);
    lu->catalog = lu->env->ops->catalog(lu->env->arg);
    return 0;
}

static int lock_all(struct lu *lu, struct err *err)
{
    int r = make_owner(lu, err);

    if (r == 0)
        r = processor_lock_all(lu, err);
    if (r == 0)
        r = lu_canceled(lu, err);
    if (r == 0)
        r = refresh(lu, err);
    if (r == 0 && lu->run->superseded && lu->run->superseded(lu->run->arg))
        r = err_set(err, ERR_NONE, ECODE_NONE, EALREADY, "superseded");
    return r;
}

static int exec(struct lu *lu, struct err *err)
{
    int r = 0;

    if (lu->class->exec)
        r = lu->class->exec(lu, err);
    for (const struct lu_tasklet *t = lu->class->tasklets; r == 0 && t && t->name; t++)
        r = t->exec(lu, err);
    r = lu_failed(r, err);
    if (lu->class->finish)
        lu->class->finish(lu, r, err);
    return r;
}

/* From prerequisites to post hooks; the locks are held. */
static int run_locked(struct lu *lu, struct err *err)
{
    CLEANUP_HOOKS_MASTER struct hooks_master hm = {0};
    int r;

    lu_phase(lu, "checking prerequisites");
    r = check_prereq(lu, err);
    if (r == 0)
        r = hooks_master_init(&hm, lu, err);
    if (r < 0)
        return r;
    lu_phase(lu, "hooks (pre)");
    r = hooks_master_pre(&hm, err);
    if (r < 0)
        return r;
    if (opcode_get_bool(lu->op, "dry_run")) {
        lu_info(lu, "dry-run mode requested, not actually executing the operation");
        lu->result.nothing = true;
        return 0;
    }
    r = exec(lu, err);
    if (r < 0)
        return r;
    lu_phase(lu, "hooks (post)");
    hooks_master_post(&hm);
    return 0;
}

/* One line, in the words of the reference's command line (spec §10.1). */
static void tell_failure(const struct lu_run *run, const struct err *err)
{
    static const char *const kinds[] = {
        [ERR_NONE] = "",
        [ERR_PREREQ] = "prerequisites not met for this operation",
        [ERR_EXEC] = "command execution error",
        [ERR_HOOKS_ABORT] = "hooks execution failed",
        [ERR_LOCK] = "could not get the locks",
        [ERR_CANCELED] = "job canceled",
        [ERR_PROGRAMMER] = "programming error",
    };
    char line[sizeof err->text + 128];

    if (!run->feedback)
        return;
    if (err->class == ERR_PREREQ && err->ecode != ECODE_NONE)
        snprintf(line, sizeof line, "Failure: %s: error type: %s, error details: %s",
                 kinds[err->class], ecode_name(err->ecode), err->text);
    else
        snprintf(line, sizeof line, "Failure: %s: %s", kinds[err->class], err->text);
    run->feedback(run->arg, line);
}

/* Nobody may go on waiting for an image that will not come. */
static void fail_image(const struct lu_run *run, const struct err *err)
{
    if (run->image && image_state(run->image) < IMAGE_PUBLISHED)
        image_fail(run->image, err);
}

int processor_run(const struct lu_env *env, const struct lu_run *run, struct opcode *op,
                  struct lu_result *result, struct err *err)
{
    CLEANUP_LU struct lu *lu = NULL;
    int r = open_lu(env, run, op, &lu, err);

    if (r == 0)
        r = lock_all(lu, err);
    if (r == 0)
        r = run_locked(lu, err);
    if (r == -EALREADY && err->class == ERR_NONE)
        return r;
    if (r < 0) {
        fail_image(run, err);
        tell_failure(run, err);
        return r;
    }
    if (lu->result.nothing) {
        struct err none;

        err_set(&none, ERR_CANCELED, ECODE_NONE, ECANCELED, "dry run: no export was made");
        fail_image(run, &none);
    }
    *result = lu->result;
    lu->result = (struct lu_result){0};
    return 0;
}
