/* sftp.c - the calls that name a path, and what all calls have in common.  No state, any thread.
 *
 * A call builds a packet, sends it on the client's connection, waits, and reads the answer.  If the
 * connection turns out to be gone before anything was sent, another one is tried; after that a call
 * that fails is never repeated here: what the server did is not known.
 */
#include "export/ganeti/sftp_internal.h"

#include <string.h>

int sftp_err(const struct sftp_conn *c, const char *path, int errnum, const char *why,
             struct err *err)
{
    char buf[64];

    return err_set(err, ERR_EXEC, ECODE_NONE, errnum, "%s: %.400s: %s", sftp_conn_node(c), path,
                   *why ? why : strerror_r(errnum, buf, sizeof buf));
}

int sftp_lost(struct sftp_conn *c, const struct sftp_req *req, const char *path, struct err *err)
{
    /* why does not change any more when a request was failed */
    return sftp_err(c, path, -req->error, c->why, err);
}

int sftp_nonsense(struct sftp_conn *c, const char *path, struct err *err)
{
    static const char why[] = "the server's answers make no sense";

    sftp_conn_fail(c, ECONNRESET, why);
    return sftp_err(c, path, ECONNRESET, why, err);
}

int sftp_ask(struct sftp_conn *c, struct sftp_req *req, struct sftp_out *o, const char *path,
             struct err *err)
{
    int r;

    if (o->failed)
        return sftp_err(c, path, ENOMEM, "", err);
    r = sftp_send(c, req, o, NULL, 0);
    if (r < 0)
        return r;
    sftp_wait(c, req);
    return req->error ? sftp_lost(c, req, path, err) : 0;
}

int sftp_ask_any(struct sftp *s, struct sftp_conn **ret, struct sftp_req *req, struct sftp_out *o,
                 const char *path, struct err *err)
{
    HOLD_CLIENT(s);

    for (int tries = 2;; tries--) {
        CLEANUP_CONN struct sftp_conn *c = NULL;
        int r = sftp_conn_get(s, path, &c, err);

        if (r < 0)
            return r;
        r = sftp_ask(c, req, o, path, err);
        if (r == 0)
            *ret = STEAL(c);
        if (r == -ESTALE && tries == 0)
            return sftp_err(c, path, ECONNRESET, "", err);
        if (r != -ESTALE)
            return r;
    }
}

static int errno_of(uint32_t code)
{
    switch (code) {
    case SFTP_EOF:
        return ENODATA;
    case SFTP_NO_SUCH_FILE:
        return ENOENT;
    case SFTP_DENIED:
        return EACCES;
    case SFTP_UNSUPPORTED:
        return EOPNOTSUPP;
    default:
        return EIO;
    }
}

/* A STATUS: 0 for OK. */
static int status(struct sftp_conn *c, struct sftp_in *in, const char *path, struct err *err)
{
    uint32_t code = sftp_get_u32(in);
    char why[200] = "";
    size_t n;

    if (in->bad)
        return sftp_nonsense(c, path, err);
    if (code == SFTP_OK)
        return 0;

    const uint8_t *message = sftp_get_bytes(in, &n);

    /* its words only where ours would say no more */
    if (message && errno_of(code) == EIO)
        snprintf(why, sizeof why, "%.*s", (int)(n < sizeof why ? n : sizeof why), message);
    return sftp_err(c, path, errno_of(code), why, err);
}

int sftp_expect(struct sftp_conn *c, const struct sftp_req *req, enum sftp_type type,
                struct sftp_in *in, const char *path, struct err *err)
{
    struct sftp_in reply = {.p = req->reply, .n = req->reply_n};

    if (req->type == SFTP_STATUS) {
        int r = status(c, &reply, path, err);

        if (r < 0 || type == SFTP_STATUS)
            return r;
        return sftp_nonsense(c, path, err); /* "OK" is no answer here */
    }
    if (req->type != type)
        return sftp_nonsense(c, path, err);
    *in = reply;
    return 0;
}

/* STAT and LSTAT */
static int stat_path(struct sftp *s, enum sftp_type type, const char *path, struct sftp_attrs *ret,
                     struct err *err)
{
    CLEANUP_CONN struct sftp_conn *c = NULL;
    CLEANUP_REQ struct sftp_req req = {0};
    CLEANUP_OUT struct sftp_out o = {0};
    struct sftp_attrs attrs;
    struct sftp_in in;
    int r;

