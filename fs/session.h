/* session.h - one mount from open to unmount. */
#ifndef FS_SESSION_H
#define FS_SESSION_H

#include "fs/options.h"

/* Opens the cluster, mounts on `mountpoint` (absolute) and serves until a signal (TERM, INT, HUP)
 * or an unmount ends it.  ready(arg) is called once, from another thread, when requests are being
 * answered.  Returns an exit code of options.h; when it is not EXIT_OK, `fail` was called with the
 * reason (one line) before.  To be called in the process that stays: it starts threads. */
int session_run(const struct options *opt, const char *mountpoint, void (*ready)(void *arg),
                void (*fail)(void *arg, const char *reason), void *arg);

#endif
