/* gnode_stage.c - see gnode_stage.h.
 *
 *   begin -> staged --copy, write, date--> staged --publish--> published
 *              |                              |
 *              +---------- free --------------+--> (nothing)
 *
 * The files stay open until the end, so all of them are known to be of one connection: if that is
 * lost everything is begun anew by whoever writes the image.
 */
#include "export/ganeti/gnode_stage_parts.h"

#include "export/exportini.h"
#include "export/ganeti/gfile_handle.h"
#include "export/ganeti/gnode_remove.h"
#include "export/names.h"
#include "export/nodedir.h"

#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#define CHUNK (1024 * 1024)
#define BLOCK (64 * 1024) /* of zeros: not sent */
#define FULL  CHUNK       /* free bytes below which a failure is for want of room */

int gnode_stage_path(const struct gnode_stage *s, const char *entry, char **ret, struct err *err)
{
    if (asprintf(ret, "%s/%s", s->node.export_dir, entry) >= 0)
        return 0;
    *ret = NULL;
    return err_sys(err, -ENOMEM, "%s", entry);
}

/* --- begun --- */

static struct gnode_stage *new_stage(struct gnode_conn *c, const struct model_node *node,
                                     const char *name, struct gput_note *note)
{
    struct gnode_stage *s = calloc(1, sizeof *s);

    if (!s)
        return NULL;
    gnode_conn_ref(c);
    s->c = c;
    s->note = note;
    s->node.name = strdup(node->name);
    s->node.export_dir = strdup(node->export_dir);
    s->name = strdup(name);
    if (s->node.name && s->node.export_dir && s->name)
        return s;
    gnode_stage_free(s);
    return NULL;
}

static int make_dir(struct gnode_stage *s, struct err *err)
{
    CLEANUP_FREE char *path = NULL;
    struct err ignored;
    int r = gnode_stage_path(s, s->left.stage, &path, err);

    if (r == 0)
        r = sftp_mkdir(s->c->s, path, 0700, err);
    if (r == -ENOENT && sftp_mkdir(s->c->s, s->node.export_dir, 0700, &ignored) == 0)
        r = sftp_mkdir(s->c->s, path, 0700, err);
    if (r == 0 || gfile_handle_lost(r))
        s->path = STEAL(path); /* it may be there */
    return r < 0 ? err_prefix(err, "Cannot make a staging directory") : 0;
}

int gnode_stage_begin(struct gnode_conn *c, const struct model_node *node, const char *name,
                      struct gput_note *note, struct gnode_stage **ret, struct err *err)
{
    struct gnode_stage *s;
    int r;

    if (!names_valid(name))
        return err_set(err, ERR_EXEC, ECODE_INVAL, EINVAL, "Bad export name '%s'", name);
    s = new_stage(c, node, name, note);
    if (!s)
        return err_sys(err, -ENOMEM, "Cannot stage an export of %s", name);
    r = nodedir_fresh_name(s->left.stage, name, NODEDIR_PUT);
    if (r < 0)
        err_sys(err, r, "Cannot stage an export of %s", name);
    if (r == 0)
        r = gput_note_set(note, node->name, &s->left, err);
    if (r == 0)
        r = make_dir(s, err);
    if (r == 0)
        *ret = s;
    else
        gnode_stage_free(s);
    return r;
}

/* --- filled --- */

static int create(struct gnode_stage *s, const char *file, struct sftp_file **ret, struct err *err)
{
    CLEANUP_FREE char *path = NULL;
    int r = 0;

    if (!names_valid_file(file) || file[0] == '.' || s->nfiles == GNODE_STAGE_FILES)
        return err_set(err, ERR_EXEC, ECODE_INVAL, EINVAL, "Bad file name '%s' for an export",
                       file);
    if (asprintf(&path, "%s/%s", s->path, file) < 0) {
        path = NULL;
        return err_sys(err, -ENOMEM, "%s", file);
    }
    r = sftp_open(s->c->s, path, O_WRONLY | O_CREAT | O_EXCL, 0600, ret, err);
    if (r == 0)
        s->files[s->nfiles++] = *ret;
    return r;
}

