/* ganeti.h - a running Ganeti cluster as a struct cluster (DESIGN §6).
 *
 * What is Ganeti's here is Ganeti's own: cluster data and jobs by its remote API (rapi.h), locks,
 * hooks and node work by its daemons, files on its nodes over the cluster's SSH (sftp.h).  What it
 * does not promise this cannot either: a new export takes the old one's place by deletion and
 * renaming, so whoever reads the old one ends with all of it or an error; a job that runs cannot be
 * stopped.
 */
#ifndef EXPORT_GANETI_GANETI_H
#define EXPORT_GANETI_GANETI_H

#include "export/cluster.h"

#define GANETI_PREFIX "ganeti:"

/* spec: "ganeti:HOST[:PORT]", an IPv6 address in brackets.  Asks the cluster and its nodes once, so
 * it blocks, each for some seconds; nodes that do not answer are unreachable until they do.
 * -EINVAL, -EHOSTUNREACH, -EACCES ... (rapi_open(), rapi_request()). */
int ganeti_open(const char *spec, const struct cluster_options *opt, struct cluster **ret,
                struct err *err);

#endif
