/* sftp_file.c - an open file: its handle, and the calls that take one request.
 *
 * Counted: by its owner until sftp_close(), and by each read begun.  The handle is closed with the
 * last of them.  It belongs to one connection, which it keeps counted; when that is DOWN the handle
 * means nothing any more: -ESTALE.
 */
#include "export/ganeti/sftp_internal.h"

#include <fcntl.h>
#include <string.h>

enum { FXF_READ = 1, FXF_WRITE = 2, FXF_CREAT = 8, FXF_EXCL = 0x20 };

struct sftp_file *sftp_file_ref(struct sftp_file *f)
{
    atomic_fetch_add_explicit(&f->refs, 1, memory_order_relaxed);
    return f;
}

void sftp_close(struct sftp_file *f)
{
    if (!f || atomic_fetch_sub_explicit(&f->refs, 1, memory_order_acq_rel) != 1)
        return;
    if (f->handle.n > 0)
        sftp_send_close(f->c, f->handle.bytes, f->handle.n);
    sftp_conn_unref(f->c);
    free(f->path);
    free(f);
}

static void cleanup_file(struct sftp_file **f)
{
    sftp_close(*f);
}

static int protocol_flags(int flags, uint32_t *ret)
{
    uint32_t fxf;

    switch (flags & O_ACCMODE) {
    case O_RDONLY:
        fxf = FXF_READ;
        break;
    case O_WRONLY:
        fxf = FXF_WRITE;
        break;
    case O_RDWR:
        fxf = FXF_READ | FXF_WRITE;
        break;
    default:
        return -EINVAL;
    }
    if (flags & ~(O_ACCMODE | O_CREAT | O_EXCL))
        return -EINVAL;
    if (flags & O_CREAT)
        fxf |= FXF_CREAT;
    if (flags & O_EXCL)
        fxf |= FXF_EXCL;
    *ret = fxf;
    return 0;
}

static struct sftp_file *new_file(const char *path)
{
    struct sftp_file *f = calloc(1, sizeof *f);

    if (!f)
        return NULL;
    atomic_init(&f->refs, 1);
    f->path = strdup(path);
    if (f->path)
        return f;
    free(f);
    return NULL;
}

int sftp_open(struct sftp *s, const char *path, int flags, uint32_t mode, struct sftp_file **ret,
              struct err *err)
{
    HOLD_CLIENT(s);
    CLEANUP(cleanup_file) struct sftp_file *f = new_file(path);
    CLEANUP_REQ struct sftp_req req = {0};
    CLEANUP_OUT struct sftp_out o = {0};
    uint32_t fxf;
    int r = f ? protocol_flags(flags, &fxf) : -ENOMEM;

    if (r < 0)
        return err_sys(err, r, "%s: %.400s", s->name, path);
    sftp_out_begin(&o, SFTP_OPEN);
    sftp_put_string(&o, path);
    sftp_put_u32(&o, fxf);
    sftp_put_u32(&o, flags & O_CREAT ? SFTP_ATTR_PERMISSIONS : 0);
    if (flags & O_CREAT)
        sftp_put_u32(&o, mode & 07777);
    r = sftp_ask_any(s, &f->c, &req, &o, path, err);
    if (r == 0)
        r = sftp_get_handle(f->c, &req, &f->handle, path, err);
    if (r < 0)
        return flags & O_EXCL ? sftp_refused(s, r, path, err) : r;
    *ret = STEAL(f);
    return 0;
}

int sftp_stale(const struct sftp_file *f, struct err *err)
{
    return sftp_err(f->c, f->path, ESTALE, "its connection is gone", err);
}

/* One request about the handle, which o ends with so far or goes on after. */
static int ask(struct sftp_file *f, struct sftp_req *req, struct sftp_out *o, struct err *err)
{
    int r = sftp_ask(f->c, req, o, f->path, err);

    return r == -ESTALE ? sftp_stale(f, err) : r;
}

int sftp_fstat(struct sftp_file *f, struct sftp_attrs *ret, struct err *err)
{
    CLEANUP_REQ struct sftp_req req = {0};
    CLEANUP_OUT struct sftp_out o = {0};
    struct sftp_attrs attrs;
    struct sftp_in in;
    int r;

    sftp_out_begin(&o, SFTP_FSTAT);
    sftp_put_bytes(&o, f->handle.bytes, f->handle.n);
    r = ask(f, &req, &o, err);
    if (r == 0)
        r = sftp_expect(f->c, &req, SFTP_ATTRS, &in, f->path, err);
    if (r < 0)
        return r;
    sftp_get_attrs(&in, &attrs);
    if (in.bad)
        return sftp_nonsense(f->c, f->path, err);
    *ret = attrs;
    return 0;
}

static int change(struct sftp_file *f, struct sftp_out *o, struct err *err)
{
    CLEANUP_REQ struct sftp_req req = {0};
    int r = ask(f, &req, o, err);

    return r < 0 ? r : sftp_expect(f->c, &req, SFTP_STATUS, NULL, f->path, err);
}

int sftp_fsync(struct sftp_file *f, struct err *err)
{
    CLEANUP_OUT struct sftp_out o = {0};

    if (!f->c->can.fsync)
        return sftp_err(f->c, f->path, EOPNOTSUPP, "", err);
    sftp_out_begin(&o, SFTP_EXTENDED);
    sftp_put_string(&o, "fsync@openssh.com");
    sftp_put_bytes(&o, f->handle.bytes, f->handle.n);
    return change(f, &o, err);
}

int sftp_set_mtime(struct sftp_file *f, int64_t t, struct err *err)
{
    CLEANUP_OUT struct sftp_out o = {0};

    if (t < 0 || t > UINT32_MAX)
        return sftp_err(f->c, f->path, EINVAL, "", err);
    sftp_out_begin(&o, SFTP_FSETSTAT);
    sftp_put_bytes(&o, f->handle.bytes, f->handle.n);
    sftp_put_u32(&o, SFTP_ATTR_TIMES);
    sftp_put_u32(&o, (uint32_t)t); /* the time of access goes with it: version 3 has both or none */
    sftp_put_u32(&o, (uint32_t)t);
    return change(f, &o, err);
}
