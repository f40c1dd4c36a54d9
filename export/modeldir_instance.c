/* modeldir_instance.c - one instance file: an export's config.ini with three keys more.
 *
 * All keys that an exporter writes may stand there (spec §7.4, v2.3 and v3), so that the config.ini
 * of an export becomes an instance by adding primary_node and disk{j}_path.  Anything else is
 * refused by name: a mistyped key must not silently leave a disk out of every backup.
 */
#include "export/hv.h"
#include "export/inival.h"
#include "export/modeldir.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#define MAX_MIB ((uint64_t)INT64_MAX / MODEL_MIB)

static const char *const instance_keys[] = {
    "name",          "primary_node", "admin_state", "os",        "hypervisor",
    "disk_template", "tags",         "maxmem",      "minmem",    "memory",
    "vcpus",         "auto_balance", "disk_count",  "nic_count", NULL,
};
static const char *const export_keys[] = {"version", "timestamp",   "source",
                                          "os",      "compression", NULL};
static const char *const disk_keys[] = {"path", "size", "ivname", "dump", "name", "mode", NULL};
static const char *const nic_keys[] = {"mac",  "ip",   "network", "name",
                                       "mode", "link", "vlan",    NULL};

/* "<what><index>_<one of fields>": the index (canonical decimal below 1000), else -1. */
static int indexed_key(const char *key, const char *what, const char *const *fields)
{
    size_t len = strlen(what);
    int index = 0;

    if (strncasecmp(key, what, len) || !isdigit((unsigned char)key[len]) ||
        (key[len] == '0' && isdigit((unsigned char)key[len + 1])))
        return -1;
    for (key += len; isdigit((unsigned char)*key); key++) {
        index = index * 10 + (*key - '0');
        if (index > 999)
            return -1;
    }
    if (*key++ != '_')
        return -1;
    for (; *fields; fields++)
        if (!strcasecmp(key, *fields))
            return index;
    return -1;
}

static bool is_indexed_key(const char *key)
{
    return indexed_key(key, "disk", disk_keys) >= 0 || indexed_key(key, "nic", nic_keys) >= 0;
}

static const struct inival_section sections[] = {
    {"export", export_keys, NULL},
    {"instance", instance_keys, is_indexed_key},
    {"hypervisor", NULL, NULL},
    {"backend", NULL, NULL},
    {"os", NULL, NULL},
    {"os_private", NULL, NULL},
};

/* A copy of value (NULL stays NULL). */
static int set(char **ret, const char *value)
{
    char *copy = value ? strdup(value) : NULL;

    if (value && !copy)
        return -ENOMEM;
    free(*ret);
    *ret = copy;
    return 0;
}

static int no_memory(struct err *err)
{
    return err_sys(err, -ENOMEM, "instance file");
}

static bool has_control(const char *s)
{
    for (; *s; s++)
        if ((unsigned char)*s < 0x20 || *s == 0x7f)
            return true;
    return false;
}

/* [instance] hypervisor and admin_state (DESIGN §6). */
static int read_state(struct model_instance *inst, struct err *err)
{
    const char *hypervisor = inival_get(inst->ini, "instance", "hypervisor");
    const char *state = inival_get(inst->ini, "instance", "admin_state");

    if (set(&inst->hypervisor, hypervisor ? hypervisor : "none"))
        return no_memory(err);
    if (hv_check(inst->hypervisor, err) < 0)
        return -EINVAL;
    if (!state || !strcasecmp(state, "down"))
        inst->admin_state = ADMIN_DOWN;
    else if (!strcasecmp(state, "up"))
        inst->admin_state = ADMIN_UP;
    else if (!strcasecmp(state, "offline"))
        inst->admin_state = ADMIN_OFFLINE;
    else
        return err_prereq(err, ECODE_INVAL,
                          "[instance] admin_state: '%.64s' is not one of up, down, offline", state);
    if (inst->admin_state == ADMIN_UP && !hypervisor)
        return err_prereq(err, ECODE_INVAL,
                          "[instance] admin_state is up, but hypervisor is none: nothing can run "
                          "it");
    return 0;
}

