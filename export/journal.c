/* journal.c - see journal.h.
 *
 *    (none)                                                      function
 *      |  locks held, before the stage is made                   prepare(), lu_export_take.c
 *      v
 *    begun -----------------------------------------+
 *      |  before a running instance is shut down    |            stop(), lu_export_take.c
 *      v                                            |
 *    stopped                                        |
 *      |  it runs again: begun (long_sleep: later)  |            lu_export_restart()
 *      v                                            v
 *    publishing   T is noted, then the exchange                  exchange(), lu_export_publish.c
 *      |  (hash of a clone, copies on other nodes)
 *      |  before the first disk of an instance goes              remove_instance(),
 *      v                                                           lu_export_older.c
 *    removing
 *      |  the end of the run, good or bad                        end_journal(), lu_export.c
 *      v
 *    (none), or what the run could not undo: a stage on a node that went away, a publication that
 *    failed and may have happened all the same, an instance that did not start
 *
 * From every state a process may die; recover.c goes back or forth from what is noted:
 *
 *   stopped     start the instance
 *   any         snapshots and the stage go; a publication that stopped between two renames is
 * undone publishing  T lies on the target: older copies elsewhere are to be removed; without
 * checksums it becomes "hashing".  Another T lies there: it never happened hashing     the
 * checksums are added removing    T lies on the target, with checksums: the rest of the instance
 * goes
 *
 * Invariants:
 *   - What is noted comes before what is done, so a note may say too much; recovery asks the world.
 *   - Nothing that is noted is forgotten before it is in order.  A node may be away when a run has
 *     died on it; the next run goes to another one, and puts its own part in front of what is left
 *     (journal_begin()), in one note, which is replaced as a whole.
 *   - What is removed does not come back: one of "removing" would be the end of an instance that
 * was made again under its name (statefile_remove() syncs).
 *   - A newer publication supersedes an older one: the newer sees to copies of all others, and an
 *     instance that was exported again is not one to be removed.  What stays of the older is that
 *     its node is to be swept (journal_supersede()).
 *   - T never repeats, so "T lies there" and "that run's publication happened" are the same.
 *   - A note that cannot be read says everything: start it if it should run, sweep all nodes.
 * Snapshots need no note: those of files have no name, and go with the process; those of volumes
 * are found by name and tag, and recovery looks for them whatever is noted.  Only that one could
 * not be removed is, for else there might be no note to come back to.
 */
#include "export/journal.h"

#include "export/ini.h"
#include "export/inival.h"
#include "export/names.h"
#include "export/statefile.h"
#include "lock/cleanup.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define AREA      "journal"
#define MAX_BYTES 65536

int journal_begin(struct journal *j, const char *target)
{
    for (unsigned i = j->n; i-- > 0;)
        if (strcmp(j->parts[i].target, target) == 0 && !j->parts[i].t)
            journal_drop(j, i); /* what is to be done there is the same */
    if (j->n == JOURNAL_PARTS)
        return -EOVERFLOW;
    memmove(&j->parts[1], &j->parts[0], j->n++ * sizeof j->parts[0]);
    j->parts[0] = (struct journal_part){0};
    snprintf(j->parts[0].target, sizeof j->parts[0].target, "%s", target);
    return 0;
}

void journal_drop(struct journal *j, unsigned i)
{
    memmove(&j->parts[i], &j->parts[i + 1], (--j->n - i) * sizeof j->parts[0]);
    j->parts[j->n] = (struct journal_part){0};
}

void journal_supersede(struct journal *j)
{
    for (unsigned i = j->n; i-- > 1;) {
        struct journal_part *p = &j->parts[i];

        p->t = 0;
        p->hashing = p->removing = false;
        if (strcmp(p->target, j->parts[0].target) == 0)
            journal_drop(j, i);
    }
}

bool journal_empty(const struct journal *j)
{
    return !j->stopped && !j->everywhere && !j->snapshots && j->n == 0;
}

const char *journal_stage(const struct journal *j)
{
    const struct journal_part *newest = &j->parts[0];

    return j->n && newest->removing ? "removing"
           : j->n && newest->t      ? "publishing"
           : j->stopped             ? "stopped"
                                    : "begun";
}

/* --- the file --- */

static int set_bool(struct ini *ini, const char *section, const char *key, bool value)
{
    return ini_set(ini, section, key, value ? "True" : "False");
}

static int set_error(struct ini *ini, const char *section, const char *error)
{
    if (*error && ini_set(ini, section, "error", error) < 0)
        return ini_set(ini, section, "error", "?"); /* a text that no file can carry */
    return 0;
}

