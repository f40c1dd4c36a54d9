/* modeldir.c - a cluster directory as a model (modeldir.h).
 *
 * An instance is shared with the previous model while the stamp of its file (device, inode, size,
 * times) is the same; one so young that a second change might leave it as it is, is equal to none.
 * What depends on other files -- does the primary node exist, is there a name that differs only in
 * case -- is decided anew each time, so a change of the set of nodes reads all instances again, and
 * an instance that collides has no stamp.  No state of its own; any thread.
 */
#include "export/modeldir.h"

#include "export/inival.h"
#include "export/modeldir_load.h"
#include "export/modelnode.h"
#include "export/names.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#define YOUNG_NS 40000000LL /* over the coarsest clock tick that stamps files of a local disk */

struct load {
    const char *dir; /* absolute */
    const struct modeldir_how *how;
    struct model *model;
    bool share; /* the nodes are the same as in the previous model */
};

/* cluster.ini: name and master_node as they stand there. */
static int read_cluster(struct load *l, struct err *err)
{
    static const char *const keys[] = {"name", "master_node", NULL};
    static const struct inival_section sections[] = {{"cluster", keys, NULL}};
    CLEANUP_INI struct ini *ini = NULL;
    char path[PATH_MAX + 16];

    snprintf(path, sizeof path, "%s/cluster.ini", l->dir);

    int r = ini_read_file(AT_FDCWD, path, &ini, err);

    if (r == -ENOENT)
        return err_set(err, ERR_PREREQ, ECODE_NOENT, ENOENT,
                       "%s: not a cluster directory: no cluster.ini in it", l->dir);
    if (r < 0)
        return r;

    const char *name = inival_get(ini, "cluster", "name");
    const char *master = inival_get(ini, "cluster", "master_node");

    r = inival_check(ini, sections, 1, err);
    if (r == 0 && !name)
        r = err_prereq(err, ECODE_INVAL, "[cluster] name is missing");
    if (r == 0 && !master)
        r = err_prereq(err, ECODE_INVAL, "[cluster] master_node is missing");
    if (r == 0 && !names_valid(name))
        r = err_prereq(err, ECODE_INVAL, "[cluster] name: '%.64s' is not a valid name", name);
    if (r < 0)
        return err_prefix(err, "%s", path);
    l->model->name = strdup(name);
    l->model->master_node = strdup(master);
    return l->model->name && l->model->master_node ? 0 : err_sys(err, -ENOMEM, "%s", path);
}

/* The first entry that cannot be shown because of its name is told; it is not lost silently. */
static int note_bad_name(struct load *l, const char *sub, const char *entry, struct err *err)
{
    struct err note;

    if (l->model->error)
        return 0;
    err_prereq(&note, ECODE_INVAL, "%s/%.128s: not a valid name, passed over", sub, entry);
    l->model->error = strdup(note.text);
    return l->model->error ? 0 : err_sys(err, -ENOMEM, "%s", l->dir);
}

/* Which entries are ours; the name is left in d_name without its ending. */
static bool is_node_entry(struct dirent *e)
{
    return (e->d_type == DT_DIR || e->d_type == DT_LNK || e->d_type == DT_UNKNOWN) &&
           strcmp(e->d_name, "lost+found") != 0;
}

static bool is_instance_entry(struct dirent *e)
{
    size_t len = strlen(e->d_name);

    if (len <= 4 || strcmp(e->d_name + len - 4, ".ini") != 0)
        return false;
    e->d_name[len - 4] = '\0';
    return true;
}

static int list(struct load *l, const char *sub, bool (*is_entry)(struct dirent *e),
                struct strvec *ret, struct err *err)
{
    char path[PATH_MAX + 16];

    snprintf(path, sizeof path, "%s/%s", l->dir, sub);

    CLEANUP_CLOSEDIR DIR *d = opendir(path);

    if (!d)
        return errno == ENOENT ? 0 : err_sys(err, -errno, "%s", path);
    for (;;) {
        errno = 0;

        struct dirent *e = readdir(d);
        int r = 0;

        if (!e && errno)
            return err_sys(err, -errno, "%s", path);
        if (!e)
            break;
        if (e->d_name[0] == '.' || !is_entry(e))
            continue;
        if (!names_valid(e->d_name))
            r = note_bad_name(l, sub, e->d_name, err);
        else if (strvec_add(ret, e->d_name) < 0)
            r = err_sys(err, -ENOMEM, "%s", path);
        if (r < 0)
            return r;
    }
    strvec_sort(ret);
    return 0;
}