    sftp_out_begin(&o, type);
    sftp_put_string(&o, path);
    r = sftp_ask_any(s, &c, &req, &o, path, err);
    if (r == 0)
        r = sftp_expect(c, &req, SFTP_ATTRS, &in, path, err);
    if (r < 0)
        return r;
    sftp_get_attrs(&in, &attrs);
    if (in.bad)
        return sftp_nonsense(c, path, err);
    *ret = attrs;
    return 0;
}

int sftp_stat(struct sftp *s, const char *path, bool follow, struct sftp_attrs *ret,
              struct err *err)
{
    return stat_path(s, follow ? SFTP_STAT : SFTP_LSTAT, path, ret, err);
}

int sftp_space(struct sftp *s, const char *path, struct sftp_space *ret, struct err *err)
{
    HOLD_CLIENT(s);
    CLEANUP_CONN struct sftp_conn *c = NULL;
    CLEANUP_REQ struct sftp_req req = {0};
    CLEANUP_OUT struct sftp_out o = {0};
    struct sftp_in in;
    int r = sftp_conn_get(s, path, &c, err);

    if (r < 0)
        return r;
    if (!c->can.statvfs)
        return sftp_err(c, path, EOPNOTSUPP, "", err);
    sftp_out_begin(&o, SFTP_EXTENDED);
    sftp_put_string(&o, "statvfs@openssh.com");
    sftp_put_string(&o, path);
    sftp_conn_unref(STEAL(c));
    r = sftp_ask_any(s, &c, &req, &o, path, err);
    if (r == 0)
        r = sftp_expect(c, &req, SFTP_EXTENDED_REPLY, &in, path, err);
    if (r == 0 && sftp_get_space(&in, ret) < 0)
        r = sftp_nonsense(c, path, err);
    return r;
}

/* A request that is answered by a STATUS. */
static int change(struct sftp *s, struct sftp_out *o, const char *path, struct err *err)
{
    CLEANUP_CONN struct sftp_conn *c = NULL;
    CLEANUP_REQ struct sftp_req req = {0};
    int r = sftp_ask_any(s, &c, &req, o, path, err);

    return r < 0 ? r : sftp_expect(c, &req, SFTP_STATUS, NULL, path, err);
}

int sftp_refused(struct sftp *s, int r, const char *path, struct err *err)
{
    struct sftp_attrs attrs;
    struct err ignored;

    if (r != -EIO || sftp_stat(s, path, false, &attrs, &ignored) < 0)
        return r;
    return err_set(err, ERR_EXEC, ECODE_NONE, EEXIST, "%s: %.400s: %s", s->name, path,
                   "there is one already");
}

int sftp_mkdir(struct sftp *s, const char *path, uint32_t mode, struct err *err)
{
    HOLD_CLIENT(s);
    CLEANUP_OUT struct sftp_out o = {0};

    sftp_out_begin(&o, SFTP_MKDIR);
    sftp_put_string(&o, path);
    sftp_put_u32(&o, SFTP_ATTR_PERMISSIONS);
    sftp_put_u32(&o, mode & 07777);
    return sftp_refused(s, change(s, &o, path, err), path, err);
}

int sftp_rmdir(struct sftp *s, const char *path, struct err *err)
{
    CLEANUP_OUT struct sftp_out o = {0};

    sftp_out_begin(&o, SFTP_RMDIR);
    sftp_put_string(&o, path);
    return change(s, &o, path, err);
}

int sftp_unlink(struct sftp *s, const char *path, struct err *err)
{
    CLEANUP_OUT struct sftp_out o = {0};

    sftp_out_begin(&o, SFTP_REMOVE);
    sftp_put_string(&o, path);
    return change(s, &o, path, err);
}

int sftp_rename(struct sftp *s, const char *from, const char *to, struct err *err)
{
    HOLD_CLIENT(s);
    CLEANUP_OUT struct sftp_out o = {0};

    sftp_out_begin(&o, SFTP_RENAME);
    sftp_put_string(&o, from);
    sftp_put_string(&o, to);
    return sftp_refused(s, change(s, &o, from, err), to, err);
}
