/* exportini_inst.h - the instance of the specification's sample, as a model has it. */
#ifndef TESTS_UNIT_EXPORTINI_INST_H
#define TESTS_UNIT_EXPORTINI_INST_H

#include "export/exportini.h"
#include "tests/unit/ini_python.h"

static const char sample_params[] =
    "[hypervisor]\nacpi = True\nboot_order = disk\nkernel_path = \n"
    "migration_port = 8102\nmigration_bandwidth = 32\nMigration_Mode = live\n"
    "[backend]\nalways_failover = False\nauto_balance = True\nmaxmem = 1024\n"
    "minmem = 512\nspindle_use = 1\nvcpus = 2\n"
    "[os]\n[os_private]\npassword = hunter2\n";

static inline struct ini *ini_of(const char *text)
{
    struct ini *ini = NULL;
    struct err err;

    if (ini_parse(text, strlen(text), &ini, &err) < 0)
        fail_msg("%s", err.text);
    return ini;
}

/* Only .ini is to be freed.  One at a time: all have the same disks and nics. */
static inline struct model_instance sample_instance(const char *params)
{
    static struct model_disk disks[MODEL_MAX_DISKS];
    static struct model_nic nics[MODEL_MAX_NICS];
    struct model_instance inst = {
        .name = (char *)"inst1.example.com",
        .primary_node = (char *)"node1.example.com",
        .os = (char *)"debootstrap+default",
        .hypervisor = (char *)"kvm",
        .disk_template = (char *)"plain",
        .tags = (char *)"web prod",
        .maxmem = 1024,
        .minmem = 512,
        .vcpus = 2,
        .ndisks = 1,
        .nnics = 1,
        .disks = disks,
        .nics = nics,
        .ini = params ? ini_of(params) : NULL,
    };

    memset(disks, 0, sizeof disks);
    memset(nics, 0, sizeof nics);
    disks[0] = (struct model_disk){.size_mib = 2048, .bytes = 2048 * MODEL_MIB};
    nics[0] = (struct model_nic){.mac = (char *)"aa:00:00:12:34:56",
                                 .ip = (char *)"192.0.2.10",
                                 .name = (char *)"eth0",
                                 .link = (char *)"br0",
                                 .mode = (char *)"bridged"};
    return inst;
}

static __attribute__((noinline)) char *render(const struct model_instance *inst, size_t *len)
{
    char *text = NULL;
    struct err err;

    if (exportini_render(inst, 1646081481, &text, len, &err) < 0)
        fail_msg("%s", err.text);
    return text;
}

static inline struct ini *render_and_read(const struct model_instance *inst)
{
    size_t len;
    char *text = render(inst, &len);
    struct ini *ini = ini_of(text);

    free(text);
    return ini;
}

#endif