static bool same_nodes(const struct model *a, const struct model *b)
{
    if (!b || a->nnodes != b->nnodes)
        return false;
    for (size_t i = 0; i < a->nnodes; i++)
        if (strcmp(a->nodes[i].name, b->nodes[i].name) != 0)
            return false;
    return true;
}

static int read_nodes(struct load *l, struct err *err)
{
    CLEANUP_STRVEC struct strvec names = {0};
    struct model *m = l->model;
    int r = list(l, "nodes", is_node_entry, &names, err);

    if (r < 0)
        return r;
    r = modelnode_read(l->how->relay, l->dir, &names, l->how->previous, &m->nodes, &m->nnodes);
    if (r < 0)
        return err_sys(err, r, "%s/nodes", l->dir);
    if (!m->nnodes)
        return err_prereq(err, ECODE_INVAL, "%s: no nodes: no directory in nodes/", l->dir);
    l->share = same_nodes(m, l->how->previous);

    const struct model_node *master = model_expand_node(m, m->master_node);

    if (!master)
        return err_prereq(err, ECODE_INVAL,
                          "%s/cluster.ini: [cluster] master_node: '%.128s' is not a node: nodes/ "
                          "has no such directory",
                          l->dir, m->master_node);
    free(m->master_node);
    m->master_node = strdup(master->name);
    return m->master_node ? 0 : err_sys(err, -ENOMEM, "%s", l->dir);
}

static struct model_stamp stamp_of(const struct stat *st)
{
    struct model_stamp stamp = {st->st_dev, st->st_ino, st->st_size, st->st_mtim, st->st_ctim};
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);

    long long age =
        (now.tv_sec - st->st_ctim.tv_sec) * 1000000000LL + now.tv_nsec - st->st_ctim.tv_nsec;

    if (age > -YOUNG_NS && age < YOUNG_NS)
        stamp.ino = 0;
    return stamp;
}

static bool same_stamp(const struct model_stamp *a, const struct stat *st)
{
    return a->ino && a->ino == st->st_ino && a->dev == st->st_dev && a->size == st->st_size &&
           a->mtime.tv_sec == st->st_mtim.tv_sec && a->mtime.tv_nsec == st->st_mtim.tv_nsec &&
           a->ctime.tv_sec == st->st_ctim.tv_sec && a->ctime.tv_nsec == st->st_ctim.tv_nsec;
}

/* primary_node by its full name. */
static int resolve_primary(const struct model *m, struct model_instance **inst)
{
    const struct model_node *node = model_expand_node(m, (*inst)->primary_node);
    struct model_instance *failed;
    struct err why;

    if (node) {
        char *name = strdup(node->name);

        if (!name)
            return -ENOMEM;
        free((*inst)->primary_node);
        (*inst)->primary_node = name;
        return 0;
    }
    err_prereq(&why, ECODE_NOENT,
               "instances/%s.ini: [instance] primary_node: '%.128s' is not a node of this cluster",
               (*inst)->name, (*inst)->primary_node);
    if (modeldir_instance_failed((*inst)->name, why.text, &failed) < 0)
        return -ENOMEM;
    model_instance_unref(*inst);
    *inst = failed;
    return 0;
}

static int read_instance(const struct load *l, const char *name, const char *path,
                         struct model_stamp stamp, struct model_instance **ret)
{
    struct model_instance *inst = NULL;
    struct ini *ini = NULL;
    struct err err;
    int r = ini_read_file(AT_FDCWD, path, &ini, &err);

    if (r == -ENOMEM)
        return r;
    if (r < 0) {
        /* what the file says is wrong until it changes; that it cannot be read may pass */
        if (r != -EINVAL && r != -EFBIG)
            stamp.ino = 0;
        r = modeldir_instance_failed(name, err.text, &inst);
    } else {
        r = modeldir_instance(l->dir, name, ini, &inst);
        if (r == 0 && !inst->error)
            r = resolve_primary(l->model, &inst);
    }
    if (r < 0) {
        model_instance_unref(inst);
        return r;
    }
    modeldir_look_at_disks(l->how->relay, MODELDIR_DISKS_LIMIT_MS, inst);
    inst->stamp = stamp;
    model_instance_pack(inst);
    *ret = inst;
    return 0;
}

