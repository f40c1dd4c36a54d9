/* removal_internal.h - shared by the files behind jobs_remove(): removal.c (asking for one),
 * removal_run.c (the threads that do them), removal_text.c (what is told of them). */
#ifndef EXPORT_REMOVAL_INTERNAL_H
#define EXPORT_REMOVAL_INTERNAL_H

#include "export/jobs_internal.h"

struct removal {
    struct removal *next; /* in jobs->removals, oldest first */
    struct jobs *jobs;
    char *name, *node;
    struct node_export_id copy;
    struct opcode *op;
    uint64_t id;
    enum run_state state;
    char phase[64];
    struct cancel cancel;
    struct lock_owner *waiting; /* valid while the LU waits for locks */
    struct joblog log;
    struct err err;
};

/* Both under jobs->mu. */

/* Takes one out of the list, where a pointer to it is, and frees it. */
void removal_drop(struct removal **p);
/* One was put into the list: a thread takes it, now or when its turn comes.  0, or -errno when
 * nobody ever would. */
int removal_start(struct jobs *j, struct removal *r);

#endif
