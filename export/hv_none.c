/* hv_none.c - the driver for images at rest. */
#include "export/hv.h"

#include <errno.h>

static int none_running(const char *state_dir, const struct model_instance *inst, struct err *err)
{
    (void)state_dir, (void)inst, (void)err;
    return 0;
}

static int none_shutdown(const char *state_dir, const struct model_instance *inst,
                         unsigned timeout_s, struct cancel *cancel, struct err *err)
{
    (void)state_dir, (void)inst, (void)timeout_s, (void)cancel, (void)err;
    return 0;
}

static int none_start(const char *state_dir, const struct model_instance *inst, struct err *err)
{
    (void)state_dir;
    return err_set(err, ERR_EXEC, ECODE_STATE, EBUSY,
                   "Instance %s has the hypervisor 'none' and cannot be started", inst->name);
}

const struct hv hv_none = {
    .name = "none",
    .running = none_running,
    .shutdown = none_shutdown,
    .start = none_start,
};
