/* sftp_list.c - all of a directory.  No state, any thread. */
#include "export/ganeti/sftp_internal.h"

#include <string.h>

void sftp_entries_clear(struct sftp_entries *e)
{
    for (size_t i = 0; i < e->n; i++)
        free(e->v[i].name);
    free(e->v);
    *e = (struct sftp_entries){0};
}

int sftp_get_handle(struct sftp_conn *c, const struct sftp_req *req, struct sftp_handle *ret,
                    const char *path, struct err *err)
{
    struct sftp_in in;
    const uint8_t *p;
    size_t n;
    int r = sftp_expect(c, req, SFTP_HANDLE, &in, path, err);

    if (r < 0)
        return r;
    p = sftp_get_bytes(&in, &n);
    if (in.bad || n > sizeof ret->bytes)
        return sftp_nonsense(c, path, err);
    memcpy(ret->bytes, p, n);
    ret->n = n;
    return 0;
}

/* The next entries: 1, 0 there are no more, -errno. */
static int read_some(struct sftp_conn *c, const struct sftp_handle *h, struct sftp_entries *e,
                     size_t *alloc, const char *path, struct err *err)
{
    CLEANUP_REQ struct sftp_req req = {0};
    CLEANUP_OUT struct sftp_out o = {0};
    struct sftp_in in;
    int r;

    sftp_out_begin(&o, SFTP_READDIR);
    sftp_put_bytes(&o, h->bytes, h->n);
    r = sftp_ask(c, &req, &o, path, err);
    if (r == -ESTALE)
        return sftp_err(c, path, ECONNRESET, "", err);
    if (r == 0)
        r = sftp_expect(c, &req, SFTP_NAME, &in, path, err);
    if (r < 0)
        return r == -ENODATA ? 0 : r;
    r = sftp_get_names(&in, e, alloc);
    if (r == -EBADMSG)
        return sftp_nonsense(c, path, err);
    return r < 0 ? sftp_err(c, path, -r, "", err) : 1;
}

int sftp_list(struct sftp *s, const char *path, struct sftp_entries *ret, struct err *err)
{
    CLEANUP_CONN struct sftp_conn *c = NULL;
    CLEANUP_REQ struct sftp_req req = {0};
    CLEANUP_OUT struct sftp_out o = {0};
    CLEANUP(sftp_entries_clear) struct sftp_entries e = {0};
    struct sftp_handle h;
    size_t alloc = 0;
    int r;

    sftp_out_begin(&o, SFTP_OPENDIR);
    sftp_put_string(&o, path);
    r = sftp_ask_any(s, &c, &req, &o, path, err);
    if (r == 0)
        r = sftp_get_handle(c, &req, &h, path, err);
    if (r < 0)
        return r;
    do
        r = read_some(c, &h, &e, &alloc, path, err);
    while (r > 0);
    sftp_send_close(c, h.bytes, h.n);
    if (r < 0)
        return r;
    *ret = e;
    e = (struct sftp_entries){0};
    return 0;
}