static int read_names(struct model_instance *inst, struct err *err)
{
    const char *name = inival_get(inst->ini, "instance", "name");
    const char *node = inival_get(inst->ini, "instance", "primary_node");
    const char *os = inival_get(inst->ini, "instance", "os");
    const char *export_os = inival_get(inst->ini, "export", "os");
    const char *template = inival_get(inst->ini, "instance", "disk_template");
    const char *tags = inival_get(inst->ini, "instance", "tags");

    if (name && strcmp(name, inst->name))
        return err_prereq(err, ECODE_INVAL, "[instance] name: '%.128s' is not the file's name '%s'",
                          name, inst->name);
    if (!node)
        return err_prereq(err, ECODE_INVAL, "[instance] primary_node is missing");
    if (os && export_os && strcmp(os, export_os))
        return err_prereq(err, ECODE_INVAL, "os is '%.64s' in [instance], but '%.64s' in [export]",
                          os, export_os);
    os = os ? os : export_os;
    if (set(&inst->primary_node, node) || set(&inst->os, os ? os : "") ||
        set(&inst->tags, tags ? tags : "") || set(&inst->disk_template, template))
        return no_memory(err);
    return 0;
}

/* maxmem, minmem and vcpus, each from the first of: [instance], [backend] (spec §7.4, §7.6).  The
 * old `memory` stands for both bounds where they are not given themselves. */
static int read_memory(struct model_instance *inst, struct err *err)
{
    static const char *const places[] = {"backend", "instance"};
    int r = 0;

    for (size_t i = 0; i < 2 && r == 0; i++) {
        const char *s = places[i];
        uint64_t memory = UINT64_MAX;

        r = inival_uint(inst->ini, s, "memory", 0, MAX_MIB, &memory, err);
        if (r == 0 && memory != UINT64_MAX)
            inst->maxmem = inst->minmem = memory;
        if (r == 0)
            r = inival_uint(inst->ini, s, "maxmem", 0, MAX_MIB, &inst->maxmem, err);
        if (r == 0)
            r = inival_uint(inst->ini, s, "minmem", 0, MAX_MIB, &inst->minmem, err);
        if (r == 0)
            r = inival_uint(inst->ini, s, "vcpus", 0, 65536, &inst->vcpus, err);
    }
    if (r == 0 && inst->minmem > inst->maxmem)
        return err_prereq(err, ECODE_INVAL, "minmem (%llu) is more than maxmem (%llu)",
                          (unsigned long long)inst->minmem, (unsigned long long)inst->maxmem);
    return r;
}

static int check_count(const struct model_instance *inst, const char *key, unsigned n,
                       struct err *err)
{
    uint64_t count = n;
    int r = inival_uint(inst->ini, "instance", key, 0, 1000, &count, err);

    if (r == 0 && count != n)
        return err_prereq(err, ECODE_INVAL, "[instance] %s is %llu, but there are %u", key,
                          (unsigned long long)count, n);
    return r;
}

static const char *disk_value(const struct model_instance *inst, unsigned j, const char *field)
{
    char key[32];

    snprintf(key, sizeof key, "disk%u_%s", j, field);
    return inival_get(inst->ini, "instance", key);
}

static int read_disk(const char *base_dir, struct model_instance *inst, unsigned j, struct err *err)
{
    struct model_disk *d = &inst->disks[j];
    const char *path = disk_value(inst, j, "path"), *mode = disk_value(inst, j, "mode");
    char key[32];

    if (has_control(path))
        return err_prereq(err, ECODE_INVAL, "[instance] disk%u_path: control character in it", j);
    if (mode && strcmp(mode, "rw") && strcmp(mode, "ro"))
        return err_prereq(err, ECODE_INVAL, "[instance] disk%u_mode: '%.64s' is not rw or ro", j,
                          mode);
    if (asprintf(&d->path, "%s%s%s", *path == '/' ? "" : base_dir, *path == '/' ? "" : "/", path) <
        0) {
        d->path = NULL;
        return no_memory(err);
    }
    if (set(&d->name, disk_value(inst, j, "name")) || set(&d->mode, mode ? mode : "rw"))
        return no_memory(err);
    for (unsigned i = 0; i < j; i++)
        if (!strcmp(inst->disks[i].path, d->path))
            return err_prereq(err, ECODE_INVAL, "disk%u_path and disk%u_path are the same: %s", i,
                              j, d->path);

    snprintf(key, sizeof key, "disk%u_size", j);
    d->size_given = disk_value(inst, j, "size");
    return inival_uint(inst->ini, "instance", key, 1, MAX_MIB, &d->size_mib, err);
}

