/* downtime.c - see downtime.h.
 *
 *             downtime_begin(), synced                 instance stopped
 *     (none) -------------------------> noted  ...................... noted
 *        ^                                |                              | process dies
 *        |  downtime_end(): runs again    |                              v
 *        +--------------------------------+---- by the next export of it (lu_export_take.c), or by
 *                                               any mount of the cluster (clusterdir_downtime.c)
 *
 * A note without downtime (the process died before it stopped the instance) is found out by asking
 * the hypervisor, so a note is always on the safe side.
 */
#include "export/downtime.h"

#include "export/names.h"
#include "export/statefile.h"
#include "lock/cleanup.h"

#include <stdio.h>

#define AREA      "stopped"
#define NOTE      "stopped by an export, to be started again\n"
#define MAX_BYTES 4096

int downtime_begin(const char *state_dir, const char *name)
{
    return statefile_write(state_dir, AREA, name, NOTE, sizeof NOTE - 1);
}

int downtime_end(const char *state_dir, const char *name)
{
    return statefile_remove(state_dir, AREA, name);
}

int downtime_is_noted(const char *state_dir, const char *name)
{
    CLEANUP_FREE char *text = NULL;
    size_t len;
    int r = statefile_read(state_dir, AREA, name, MAX_BYTES, &text, &len);

    return r == -ENOENT ? 0 : r < 0 ? r : 1;
}

int downtime_list(const char *state_dir, struct strvec *ret)
{
    CLEANUP_FREE char *path = NULL;
    CLEANUP_CLOSEDIR DIR *dir = NULL;
    struct dirent *e;

    if (asprintf(&path, "%s/" AREA, state_dir) < 0) {
        path = NULL;
        return -ENOMEM;
    }
    dir = opendir(path);
    if (!dir)
        return errno == ENOENT ? 0 : -errno;
    while ((errno = 0, e = readdir(dir)))
        if (names_valid(e->d_name) && strvec_add(ret, e->d_name) < 0)
            return -ENOMEM;
    return -errno;
}
