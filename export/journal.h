/* journal.h - what exports have done to the world: a note for each instance in the state directory,
 * so that whoever comes next can put in order what a dead process has left (DESIGN §6, §7 P1, P2).
 *
 * STATE/journal/INSTANCE.  Written and removed under the instance's lock, and all but `stopped`
 * also under its export's; who holds these and finds a note knows that its writer is dead
 * (recover.h). Blocks on the local disk.
 */
#ifndef EXPORT_JOURNAL_H
#define EXPORT_JOURNAL_H

#include "lock/strvec.h"

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define JOURNAL_PARTS 16

/* What a run has done, or may have, on the node that it exports to. */
struct journal_part {
    char target[NAME_MAX + 1];
    int64_t t;       /* publication under this T was begun, and may have happened; 0: no */
    bool hashing;    /* it has, older copies are seen to, and its checksums are to be added */
    bool removing;   /* after it the instance is being removed, disk by disk */
    char error[256]; /* why it could not be put in order; "": not tried, or it is none of a dead */
};

struct journal {
    bool stopped;    /* the instance was running, and is to be started again */
    bool everywhere; /* a note could not be read: there may be a stage on any node */
    bool snapshots;  /* one may be left that could not be removed */
    char error[256]; /* why these could not be put in order */
    unsigned n;
    struct journal_part parts[JOURNAL_PARTS]; /* newest first; the first is a living run's own */
    bool under_way;                           /* not noted: this process is putting it in order */
};

/* A new run will stage on target: a part in front.  -EOVERFLOW: too much is left of dead ones. */
int journal_begin(struct journal *j, const char *target);
/* The i-th is in order. */
void journal_drop(struct journal *j, unsigned i);
/* The first was published, and older copies are seen to: of the others only stages are left, and
 * those on its node are gone. */
void journal_supersede(struct journal *j);
/* Nothing is left to be put in order. */
bool journal_empty(const struct journal *j);
/* "begun", "stopped", "publishing", "removing": how far the newest had come. */
const char *journal_stage(const struct journal *j);

/* One line "recovery: OF...: WHY" for each thing that is still to be put in order.  What a living
 * run has noted for the case of its death is not. */
void journal_put_left(FILE *f, const char *of, const struct journal *note);

/* Durably, in place of what was noted.  0, -EINVAL (name), -errno: then what would be noted must
 * not be done. */
int journal_write(const char *state_dir, const char *name, const struct journal *j);
/* 1: noted, 0: not, -errno: not known, and to be asked again.  A note that cannot be read or
 * understood is one of an instance to be started again, with stages everywhere: what of it is
 * needless is found out by whoever tries. */
int journal_read(const char *state_dir, const char *name, struct journal *ret);
int journal_remove(const char *state_dir, const char *name); /* none noted is fine */
/* Appends the names noted.  0 or -errno. */
int journal_list(const char *state_dir, struct strvec *ret);

#endif
