/* pending.c - see pending.h.
 *
 *                    pending_add()
 *     (none) ---------------------------> PENDING
 *      | ^                                   | pending_process(): node reachable, a newer export
 *      | |  copy removed, gone or replaced   | readable elsewhere
 *      | +-----------------------------------+
 *      |
 *      |  pending_begin()                          pending_end()
 *      +-------------------------------> UNDER WAY --------------> (none)
 *                                            | its process died: swept by pending_process()
 *                                            +-------------------> (none)
 *
 * The file's name is a hash of node and name, for together they may be longer than a file name.  No
 * state in memory; several processes may work on the records at once, since each removal is under
 * its export's lock and export_remove() looks at the identity.
 */
#include "export/pending.h"

#include "export/inival.h"
#include "export/names.h"
#include "export/statefile.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <xxhash.h>

#define AREA      "pending"
#define MAX_BYTES 4096

/* The copy of a removal that is under way: older than any, so none. */
#define NO_COPY INT64_MIN

struct key {
    char text[33];
};

static struct key key_of(const char *node, const char *name)
{
    struct key key;
    char both[2 * NAMES_MAX + 2];
    int len = snprintf(both, sizeof both, "%s/%s", node, name);
    XXH128_hash_t h = XXH3_128bits(both, (size_t)len);

    snprintf(key.text, sizeof key.text, "%016" PRIx64 "%016" PRIx64, h.high64, h.low64);
    return key;
}

static int format(const struct pending_record *r, char **text, size_t *len)
{
    CLEANUP_INI struct ini *ini = NULL;
    int e = ini_new(&ini);

    if (e == 0)
        e = ini_set(ini, "removal", "node", r->node);
    if (e == 0)
        e = ini_set(ini, "removal", "name", r->name);
    if (e == 0)
        e = ini_setf(ini, "removal", "since", "%" PRIu64, (uint64_t)r->since);
    if (e == 0)
        e = ini_setf(ini, "removal", "dev", "%" PRIu64, r->id.dev);
    if (e == 0)
        e = ini_setf(ini, "removal", "ino", "%" PRIu64, r->id.ino);
    if (e == 0)
        e = ini_setf(ini, "removal", "t", "%" PRIu64, (uint64_t)r->id.t);
    if (e == 0)
        e = ini_setf(ini, "removal", "size", "%" PRIu64, r->id.size);
    if (e == 0)
        e = ini_setf(ini, "removal", "hash", "%" PRIu64, r->id.hash);
    return e == 0 ? ini_format(ini, text, len) : e;
}

/* A number that must be there. */
static int number(const struct ini *ini, const char *key, uint64_t *ret)
{
    struct err ignored;

    return inival_get(ini, "removal", key)
               ? inival_uint(ini, "removal", key, 0, UINT64_MAX, ret, &ignored)
               : -EINVAL;
}

/* The strings are ini's. */
static bool parse(const struct ini *ini, struct pending_record *r)
{
    uint64_t since, t;

    r->node = inival_get(ini, "removal", "node");
    r->name = inival_get(ini, "removal", "name");
    if (!r->node || !r->name || !names_valid(r->node) || !names_valid(r->name) ||
        number(ini, "since", &since) < 0 || number(ini, "t", &t) < 0 ||
        number(ini, "dev", &r->id.dev) < 0 || number(ini, "ino", &r->id.ino) < 0 ||
        number(ini, "size", &r->id.size) < 0 || number(ini, "hash", &r->id.hash) < 0)
        return false;
    r->since = (int64_t)since;
    r->id.t = (int64_t)t;
    return true;
}

static bool read_record(const char *state_dir, const char *file, struct ini **ini,
                        struct pending_record *r)
{
    CLEANUP_FREE char *text = NULL;
    struct err ignored;
    size_t len;

    if (statefile_read(state_dir, AREA, file, MAX_BYTES, &text, &len) < 0 ||
        ini_parse(text, len, ini, &ignored) < 0)
        return false;
    return parse(*ini, r) && !strcmp(key_of(r->node, r->name).text, file);
}