static int format_part(struct ini *ini, const char *section, const struct journal_part *p)
{
    int r = ini_set(ini, section, "target", p->target);

    if (r == 0)
        r = ini_setf(ini, section, "t", "%" PRId64, p->t);
    if (r == 0)
        r = set_bool(ini, section, "hashing", p->hashing);
    if (r == 0)
        r = set_bool(ini, section, "removing", p->removing);
    return r < 0 ? r : set_error(ini, section, p->error);
}

static int format(struct ini *ini, const struct journal *j)
{
    int r = set_bool(ini, "export", "stopped", j->stopped);

    if (r == 0)
        r = set_bool(ini, "export", "everywhere", j->everywhere);
    if (r == 0)
        r = set_bool(ini, "export", "snapshots", j->snapshots);
    if (r == 0)
        r = ini_setf(ini, "export", "parts", "%u", j->n);
    if (r == 0)
        r = set_error(ini, "export", j->error);
    for (unsigned i = 0; r == 0 && i < j->n; i++) {
        char section[16];

        snprintf(section, sizeof section, "part%u", i);
        r = format_part(ini, section, &j->parts[i]);
    }
    return r;
}

int journal_write(const char *state_dir, const char *name, const struct journal *j)
{
    CLEANUP_INI struct ini *ini = NULL;
    CLEANUP_FREE char *text = NULL;
    size_t len;
    int r = ini_new(&ini);

    if (r == 0)
        r = format(ini, j);
    if (r == 0)
        r = ini_format(ini, &text, &len);
    return r < 0 ? r : statefile_write(state_dir, AREA, name, text, len);
}

static void get_error(const struct ini *ini, const char *section, char error[256])
{
    const char *text = ini_get(ini, section, "error");

    snprintf(error, 256, "%s", text ? text : "");
}

static int parse_part(const struct ini *ini, const char *section, struct journal_part *ret)
{
    struct err ignored;
    const char *target = ini_get(ini, section, "target");
    uint64_t t = 0;

    if (!target || !names_valid(target) ||
        inival_uint(ini, section, "t", 0, INT64_MAX, &t, &ignored) < 0 ||
        inival_bool(ini, section, "hashing", &ret->hashing, &ignored) < 0 ||
        inival_bool(ini, section, "removing", &ret->removing, &ignored) < 0)
        return -EINVAL;
    ret->t = (int64_t)t;
    snprintf(ret->target, sizeof ret->target, "%s", target);
    get_error(ini, section, ret->error);
    return 0;
}

static int parse(const char *text, size_t len, struct journal *ret)
{
    CLEANUP_INI struct ini *ini = NULL;
    struct err ignored;
    uint64_t n = UINT64_MAX;

    if (ini_parse(text, len, &ini, &ignored) < 0 ||
        inival_bool(ini, "export", "stopped", &ret->stopped, &ignored) < 0 ||
        inival_bool(ini, "export", "everywhere", &ret->everywhere, &ignored) < 0 ||
        inival_bool(ini, "export", "snapshots", &ret->snapshots, &ignored) < 0 ||
        inival_uint(ini, "export", "parts", 0, JOURNAL_PARTS, &n, &ignored) < 0 ||
        n > JOURNAL_PARTS)
        return -EINVAL;
    get_error(ini, "export", ret->error);
    for (; ret->n < n; ret->n++) {
        char section[16];

        snprintf(section, sizeof section, "part%u", ret->n);
        if (parse_part(ini, section, &ret->parts[ret->n]) < 0)
            return -EINVAL;
    }
    return 0;
}

/* Short of something, this process cannot tell what the note says; another time it can. */
static bool is_passing(int r)
{
    return r == -ENOMEM || r == -EMFILE || r == -ENFILE || r == -EINTR;
}

int journal_read(const char *state_dir, const char *name, struct journal *ret)
{
    CLEANUP_FREE char *text = NULL;
    struct journal j = {0};
    size_t len;
    int r;

    if (!names_valid(name))
        return -EINVAL;
    r = statefile_read(state_dir, AREA, name, MAX_BYTES, &text, &len);
    if (r == -ENOENT)
        return 0;
    if (is_passing(r))
        return r;
    if (r == 0)
        r = parse(text, len, &j);
    if (r < 0) {
        j = (struct journal){.stopped = true, .everywhere = true};
        snprintf(j.error, sizeof j.error, "its note cannot be read: %s", strerrordesc_np(-r));
    }
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
