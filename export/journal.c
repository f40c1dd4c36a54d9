/* journal.c - see journal.h.
 *
 *    (none)                                                             function
 *      |  locks held, before the stage is made                          prepare(), lu_export_take.c
 *      v
 *    begun ------------------------------------------------------+
 *      |  before a running instance is shut down                 |      stop()
 *      v                                                         |
 *    stopped                                                     |
 *      |  it runs again: begun       (with long_sleep: later)    |      lu_export_restart()
 *      v                                                         v
 *    publishing   T is noted, then the exchange                         exchange(),
 * lu_export_publish.c |  (hash of a clone, copies on other nodes) |  before the first disk of
 * remove_instance goes                 lu_export_older.c
 *      v
 *    removing
 *      |  the end of the run, good or bad                               finish(), lu_export.c
 *      v
 *    (none)
 *
 * From every state a process may die; recover.c goes back or forth from what is noted:
 *
 *   stopped     start the instance
 *   any         snapshots and the stage go; a publication that stopped between two renames is
 * undone publishing  T lies on the target: the checksums are added if they are missing, and older
 * copies elsewhere are to be removed.  Another T lies there: it never happened removing    T lies
 * on the target: the rest of the instance goes
 *
 * What is noted comes before what is done, so a note may say too much; recovery asks the world.
 * Snapshots need no note: those of files have no name, and go with the process; those of volumes
 * are found by name and tag, and recovery looks for them whatever is noted.
 */
#include "export/journal.h"

#include "export/ini.h"
#include "export/inival.h"
#include "export/names.h"
#include "export/statefile.h"
#include "lock/cleanup.h"

#include <stdio.h>
#include <string.h>

#define AREA      "journal"
#define MAX_BYTES 4096

int journal_write(const char *state_dir, const char *name, const struct journal *j)
{
    CLEANUP_INI struct ini *ini = NULL;
    CLEANUP_FREE char *text = NULL;
    char t[24];
    size_t len;
    int r = ini_new(&ini);

    snprintf(t, sizeof t, "%lld", (long long)j->t);
    if (r == 0)
        r = ini_set(ini, "export", "target", j->target);
    if (r == 0)
        r = ini_set(ini, "export", "stopped", j->stopped ? "True" : "False");
    if (r == 0)
        r = ini_set(ini, "export", "t", t);
    if (r == 0)
        r = ini_set(ini, "export", "removing", j->removing ? "True" : "False");
    if (r == 0 && *j->error && ini_set(ini, "export", "error", j->error) < 0)
        r = ini_set(ini, "export", "error", "?"); /* a text that no file can carry */
    if (r == 0)
        r = ini_format(ini, &text, &len);
    return r < 0 ? r : statefile_write(state_dir, AREA, name, text, len);
}

static int parse(const char *text, size_t len, struct journal *ret)
{
    CLEANUP_INI struct ini *ini = NULL;
    struct err ignored;
    const char *target, *error;
    uint64_t t = 0;

    if (ini_parse(text, len, &ini, &ignored) < 0 ||
        inival_bool(ini, "export", "stopped", &ret->stopped, &ignored) < 0 ||
        inival_bool(ini, "export", "removing", &ret->removing, &ignored) < 0 ||
        inival_uint(ini, "export", "t", 0, INT64_MAX, &t, &ignored) < 0)
        return -EINVAL;
    target = ini_get(ini, "export", "target");
    error = ini_get(ini, "export", "error");
    if (!target || (*target && !names_valid(target)))
        return -EINVAL;
    ret->t = (int64_t)t;
    snprintf(ret->target, sizeof ret->target, "%s", target);
    snprintf(ret->error, sizeof ret->error, "%s", error ? error : "");
    return 0;
}

int journal_read(const char *state_dir, const char *name, struct journal *ret)
{
    CLEANUP_FREE char *text = NULL;
    struct journal j = {0};
    size_t len;
    int r = statefile_read(state_dir, AREA, name, MAX_BYTES, &text, &len);

    if (r == -ENOENT)
        return 0;
    if (r < 0 && r != -EFBIG)
        return r;
    if (r == -EFBIG || parse(text, len, &j) < 0)
        j = (struct journal){.stopped = true};
    *ret = j;
    return 1;
}

int journal_remove(const char *state_dir, const char *name)
{
    return statefile_remove(state_dir, AREA, name);
}

int journal_list(const char *state_dir, struct strvec *ret)
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

const char *journal_stage(const struct journal *j)
{
    return j->removing ? "removing" : j->t ? "publishing" : j->stopped ? "stopped" : "begun";
}
