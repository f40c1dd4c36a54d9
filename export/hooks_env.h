/* hooks_env.h - the environment of hook scripts (spec §4.2). */
#ifndef EXPORT_HOOKS_ENV_H
#define EXPORT_HOOKS_ENV_H

#include "export/lu.h"

/* Adds one variable of an LU.  Returns 0 or -ENOMEM (env unchanged). */
int hooks_env_add(struct lu_hooks_env *env, const char *name, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void hooks_env_clear(struct lu_hooks_env *env);

/* Adds INSTANCE_* of an instance, v3's set as far as the model knows it; UUIDs and what a disk
 * template knows beyond the path come from [instance] keys of its file when they are there
 * (uuid, nic0_uuid, disk0_uuid, disk0_provider).  0 or -ENOMEM. */
int hooks_env_add_instance(struct lu_hooks_env *env, const struct model_instance *inst);

/* Makes the complete environment, "NAME=value": the standard variables, pre with the prefix
 * GANETI_, and, if post is not NULL, post with GANETI_POST_.  A variable of the LU with a standard
 * one's name is an ERR_PROGRAMMER. */
int hooks_env_complete(const struct lu *lu, const char *phase, const struct lu_hooks_env *pre,
                       const struct lu_hooks_env *post, struct strvec *ret, struct err *err);

static inline const char *hooks_env_bool(bool b)
{
    return b ? "True" : "False";
}

#define CLEANUP_HOOKS_ENV CLEANUP(hooks_env_clear)

#endif
