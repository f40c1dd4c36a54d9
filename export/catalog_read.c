/* catalog_read.c - see catalog_read.h.  No state of its own. */
#include "export/catalog_read.h"

#include "export/names.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <xxhash.h>

void catalog_listing_clear(struct catalog_listing *l)
{
    for (size_t i = 0; i < l->n; i++)
        catalog_export_unref(l->v[i].exp);
    free(l->v);
    *l = (struct catalog_listing){0};
}

int catalog_listing_copy(const struct catalog_listing *from, struct catalog_listing *to)
{
    struct catalog_entry *v = calloc(from->n + 1, sizeof *v);

    if (!v)
        return -ENOMEM;
    for (size_t i = 0; i < from->n; i++) {
        v[i] = from->v[i];
        catalog_export_ref(v[i].exp);
    }
    *to = (struct catalog_listing){v, from->n, from->space};
    return 0;
}

/* Where name is, or would be. */
static size_t position(const struct catalog_listing *l, const char *name, bool *found)
{
    size_t lo = 0, hi = l->n;

    *found = false;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        int c = strcmp(name, l->v[mid].exp->name);

        if (c == 0) {
            *found = true;
            return mid;
        }
        if (c < 0)
            hi = mid;
        else
            lo = mid + 1;
    }
    return lo;
}

int catalog_listing_set(struct catalog_listing *l, const char *name, struct catalog_entry e)
{
    bool found;
    size_t at = position(l, name, &found);

    if (found && e.exp) {
        catalog_export_unref(l->v[at].exp);
        l->v[at] = e;
    } else if (found) {
        catalog_export_unref(l->v[at].exp);
        memmove(&l->v[at], &l->v[at + 1], (--l->n - at) * sizeof *l->v);
    } else if (e.exp) {
        struct catalog_entry *v = reallocarray(l->v, l->n + 1, sizeof *v);

        if (!v) {
            catalog_export_unref(e.exp);
            return -ENOMEM;
        }
        l->v = v;
        memmove(&v[at + 1], &v[at], (l->n++ - at) * sizeof *v);
        v[at] = e;
    }
    return 0;
}

bool catalog_listing_same(const struct catalog_listing *a, const struct catalog_listing *b)
{
    if (a->n != b->n)
        return false;
    for (size_t i = 0; i < a->n; i++)
        if (a->v[i].exp != b->v[i].exp)
            return false;
    return true;
}

/* --- stamps --- */

#define YOUNG_NS 40000000LL /* over the coarsest clock tick that stamps files of a local disk */

struct stamped {
    uint64_t ino, size;
    int64_t mtime, mtime_ns, ctime, ctime_ns;
};

static uint64_t stamp_file(const char *name, const struct stat *st)
{
    struct stamped s = {st->st_ino,          (uint64_t)st->st_size, st->st_mtim.tv_sec,
                        st->st_mtim.tv_nsec, st->st_ctim.tv_sec,    st->st_ctim.tv_nsec};

    return XXH3_64bits_withSeed(&s, sizeof s, XXH3_64bits(name, strlen(name)));
}

/* Changed so lately that another change may leave the same times? */
static bool is_young(const struct stat *st)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);

    int64_t age =
        (now.tv_sec - st->st_ctim.tv_sec) * 1000000000LL + now.tv_nsec - st->st_ctim.tv_nsec;

    return age > -YOUNG_NS && age < YOUNG_NS;
}

