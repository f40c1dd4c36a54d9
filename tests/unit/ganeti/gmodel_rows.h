/* gmodel_rows.h - rows as a cluster answers them, to be changed by tests. */
#ifndef TESTS_UNIT_GMODEL_ROWS_H
#define TESTS_UNIT_GMODEL_ROWS_H

#include "export/ganeti/gmodel.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#ifndef TESTS_UNIT_FAKE_RAPI_H
static struct err err;
#endif
__attribute__((unused)) static struct gmodel_cluster cluster = {(char *)"cluster.example.com",
                                                                (char *)"n1.example.com", 3, 0, 2};
static struct gmodel_options options = {.export_dir = "/var/lib/ganeti/export"};

static inline int column(const char *const fields[], const char *field)
{
    for (int i = 0; fields[i]; i++)
        if (!strcmp(fields[i], field))
            return i;
    fail_msg("no field %s", field);
    return -1;
}

static inline json_t *parse(const char *text)
{
    json_error_t why;
    json_t *v = json_loads(text, JSON_DECODE_ANY, &why);

    if (!v)
        fail_msg("%s: %s", text, why.text);
    return v;
}

/* A row of those of the fields that `object` (JSON) has; the others are null. */
static inline json_t *row(const char *const fields[], const char *object)
{
    json_t *from = parse(object), *to = json_array();
    size_t used = 0;

    for (; *fields; fields++) {
        json_t *v = json_object_get(from, *fields);

        used += v != NULL;
        json_array_append_new(to, v ? json_incref(v) : json_null());
    }
    assert_int_equal(used, json_object_size(from));
    json_decref(from);
    return to;
}

static inline json_t *node_row(const char *object)
{
    return row(gmodel_node_fields, object);
}

/* As a cluster of version 3.0.2 has said. */
#define INSTANCE                                                                                   \
    "{\"name\": \"web.example.com\", \"pnode\": \"n2.example.com\", \"admin_state\": \"down\","    \
    "\"os\": \"debian+default\", \"hypervisor\": \"kvm\", \"disk_template\": \"drbd\","            \
    "\"tags\": [\"b\", \"a\"], \"forthcoming\": false, \"ctime\": 1795337854.064625,"              \
    "\"beparams\": {\"minmem\": 64, \"maxmem\": 128, \"vcpus\": 2, \"auto_balance\": true,"        \
    "\"always_failover\": false, \"spindle_use\": 1, \"memory\": 128},"                            \
    "\"hvparams\": {\"kernel_path\": \"\", \"acpi\": true, \"root_path\": \"/dev/vda1 \","         \
    "\"cpu_cores\": 0, \"vnc_tls\": false, \"boot_order\": null},"                                 \
    "\"osparams\": {\"Size\": \"50%\"}, \"disk.sizes\": [1024, 20], \"disk.names\": [\"root\", "   \
    "null],"                                                                                       \
    "\"nic.macs\": [\"aa:00:00:11:2c:fa\"], \"nic.ips\": [null], \"nic.networks\": [null],"        \
    "\"nic.names\": [\"eth0\"], \"nic.modes\": [\"bridged\"], \"nic.links\": [\"br0\"],"           \
    "\"nic.vlans\": [\"\"]}"

static inline json_t *instance_row(void)
{
    return row(gmodel_instance_fields, INSTANCE);
}

/* The same with another value (JSON) in one place. */
static inline json_t *instance_with(const char *field, const char *value)
{
    json_t *r = instance_row();

    json_array_set_new(r, (size_t)column(gmodel_instance_fields, field), parse(value));
    return r;
}

#define N1                                                                                         \
    "{\"name\": \"n1.example.com\", \"offline\": false, \"drained\": false, \"master\": true,"     \
    "\"pip\": \"192.0.2.1\"}"
#define N2                                                                                         \
    "{\"name\": \"n2.example.com\", \"offline\": false, \"drained\": true, \"master\": false,"     \
    "\"pip\": \"fd00::2\"}"

static inline json_t *two_nodes(void)
{
    return json_pack("[oo]", node_row(N2), node_row(N1));
}

/* Takes nodes and instances. */
static inline struct model *build(json_t *nodes, json_t *instances, const struct model *previous)
{
    struct model *m = NULL;

    if (gmodel_build(&cluster, &options, nodes, instances, previous, &m, &err) < 0)
        fail_msg("%s", err.text);
    json_decref(nodes);
    json_decref(instances);
    return m;
}

#endif