int pending_add(const char *state_dir, const char *node, const char *name,
                const struct node_export_id *id, struct err *err)
{
    struct pending_record r = {node, name, *id, time(NULL)};
    CLEANUP_FREE char *text = NULL;
    size_t len;

    if (!names_valid(node) || !names_valid(name))
        return err_prereq(err, ECODE_INVAL, "removal of '%.128s' on '%.128s': not a valid name",
                          name, node);

    int e = format(&r, &text, &len);

    if (e == 0)
        e = statefile_write(state_dir, AREA, key_of(node, name).text, text, len);
    return e < 0
               ? err_sys(err, e, "removal of export %s on node %s cannot be remembered", name, node)
               : 0;
}

int pending_drop(const char *state_dir, const char *node, const char *name)
{
    if (!names_valid(node) || !names_valid(name))
        return -EINVAL;
    return statefile_remove(state_dir, AREA, key_of(node, name).text);
}

static bool on_record(const char *state_dir, const char *node, const char *name,
                      struct node_export_id *ret)
{
    CLEANUP_INI struct ini *ini = NULL;
    struct pending_record r = {0};

    if (!names_valid(node) || !names_valid(name) ||
        !read_record(state_dir, key_of(node, name).text, &ini, &r))
        return false;
    *ret = r.id;
    return true;
}

static bool is_no_copy(const struct node_export_id *id)
{
    return node_export_id_is_older_than(id) && id->t == NO_COPY;
}

int pending_begin(const char *state_dir, const char *node, const char *name, struct err *err)
{
    const struct node_export_id none = node_export_id_older_than(NO_COPY);
    struct node_export_id there;

    return on_record(state_dir, node, name, &there)
               ? 0
               : pending_add(state_dir, node, name, &none, err);
}

void pending_end(const char *state_dir, const char *node, const char *name)
{
    struct node_export_id there;

    if (on_record(state_dir, node, name, &there) && is_no_copy(&there))
        pending_drop(state_dir, node, name);
}

static int list_files(const char *state_dir, struct strvec *ret)
{
    CLEANUP_FREE char *path = NULL;

    if (asprintf(&path, "%s/" AREA, state_dir) < 0) {
        path = NULL;
        return -ENOMEM;
    }

    CLEANUP_CLOSEDIR DIR *d = opendir(path);

    if (!d)
        return errno == ENOENT ? 0 : -errno;
    for (;;) {
        errno = 0;

        struct dirent *e = readdir(d);

        if (!e)
            return -errno;
        if (strlen(e->d_name) == sizeof(struct key) - 1 && strvec_add(ret, e->d_name) < 0)
            return -ENOMEM;
    }
}

int pending_list(const char *state_dir, void (*row)(const struct pending_record *r, void *arg),
                 void *arg)
{
    CLEANUP_STRVEC struct strvec files = {0};
    int e = list_files(state_dir, &files);

    for (size_t i = 0; e == 0 && i < files.n; i++) {
        CLEANUP_INI struct ini *ini = NULL;
        struct pending_record r = {0};

        if (read_record(state_dir, files.v[i], &ini, &r))
            row(&r, arg);
    }
    return e;
}

/* --- doing them --- */

/* Which copy the record stands for now.  -ENOENT: none. */
static int find_copy(const struct pending_env *env, const struct pending_record *r,
                     const struct model_node *node, struct node_export_id *ret)
{
    struct node_export_info *info = NULL;
    struct catalog_export *copy = NULL;
    struct err ignored;
    int e;

    *ret = r->id;
    if (!node_export_id_is_older_than(&r->id))
        return 0;
    e = env->nodes->export_info(env->node_ctx, node, r->name, &info, &ignored);
    if (e == 0)
        e = catalog_export_new(r->name, info, &copy);
    if (e < 0)
        return e;
    *ret = copy->info->id;
    if (ret->t >= r->id.t)
        e = -ENOENT;
    else if (!copy->complete) /* what it is may be told another time */
        e = -EAGAIN;
    catalog_export_unref(copy);
    return e;
}

/* Is there, at this moment, a newer export than this copy to read on another node?  Only then the
 * copy may go. */
