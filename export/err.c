/* err.c - see err.h.  No state, any thread. */
#include "export/err.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *name;
    int errnum;
} ecodes[] = {
    [ECODE_NONE] = {"", EIO},
    [ECODE_RESOLVER] = {"resolver_error", EIO},
    [ECODE_NORES] = {"insufficient_resources", ENOSPC},
    [ECODE_TEMP_NORES] = {"temp_insufficient_resources", ENOSPC},
    [ECODE_INVAL] = {"wrong_input", EINVAL},
    [ECODE_STATE] = {"wrong_state", EBUSY},
    [ECODE_NOENT] = {"unknown_entity", ENOENT},
    [ECODE_EXISTS] = {"already_exists", EEXIST},
    [ECODE_NOTUNIQUE] = {"resource_not_unique", EIO},
    [ECODE_FAULT] = {"internal_error", EIO},
    [ECODE_ENVIRON] = {"environment_error", EIO},
};

static const char *const class_names[] = {
    [ERR_NONE] = "",
    [ERR_PREREQ] = "OpPrereqError",
    [ERR_EXEC] = "OpExecError",
    [ERR_HOOKS_ABORT] = "HooksAbort",
    [ERR_LOCK] = "LockAcquireTimeout",
    [ERR_CANCELED] = "OpCanceled",
    [ERR_PROGRAMMER] = "ProgrammerError",
};

const char *ecode_name(enum ecode ecode)
{
    return ecodes[ecode].name;
}

const char *err_class_name(enum err_class class)
{
    return class_names[class];
}

static int set(struct err *err, enum err_class class, enum ecode ecode, int errnum, const char *fmt,
               va_list ap) __attribute__((format(printf, 5, 0)));

static int set(struct err *err, enum err_class class, enum ecode ecode, int errnum, const char *fmt,
               va_list ap)
{
    char text[sizeof err->text];

    /* formatted aside: an argument may be the old text itself */
    vsnprintf(text, sizeof text, fmt, ap);
    for (char *p = text; *p; p++)
        if ((unsigned char)*p < 0x20 || *p == 0x7f)
            *p = '?';
    err->class = class;
    err->ecode = ecode;
    err->errnum = errnum;
    memcpy(err->text, text, sizeof text);
    return -errnum;
}

int err_prereq(struct err *err, enum ecode ecode, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    int r = set(err, ERR_PREREQ, ecode, ecodes[ecode].errnum, fmt, ap);
    va_end(ap);
    return r;
}

int err_exec(struct err *err, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    int r = set(err, ERR_EXEC, ECODE_NONE, EIO, fmt, ap);
    va_end(ap);
    return r;
}

int err_set(struct err *err, enum err_class class, enum ecode ecode, int errnum, const char *fmt,
            ...)
{
    va_list ap;

    va_start(ap, fmt);
    int r = set(err, class, ecode, errnum, fmt, ap);
    va_end(ap);
    return r;
}

int err_sys(struct err *err, int neg_errno, const char *fmt, ...)
{
    va_list ap;
    char buf[64];

    va_start(ap, fmt);
    set(err, ERR_EXEC, ECODE_NONE, -neg_errno, fmt, ap);
    va_end(ap);

    size_t len = strlen(err->text);

    snprintf(err->text + len, sizeof err->text - len, ": %s",
             strerror_r(-neg_errno, buf, sizeof buf));
    return neg_errno;
}

int err_prefix(struct err *err, const char *fmt, ...)
{
    char what[256];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(what, sizeof what, fmt, ap);
    va_end(ap);
    return err_set(err, err->class, err->ecode, err->errnum, "%s: %.*s", what,
                   (int)(sizeof err->text - sizeof what - 3), err->text);
}
