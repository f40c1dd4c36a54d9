/* processor.h - runs an opcode's LU through the reference's phases (spec §3).
 *
 *   arguments (opcode_validate, check_arguments) -> expand_names -> per level declare_locks,
 * acquire
 *   -> [superseded?] -> check_prereq -> hooks (pre) -> (dry run stops here) -> exec or tasklets ->
 *   hooks (post) -> release in reverse.
 */
#ifndef EXPORT_PROCESSOR_H
#define EXPORT_PROCESSOR_H

#include "export/lu.h"

/* Arguments, name expansion and prerequisites without locks, hooks or exec, from memory only: what
 * a `touch` is told before it returns (DESIGN §2).  written: an export of this image, of which
 * nothing but the instance need be known yet; NULL: of the disks.  Does not block.  op is validated
 * in place. */
int processor_check(const struct lu_env *env, struct written *written, struct opcode *op,
                    struct err *err);

/* Runs it.  Blocks for as long as it takes; the calling thread is the run's.  0 with *result (the
 * caller clears it); -EALREADY: superseded; else -errno, *err set, and the failure has been told to
 * run->feedback.  Locks are waited for with the back-off of spec §2.7, at most env->lock_timeout_ms
 * in all (-ETIMEDOUT). */
int processor_run(const struct lu_env *env, const struct lu_run *run, struct opcode *op,
                  struct lu_result *result, struct err *err);

#endif