static bool newer_readable(const struct pending_env *env, const struct node_export_id *copy,
                           const struct model *m, const struct catalog_export *current,
                           const char *where)
{
    const struct model_node *node = model_find_node(m, where);
    struct node_export_info *info = NULL;
    struct err ignored;

    if (!node || current->info->id.t <= copy->t || node_export_id_same(&current->info->id, copy))
        return false;
    if (env->nodes->export_info(env->node_ctx, node, current->name, &info, &ignored) < 0)
        return false;

    bool same = node_export_id_same(&info->id, &current->info->id);

    node_export_info_free(info);
    return same;
}

static bool reachable(const struct catalog *c, const char *node)
{
    const struct catalog_node *n = catalog_find_node(c, node);

    return n && (n->state == NODE_ONLINE || n->state == NODE_DRAINED);
}

/* The copy as it was found goes if nothing speaks against it.  0: removed; -ENOENT, -ESTALE: it is
 * not there any more; else it stays for now. */
static int remove_copy(const struct pending_env *env, const struct pending_record *r,
                       const struct model *m, const struct catalog *c)
{
    const struct model_node *node = model_find_node(m, r->node);
    const struct catalog_node *where = NULL;
    const struct catalog_export *current = catalog_current(c, r->name, &where);
    struct node_export_id copy;
    struct err ignored;
    int e;

    if (!node || !reachable(c, r->node))
        return -EAGAIN;
    e = find_copy(env, r, node, &copy);
    if (e < 0)
        return e;
    if (!current)
        return -EAGAIN;
    if (!strcmp(where->name, r->node)) /* another copy lies there by now, the current one? */
        return node_export_id_same_copy(&current->info->id, &copy) ? -EAGAIN : -ESTALE;
    if (!newer_readable(env, &copy, m, current, where->name))
        return -EAGAIN;
    return env->nodes->export_remove(env->node_ctx, node, r->name, &copy, &ignored);
}

/* Whoever was removing a copy may have died before all of it was gone. */
static int sweep(const struct pending_env *env, const struct pending_record *r,
                 const struct model *m, const struct catalog *c)
{
    const struct model_node *node = model_find_node(m, r->node);
    struct err ignored;

    return node && reachable(c, r->node)
               ? env->nodes->export_sweep(env->node_ctx, node, r->name, &ignored)
               : -EAGAIN;
}

/* With the locks held.  True: the record has served. */
static bool process_locked(const struct pending_env *env, const struct pending_record *r,
                           int *removed)
{
    CLEANUP_MODEL struct model *m = env->model(env->arg);
    struct catalog *c = env->catalog(env->arg);
    bool swept = sweep(env, r, m, c) == 0, no_copy = is_no_copy(&r->id);
    int e = no_copy ? -ENOENT : remove_copy(env, r, m, c);

    catalog_unref(c);
    if (no_copy)
        return swept;
    if (e == 0) {
        ++*removed;
        if (env->removed)
            env->removed(env->arg, r->node, r->name);
    }
    /* replaced: a record of any older copy stands for what is there now, too */
    return e == 0 || e == -ENOENT || (e == -ESTALE && !node_export_id_is_older_than(&r->id));
}

struct work {
    const char *state_dir;
    const struct pending_env *env;
    int removed;
};

static void process(const struct pending_record *r, void *arg)
{
    struct work *w = arg;
    const struct pending_env *env = w->env;
    struct catalog *c;
    bool now;

    if (env->only && strcmp(r->node, env->only) != 0)
        return;
    c = env->catalog(env->arg);
    now = reachable(c, r->node);
    catalog_unref(c);
    if (!now || (env->answers && !env->answers(env->arg, r->node, r->name)) ||
        env->lock(env->arg, r->node, r->name) != 0)
        return;

    /* another process may have done it, or put another copy on record, while this one waited */
    CLEANUP_INI struct ini *ini = NULL;
    struct pending_record again = {0};

    if (read_record(w->state_dir, key_of(r->node, r->name).text, &ini, &again) &&
        process_locked(env, &again, &w->removed))
        pending_drop(w->state_dir, again.node, again.name);
    env->unlock(env->arg, r->node, r->name);
}

int pending_process(const char *state_dir, const struct pending_env *env)
{
    struct work w = {state_dir, env, 0};
    int e = pending_list(state_dir, process, &w);

    return e < 0 ? e : w.removed;
}
