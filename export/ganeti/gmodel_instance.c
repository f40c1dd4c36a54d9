/* gmodel_instance.c - an instance out of a row of the cluster's answer (gmodel.h).
 *
 * A row's hash is kept where an instance of a file keeps that file's stamp, so that one whose row
 * is the same is known again.  Its mtime there is when the instance was made: the same for all who
 * ask (what follows changes of its config.ini is promise_config_mtime()).
 */
#include "export/ganeti/gmodel_parts.h"

#include "export/modeldir.h"
#include "lock/strvec.h"

#include <string.h>
#include <xxhash.h>

#define MAX_MIB ((uint64_t)INT64_MAX / MODEL_MIB)

const char *const gmodel_instance_fields[I_FIELDS + 1] = {
    [I_NAME] = "name",
    [I_PNODE] = "pnode",
    [I_ADMIN_STATE] = "admin_state",
    [I_OS] = "os",
    [I_HYPERVISOR] = "hypervisor",
    [I_DISK_TEMPLATE] = "disk_template",
    [I_TAGS] = "tags",
    [I_FORTHCOMING] = "forthcoming",
    [I_CTIME] = "ctime",
    [I_BEPARAMS] = "beparams",
    [I_HVPARAMS] = "hvparams",
    [I_OSPARAMS] = "osparams",
    [I_DISK_SIZES] = "disk.sizes",
    [I_DISK_NAMES] = "disk.names",
    [I_NIC_MACS] = "nic.macs",
    [I_NIC_IPS] = "nic.ips",
    [I_NIC_NETWORKS] = "nic.networks",
    [I_NIC_NAMES] = "nic.names",
    [I_NIC_MODES] = "nic.modes",
    [I_NIC_LINKS] = "nic.links",
    [I_NIC_VLANS] = "nic.vlans",
};

bool gmodel_row_exists(json_t *row)
{
    return !json_is_true(json_array_get(row, I_FORTHCOMING));
}

static int bad(struct err *err, const char *name, int field)
{
    return err_prereq(err, ECODE_INVAL, "instance %s: the cluster says nothing usable about its %s",
                      name, gmodel_instance_fields[field]);
}

static int no_memory(struct err *err)
{
    return err_sys(err, -ENOMEM, "instance");
}

static bool usable(const char *s)
{
    for (; *s; s++)
        if ((unsigned char)*s < 0x20 || *s == 0x7f)
            return false;
    return true;
}

/* A text of the row; null is NULL where it may be. */
static int get_text(json_t *row, int field, bool or_null, char **ret, struct err *err)
{
    const char *name = json_string_value(json_array_get(row, I_NAME));
    json_t *v = json_array_get(row, field);

    if (json_is_null(v) && or_null)
        return 0;
    if (!json_is_string(v) || !usable(json_string_value(v)))
        return bad(err, name, field);
    *ret = strdup(json_string_value(v));
    return *ret ? 0 : no_memory(err);
}

/* The i-th of a list of texts, of which each may be null or "". */
static int get_nth(json_t *row, int field, size_t i, char **ret, struct err *err)
{
    const char *name = json_string_value(json_array_get(row, I_NAME));
    json_t *list = json_array_get(row, field), *v = json_array_get(list, i);
    const char *text = json_string_value(v);

    if (json_is_null(v) || json_is_null(list)) /* a field that an older version does not have */
        return 0;
    if (!text || !usable(text))
        return bad(err, name, field);
    if (!*text)
        return 0;
    *ret = strdup(text);
    return *ret ? 0 : no_memory(err);
}

static int read_state(json_t *row, struct model_instance *inst, struct err *err)
{
    static const char *const states[] = {
        [ADMIN_DOWN] = "down", [ADMIN_UP] = "up", [ADMIN_OFFLINE] = "offline"};
    const char *state = json_string_value(json_array_get(row, I_ADMIN_STATE));

    for (unsigned i = 0; state && i < sizeof states / sizeof *states; i++)
        if (!strcmp(state, states[i])) {
            inst->admin_state = (enum model_admin_state)i;
            return 0;
        }
    return bad(err, inst->name, I_ADMIN_STATE);
}

