/* command.h - runs an installed program to its end and hands back what it says. */
#ifndef EXPORT_COMMAND_H
#define EXPORT_COMMAND_H

#include "export/cancel.h"
#include "export/err.h"

#include <stddef.h>

#define COMMAND_OUT_MAX (4 * 1024 * 1024)

struct command {
    const char *const *argv; /* argv[0]: a name without slash */
    unsigned limit_s;        /* it is ended when it takes longer */
    struct cancel *cancel;   /* and when this asks for it; NULL: it must come to its own end */
    int keep;                /* a descriptor that it holds as 3; -1: none */
};

/* argv[0] is looked for in the absolute directories of PATH and then where Debian has its programs,
 * and run without a shell, in the surroundings that child.h tells and LC_ALL=C.  Returns its exit
 * status, 0 to 255; what it wrote to stdout is in *out (ended by a NUL, the caller frees it).  With
 * a status of not 0 *err is set as well: "NAME: " and the last line that it wrote to stderr.
 *
 * Else -errno, with *err: -ENOENT there is no such program, -ETIMEDOUT, -ECANCELED, -EFBIG more
 * output than COMMAND_OUT_MAX, -EBADMSG a NUL in it, -EIO it died of a signal, or what kept it from
 * being run. */
int command_run(const struct command *command, char **out, struct err *err);

/* Where such a program is: its absolute path in *ret, which the caller frees.  0, -ENOENT, -ENOMEM.
 */
int command_find(const char *name, char **ret);

#endif
