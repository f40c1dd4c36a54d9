/* cluster.c - which kind of cluster a command line names.  See cluster.h. */
#include "export/clusterdir.h"

#include <string.h>

int cluster_open(const char *spec, const struct cluster_options *opt, struct cluster **ret,
                 struct err *err)
{
    if (strncmp(spec, "ganeti:", 7) == 0)
        return err_prereq(err, ECODE_INVAL, "%s: a running Ganeti cluster is not supported yet",
                          spec);
    return clusterdir_open(spec, opt, ret, err);
}
