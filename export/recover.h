/* recover.h - what an export of a dead process has left is put in order (journal.h). */
#ifndef EXPORT_RECOVER_H
#define EXPORT_RECOVER_H

#include "export/journal.h"
#include "export/lu.h"

/* With the locks of an export of `name` held: the instance exclusively, all nodes shared, the
 * export's name exclusively.  Does all that *j asks for and can be done now; what is done is taken
 * out of *j, and a failure does not keep the rest from being done.  0: all of it; else the first
 * -errno, with *err, of what is left.  say (may be NULL): one line for each thing done.  Blocks on
 * the nodes, and reads whole dumps if their checksums are missing (-ECANCELED). */
int recover(const struct lu_env *env, const struct model *m, const char *name, struct journal *j,
            struct cancel *cancel, void (*say)(void *arg, const char *message), void *arg,
            struct err *err);

#endif
