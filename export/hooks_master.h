/* hooks_master.h - runs an LU's hooks on its nodes before and after it (spec §4.3). */
#ifndef EXPORT_HOOKS_MASTER_H
#define EXPORT_HOOKS_MASTER_H

#include "export/lu.h"

struct hooks_master {
    struct lu *lu;
    struct strvec nodes; /* sorted, each once */
    struct lu_hooks_env pre;
};

/* Asks the LU for nodes and environment.  An LU without hooks (hpath NULL) has none: both phases
 * then do nothing.  *hm is valid, to be cleared, also on failure. */
int hooks_master_init(struct hooks_master *hm, struct lu *lu, struct err *err);
void hooks_master_clear(struct hooks_master *hm);

/* Phase "pre" on all nodes, one after the other; blocks for as long as scripts run.  -EPERM
 * (ERR_HOOKS_ABORT): at least one script failed, all nodes were asked nevertheless.  -EIO
 * "Communication Failure": no node could be reached.  -ECANCELED. */
int hooks_master_pre(struct hooks_master *hm, struct err *err);

/* Phase "post": failures are warnings in the log.  Not cancellable. */
void hooks_master_post(struct hooks_master *hm);

#define CLEANUP_HOOKS_MASTER CLEANUP(hooks_master_clear)

#endif
