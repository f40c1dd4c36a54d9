/* watchset.c - see watchset.h.
 *
 * inotify_add_watch() on a directory that is watched answers the same descriptor, so naming it
 * again is free of books; one that was replaced by another of its name gets a new descriptor, and
 * the old one, not named again, is let go at the end.
 */
#include "export/watchset.h"

#include "lock/cleanup.h"

#include <stdint.h>
#include <sys/inotify.h>

#define EVENTS                                                                                     \
    (IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_ATTRIB |            \
     IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR)

void watchset_init(struct watchset *ws)
{
    *ws = (struct watchset){.fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK)};
}

void watchset_destroy(struct watchset *ws)
{
    if (ws->fd >= 0)
        close(ws->fd);
    free(ws->entries);
    *ws = (struct watchset){.fd = -1};
}

void watchset_begin(struct watchset *ws)
{
    ws->next = 0;
    for (size_t i = 0; i < ws->n; i++)
        ws->entries[i].named = false;
}

static bool reserve(struct watchset *ws)
{
    size_t alloc = ws->alloc ? 2 * ws->alloc : 16;

    if (ws->n < ws->alloc)
        return true;

    struct watchset_entry *e = realloc(ws->entries, alloc * sizeof *e);

    if (!e)
        return false;
    ws->entries = e;
    ws->alloc = alloc;
    return true;
}

bool watchset_add(struct watchset *ws, const char *dir)
{
    if (ws->fd < 0 || !reserve(ws))
        return false;

    int wd = inotify_add_watch(ws->fd, dir, EVENTS);

    if (wd < 0)
        return false;
    /* directories are mostly named in the same order, so it is mostly the next one */
    for (size_t i = 0; i < ws->n; i++) {
        size_t at = (ws->next + i) % ws->n;

        if (ws->entries[at].wd == wd) {
            ws->entries[at].named = true;
            ws->next = at + 1;
            return false;
        }
    }
    ws->entries[ws->n++] = (struct watchset_entry){.wd = wd, .named = true};
    return true;
}

void watchset_end(struct watchset *ws)
{
    size_t kept = 0;

    for (size_t i = 0; i < ws->n; i++) {
        if (ws->entries[i].named)
            ws->entries[kept++] = ws->entries[i];
        else
            inotify_rm_watch(ws->fd, ws->entries[i].wd);
    }
    ws->n = kept;
}

bool watchset_drain(struct watchset *ws)
{
    _Alignas(struct inotify_event) char buf[16384];
    bool any = false;

    while (ws->fd >= 0 && read(ws->fd, buf, sizeof buf) > 0)
        any = true;
    return any;
}
