/* state.h - the text form of one process's holds and waits.
 *
 *     gnt-lock 1 PID
 *     owner PRIORITY DESCRIPTION
 *     hold LEVEL MODE SINCE                  at most one of each level and mode
 *     set                                    the whole level, and/or
 *     name NAME                              one name
 *     wait|add LEVEL MODE SINCE TICKET SERIAL        at most one of an owner
 *     name NAME
 *     end
 *
 * One thing a line, so that descriptions and names may contain spaces.  What follows `end`
 * is no part of it.  Pure functions.
 */
#ifndef LOCK_STATE_H
#define LOCK_STATE_H

#include "table.h"

/* Writes down all holders of t that are not foreign and that hold or wait for something.
 * The caller frees *text.  Returns 0 or -ENOMEM. */
int state_format(const struct table *t, int pid, char **text, size_t *len);

/* Reads such a text and puts its holders, marked foreign, in front of t.  Lines that make
 * no sense are skipped with what hangs on them: a damaged text gives less, never a crash
 * and never an invalid name, level, mode or priority.  Returns 0 or -ENOMEM (t unchanged).
 */
int state_parse(const char *text, size_t len, struct table *t);

#endif
