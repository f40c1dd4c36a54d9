/* exportini_instance.c - the instance that a config.ini tells of (exportini.h).
 *
 * Read as the importer does (spec §7.6), v2.3's keys and v3's: an index ends where its first key is
 * missing, "None" is unset, [backend] goes before [instance].  Nothing in it is trusted, but
 * nothing is refused either: an export may be of any age.
 */
#include "export/exportini.h"
#include "export/inival.h"

#include <string.h>

#define MAX_MIB ((uint64_t)INT64_MAX / MODEL_MIB)

static int set(char **ret, const char *value)
{
    *ret = strdup(value ? value : "");
    return *ret ? 0 : -ENOMEM;
}

/* What is not there stays NULL. */
static int set_if(char **ret, const char *value)
{
    return value ? set(ret, value) : 0;
}

static const char *part(const struct model_instance *inst, const char *kind, unsigned i,
                        const char *what)
{
    char key[32];

    snprintf(key, sizeof key, "%s%u_%s", kind, i, what);
    return inival_get(inst->ini, "instance", key);
}

static int read_texts(struct model_instance *inst)
{
    const char *os = inival_get(inst->ini, "export", "os");

    if (set(&inst->primary_node, NULL) < 0 || set(&inst->os, os) < 0 ||
        set(&inst->hypervisor, inival_get(inst->ini, "instance", "hypervisor")) < 0 ||
        set(&inst->disk_template, inival_get(inst->ini, "instance", "disk_template")) < 0 ||
        set(&inst->tags, inival_get(inst->ini, "instance", "tags")) < 0)
        return -ENOMEM;
    return 0;
}

static void read_number(const struct ini *ini, const char *section, const char *key, uint64_t *ret)
{
    struct err ignored;

    inival_uint(ini, section, key, 0, MAX_MIB, ret, &ignored);
}

static void read_numbers(struct model_instance *inst)
{
    static const char *const places[] = {"instance", "backend"};

    for (size_t i = 0; i < 2; i++) {
        read_number(inst->ini, places[i], "memory", &inst->maxmem);
        read_number(inst->ini, places[i], "memory", &inst->minmem);
        read_number(inst->ini, places[i], "maxmem", &inst->maxmem);
        read_number(inst->ini, places[i], "minmem", &inst->minmem);
        read_number(inst->ini, places[i], "vcpus", &inst->vcpus);
    }
}

static int read_nics(struct model_instance *inst)
{
    for (unsigned i = 0; i < MODEL_MAX_NICS && part(inst, "nic", i, "mac"); i++) {
        struct model_nic *nic = model_add_nic(inst);

        if (!nic || set(&nic->mac, part(inst, "nic", i, "mac")) < 0 ||
            set_if(&nic->ip, part(inst, "nic", i, "ip")) < 0 ||
            set_if(&nic->network, part(inst, "nic", i, "network")) < 0 ||
            set_if(&nic->name, part(inst, "nic", i, "name")) < 0 ||
            set_if(&nic->mode, part(inst, "nic", i, "mode")) < 0 ||
            set_if(&nic->link, part(inst, "nic", i, "link")) < 0 ||
            set_if(&nic->vlan, part(inst, "nic", i, "vlan")) < 0)
            return -ENOMEM;
    }
    return 0;
}

/* One that a failed snapshot left out has its index all the same (spec §12 L12). */
static int read_disks(struct model_instance *inst)
{
    struct exportini_dumps dumps;
    struct err ignored;
    int r = exportini_dumps(inst->ini, &dumps, &ignored);

    if (r < 0)
        return r == -ENOMEM ? r : 0;
    for (unsigned j = 0; r == 0 && j < dumps.n; j++) {
        struct model_disk *d = model_add_disk(inst);
        const char *mode = part(inst, "disk", j, "mode");

        r = d ? set(&d->mode, mode ? mode : "rw") : -ENOMEM;
        if (r == 0)
            d->size_mib = dumps.size_mib[j];
        if (r == 0)
            r = set_if(&d->name, part(inst, "disk", j, "name"));
    }
    exportini_dumps_clear(&dumps);
    return r;
}

int exportini_instance(struct ini *ini_owned, const char *name, struct model_instance **ret)
{
    struct model_instance *inst = calloc(1, sizeof *inst);

    if (!inst) {
        ini_free(ini_owned);
        return -ENOMEM;
    }
    atomic_init(&inst->refs, 1);
    inst->ini = ini_owned;
    inst->admin_state = ADMIN_DOWN;
    read_numbers(inst);
    if (set(&inst->name, name) < 0 || read_texts(inst) < 0 || read_nics(inst) < 0 ||
        read_disks(inst) < 0) {
        model_instance_unref(inst);
        return -ENOMEM;
    }
    *ret = inst;
    return 0;
}
