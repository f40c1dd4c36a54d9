/* hooks_env.c - see hooks_env.h.
 *
 * Values have the form that Python's str() gives them, for scripts written for the reference:
 * True/False, decimal numbers, "None" for what is unset, but an empty string for an unset address
 * or VLAN (spec §4.2; checked against a real cluster's environment).
 */
#include "export/hooks_env.h"

#include <inttypes.h>
#include <string.h>

#define DATA_DIR "/var/lib/ganeti"
#define PATH     "/sbin:/bin:/usr/sbin:/usr/bin"

int hooks_env_add(struct lu_hooks_env *env, const char *name, const char *fmt, ...)
{
    CLEANUP_FREE char *value = NULL;
    va_list ap;
    int n;

    va_start(ap, fmt);
    n = vasprintf(&value, fmt, ap);
    va_end(ap);
    if (n < 0) {
        value = NULL;
        return -ENOMEM;
    }
    if (strvec_add(&env->names, name) < 0)
        return -ENOMEM;
    if (strvec_add(&env->values, value) < 0) {
        free(env->names.v[--env->names.n]);
        env->names.v[env->names.n] = NULL;
        return -ENOMEM;
    }
    return 0;
}

void hooks_env_clear(struct lu_hooks_env *env)
{
    strvec_clear(&env->names);
    strvec_clear(&env->values);
}

static const char *or_none(const char *s)
{
    return s ? s : "None";
}

static const char *or_empty(const char *s)
{
    return s ? s : "";
}

/* What is being described: INSTANCE_<kind><index>_<suffix>, and the same in the instance's file. */
struct part {
    struct lu_hooks_env *env;
    const struct model_instance *inst;
    const char *kind; /* "NIC", "DISK" */
    const char *key;  /* "nic", "disk" */
    unsigned index;
    int r; /* the first failure; afterwards nothing is added */
};

static void part_add(struct part *p, const char *suffix, const char *value)
{
    char name[64];

    snprintf(name, sizeof name, "INSTANCE_%s%u_%s", p->kind, p->index, suffix);
    if (p->r == 0)
        p->r = hooks_env_add(p->env, name, "%s", value);
}

static void part_add_if(struct part *p, const char *suffix, const char *value)
{
    if (value)
        part_add(p, suffix, value);
}

/* The part's own key in the instance's file, NULL when absent. */
static const char *part_key(const struct part *p, const char *suffix)
{
    char key[64];

    snprintf(key, sizeof key, "%s%u_%s", p->key, p->index, suffix);
    return ini_get(p->inst->ini, "instance", key);
}

static int add_nic(struct lu_hooks_env *env, const struct model_instance *inst, unsigned i)
{
    const struct model_nic *nic = &inst->nics[i];
    struct part p = {env, inst, "NIC", "nic", i, 0};

    part_add(&p, "IP", or_empty(nic->ip));
    part_add(&p, "MAC", or_none(nic->mac));
    part_add(&p, "MODE", or_none(nic->mode));
    part_add(&p, "LINK", or_none(nic->link));
    part_add(&p, "VLAN", or_empty(nic->vlan));
    part_add_if(&p, "NAME", nic->name);
    part_add_if(&p, "UUID", part_key(&p, "uuid"));
    part_add_if(&p, "NETWORK_NAME", nic->network);
    if (nic->mode && (strcmp(nic->mode, "bridged") == 0 || strcmp(nic->mode, "openvswitch") == 0))
        part_add(&p, "BRIDGE", or_none(nic->link));
    return p.r;
}

/* /dev/VG/LV; anything else has no volume group to name. */
static void add_volume(struct part *p, const char *path)
{
    char vg[256] = "";
    const char *lv = strrchr(path, '/');
    size_t n = strncmp(path, "/dev/", 5) == 0 && lv > path + 4 ? (size_t)(lv - path) - 5 : 0;

    if (n > 0 && n < sizeof vg && !memchr(path + 5, '/', n) &&
        strncmp(path, "/dev/mapper/", 12) != 0)
        snprintf(vg, sizeof vg, "%.*s", (int)n, path + 5);
    part_add(p, "VG", vg);
    part_add(p, "ID", *vg ? lv + 1 : path);
}

