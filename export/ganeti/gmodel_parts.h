/* gmodel_parts.h - what gmodel_build() is made of, and gmodel_look() needs too. */
#ifndef EXPORT_GANETI_GMODEL_PARTS_H
#define EXPORT_GANETI_GMODEL_PARTS_H

#include "export/ganeti/gmodel.h"

/* The columns, in the order of gmodel_instance_fields. */
enum {
    I_NAME,
    I_PNODE,
    I_ADMIN_STATE,
    I_OS,
    I_HYPERVISOR,
    I_DISK_TEMPLATE,
    I_TAGS,
    I_FORTHCOMING,
    I_CTIME,
    I_BEPARAMS,
    I_HVPARAMS,
    I_OSPARAMS,
    I_DISK_SIZES,
    I_DISK_NAMES,
    I_NIC_MACS,
    I_NIC_IPS,
    I_NIC_NETWORKS,
    I_NIC_NAMES,
    I_NIC_MODES,
    I_NIC_LINKS,
    I_NIC_VLANS,
    I_FIELDS
};

/* Does this row tell of an instance that is there, not only planned? */
bool gmodel_row_exists(json_t *row);
/* The instance of a row, whose I_NAME is valid: `was` (may be NULL), referenced, if that was made
 * of the same row.  nodes: whose primary nodes may be.  What is wrong becomes its error.  0,
 * -ENOMEM. */
int gmodel_instance(const struct model *nodes, json_t *row, const struct model_instance *was,
                    struct model_instance **ret);
/* [hypervisor], [backend], [os] and [os_private], as Ganeti writes them; *ret is the caller's. */
int gmodel_parameters(json_t *row, struct ini **ret);

#endif
