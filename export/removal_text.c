/* removal_text.c - what status and log tell of removals.  Under jobs->mu. */
#include "export/removal_internal.h"

#include <inttypes.h>
#include <string.h>

void removal_count(const struct jobs *j, unsigned *queued, unsigned *running)
{
    for (const struct removal *r = j->removals; r; r = r->next) {
        *queued += r->state == RUN_QUEUED;
        *running += r->state == RUN_RUNNING;
    }
}

static const char *const state_names[] = {
    [RUN_QUEUED] = "queued",
    [RUN_RUNNING] = "running",
    [RUN_DONE] = "success",
    [RUN_FAILED] = "error",
};

static void put(FILE *f, const char *key, const struct removal *r)
{
    fprintf(f, "%s: %" PRIu64 " %s %s from %s: %s\n", key, r->id, state_names[r->state], r->name,
            r->node, r->state == RUN_FAILED ? r->err.text : r->phase);
}

void removal_put_jobs(FILE *f, const struct jobs *j)
{
    for (const struct removal *r = j->removals; r; r = r->next)
        if (r->state < RUN_DONE)
            put(f, "job", r);
}

void removal_put_node(FILE *f, const struct jobs *j, const char *node)
{
    for (const struct removal *r = j->removals; r; r = r->next)
        if (r->state != RUN_DONE && strcmp(r->node, node) == 0)
            put(f, "removal", r);
}

void removal_put_instance(FILE *f, const struct jobs *j, const char *name)
{
    for (const struct removal *r = j->removals; r; r = r->next)
        if (strcmp(r->name, name) == 0)
            put(f, "removal", r);
}

const struct joblog *removal_log(const struct jobs *j, const char *name, uint64_t *id)
{
    const struct joblog *log = NULL;

    for (const struct removal *r = j->removals; r; r = r->next) {
        if (strcmp(r->name, name) != 0)
            continue;
        *id = r->id;
        log = &r->log;
    }
    return log;
}