/* Tags have no order of their own. */
static int read_tags(json_t *row, struct model_instance *inst, struct err *err)
{
    CLEANUP_STRVEC struct strvec tags = {0};
    json_t *list = json_array_get(row, I_TAGS);
    size_t len = 1;

    if (!json_is_array(list))
        return bad(err, inst->name, I_TAGS);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *tag = json_string_value(json_array_get(list, i));

        if (!tag || !usable(tag))
            return bad(err, inst->name, I_TAGS);
        if (strvec_add(&tags, tag) < 0)
            return no_memory(err);
        len += strlen(tag) + 1;
    }
    strvec_sort(&tags);

    char *p = inst->tags = malloc(len);

    if (!p)
        return no_memory(err);
    *p = '\0';
    for (size_t i = 0; i < tags.n; i++)
        p = stpcpy(stpcpy(p, i ? " " : ""), tags.v[i]);
    return 0;
}

static int read_number(json_t *params, const char *key, uint64_t max, uint64_t *ret)
{
    json_t *v = json_object_get(params, key);

    if (!json_is_integer(v) || json_integer_value(v) < 0 || (uint64_t)json_integer_value(v) > max)
        return -EINVAL;
    *ret = (uint64_t)json_integer_value(v);
    return 0;
}

static int read_backend(json_t *row, struct model_instance *inst, struct err *err)
{
    json_t *be = json_array_get(row, I_BEPARAMS);

    if (read_number(be, "maxmem", MAX_MIB, &inst->maxmem) < 0 ||
        read_number(be, "minmem", MAX_MIB, &inst->minmem) < 0 ||
        read_number(be, "vcpus", 65536, &inst->vcpus) < 0 || inst->minmem > inst->maxmem)
        return bad(err, inst->name, I_BEPARAMS);
    return 0;
}

static bool has_snapshots(const char *template)
{
    return !strcmp(template, "plain") || !strcmp(template, "drbd") || !strcmp(template, "ext");
}

static int read_disks(json_t *row, struct model_instance *inst, struct err *err)
{
    json_t *sizes = json_array_get(row, I_DISK_SIZES);
    bool snapshots = has_snapshots(inst->disk_template);
    int r = 0;

    if (!json_is_array(sizes))
        return bad(err, inst->name, I_DISK_SIZES);
    if (json_array_size(sizes) > MODEL_MAX_DISKS)
        return err_prereq(err, ECODE_INVAL, "instance %s: more than %d disks", inst->name,
                          MODEL_MAX_DISKS);
    for (size_t j = 0; r == 0 && j < json_array_size(sizes); j++) {
        struct model_disk *d = model_add_disk(inst);
        json_t *v = json_array_get(sizes, j);

        if (!d)
            return no_memory(err);
        if (!json_is_integer(v) || json_integer_value(v) < 1 ||
            (uint64_t)json_integer_value(v) > MAX_MIB)
            return bad(err, inst->name, I_DISK_SIZES);
        d->size_mib = (uint64_t)json_integer_value(v);
        d->size_given = true;
        d->bytes = d->size_mib * MODEL_MIB;
        d->blocks512 = d->bytes / 512;
        d->is_block = true;
        d->can_snapshot = snapshots;
        d->path = strdup("");
        d->mode = strdup("rw");
        r = d->path && d->mode ? get_nth(row, I_DISK_NAMES, j, &d->name, err) : no_memory(err);
    }
    return r;
}

