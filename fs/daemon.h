/* daemon.h - the process around a mount. */
#ifndef FS_DAEMON_H
#define FS_DAEMON_H

#include "fs/options.h"

/* Mounts as the options say and returns the command's exit code.  In the background unless asked
 * otherwise: then it returns twice, in the parent when the mount is ready or has failed, and in the
 * child when the mount has ended.  Errors are on stderr. */
int daemon_run(struct options *opt);

#endif