/* The protocol has one word for most failures. */
static int explain(struct gnode_stage *s, int r, struct err *err)
{
    struct sftp_space space;
    struct err ignored;

    if (r != -EIO || sftp_space(s->c->s, s->path, &space, &ignored) < 0 || space.free >= FULL)
        return r;
    return err_set(err, ERR_EXEC, ECODE_NORES, ENOSPC,
                   "No space left on node %s: %" PRIu64 " bytes are free in %s", s->node.name,
                   space.free, s->node.export_dir);
}

/* It is all there, and stays. */
static int complete(struct gnode_stage *s, struct sftp_file *f, const char *file, uint64_t bytes,
                    struct err *err)
{
    struct sftp_attrs attrs;
    int r = sftp_fsync(f, err);

    if (r == -EOPNOTSUPP) {
        s->unsynced = true;
        r = 0;
    }
    if (r == 0)
        r = sftp_fstat(f, &attrs, err);
    if (r == 0 && attrs.size != bytes)
        r = err_exec(err, "%s on node %s has become %" PRIu64 " bytes long, not %" PRIu64, file,
                     s->node.name, attrs.size, bytes);
    return r < 0 ? explain(s, r, err) : 0;
}

static bool is_zero(const char *p, size_t n)
{
    return !*p && !memcmp(p, p + 1, n - 1);
}

struct copying {
    struct sftp_writer *w;
    uint64_t end; /* of what was written */
};

/* In runs as long as possible. */
static int put_data(struct copying *c, const char *buf, size_t len, uint64_t off, struct err *err)
{
    int r = 0;

    for (size_t from = 0, to; r == 0 && from < len; from = to) {
        size_t n = len - from < BLOCK ? len - from : BLOCK;

        to = from + n;
        if (is_zero(buf + from, n))
            continue;
        while (to < len && !is_zero(buf + to, len - to < BLOCK ? len - to : BLOCK))
            to += len - to < BLOCK ? len - to : BLOCK;
        r = sftp_writer_put(c->w, buf + from, to - from, off + from, err);
        c->end = off + to;
    }
    return r;
}

static int read_all(int fd, char *buf, size_t len, uint64_t off)
{
    for (size_t done = 0; done < len;) {
        ssize_t n = pread(fd, buf + done, len - done, (off_t)(off + done));

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0 ? -errno : -EIO;
        done += (size_t)n;
    }
    return 0;
}

/* The next byte from off on that need be sent. */
static uint64_t next_data(int fd, uint64_t off, uint64_t bytes)
{
    off_t at = lseek(fd, (off_t)off, SEEK_DATA);

    if (at < 0)
        return errno == ENXIO ? bytes : off;
    return (uint64_t)at < bytes ? (uint64_t)at - (uint64_t)at % BLOCK : bytes;
}

static int put_all(struct copying *c, const struct copy_job *job, struct err *err)
{
    CLEANUP_FREE char *buf = malloc(CHUNK);
    uint64_t off = 0, bytes = job->bytes;
    int r = buf ? 0 : err_sys(err, -ENOMEM, "upload");

    while (r == 0 && off < bytes) {
        uint64_t at = next_data(job->src, off, bytes);
        size_t len;

        cancel_alive(job->cancel);
        if (cancel_requested(job->cancel))
            return err_set(err, ERR_CANCELED, ECODE_NONE, ECANCELED, "canceled by request");
        off = at > off ? at : off;
        len = bytes - off < CHUNK ? (size_t)(bytes - off) : CHUNK;
        r = throttle_take(job->throttle, len, job->cancel, err);
        if (r < 0)
            return r;
        if (len && (r = read_all(job->src, buf, len, off)) < 0)
            return err_sys(err, r, "Reading what is to be uploaded");
        if (len)
            r = put_data(c, buf, len, off, err);
        off += len;
        if (job->progress)
            job->progress(job->arg, off);
    }
    if (r == 0 && c->end < bytes) /* its length, if a hole is at the end */
        r = sftp_writer_put(c->w, "", 1, bytes - 1, err);
    return r;
}

int gnode_stage_copy(struct gnode_stage *s, const char *file, const struct copy_job *job,
                     struct err *err)
{
    struct copying c = {.w = NULL};
    struct sftp_file *f;
    struct err later;
    int r = create(s, file, &f, err), ended;

