/* gnode_raw.c - see gnode_raw.h.  No state, any thread.
 *
 * Mirrors node_list.c over SFTP: foreign data, of which regular files are shown, and a config.ini
 * that cannot be used is told of with the rest.  But a connection that is lost meanwhile is the
 * node's failure, never taken for an export that is incomplete.
 */
#include "export/ganeti/gnode_raw.h"

#include "export/exportini.h"
#include "export/ganeti/gfile_handle.h"
#include "export/names.h"
#include "export/node_list.h"

#include <string.h>
#include <sys/stat.h>
#include <xxhash.h>

void gnode_raw_unref(struct gnode_raw *raw)
{
    if (!raw || atomic_fetch_sub_explicit(&raw->refs, 1, memory_order_acq_rel) != 1)
        return;
    for (size_t i = 0; i < raw->nfiles; i++)
        free(raw->files[i].name);
    free(raw->files);
    free(raw->text);
    free(raw);
}

bool gnode_raw_valid_name(const char *name)
{
    return names_valid(name) || names_unfinished(name);
}

/* --- reading --- */

int gnode_raw_look(struct sftp *s, const struct model_node *node, const char *name,
                   struct sftp_attrs *ret, struct err *err)
{
    CLEANUP_FREE char *path = NULL;
    struct sftp_attrs attrs;
    int r;

    if (!gnode_raw_valid_name(name))
        return err_set(err, ERR_EXEC, ECODE_INVAL, EINVAL, "Bad export name '%s'", name);
    if (asprintf(&path, "%s/%s", node->export_dir, name) < 0) {
        path = NULL;
        return err_sys(err, -ENOMEM, "Cannot open export %s", name);
    }
    r = sftp_stat(s, path, false, &attrs, err);
    if (r == -ENOENT)
        return err_sys(err, r, "Cannot open export %s", path);
    if (r < 0)
        return r;
    if (!S_ISDIR(attrs.mode))
        return err_set(err, ERR_EXEC, ECODE_NONE, ENOTDIR, "%s is not a directory", path);
    if (ret)
        *ret = attrs;
    return 0;
}

static bool is_shown(const struct sftp_entry *e)
{
    return e->name[0] != '.' && names_valid_file(e->name) && S_ISREG(e->attrs.mode);
}

/* Names are taken from the entries. */
static int take_files(struct sftp_entries *entries, struct gnode_raw *raw)
{
    size_t n = 0;

    for (size_t i = 0; i < entries->n; i++) {
        if (!is_shown(&entries->v[i]))
            continue;
        if (++n > NODE_LIST_MAX_FILES || entries->v[i].attrs.size > INT64_MAX)
            return -EOVERFLOW;
    }
    raw->files = calloc(n + 1, sizeof *raw->files);
    if (!raw->files)
        return -ENOMEM;
    for (size_t i = 0; i < entries->n; i++) {
        const struct sftp_entry *e = &entries->v[i];

        if (!is_shown(e))
            continue;
        raw->files[raw->nfiles++] = (struct node_export_file){
            .name = e->name,
            .size = e->attrs.size,
            .blocks512 = e->attrs.size / 512 + !!(e->attrs.size % 512),
            .mtime = {.tv_sec = e->attrs.mtime},
        };
        entries->v[i].name = NULL;
    }
    node_export_files_sort(raw->files, raw->nfiles);
    return 0;
}

static int read_text(struct gfile_handle *h, struct gnode_raw *raw, struct err *err)
{
    size_t size = (size_t)h->attrs.size;
    CLEANUP_FREE char *text = malloc(size + 1);
    ssize_t n;

    if (!text)
        return err_sys(err, -ENOMEM, EXPORTINI_FILE);
    n = sftp_pread(h->file, text, size, 0, err);
    if (n < 0)
        return (int)n;
    text[n] = '\0'; /* a file that shrank is taken as it is, the hash tells */
    raw->text = STEAL(text);
    raw->len = (size_t)n;
    raw->id.t = h->attrs.mtime;
    raw->id.size = raw->len;
    raw->id.hash = XXH3_64bits(raw->text, raw->len);
    return 0;
}

