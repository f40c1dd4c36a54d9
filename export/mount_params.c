/* mount_params.c - what can be changed of a mount while it is there: the text of /params.
 *
 * The text stands for a whole, as that of an instance's params does (params.h), whose lines these
 * are; but it is the mount's own, so the values that are in effect are all that is kept of it.
 */
#include "export/jobs_internal.h"
#include "export/params.h"

#include <inttypes.h>
#include <string.h>

int jobs_mount_params_text(struct jobs *j, char **text, size_t *len)
{
    int n = asprintf(text,
                     "# bytes a second of all copying together; K, M, G, T: powers of 1024; 0: no "
                     "limit\nbwlimit = %" PRIu64 "\n",
                     throttle_rate(j->cluster->throttle));

    if (n < 0)
        return -ENOMEM;
    *len = (size_t)n;
    return 0;
}

static int set(void *arg, const char *name, const char *value, struct err *err)
{
    uint64_t *bwlimit = arg;
    int r;

    if (strcmp(name, "bwlimit") != 0)
        return err_prereq(err, ECODE_INVAL, "unknown parameter '%.128s'", name);
    r = throttle_parse(value, bwlimit);
    if (r < 0)
        return err_prereq(err, ECODE_INVAL, "bwlimit: '%.128s' is %s", value, throttle_refusal(r));
    return 0;
}

/* Sets them, or remembers why not. */
int jobs_mount_params_set(struct jobs *j, const char *text, size_t len, struct err *err)
{
    uint64_t bwlimit = j->bwlimit;
    int r = params_lines(text, len, set, &bwlimit, err);

    if (r < 0)
        err_prefix(err, "params");
    LOCK_SCOPE(&j->mu);
    j->refused = r < 0 ? *err : (struct err){0};
    if (r == 0 && j->cluster->throttle)
        throttle_set(j->cluster->throttle, bwlimit);
    return r;
}

void mount_params_put(FILE *f, struct jobs *j)
{
    uint64_t rate = throttle_rate(j->cluster->throttle);

    if (rate)
        fprintf(f, "bwlimit: %" PRIu64 "\n", rate);
    jobs_put_err(f, "refused", &j->refused);
}
