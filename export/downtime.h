/* downtime.h - which running instances an export has stopped and not started again yet: notes in
 * the state directory, so that somebody starts them if the process dies in between (DESIGN §7 P2).
 *
 * All of it is done under the instance's exclusive lock, but for the list.  Blocks on the local
 * disk.
 */
#ifndef EXPORT_DOWNTIME_H
#define EXPORT_DOWNTIME_H

#include "lock/strvec.h"

/* Before a running instance is stopped.  0, or -errno: then it is not to be stopped. */
int downtime_begin(const char *state_dir, const char *name);
/* It runs again, or never will (removed).  None noted is fine. */
int downtime_end(const char *state_dir, const char *name);
/* 1: noted, 0: not, -errno. */
int downtime_is_noted(const char *state_dir, const char *name);
/* Appends the names noted.  0 or -errno. */
int downtime_list(const char *state_dir, struct strvec *ret);

#endif
