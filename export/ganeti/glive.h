/* glive.h - what goes on in a running cluster: which instances really run, which exports are under
 * way, whoever has asked for them.
 *
 * Only asking the nodes tells which instances run, so that is done seldom: once a minute, all of
 * them by one query, ten seconds after a change at the earliest, for at most a twentieth of the
 * time; or, for one, when something has happened to it.  The queue of jobs is asked for once per
 * `refresh` seconds, by one query.  While the cluster cannot be asked nothing of it is known.
 */
#ifndef EXPORT_GANETI_GLIVE_H
#define EXPORT_GANETI_GLIVE_H

#include "export/ganeti/rapi.h"

#include <stdbool.h>
#include <stdint.h>

struct glive;

int glive_open(struct rapi *rapi, unsigned refresh_s, struct glive **ret); /* 0, -ENOMEM */
int glive_start(struct glive *g);
void glive_close(struct glive *g); /* waits for a request that is under way; NULL allowed */

/* From memory: 1, 0, -ENOENT: not known. */
int glive_running(struct glive *g, const char *instance);
/* Something has changed: which instances run is asked for soon. */
void glive_kick(struct glive *g);
/* Asks about this one now.  0 or -errno. */
int glive_look(struct glive *g, const char *instance, struct err *err);

struct glive_job {
    int64_t id;
    char *instance;
    char status[16]; /* "queued", "waiting", "running" */
};
/* Calls row for each export that is under way, from memory, with the lock held. */
void glive_jobs(struct glive *g, void (*row)(const struct glive_job *job, void *arg), void *arg);
/* Is one of this instance?  From memory. */
bool glive_exporting(struct glive *g, const char *instance);

#endif
