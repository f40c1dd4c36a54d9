/* hook_script.h - runs one hook script and keeps what it says (spec §4.1).
 *
 * The script gets no arguments, cwd "/", stdin /dev/null, exactly the environment passed, a session
 * of its own (so no terminal), default signals and no descriptor but 0, 1 and 2.
 *
 * Output, both streams in one: blanks stripped at both ends, then every byte outside 0x20..0x7e as
 * \xNN (a newline is \x0a; a backslash stays as it is), at most HOOK_SCRIPT_MAX bytes and a note of
 * how many are left out.  Where a note on its end follows, an empty output is "(no output)" (spec
 * §4.3).  What a child in the background writes after the script's end is lost.
 */
#ifndef EXPORT_HOOK_SCRIPT_H
#define EXPORT_HOOK_SCRIPT_H

#include "export/node_ops.h"

#define HOOK_SCRIPT_MAX (64 * 1024)

/* Runs `path` (absolute) and waits for its end.  Fills code and output of *ret, the output being
 * the caller's to free:
 *   it cannot be executed     HKR_FAIL, "Hook script execution error: ..."
 *   non-zero, or a signal     HKR_FAIL, output and " (exit status N)" / " (killed by signal N)"
 *   silent for stall_s        killed with its process group; HKR_FAIL, " (killed: no output ...)"
 *   otherwise                 HKR_SUCCESS
 * stall_s 0: no limit.  cancel may be NULL.  0; -ECANCELED (killed likewise); -errno when nothing
 * could be started for lack of memory or descriptors. */
int hook_script_run(const char *path, const char *const *env, unsigned stall_s,
                    struct cancel *cancel, struct node_hook_result *ret);

#endif
