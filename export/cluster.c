/* cluster.c - which kind of cluster a command line names.  See cluster.h. */
#include "export/clusterdir.h"
#if WITH_GANETI
#include "export/ganeti/ganeti.h"
#endif

#include <string.h>

static int open_ganeti(const char *spec, const struct cluster_options *opt, struct cluster **ret,
                       struct err *err)
{
#if WITH_GANETI
    return ganeti_open(spec, opt, ret, err);
#else
    (void)spec, (void)opt, (void)ret;
    return err_prereq(err, ECODE_INVAL, "built without what a running Ganeti cluster needs");
#endif
}

int cluster_open(const char *spec, const struct cluster_options *opt, struct cluster **ret,
                 struct err *err)
{
    return strncmp(spec, "ganeti:", 7) == 0 ? open_ganeti(spec, opt, ret, err)
                                            : clusterdir_open(spec, opt, ret, err);
}
