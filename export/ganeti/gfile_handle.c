/* gfile_handle.c - see gfile_handle.h.  No state but the count, any thread.
 *
 * SFTP knows no O_NOFOLLOW: the name is looked at before it is opened and, unless what was opened
 * is obviously the same file, again afterwards (one that is being written grows in between).
 */
#include "export/ganeti/gfile_handle.h"

#include <fcntl.h>
#include <sys/stat.h>

bool gfile_handle_lost(int r)
{
    return r == -ESTALE || r == -ECONNRESET || r == -ETIMEDOUT || r == -EHOSTUNREACH || r == -EPIPE;
}

static int refuse(const char *path, int r, struct err *err)
{
    return err_set(err, ERR_EXEC, ECODE_NONE, -r, "Cannot open %s: it is %s", path,
                   r == -ELOOP ? "a symbolic link" : "not a regular file");
}

static int look(struct sftp *s, const char *path, struct sftp_attrs *ret, struct err *err)
{
    int r = sftp_stat(s, path, false, ret, err);

    if (r < 0)
        return r;
    if (S_ISLNK(ret->mode))
        return refuse(path, -ELOOP, err);
    return S_ISREG(ret->mode) ? 0 : refuse(path, -EINVAL, err);
}

static int open_checked(struct sftp *s, const char *path, struct gfile_handle *h, struct err *err)
{
    struct sftp_attrs before, after;
    int r = look(s, path, &before, err);

    if (r == 0)
        r = sftp_open(s, path, O_RDONLY, 0, &h->file, err);
    if (r == 0)
        r = sftp_fstat(h->file, &h->attrs, err);
    if (r < 0)
        return r;
    if (!S_ISREG(h->attrs.mode))
        return refuse(path, -EINVAL, err);
    if (h->attrs.size == before.size && h->attrs.mtime == before.mtime)
        return 0;
    return look(s, path, &after, err);
}

int gfile_handle_open(struct sftp *s, const char *path, struct gfile_handle **ret, struct err *err)
{
    CLEANUP_GFILE_HANDLE struct gfile_handle *h = calloc(1, sizeof *h);
    int r;

    if (!h)
        return err_sys(err, -ENOMEM, "Cannot open %s", path);
    atomic_init(&h->refs, 1);
    r = open_checked(s, path, h, err);
    if (r < 0)
        return r;
    *ret = STEAL(h);
    return 0;
}

void gfile_handle_unref(struct gfile_handle *h)
{
    if (!h || atomic_fetch_sub_explicit(&h->refs, 1, memory_order_acq_rel) != 1)
        return;
    sftp_close(h->file);
    free(h);
}