static int read_disks(const char *base_dir, struct model_instance *inst, struct err *err)
{
    const struct ini_section *s = ini_section(inst->ini, "instance");

    for (unsigned j = 0; j < MODEL_MAX_DISKS && disk_value(inst, j, "path"); j++) {
        int r = model_add_disk(inst) ? read_disk(base_dir, inst, j, err) : no_memory(err);

        if (r < 0)
            return r;
    }
    for (size_t i = 0; s && i < s->n; i++) {
        int j = indexed_key(s->entries[i].key, "disk", disk_keys);

        if (j >= MODEL_MAX_DISKS)
            return err_prereq(err, ECODE_INVAL, "[instance] %s: at most %d disks",
                              s->entries[i].key, MODEL_MAX_DISKS);
        if (j >= (int)inst->ndisks)
            return err_prereq(err, ECODE_INVAL, "[instance] %s: there is no disk%u_path",
                              s->entries[i].key, inst->ndisks);
    }
    if (!inst->disk_template && set(&inst->disk_template, inst->ndisks ? "file" : "diskless"))
        return no_memory(err);
    return check_count(inst, "disk_count", inst->ndisks, err);
}

static int read_nic(struct model_instance *inst, unsigned i)
{
    struct model_nic *n = &inst->nics[i];
    char **const fields[] = {&n->mac, &n->ip, &n->network, &n->name, &n->mode, &n->link, &n->vlan};

    for (size_t f = 0; nic_keys[f]; f++) {
        char key[32];

        snprintf(key, sizeof key, "nic%u_%s", i, nic_keys[f]);

        const char *value = ini_get(inst->ini, "instance", key);

        if (value && strcasecmp(value, "none") && set(fields[f], value))
            return -ENOMEM;
    }
    return 0;
}

/* The nics are those that any key names; an index may not be left out. */
static int read_nics(struct model_instance *inst, struct err *err)
{
    const struct ini_section *s = ini_section(inst->ini, "instance");
    bool seen[MODEL_MAX_NICS] = {false};
    int n = 0;

    for (size_t i = 0; s && i < s->n; i++) {
        int j = indexed_key(s->entries[i].key, "nic", nic_keys);

        if (j >= MODEL_MAX_NICS)
            return err_prereq(err, ECODE_INVAL, "[instance] %s: at most %d nics", s->entries[i].key,
                              MODEL_MAX_NICS);
        if (j >= 0)
            seen[j] = true;
        if (j >= n)
            n = j + 1;
    }
    for (int j = 0; j < n; j++) {
        if (!seen[j])
            return err_prereq(err, ECODE_INVAL, "[instance] nic%d is missing, but nic%d is there",
                              j, n - 1);
        if (!model_add_nic(inst) || read_nic(inst, (unsigned)j) < 0)
            return no_memory(err);
    }
    return check_count(inst, "nic_count", inst->nnics, err);
}

static int read_all(const char *base_dir, struct model_instance *inst, struct err *err)
{
    int r = inival_check(inst->ini, sections, sizeof sections / sizeof *sections, err);

    if (r == 0)
        r = read_names(inst, err);
    if (r == 0)
        r = read_state(inst, err);
    if (r == 0)
        r = read_memory(inst, err);
    if (r == 0)
        r = read_disks(base_dir, inst, err);
    if (r == 0)
        r = read_nics(inst, err);
    return r;
}

/* What they say stands in the instance itself now; there are no other keys in them. */
static void drop_read_sections(struct ini *ini)
{
    for (size_t i = ini->n; i-- > 0;)
        if (!strcmp(ini->sections[i].name, "export") || !strcmp(ini->sections[i].name, "instance"))
            ini_drop_section(ini, i);
}

int modeldir_instance_failed(const char *name, const char *error, struct model_instance **ret)
{
    struct model_instance *inst = calloc(1, sizeof *inst);

    if (!inst)
        return -ENOMEM;
    atomic_init(&inst->refs, 1);
    if (set(&inst->name, name) || set(&inst->error, error)) {
        model_instance_unref(inst);
        return -ENOMEM;
    }
    *ret = inst;
    return 0;
}

int modeldir_instance(const char *base_dir, const char *name, struct ini *ini_owned,
                      struct model_instance **ret)
{
    struct model_instance *inst = calloc(1, sizeof *inst);
    struct err err;

    if (!inst) {
        ini_free(ini_owned);
        return -ENOMEM;
    }
    atomic_init(&inst->refs, 1);
    inst->ini = ini_owned;

    int r = set(&inst->name, name);

    if (r == 0)
        r = read_all(base_dir, inst, &err);
    if (r == 0) {
        drop_read_sections(inst->ini);
        *ret = inst;
        return 0;
    }
    model_instance_unref(inst);
    if (r != -ENOMEM)
        err_prefix(&err, "instances/%s.ini", name);
    return r == -ENOMEM ? r : modeldir_instance_failed(name, err.text, ret);
}
