/* hv.h - hypervisor drivers: is an instance running, stop it, start it (DESIGN §6). */
#ifndef EXPORT_HV_H
#define EXPORT_HV_H

#include "export/cancel.h"
#include "export/err.h"
#include "export/model.h"

/* state_dir: CLUSTER/state.  All may block.  Errors: -errno with *err set. */
struct hv {
    const char *name;
    /* 1, 0 or -errno */
    int (*running)(const char *state_dir, const struct model_instance *inst, struct err *err);
    /* Asks it to stop, kills it after timeout_s; 0 also when it is down already. */
    int (*shutdown)(const char *state_dir, const struct model_instance *inst, unsigned timeout_s,
                    struct cancel *cancel, struct err *err);
    /* 0 also when it runs already. */
    int (*start)(const char *state_dir, const struct model_instance *inst, struct err *err);
};

/* A state file per running instance, STATE/fake/NAME, as the reference's fake hypervisor has it. */
extern const struct hv hv_fake;
/* Images at rest: never running, cannot be started (-EBUSY, ECODE_STATE). */
extern const struct hv hv_none;

/* Is there a driver of that name?  0, or -EINVAL with the names that there are.  Pure. */
int hv_check(const char *name, struct err *err);

/* The driver of an instance's hypervisor; -EOPNOTSUPP when there is none. */
int hv_find(const struct model_instance *inst, const struct hv **ret, struct err *err);

#endif
