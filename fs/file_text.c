/* file_text.c - texts that are rendered when they are looked up: status, metrics, config.ini.
 *
 * A lookup renders the text; the same text (at the same time) is the same node, another text is a
 * new node.  So size and bytes belong together whatever happens between stat and read, and the
 * kernel may keep pages of a node for as long as it likes.
 *
 * A node knows its text's hash only; the text itself is in texts.h for a while, and each handle has
 * its own.  What is opened was mostly looked up just before.  If not, the text is rendered again:
 * it is the same if nothing has changed since, else the node is stale, and the kernel looks again
 * (once only, but then the text is there).  A config.ini changes so seldom, and is known without
 * its text, that it is rendered when it is opened only.
 */
#include "fs/backing.h"
#include "fs/classes.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <xxhash.h>

struct upload_rows {
    FILE *f;
    const char *node;
};

static void put_upload(void *arg, const char *node, const char *name, const char *text)
{
    struct upload_rows *rows = arg;
    if (strcmp(node, rows->node) == 0)
        fprintf(rows->f, "upload: %s: %s\n", name, text);
}

/* What the jobs know nothing of: how the mount reads, what is only being written. */
static int with_ours(struct fs *fs, const char *node, char **text, size_t *len)
{
    CLEANUP_FREE char *start = *text;
    struct upload_rows rows = {.node = node};
    size_t had = *len;
    *text = NULL;
    rows.f = open_memstream(text, len);
    if (!rows.f)
        return -ENOMEM;
    fwrite(start, 1, had, rows.f);
    if (!*node)
        fprintf(rows.f, "passthrough: %s\n", backings_state(fs->backings));
    uploads_list(fs->uploads, put_upload, &rows);
    return fclose(rows.f) == 0 ? 0 : -ENOMEM;
}

static int render(struct fs *fs, enum inode_kind kind, const char *instance, const char *node,
                  char **text, size_t *len)
{
    int r;
    switch (kind) {
    case INODE_STATUS:
        r = jobs_status_text(fs->jobs, text, len);
        return r < 0 ? r : with_ours(fs, "", text, len);
    case INODE_METRICS:
        return jobs_metrics_text(fs->jobs, text, len);
    case INODE_INSTANCE_CONFIG:
        return jobs_config_text(fs->jobs, instance, text, len);
    case INODE_INSTANCE_STATUS:
        return jobs_instance_status_text(fs->jobs, instance, text, len);
    case INODE_NODE_STATUS:
        r = jobs_node_status_text(fs->jobs, node, text, len);
        return r < 0 ? r : with_ours(fs, node, text, len);
    default:
        return -EIO;
    }
}

/* What is about images must be newer than they and their checksums are (DESIGN §3): borg trusts
 * nothing as new as the newest that it saw. */
static int64_t least_mtime(struct fs *fs, enum inode_kind kind, const char *instance)
{
    struct jobs_view view;
    if (kind == INODE_STATUS)
        return file_image_newest(fs) + 2;
    if (kind == INODE_INSTANCE_STATUS && jobs_view(fs->jobs, instance, &view) == 0)
        return view.t + 2;
    return 0;
}

/* What identifies a text, and with it its node. */
static uint64_t version_of(int64_t mtime, uint64_t hash, bool secret)
{
    return XXH3_64bits_withSeed(&mtime, sizeof(mtime), secret ? ~hash : hash);
}

/* A config.ini as it is now: the version of its node, and what that carries. */
static int config_now(struct fs *fs, struct inode_key *key, struct inode_frozen *frozen)
{
    struct jobs_config c;
    int r = jobs_config_id(fs->jobs, key->instance, &c);
    if (r < 0)
        return r;
    key->version = version_of(c.mtime, c.hash, c.secrets);
    *frozen = (struct inode_frozen){
        .mtime = c.mtime, .size = c.len, .blocks512 = (c.len + 511) / 512, .secret = c.secrets};
    return 0;
}

