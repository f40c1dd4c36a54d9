/* hooks_run.h - runs the hook scripts of one directory on this machine (spec §4.1, RunParts). */
#ifndef EXPORT_HOOKS_RUN_H
#define EXPORT_HOOKS_RUN_H

#include "export/node_ops.h"

/* node_ops.hooks_runner for <hooks_dir>/<hpath>-<phase>.d.  Visible names in byte order; what is
 * not an executable regular file (or a link to one) with a name of [a-zA-Z0-9_-]+ is reported as
 * HKR_SKIP.  A failing script does not stop the others.  0 (a missing directory: no results);
 * -ECANCELED; -EHOSTUNREACH; -errno.  On failure *ret is untouched. */
int hooks_run(const char *hooks_dir, const char *hpath, const char *phase, const char *const *env,
              unsigned stall_s, struct cancel *cancel, struct node_hook_results *ret,
              struct err *err);

#endif
