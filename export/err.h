/* err.h - one error: its class, its ECODE, its errno and the story in words.
 *
 * A function that can tell the story takes a `struct err *` (never NULL) and returns the negative
 * errno that it put there, so that reporting and propagating are one line:
 *     return err_prereq(err, ECODE_NOENT, "Instance '%s' not known", name);
 * The text is one line: control characters are replaced by '?'.
 */
#ifndef EXPORT_ERR_H
#define EXPORT_ERR_H

#include <stdarg.h>

/* spec §1.3; the value strings are ecode_name() */
enum ecode {
    ECODE_NONE, /* an error without ECODE */
    ECODE_RESOLVER,
    ECODE_NORES,
    ECODE_TEMP_NORES,
    ECODE_INVAL,
    ECODE_STATE,
    ECODE_NOENT,
    ECODE_EXISTS,
    ECODE_NOTUNIQUE,
    ECODE_FAULT,
    ECODE_ENVIRON,
};

enum err_class {
    ERR_NONE,
    ERR_PREREQ,      /* OpPrereqError: nothing was changed */
    ERR_EXEC,        /* OpExecError */
    ERR_HOOKS_ABORT, /* a pre hook vetoed */
    ERR_LOCK,        /* locks not got in time */
    ERR_CANCELED,
    ERR_PROGRAMMER, /* an LU broke its contract */
};

struct err {
    enum err_class class;
    enum ecode ecode;
    int errnum; /* positive */
    char text[1024];
};

/* Each sets *err and returns -err->errnum.  Errno by DESIGN §4: NOENT -> ENOENT, INVAL -> EINVAL,
 * STATE -> EBUSY, NORES and TEMP_NORES -> ENOSPC, EXISTS -> EEXIST, others -> EIO; EXEC -> EIO;
 * HOOKS_ABORT -> EPERM; LOCK -> ETIMEDOUT; CANCELED -> ECANCELED. */
int err_prereq(struct err *err, enum ecode ecode, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
int err_exec(struct err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The same with another errno than the ECODE's or class's own (errnum > 0), e.g. EHOSTDOWN. */
int err_set(struct err *err, enum err_class class, enum ecode ecode, int errnum, const char *fmt,
            ...) __attribute__((format(printf, 5, 6)));

/* An ERR_EXEC from a failed call: text is "fmt: strerror"; neg_errno < 0 is returned. */
int err_sys(struct err *err, int neg_errno, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Puts "fmt: " in front of the text that is there.  Returns -err->errnum. */
int err_prefix(struct err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* "wrong_input" ...; "" for ECODE_NONE. */
const char *ecode_name(enum ecode ecode);

/* "OpPrereqError", "OpExecError", "HooksAbort", "LockAcquireTimeout", "OpCanceled", ... */
const char *err_class_name(enum err_class class);

#endif