static int read_nics(json_t *row, struct model_instance *inst, struct err *err)
{
    json_t *macs = json_array_get(row, I_NIC_MACS);
    int r = 0;

    if (!json_is_array(macs))
        return bad(err, inst->name, I_NIC_MACS);
    if (json_array_size(macs) > MODEL_MAX_NICS)
        return err_prereq(err, ECODE_INVAL, "instance %s: more than %d nics", inst->name,
                          MODEL_MAX_NICS);
    for (size_t i = 0; r == 0 && i < json_array_size(macs); i++) {
        struct model_nic *n = model_add_nic(inst);

        if (!n)
            return no_memory(err);
        if ((r = get_nth(row, I_NIC_MACS, i, &n->mac, err)) < 0 ||
            (r = get_nth(row, I_NIC_IPS, i, &n->ip, err)) < 0 ||
            (r = get_nth(row, I_NIC_NETWORKS, i, &n->network, err)) < 0 ||
            (r = get_nth(row, I_NIC_NAMES, i, &n->name, err)) < 0 ||
            (r = get_nth(row, I_NIC_MODES, i, &n->mode, err)) < 0 ||
            (r = get_nth(row, I_NIC_LINKS, i, &n->link, err)) < 0 ||
            (r = get_nth(row, I_NIC_VLANS, i, &n->vlan, err)) < 0)
            return r;
    }
    return r;
}

static int read_row(const struct model *nodes, json_t *row, struct model_instance *inst,
                    struct err *err)
{
    double made = json_number_value(json_array_get(row, I_CTIME));
    int r;

    if ((r = get_text(row, I_PNODE, false, &inst->primary_node, err)) < 0 ||
        (r = get_text(row, I_OS, true, &inst->os, err)) < 0 ||
        (r = get_text(row, I_HYPERVISOR, false, &inst->hypervisor, err)) < 0 ||
        (r = get_text(row, I_DISK_TEMPLATE, false, &inst->disk_template, err)) < 0 ||
        (r = read_state(row, inst, err)) < 0 || (r = read_tags(row, inst, err)) < 0 ||
        (r = read_backend(row, inst, err)) < 0 || (r = read_disks(row, inst, err)) < 0 ||
        (r = read_nics(row, inst, err)) < 0)
        return r;
    inst->any_length = inst->os != NULL; /* without scripts the disks are copied as they are */
    if (!inst->os && !(inst->os = strdup("")))
        return no_memory(err);
    if (!model_find_node(nodes, inst->primary_node))
        return err_prereq(err, ECODE_NOENT,
                          "instance %s: its primary node '%.128s' is not a node of the cluster",
                          inst->name, inst->primary_node);
    if (made > 0 && made < 1e15)
        inst->stamp.mtime.tv_sec = (time_t)made;
    r = gmodel_parameters(row, &inst->ini);
    return r < 0 ? no_memory(err) : 0;
}

/* ino is never 0, which would say that nothing is known. */
static int hash_row(json_t *row, struct model_stamp *ret)
{
    CLEANUP_FREE char *text = json_dumps(row, JSON_COMPACT | JSON_SORT_KEYS);

    if (!text)
        return -ENOMEM;

    XXH128_hash_t h = XXH3_128bits(text, strlen(text));

    ret->ino = h.low64 ? h.low64 : 1;
    ret->dev = h.high64;
    return 0;
}

static bool same_row(const struct model *nodes, const struct model_instance *was,
                     const struct model_stamp *row)
{
    return !was->error && was->stamp.ino == row->ino && was->stamp.dev == row->dev &&
           model_find_node(nodes, was->primary_node);
}

int gmodel_instance(const struct model *nodes, json_t *row, const struct model_instance *was,
                    struct model_instance **ret)
{
    struct model_stamp stamp = {0};
    struct model_instance *inst;
    struct err err;
    int r = hash_row(row, &stamp);

    if (r < 0)
        return r;
    if (was && same_row(nodes, was, &stamp)) {
        *ret = model_instance_ref((struct model_instance *)was);
        return 0;
    }
    inst = calloc(1, sizeof *inst);
    if (!inst)
        return -ENOMEM;
    atomic_init(&inst->refs, 1);
    inst->stamp = stamp;
    inst->name = strdup(json_string_value(json_array_get(row, I_NAME)));
    r = inst->name ? read_row(nodes, row, inst, &err) : -ENOMEM;
    if (r == 0) {
        model_instance_pack(inst);
        *ret = inst;
        return 0;
    }
    if (r != -ENOMEM)
        r = modeldir_instance_failed(inst->name, err.text, ret);
    model_instance_unref(inst);
    return r;
}
