/* promise.h - what was said about an instance's image and must not be taken back (DESIGN §2, §3).
 *
 * STATE/promise/INSTANCE holds the T promised for the next export, which T were given up, who read
 * the current one last, and what its disks were like: so that all mounts of a cluster say the same,
 * and a remount does not change what stat says.  Nothing is lost with it but that: what cannot be
 * kept on disk is said all the same.
 *
 * Every function waits for the local disk only, and only for a moment.  name: an instance's, valid.
 * Times are Unix seconds.
 */
#ifndef EXPORT_PROMISE_H
#define EXPORT_PROMISE_H

#include <stdbool.h>
#include <stdint.h>

/* What identifies the state of an instance's disks and configuration (proof.h). */
struct proof {
    uint64_t hi, lo;
};

struct promise {
    int64_t t;     /* promised last; stands while greater than floor and what is published */
    int64_t floor; /* greatest T given up: of a failed run, or shown with other sizes */
    int64_t read_t, read_at; /* the export that was read last, and when */
    int64_t for_readers;     /* T of the last export that only readers asked for */
    int64_t proof_t;         /* the export that `proof` is of */
    struct proof proof;
    uint64_t config; /* hash of instances/NAME/config.ini when last shown, and its mtime */
    int64_t config_mtime;
    int64_t made;     /* T of the last export that this cluster's mounts have made */
    int64_t told;     /* of its run a reader may have something; it is in floor once that is over */
    int64_t reserved; /* promise_reserve() */
};

/* All of it; zeros when there is none or it cannot be read. */
void promise_get(const char *state_dir, const char *name, struct promise *ret);

/* The T promised for the next export: what is on record if that is greater than floor and current,
 * else a new one, max(the next whole second, floor + 1, current + 1), which is put on
 * record: later than whatever was before it.  current: T of the export that there is, 0 none.  If
 * that has been read at or after read_since, and nothing newer has been promised, then nothing is:
 * 0.  (INT64_MAX: a promise is wanted whatever was read.) */
int64_t promise_make(const char *state_dir, const char *name, int64_t floor, int64_t current,
                     int64_t read_since);

/* A T for an export that is not the one promised (a written image), and is about to be published:
 * later than any that was promised, given up, reserved, and than floor and current.  What stands
 * promised stands until then; what is promised from now on is later. */
int64_t promise_reserve(const char *state_dir, const char *name, int64_t floor, int64_t current);

/* Nothing will be published under t (or less) any more. */
void promise_retire(const char *state_dir, const char *name, int64_t t);

/* A reader is about to be handed something of the run that is to be published under t.  Returns a
 * descriptor to be kept open until that run is over: from then on, also if this process dies,
 * nothing will be published under t any more.  -1: it cannot be noted, or only without that end. */
int promise_tell(const char *state_dir, const char *name, int64_t t);

/* Export t was read at that time. */
void promise_note_read(const char *state_dir, const char *name, int64_t t, int64_t at);

/* Export t was made.  proof: of its disks, NULL when there is none. */
void promise_note_made(const char *state_dir, const char *name, int64_t t, bool for_readers,
                       const struct proof *proof);

/* The mtime of instances/NAME/config.ini with this content (a hash): `first` if it was never shown,
 * what it was if it has not changed, else now, but later than before. */
int64_t promise_config_mtime(const char *state_dir, const char *name, uint64_t config,
                             int64_t first);

#endif
