/* hv.c - the drivers by name. */
#include "export/hv.h"

#include <errno.h>
#include <string.h>

static const struct hv *const drivers[] = {&hv_fake, &hv_none};

int hv_check(const char *name, struct err *err)
{
    char names[64] = "";
    size_t len = 0;

    for (size_t i = 0; i < sizeof drivers / sizeof *drivers; i++) {
        if (strcmp(drivers[i]->name, name) == 0)
            return 0;
        if (len < sizeof names)
            len += (size_t)snprintf(names + len, sizeof names - len, "%s%s", len ? ", " : "",
                                    drivers[i]->name);
    }
    return err_prereq(err, ECODE_INVAL, "hypervisor '%.64s' is not supported (%s)", name, names);
}

int hv_find(const struct model_instance *inst, const struct hv **ret, struct err *err)
{
    for (size_t i = 0; i < sizeof drivers / sizeof *drivers; i++) {
        if (strcmp(drivers[i]->name, inst->hypervisor) == 0) {
            *ret = drivers[i];
            return 0;
        }
    }
    return err_set(err, ERR_EXEC, ECODE_STATE, EOPNOTSUPP,
                   "Hypervisor '%s' of instance %s is not supported here", inst->hypervisor,
                   inst->name);
}