/* What tells where the disk lies, by its type (spec §4.2).  A mirrored volume's peers are not in
 * the model: only its data device is. */
static void add_location(struct part *p, const char *type, const char *path)
{
    static const struct {
        const char *type, *driver;
    } drivers[] = {{"file", "loop"},
                   {"sharedfile", "loop"},
                   {"gluster", "loop"},
                   {"blockdev", "manual"},
                   {"rbd", "rbd"}};

    if (strcmp(type, "plain") == 0)
        add_volume(p, path);
    if (strcmp(type, "ext") == 0) {
        part_add(p, "PROVIDER", or_empty(part_key(p, "provider")));
        part_add(p, "ID", path);
    }
    for (size_t i = 0; i < sizeof drivers / sizeof *drivers; i++) {
        if (strcmp(type, drivers[i].type) != 0)
            continue;
        part_add(p, "DRIVER", drivers[i].driver);
        part_add(p, "ID", path);
    }
}

static int add_disk(struct lu_hooks_env *env, const struct model_instance *inst, unsigned j)
{
    const struct model_disk *disk = &inst->disks[j];
    struct part p = {env, inst, "DISK", "disk", j, 0};
    char size[32];

    snprintf(size, sizeof size, "%" PRIu64, disk->size_mib);
    part_add(&p, "SIZE", size);
    part_add(&p, "MODE", or_none(disk->mode));
    part_add_if(&p, "NAME", disk->name);
    part_add_if(&p, "UUID", part_key(&p, "uuid"));
    part_add(&p, "DEV_TYPE", inst->disk_template);
    if (disk->path)
        add_location(&p, inst->disk_template, disk->path);
    return p.r;
}

/* A parameter's name may come from an export of whatever origin. */
static bool is_plain(const char *key)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.";
    size_t n = strlen(key);

    return n <= 200 && strspn(key, plain) == n;
}

/* Every parameter of a section of the instance's file. */
static int add_section(struct lu_hooks_env *env, const struct model_instance *inst,
                       const char *prefix, const char *section)
{
    const struct ini_section *s = ini_section(inst->ini, section);

    for (size_t i = 0; s && i < s->n; i++) {
        char name[256];
        int r;

        if (!is_plain(s->entries[i].key))
            continue;
        snprintf(name, sizeof name, "%s%s", prefix, s->entries[i].key);
        r = hooks_env_add(env, name, "%s", s->entries[i].value);
        if (r < 0)
            return r;
    }
    return 0;
}

/* Filled backend parameters always have these, whether the instance's file repeats them or not. */
static int add_backend(struct lu_hooks_env *env, const struct model_instance *inst)
{
    const struct {
        const char *key;
        uint64_t value;
    } filled[] = {{"maxmem", inst->maxmem}, {"minmem", inst->minmem}, {"vcpus", inst->vcpus}};
    int r = add_section(env, inst, "INSTANCE_BE_", "backend");

    for (size_t i = 0; r == 0 && i < sizeof filled / sizeof *filled; i++) {
        char name[64];

        if (ini_get(inst->ini, "backend", filled[i].key))
            continue;
        snprintf(name, sizeof name, "INSTANCE_BE_%s", filled[i].key);
        r = hooks_env_add(env, name, "%" PRIu64, filled[i].value);
    }
    return r;
}

static int add_numbers(struct lu_hooks_env *env, const struct model_instance *inst)
{
    const struct {
        const char *name;
        uint64_t value;
    } vars[] = {
        {"INSTANCE_MEMORY", inst->maxmem},   {"INSTANCE_MINMEM", inst->minmem},
        {"INSTANCE_MAXMEM", inst->maxmem},   {"INSTANCE_VCPUS", inst->vcpus},
        {"INSTANCE_NIC_COUNT", inst->nnics}, {"INSTANCE_DISK_COUNT", inst->ndisks},
    };

    for (size_t i = 0; i < sizeof vars / sizeof *vars; i++) {
        int r = hooks_env_add(env, vars[i].name, "%" PRIu64, vars[i].value);

        if (r < 0)
            return r;
    }
    return 0;
}