/* 0: read, or known why not (config_errno). */
static int read_config(struct sftp *s, const char *dir, struct gnode_raw *raw, struct err *err)
{
    CLEANUP_GFILE_HANDLE struct gfile_handle *h = NULL;
    CLEANUP_FREE char *path = NULL;
    int r;

    if (asprintf(&path, "%s/" EXPORTINI_FILE, dir) < 0) {
        path = NULL;
        return err_sys(err, -ENOMEM, "Cannot read the export %s", dir);
    }
    r = gfile_handle_open(s, path, &h, err);
    if (r == 0 && h->attrs.size > INI_MAX_BYTES)
        r = -EFBIG;
    if (r == 0)
        r = read_text(h, raw, err);
    if (gfile_handle_lost(r) || r == -ENOMEM)
        return r;
    raw->config_errno = r;
    return 0;
}

/* What stands for a copy that has nothing to tell it by. */
static uint64_t stand_in(const struct model_node *node, const char *name, int64_t published)
{
    uint64_t hash = XXH3_64bits(node->name, strlen(node->name) + 1);

    hash = XXH3_64bits_withSeed(name, strlen(name), hash);
    return XXH3_64bits_withSeed(&published, sizeof published, hash) | 1;
}

static int read_all(struct sftp *s, const struct model_node *node, const char *name,
                    const char *dir, struct gnode_raw *raw, struct err *err)
{
    struct sftp_entries entries = {0};
    struct sftp_attrs attrs;
    int r = gnode_raw_look(s, node, name, &attrs, err);

    if (r < 0)
        return r;
    raw->published = attrs.mtime;
    r = read_config(s, dir, raw, err);
    if (r == 0 && !raw->id.size)
        raw->id.ino = stand_in(node, name, raw->published);
    if (r == 0)
        r = sftp_list(s, dir, &entries, err);
    if (r < 0)
        return r;
    r = take_files(&entries, raw);
    sftp_entries_clear(&entries);
    return r < 0 ? err_sys(err, r, "Cannot read the export %s", dir) : 0;
}

int gnode_raw_read(struct sftp *s, const struct model_node *node, const char *name,
                   struct gnode_raw **ret, struct err *err)
{
    CLEANUP_GNODE_RAW struct gnode_raw *raw = calloc(1, sizeof *raw);
    CLEANUP_FREE char *dir = NULL;
    int r;

    if (!raw || asprintf(&dir, "%s/%s", node->export_dir, name) < 0) {
        dir = NULL;
        return err_sys(err, -ENOMEM, "Cannot read the export %s", name);
    }
    atomic_init(&raw->refs, 1);
    r = read_all(s, node, name, dir, raw, err);
    if (r < 0)
        return r;
    *ret = STEAL(raw);
    return 0;
}

/* --- telling --- */

static void info_cleanup(struct node_export_info **info)
{
    node_export_info_free(*info);
}

static int tell_config(const struct gnode_raw *raw, const char *name, struct node_export_info *info)
{
    struct err err;
    int r = raw->config_errno;

    if (r == -ELOOP || r == -EINVAL)
        err_set(&err, ERR_EXEC, ECODE_NONE, -r, "Cannot open %s/%s: it is %s", name, EXPORTINI_FILE,
                r == -ELOOP ? "a symbolic link" : "not a regular file");
    else if (r < 0)
        err_sys(&err, r, "Cannot open %s/%s", name, EXPORTINI_FILE);
    else
        r = ini_parse(raw->text, raw->len, &info->config, &err);
    if (r == -ENOMEM)
        return r;
    if (r < 0) {
        info->config_error = strdup(err.text);
        return info->config_error ? 0 : -ENOMEM;
    }
    info->timestamp = exportini_timestamp(info->config);
    return 0;
}

int gnode_raw_info(const struct gnode_raw *raw, const char *name, struct node_export_info **ret)
{
    CLEANUP(info_cleanup) struct node_export_info *info = calloc(1, sizeof *info);

    if (!info)
        return -ENOMEM;
    info->id = raw->id;
    info->published = raw->published;
    info->files = calloc(raw->nfiles + 1, sizeof *info->files);
    if (!info->files || tell_config(raw, name, info) < 0)
        return -ENOMEM;
    for (size_t i = 0; i < raw->nfiles; i++) {
        info->files[i] = raw->files[i];
        info->files[i].name = strdup(raw->files[i].name);
        info->nfiles++;
        if (!info->files[i].name)
            return -ENOMEM;
    }
    *ret = STEAL(info);
    return 0;
}

bool gnode_raw_is(const struct gnode_raw *raw, const struct node_export_id *id)
{
    return raw->id.dev == id->dev && raw->id.ino == id->ino && raw->id.size == id->size &&
           raw->id.hash == id->hash && (raw->id.size || raw->id.ino);
}