    if (r == 0)
        r = sftp_writer_new(f, &c.w, err);
    if (r == 0)
        r = put_all(&c, job, err);
    ended = sftp_writer_end(c.w, &later);
    if (r == 0 && ended < 0) {
        *err = later;
        r = ended;
    }
    return r < 0 ? explain(s, r, err) : complete(s, f, file, job->bytes, err);
}

int gnode_stage_write(struct gnode_stage *s, const char *file, const void *data, size_t len,
                      struct err *err)
{
    struct sftp_file *f;
    int r = create(s, file, &f, err);

    if (r == 0)
        r = sftp_pwrite(f, data, len, 0, err);
    return r < 0 ? explain(s, r, err) : complete(s, f, file, len, err);
}

bool gnode_stage_is_synced(const struct gnode_stage *s)
{
    return !s->unsynced;
}

/* By the node's own clock. */
int gnode_stage_alive(struct gnode_stage *s, struct err *err)
{
    CLEANUP_FREE char *path = NULL;
    int r;

    if (asprintf(&path, "%s/.alive", s->path) < 0) {
        path = NULL;
        return err_sys(err, -ENOMEM, "%s", s->name);
    }
    r = sftp_mkdir(s->c->s, path, 0700, err);
    return r == 0 || r == -EEXIST ? sftp_rmdir(s->c->s, path, err) : r;
}

int gnode_stage_date(struct gnode_stage *s, int64_t t, struct err *err)
{
    int r = 0;

    for (size_t i = 0; r == 0 && i < s->nfiles; i++)
        r = sftp_set_mtime(s->files[i], t, err);
    return r;
}

int gnode_stage_rename(struct gnode_stage *s, const char *from, const char *to, struct err *err)
{
    CLEANUP_FREE char *a = NULL, *b = NULL;
    int r = gnode_stage_path(s, from, &a, err);

    if (r == 0)
        r = gnode_stage_path(s, to, &b, err);
    return r < 0 ? r : sftp_rename(s->c->s, a, b, err);
}

int gnode_stage_there(struct gnode_stage *s, struct node_export_id *ret, struct err *err)
{
    CLEANUP_GNODE_RAW struct gnode_raw *raw = NULL;
    int r = gnode_raw_read(s->c->s, &s->node, s->name, &raw, err);

    if (r == -ENOENT) {
        *ret = (struct node_export_id){0};
        return 0;
    }
    if (r == -ENOTDIR)
        return err_set(err, ERR_EXEC, ECODE_NONE, ENOTDIR,
                       "%s/%s is in the way: it exists and is not a directory", s->node.export_dir,
                       s->name);
    if (r < 0)
        return r;
    *ret = raw->id;
    if (!raw->id.size && !raw->id.ino)
        return err_sys(err, raw->config_errno, "Cannot read the export %s/%s", s->node.export_dir,
                       s->name);
    return 0;
}

/* --- the end --- */

/* Under another name first, so that no rename that comes late finds half of it. */
static int delete_stage(struct gnode_stage *s)
{
    CLEANUP_FREE char *path = NULL;
    char gone[NAME_MAX + 1];
    struct err ignored;
    int r = nodedir_fresh_name(gone, s->name, NODEDIR_GONE);

    if (r == 0)
        r = gnode_stage_rename(s, s->left.stage, gone, &ignored);
    if (r == -ENOENT)
        return 0;
    if (r == 0)
        r = gnode_stage_path(s, gone, &path, &ignored);
    return r < 0 ? r : gnode_remove_dir(s->c->s, path, &ignored);
}

static void remove_stage(struct gnode_stage *s)
{
    int r = s->path ? delete_stage(s) : 0;

    if (r == 0 && !*s->left.aside && !s->unsure)
        gput_note_drop(s->note, s->node.name);
}

void gnode_stage_free(struct gnode_stage *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < s->nfiles; i++)
        sftp_close(s->files[i]);
    if (*s->left.stage && !s->published)
        remove_stage(s);
    gnode_conn_put(s->c);
    free(s->path);
    free(s->name);
    free(s->node.name);
    free(s->node.export_dir);
    free(s);
}