/* Sum over the files, for readdir's order means nothing.  0 when it cannot be had or trusted. */
static uint64_t stamp_dir(const struct model_node *node, const char *name)
{
    CLEANUP_CLOSE int parent =
        node->address ? -1 : open(node->export_dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
    CLEANUP_CLOSE int fd =
        parent < 0 ? -1 : openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    struct stat st;

    if (fd < 0 || fstat(fd, &st) < 0 || is_young(&st))
        return 0;

    uint64_t sum = stamp_file(".", &st) + st.st_dev;
    CLEANUP_CLOSEDIR DIR *d = fdopendir(fd);

    if (!d)
        return 0;
    fd = -1; /* the stream's now */
    for (;;) {
        errno = 0;

        struct dirent *e = readdir(d);

        if (!e)
            return errno ? 0 : sum | 1;
        if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
            continue;
        if (fstatat(dirfd(d), e->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0 || is_young(&st))
            return 0;
        sum += stamp_file(e->d_name, &st);
    }
}

/* --- reading --- */

/* Errors that are the node's and not the one export's.  A disk with a bad spot (EIO) keeps what
 * lies beside it; one that is dead cannot be listed either. */
static bool is_nodes_error(int r)
{
    switch (-r) {
    case ESTALE:
    case ENOTCONN:
    case EHOSTDOWN:
    case EHOSTUNREACH:
    case ENETUNREACH:
    case ETIMEDOUT:
    case ECONNRESET:
    case ECONNABORTED:
    case ECONNREFUSED:
    case ENODEV:
    case ENXIO:
    case ENOMEM:
        return true;
    }
    return false;
}

/* A directory that cannot be read is shown, as incomplete. */
static int unreadable(const char *text, struct node_export_info **ret)
{
    struct node_export_info *info = calloc(1, sizeof *info);

    if (info)
        info->config_error = strdup(text);
    if (!info || !info->config_error) {
        free(info);
        return -ENOMEM;
    }
    *ret = info;
    return 0;
}

int catalog_read_export(const struct catalog_reader *rd, const struct model_node *node,
                        const char *name, const struct catalog_entry *old,
                        struct catalog_entry *ret, struct err *err)
{
    struct node_export_info *info = NULL;
    struct catalog_export *exp = NULL;
    uint64_t stamp = stamp_dir(node, name);

    *ret = (struct catalog_entry){0};
    if (old && stamp && stamp == old->stamp) {
        *ret = (struct catalog_entry){catalog_export_ref(old->exp), stamp};
        return 0;
    }

    int r = rd->ops->export_info(rd->ctx, node, name, &info, err);

    if (r == -ENOENT || r == -ENOTDIR || r == -ELOOP)
        return 0;
    if (r < 0 && is_nodes_error(r))
        return r;
    if (r < 0) {
        stamp = 0; /* it may become readable without a trace in the stamp */
        r = unreadable(err->text, &info);
    }
    if (r == 0)
        r = catalog_export_new(name, info, &exp);
    if (r < 0)
        return err_sys(err, r, "export %s on node %s", name, node->name);
    if (old && catalog_export_same(old->exp, exp)) {
        catalog_export_unref(exp);
        exp = catalog_export_ref(old->exp);
    }
    *ret = (struct catalog_entry){exp, stamp};
    return 0;
}

static int read_names(const struct catalog_reader *rd, const struct model_node *node,
                      const struct catalog_listing *old, const struct strvec *names,
                      struct catalog_listing *ret, struct err *err)
{
    ret->v = calloc(names->n + 1, sizeof *ret->v);
    if (!ret->v)
        return err_sys(err, -ENOMEM, "node %s", node->name);
    for (size_t i = 0; i < names->n; i++) {
        struct catalog_entry *e = &ret->v[ret->n];
        bool found;
        size_t at = position(old, names->v[i], &found);

        /* the tree shows valid names only (P10) */
        if (!names_valid(names->v[i]) && !names_unfinished(names->v[i]))
            continue;

        int r = catalog_read_export(rd, node, names->v[i], found ? &old->v[at] : NULL, e, err);

        if (r < 0)
            return r;
        if (e->exp)
            ret->n++;
        rd->progress(rd->arg);
    }
    return 0;
}

int catalog_read_node(const struct catalog_reader *rd, const struct model_node *node,
                      const struct catalog_listing *old, struct catalog_listing *ret,
                      struct err *err)
{
    CLEANUP_STRVEC struct strvec names = {0};
    struct catalog_listing l = {0};
    int r = rd->ops->export_list(rd->ctx, node, &names, err);

    if (r == -ENOENT) /* "No exports directory": no exports, and nothing wrong with the node */
        r = 0;
    rd->progress(rd->arg);
    strvec_sort_unique(&names);
    if (r == 0)
        r = read_names(rd, node, old, &names, &l, err);
    if (r == 0)
        r = rd->ops->export_space(rd->ctx, node, &l.space, err);
    if (r == -ENOENT) {
        l.space = (struct node_space){0};
        r = 0;
    }
    if (r < 0) {
        catalog_listing_clear(&l);
        return r;
    }
    *ret = l;
    return 0;
}
