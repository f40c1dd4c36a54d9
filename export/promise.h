/* promise.h - T, the time under which the next export of an instance will be published (DESIGN §3).
 *
 * STATE/promise/INSTANCE holds the T promised last, so that all mounts of a cluster promise the
 * same and a remount does not change what stat says.  Nothing is lost with it but that: a promise
 * that cannot be kept on disk is still made.
 */
#ifndef EXPORT_PROMISE_H
#define EXPORT_PROMISE_H

#include <stdint.h>

/* The T promised for the next export: what is on record if that is greater than floor, else a new
 * one, max(now, floor + 1), which is put on record.  Unix seconds.  Only the local disk is waited
 * for, and only for a moment.  name: an instance's, valid. */
int64_t promise_make(const char *state_dir, const char *name, int64_t floor);

#endif
