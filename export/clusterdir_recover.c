/* clusterdir_recover.c - what exports of dead processes have left (journal.h) is put in order by
 * whichever mount gets their locks first.
 *
 * Whoever exports an instance holds its locks from before the note until after it, and a dead
 * process's locks are free: who gets all of them and still finds the note knows that nobody else
 * will see to it.  What cannot be done stays noted, with the reason, for the next look.
 */
#include "export/clusterdir_internal.h"
#include "export/recover.h"

#include <string.h>

#define LOCK_WAIT_MS 1000 /* somebody exports that instance: another time */

int clusterdir_journal_note(void *arg, const char *name, const struct journal *j, struct err *err)
{
    struct clusterdir *d = arg;
    int r = journal_write(d->base.state_dir, name, j);

    return r < 0
               ? err_sys(err, r, "Cannot note in %s what is done with %s", d->base.state_dir, name)
               : 0;
}

void clusterdir_journal_end(void *arg, const char *name)
{
    struct clusterdir *d = arg;

    journal_remove(d->base.state_dir, name); /* one left over finds that nothing is to be done */
}

bool clusterdir_journal_left(void *arg, const char *name, struct journal *ret)
{
    struct clusterdir *d = arg;

    return journal_read(d->base.state_dir, name, ret) > 0;
}

int clusterdir_journal(struct cluster *c, const char *name, struct journal *ret)
{
    return journal_read(c->state_dir, name, ret);
}

static int take(struct lock_owner *o, enum lock_level level, enum lock_mode mode, const char *name)
{
    const struct lock_request rq = {
        .level = level, .mode = mode, .all = !name, .names = &name, .n = name ? 1 : 0};

    return lock_acquire(o, &rq, LOCK_WAIT_MS);
}

static int lock(struct lock_owner *o, const char *name)
{
    int r = take(o, LOCK_CLUSTER, LOCK_SHARED, LOCK_BGL);

    if (r == 0)
        r = take(o, LOCK_INSTANCE, LOCK_EXCLUSIVE, name);
    if (r == 0)
        r = take(o, LOCK_NODE, LOCK_SHARED, NULL);
    return r < 0 ? r : take(o, LOCK_EXPORT, LOCK_EXCLUSIVE, name);
}

static void put_in_order(struct clusterdir *d, const char *name)
{
    CLEANUP_MODEL struct model *m = NULL;
    struct journal j, before;
    struct err err;
    int r;

    if (journal_read(d->base.state_dir, name, &j) <= 0)
        return;
    before = j;
    r = modelwatch_refresh(d->models, &m, &err);
    if (r == 0)
        r = recover(&d->env, m, name, &j, &d->cancel, NULL, NULL, &err);
    if (r == 0) {
        journal_remove(d->base.state_dir, name);
        return;
    }
    snprintf(j.error, sizeof j.error, "%.*s", (int)sizeof j.error - 1, err.text);
    if (memcmp(&j, &before, sizeof j) != 0)
        journal_write(d->base.state_dir, name, &j);
}

static void lock_and_recover(struct clusterdir *d, const char *name)
{
    struct lock_owner *owner;
    char what[600];

    snprintf(what, sizeof what, "clearing up after an export of %s that was cut short", name);
    if (lock_owner_new(d->locks, what, LOCK_PRIO_NORMAL, &owner) < 0)
        return;
    if (lock(owner, name) == 0)
        put_in_order(d, name);
    lock_owner_free(owner);
}

void clusterdir_recover(struct clusterdir *d)
{
    CLEANUP_STRVEC struct strvec names = {0};

    if (journal_list(d->base.state_dir, &names) < 0)
        return;
    for (size_t i = 0; i < names.n && !cancel_requested(&d->cancel); i++)
        lock_and_recover(d, names.v[i]);
}
