/* journal.h - what a running export has done to the world: a note in the state directory, so that
 * whoever comes next can put in order what a dead process has left (DESIGN §6, §7 P1, P2).
 *
 * STATE/journal/INSTANCE.  Written and removed under the locks of that instance's export; who holds
 * these and finds a note knows that its writer is dead (recover.h).  Blocks on the local disk.
 */
#ifndef EXPORT_JOURNAL_H
#define EXPORT_JOURNAL_H

#include "lock/strvec.h"

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

struct journal {
    char target[NAME_MAX + 1]; /* the node that it stages and publishes on; "": nothing there */
    bool stopped;              /* the instance was running, and is to be started again */
    int64_t t;       /* publication under this T was begun, and may have happened; 0: no */
    bool removing;   /* after it the instance is being removed, disk by disk */
    char error[256]; /* why it could not be put in order; "": not tried, or it is none of a dead */
};

/* Durably, in place of what was noted.  0, -EINVAL (name), -errno: then what would be noted must
 * not be done. */
int journal_write(const char *state_dir, const char *name, const struct journal *j);
/* 1: noted, 0: not, -errno.  A note that cannot be understood is one of an instance to be started
 * again, which is found out to be needless by whoever tries. */
int journal_read(const char *state_dir, const char *name, struct journal *ret);
int journal_remove(const char *state_dir, const char *name); /* none noted is fine */
/* Appends the names noted.  0 or -errno. */
int journal_list(const char *state_dir, struct strvec *ret);

/* "begun", "stopped", "publishing", "removing": how far it had come. */
const char *journal_stage(const struct journal *j);

#endif