/* Another text as it is now.  The caller frees *ret. */
static int text_now(struct fs *fs, struct inode_key *key, struct inode_frozen *frozen, char **ret)
{
    CLEANUP_FREE char *text = NULL;
    size_t len = 0;
    /* first the promise of T, then the text that mentions it */
    int64_t least = least_mtime(fs, key->kind, key->instance);
    int r = render(fs, key->kind, key->instance, key->node, &text, &len);
    if (r < 0)
        return r;
    uint64_t hash = XXH3_64bits(text, len);
    int64_t mtime =
        versions_stamp(fs->versions, inode_number(key), hash, fs->started, fs_now(), least);
    key->version = version_of(mtime, hash, false);
    *frozen = (struct inode_frozen){.mtime = mtime, .size = len, .blocks512 = (len + 511) / 512};
    *ret = STEAL(text);
    return 0;
}

int file_text_lookup(struct fs *fs, enum inode_kind kind, const char *instance, const char *node,
                     struct inode **ret)
{
    struct inode_key key = {.kind = kind, .instance = instance, .node = node};
    struct inode_frozen frozen;
    char *text = NULL;
    int r = kind == INODE_INSTANCE_CONFIG ? config_now(fs, &key, &frozen)
                                          : text_now(fs, &key, &frozen, &text);
    if (r < 0)
        return r;
    if (text)
        texts_keep(fs->texts, inode_number(&key), key.version, text, frozen.size);
    return inode_intern(fs->inodes, &key, &frozen, ret);
}

static int text_getattr(struct fs *fs, struct inode *i, struct stat *st)
{
    (void)fs;
    st->st_size = (off_t)i->frozen.size;
    st->st_blocks = (blkcnt_t)atomic_load(&i->blocks512);
    st->st_mtim.tv_sec = i->frozen.mtime;
    return 0;
}

struct text_handle {
    struct handle h;
    char *text;
};

static int render_config(struct fs *fs, struct inode_key *key, char **ret)
{
    CLEANUP_FREE char *text = NULL;
    struct inode_frozen now;
    size_t len;
    int r = config_now(fs, key, &now);
    if (r == 0)
        r = render(fs, key->kind, key->instance, key->node, &text, &len);
    if (r < 0)
        return r;
    if (version_of(now.mtime, XXH3_64bits(text, len), now.secret) != key->version)
        return -ESTALE; /* changed in between */
    *ret = STEAL(text);
    return 0;
}

static int render_again(struct fs *fs, const struct inode *i, char **ret)
{
    struct inode_key key = {.kind = i->kind, .instance = i->instance, .node = i->node};
    struct inode_frozen now;
    CLEANUP_FREE char *text = NULL;
    int r = i->kind == INODE_INSTANCE_CONFIG ? render_config(fs, &key, &text)
                                             : text_now(fs, &key, &now, &text);
    if (r < 0)
        return r == -ENOENT ? -ESTALE : r;
    if (key.version != i->version)
        return -ESTALE;
    *ret = STEAL(text);
    return 0;
}

static int text_open(struct fs *fs, struct inode *i, struct fuse_file_info *fi, struct handle **ret)
{
    struct text_handle *th = calloc(1, sizeof(*th));
    int r = th ? texts_get(fs->texts, i->number, i->version, &th->text) : -ENOMEM;
    if (r == -ENOENT)
        r = render_again(fs, i, &th->text);
    if (r < 0) {
        free(th);
        return r;
    }
    fi->keep_cache = 1;
    *ret = &th->h;
    return 0;
}

static void text_read(struct fs *fs, fuse_req_t req, struct handle *h, size_t size, uint64_t off,
                      const struct fuse_file_info *fi)
{
    (void)fs, (void)fi;
    const struct text_handle *th = (struct text_handle *)h;
    uint64_t len = h->inode->frozen.size;
    uint64_t left = off < len ? len - off : 0;
    fuse_reply_buf(req, left ? th->text + off : NULL, left < size ? left : size);
}

static void text_release(struct fs *fs, struct handle *h)
{
    (void)fs;
    free(((struct text_handle *)h)->text);
    free(h);
}

#define TEXT_FILE                                                                                  \
    .type = S_IFREG, .attr_timeout = 60, .getattr = text_getattr, .open = text_open,               \
    .read = text_read, .release = text_release

const struct node_class file_text_class = {TEXT_FILE};
/* Changes only with the cluster's own files, which are looked at now and then. */
const struct node_class file_config_class = {TEXT_FILE, .entry_timeout = FS_MOMENT};
