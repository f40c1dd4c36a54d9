/* exportini.c - exportini_render(): config.ini of an instance, as Ganeti 3 writes it (spec §7.4).
 *
 * Better than the reference (spec §12): a '%' is doubled and the case of parameter names is kept
 * (L10), indexes and counts agree since an export has all disks or none (L12), the disk template
 * and the disks' names are the instance's own (L13).
 */
#include "export/exportini.h"

#include <inttypes.h>
#include <string.h>

/* what goes into the file, and where its first error is kept */
struct render {
    struct ini *ini;
    struct err *err;
};

static int put(struct render *r, const char *section, const char *key, const char *value)
{
    int rc = ini_set(r->ini, section, key, value);

    if (rc == -EINVAL)
        return err_prereq(
            r->err, ECODE_INVAL,
            "[%s] %s cannot be written to %s: a line break or blank too many, a control "
            "character, or not UTF-8",
            section, key, EXPORTINI_FILE);
    return rc < 0 ? err_sys(r->err, rc, "Rendering %s", EXPORTINI_FILE) : 0;
}

/* "[instance] kind{i}_what = value", NULL written as the reference's None */
static int put_part(struct render *r, const char *kind, unsigned i, const char *what,
                    const char *value)
{
    char key[32];

    snprintf(key, sizeof key, "%s%u_%s", kind, i, what);
    return put(r, "instance", key, value ? value : "None");
}

static int put_number(struct render *r, const char *section, const char *key, uint64_t n)
{
    char text[24];

    snprintf(text, sizeof text, "%" PRIu64, n);
    return put(r, section, key, text);
}

static int put_export(struct render *r, const struct model_instance *inst, int64_t timestamp)
{
    char text[24];
    int rc;

    snprintf(text, sizeof text, "%" PRId64, timestamp);
    if ((rc = put_number(r, "export", "version", EXPORTINI_VERSION)) < 0 ||
        (rc = put(r, "export", "timestamp", text)) < 0 ||
        (rc = put(r, "export", "source", inst->primary_node)) < 0 ||
        (rc = put(r, "export", "os", inst->os)) < 0 ||
        (rc = put(r, "export", "compression", "none")) < 0)
        return rc;
    return 0;
}

static int put_nic(struct render *r, unsigned i, const struct model_nic *nic)
{
    int rc;

    if ((rc = put_part(r, "nic", i, "mac", nic->mac)) < 0 ||
        (rc = put_part(r, "nic", i, "ip", nic->ip)) < 0 ||
        (rc = put_part(r, "nic", i, "network", nic->network)) < 0 ||
        (rc = put_part(r, "nic", i, "name", nic->name)) < 0 ||
        (rc = put_part(r, "nic", i, "link", nic->link)) < 0 ||
        (rc = put_part(r, "nic", i, "mode", nic->mode)) < 0)
        return rc;
    return put_part(r, "nic", i, "vlan", nic->vlan ? nic->vlan : "");
}

static int put_disk(struct render *r, unsigned j, const struct model_disk *disk)
{
    uint64_t mib = disk->bytes / MODEL_MIB + (disk->bytes % MODEL_MIB != 0);
    char ivname[16], dump[24], size[24];
    int rc;

    if (mib < disk->size_mib)
        mib = disk->size_mib;
    snprintf(ivname, sizeof ivname, "disk/%u", j);
    snprintf(dump, sizeof dump, "disk%u.raw", j);
    snprintf(size, sizeof size, "%" PRIu64, mib);
    if ((rc = put_part(r, "disk", j, "ivname", ivname)) < 0 ||
        (rc = put_part(r, "disk", j, "dump", dump)) < 0 ||
        (rc = put_part(r, "disk", j, "size", size)) < 0)
        return rc;
    return put_part(r, "disk", j, "name", disk->name);
}

static int put_instance(struct render *r, const struct model_instance *inst)
{
    int rc;

    if ((rc = put(r, "instance", "name", inst->name)) < 0 ||
        (rc = put_number(r, "instance", "maxmem", inst->maxmem)) < 0 ||
        (rc = put_number(r, "instance", "minmem", inst->minmem)) < 0 ||
        (rc = put_number(r, "instance", "memory", inst->maxmem)) < 0 ||
        (rc = put_number(r, "instance", "vcpus", inst->vcpus)) < 0 ||
        (rc = put(r, "instance", "disk_template", inst->disk_template)) < 0 ||
        (rc = put(r, "instance", "hypervisor", inst->hypervisor)) < 0 ||
        (rc = put(r, "instance", "tags", inst->tags)) < 0)
        return rc;
    for (unsigned i = 0; i < inst->nnics; i++)
        if ((rc = put_nic(r, i, &inst->nics[i])) < 0)
            return rc;
    if ((rc = put_number(r, "instance", "nic_count", inst->nnics)) < 0)
        return rc;
    for (unsigned j = 0; j < inst->ndisks; j++)
        if ((rc = put_disk(r, j, &inst->disks[j])) < 0)
            return rc;
    return put_number(r, "instance", "disk_count", inst->ndisks);
}