/* *ret stays NULL when the file has just gone. */
static int get_instance(const struct load *l, const char *name, struct model_instance **ret)
{
    const struct modeldir_how *how = l->how;
    char path[PATH_MAX + 300];
    struct stat st;

    snprintf(path, sizeof path, "%s/instances/%s.ini", l->dir, name);
    if (lstat(path, &st) < 0 && errno == ENOENT)
        return 0;
    if (l->share) {
        const struct model_instance *was = model_find_instance(how->previous, name);

        if (was && same_stamp(&was->stamp, &st) && !(how->stale && how->stale(how->arg, was))) {
            *ret = model_instance_ref((struct model_instance *)was);
            return 0;
        }
    }
    return read_instance(l, name, path, stamp_of(&st), ret);
}

static int by_folded_name(const void *a, const void *b)
{
    const struct model_instance *x = **(struct model_instance * *const *)a;
    const struct model_instance *y = **(struct model_instance * *const *)b;

    return strcasecmp(x->name, y->name);
}

static int collide(struct model_instance **inst, const char *other)
{
    struct model_instance *failed;
    struct err why;

    err_prereq(&why, ECODE_NOTUNIQUE,
               "instances/%s.ini: differs only in case from instances/%s.ini: rename one",
               (*inst)->name, other);
    if (modeldir_instance_failed((*inst)->name, why.text, &failed) < 0)
        return -ENOMEM;
    model_instance_unref(*inst);
    *inst = failed;
    return 0;
}

/* Names that differ only in case are one to name expansion (spec §11): neither can be used. */
static int find_collisions(struct model *m)
{
    CLEANUP_FREE struct model_instance ***sorted = calloc(m->ninstances + 1, sizeof *sorted);

    if (!sorted)
        return -ENOMEM;
    for (size_t i = 0; i < m->ninstances; i++)
        sorted[i] = &m->instances[i];
    qsort(sorted, m->ninstances, sizeof *sorted, by_folded_name);
    for (size_t i = 0; i < m->ninstances; i++) {
        const char *name = (*sorted[i])->name;
        bool before = i > 0 && !strcasecmp(name, (*sorted[i - 1])->name);
        bool after = i + 1 < m->ninstances && !strcasecmp(name, (*sorted[i + 1])->name);

        if ((before || after) && collide(sorted[i], (*sorted[before ? i - 1 : i + 1])->name) < 0)
            return -ENOMEM;
    }
    return 0;
}

static int read_instances(struct load *l, struct err *err)
{
    CLEANUP_STRVEC struct strvec names = {0};
    struct model *m = l->model;
    int r = list(l, "instances", is_instance_entry, &names, err);

    if (r < 0)
        return r;
    m->instances = calloc(names.n + 1, sizeof *m->instances);
    if (!m->instances)
        return err_sys(err, -ENOMEM, "%s", l->dir);
    for (size_t i = 0; i < names.n; i++) {
        r = get_instance(l, names.v[i], &m->instances[m->ninstances]);
        if (r < 0)
            return err_sys(err, r, "%s/instances", l->dir);
        if (m->instances[m->ninstances])
            m->ninstances++;
    }
    return find_collisions(m) < 0 ? err_sys(err, -ENOMEM, "%s", l->dir) : 0;
}

static int check_directory(const char *cluster_dir, char *dir, struct err *err)
{
    struct stat st;

    if (!realpath(cluster_dir, dir) || stat(dir, &st) < 0)
        return err_set(err, ERR_PREREQ, ECODE_NOENT, errno, "%.512s: %s", cluster_dir,
                       strerror(errno));
    if (!S_ISDIR(st.st_mode))
        return err_set(err, ERR_PREREQ, ECODE_INVAL, ENOTDIR, "%.512s: not a directory",
                       cluster_dir);
    return 0;
}

int modeldir_load_how(const char *cluster_dir, const struct modeldir_how *how, struct model **ret,
                      struct err *err)
{
    char dir[PATH_MAX];
    CLEANUP_MODEL struct model *m = calloc(1, sizeof *m);
    struct load l = {.dir = dir, .how = how, .model = m};

    if (!m)
        return err_sys(err, -ENOMEM, "%.512s", cluster_dir);
    atomic_init(&m->refs, 1);
    m->generation = how->previous ? how->previous->generation + 1 : 1;

    int r = check_directory(cluster_dir, dir, err);

    if (r == 0)
        r = read_cluster(&l, err);
    if (r == 0)
        r = read_nodes(&l, err);
    if (r == 0)
        r = read_instances(&l, err);
    if (r < 0)
        return r;
    *ret = STEAL(m);
    return 0;
}

int modeldir_load(const char *cluster_dir, const struct model *previous, struct model **ret,
                  struct err *err)
{
    struct modeldir_how how = {.previous = previous};

    return modeldir_load_how(cluster_dir, &how, ret, err);
}