static int add_texts(struct lu_hooks_env *env, const struct model_instance *inst)
{
    const struct {
        const char *name, *value;
    } vars[] = {
        {"INSTANCE_NAME", inst->name},
        {"INSTANCE_PRIMARY", inst->primary_node},
        {"INSTANCE_SECONDARIES", ""},
        {"INSTANCE_OS_TYPE", or_empty(inst->os)},
        {"INSTANCE_STATUS", model_admin_state_name(inst->admin_state)},
        {"INSTANCE_DISK_TEMPLATE", inst->ndisks ? or_empty(inst->disk_template) : "diskless"},
        {"INSTANCE_HYPERVISOR", or_empty(inst->hypervisor)},
        {"INSTANCE_TAGS", or_empty(inst->tags)},
    };

    for (size_t i = 0; i < sizeof vars / sizeof *vars; i++) {
        int r = hooks_env_add(env, vars[i].name, "%s", vars[i].value);

        if (r < 0)
            return r;
    }
    return 0;
}

int hooks_env_add_instance(struct lu_hooks_env *env, const struct model_instance *inst)
{
    int r = add_texts(env, inst);

    if (r == 0)
        r = add_numbers(env, inst);
    for (unsigned i = 0; r == 0 && i < inst->nnics; i++)
        r = add_nic(env, inst, i);
    for (unsigned j = 0; r == 0 && j < inst->ndisks; j++)
        r = add_disk(env, inst, j);
    if (r == 0)
        r = add_backend(env, inst);
    if (r == 0)
        r = add_section(env, inst, "INSTANCE_HV_", "hypervisor");
    return r;
}

static int put(struct strvec *env, const char *prefix, const char *name, const char *value)
{
    CLEANUP_FREE char *text = NULL;

    if (asprintf(&text, "%s%s=%s", prefix, name, value) < 0) {
        text = NULL;
        return -ENOMEM;
    }
    return strvec_add(env, text);
}

/* Is the variable there already, under its full name? */
static bool has(const struct strvec *env, const char *prefix, const char *name)
{
    size_t plen = strlen(prefix), nlen = strlen(name);

    for (size_t i = 0; i < env->n; i++)
        if (strncmp(env->v[i], prefix, plen) == 0 && strncmp(env->v[i] + plen, name, nlen) == 0 &&
            env->v[i][plen + nlen] == '=')
            return true;
    return false;
}

static int put_all(struct strvec *env, const char *prefix, const struct lu_hooks_env *vars,
                   struct err *err)
{
    for (size_t i = 0; i < vars->names.n; i++) {
        if (has(env, prefix, vars->names.v[i]))
            return err_set(err, ERR_PROGRAMMER, ECODE_NONE, EIO, "hook variable %s%s is set twice",
                           prefix, vars->names.v[i]);
        if (put(env, prefix, vars->names.v[i], vars->values.v[i]) < 0)
            return err_sys(err, -ENOMEM, "hook environment");
    }
    return 0;
}

int hooks_env_complete(const struct lu *lu, const char *phase, const struct lu_hooks_env *pre,
                       const struct lu_hooks_env *post, struct strvec *ret, struct err *err)
{
    CLEANUP_STRVEC struct strvec env = {0};
    const struct {
        const char *name, *value;
    } standard[] = {
        {"PATH", PATH},
        {"GANETI_HOOKS_VERSION", "2"},
        {"GANETI_OP_CODE", lu->class->op_id},
        {"GANETI_OBJECT_TYPE", lu->class->htype},
        {"GANETI_DATA_DIR", DATA_DIR},
        {"GANETI_HOOKS_PHASE", phase},
        {"GANETI_HOOKS_PATH", lu->class->hpath},
        {"GANETI_CLUSTER", lu->model->name},
        {"GANETI_MASTER", lu->model->master_node},
    };
    int r = 0;

    for (size_t i = 0; i < sizeof standard / sizeof *standard; i++)
        if (put(&env, "", standard[i].name, standard[i].value) < 0)
            return err_sys(err, -ENOMEM, "hook environment");
    r = put_all(&env, "GANETI_", pre, err);
    if (r == 0 && post)
        r = put_all(&env, "GANETI_POST_", post, err);
    if (r < 0)
        return r;
    *ret = env;
    env = (struct strvec){0};
    return 0;
}