static bool in_list(const char *key, const char *const *list)
{
    for (; *list; list++)
        if (!strcasecmp(key, *list))
            return true;
    return false;
}

/* A section of the instance's file, without the keys in `except`. */
static int put_section(struct render *r, const struct model_instance *inst, const char *section,
                       const char *const *except)
{
    const struct ini_section *s = inst->ini ? ini_section(inst->ini, section) : NULL;
    int rc = ini_add_section(r->ini, section);

    if (rc < 0)
        return err_sys(r->err, rc, "Rendering %s", EXPORTINI_FILE);
    for (size_t i = 0; s && i < s->n; i++) {
        const struct ini_entry *e = &s->entries[i];

        if (in_list(e->key, except))
            continue;
        if (ini_get(r->ini, section, e->key))
            return err_prereq(r->err, ECODE_INVAL, "[%s] %s is there twice, differing only by case",
                              section, e->key);
        if ((rc = put(r, section, e->key, e->value)) < 0)
            return rc;
    }
    return 0;
}

/* The v2.3 key `memory` means both; what the file does not say is the instance's. */
static int put_backend(struct render *r, const struct model_instance *inst)
{
    static const char *const except[] = {"memory", NULL};
    const char *memory = inst->ini ? ini_get(inst->ini, "backend", "memory") : NULL;
    const struct {
        const char *key;
        uint64_t value;
        const char *old;
    } needed[] = {
        {"maxmem", inst->maxmem, memory},
        {"minmem", inst->minmem, memory},
        {"vcpus", inst->vcpus, NULL},
    };
    int rc = put_section(r, inst, "backend", except);

    for (size_t i = 0; rc == 0 && i < sizeof needed / sizeof *needed; i++) {
        if (ini_get(r->ini, "backend", needed[i].key))
            continue;
        if (needed[i].old)
            rc = put(r, "backend", needed[i].key, needed[i].old);
        else
            rc = put_number(r, "backend", needed[i].key, needed[i].value);
    }
    return rc;
}

static int put_parameters(struct render *r, const struct model_instance *inst)
{
    static const char *const globals[] = {"migration_port", "migration_bandwidth", "migration_mode",
                                          NULL};
    static const char *const none[] = {NULL};
    int rc;

    if ((rc = put_section(r, inst, "hypervisor", globals)) < 0 || (rc = put_backend(r, inst)) < 0 ||
        (rc = put_section(r, inst, "os", none)) < 0)
        return rc;
    if (inst->ini && ini_section(inst->ini, "os_private"))
        return put_section(r, inst, "os_private", none);
    return 0;
}

/* Comment lines, each of at least two bytes, up to the next multiple of EXPORTINI_PAD. */
int exportini_pad(char **text, size_t *len)
{
    size_t want = (*len + EXPORTINI_PAD - 1) / EXPORTINI_PAD * EXPORTINI_PAD;

    if (want - *len == 1)
        want += EXPORTINI_PAD;

    char *p = realloc(*text, want + 1);

    if (!p)
        return -ENOMEM;
    *text = p;
    while (*len < want) {
        size_t line = want - *len < 64 ? want - *len : 64;

        if (want - *len - line == 1)
            line--;
        memset(p + *len, '#', line - 1);
        p[*len + line - 1] = '\n';
        *len += line;
    }
    p[want] = '\0';
    return 0;
}

int exportini_render(const struct model_instance *inst, int64_t timestamp, char **text, size_t *len,
                     struct err *err)
{
    CLEANUP_INI struct ini *ini = NULL;
    CLEANUP_FREE char *buf = NULL;
    size_t n = 0;
    int rc = ini_new(&ini);
    struct render r = {ini, err};

    if (rc < 0)
        return err_sys(err, rc, "Rendering %s", EXPORTINI_FILE);
    if ((rc = put_export(&r, inst, timestamp)) < 0 || (rc = put_instance(&r, inst)) < 0 ||
        (rc = put_parameters(&r, inst)) < 0)
        return rc;
    if ((rc = ini_format(ini, &buf, &n)) < 0 || (rc = exportini_pad(&buf, &n)) < 0)
        return err_sys(err, rc, "Rendering %s", EXPORTINI_FILE);
    if (n > EXPORTINI_MAX)
        return err_set(
            err, ERR_PREREQ, ECODE_INVAL, EFBIG,
            "%s of '%s' would have %zu bytes, more than the %d that an export has room for",
            EXPORTINI_FILE, inst->name, n, EXPORTINI_MAX);
    *text = STEAL(buf);
    *len = n;
    return 0;
}
