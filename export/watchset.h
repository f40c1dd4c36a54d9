/* watchset.h - a set of directories watched by inotify, named anew whenever it may have changed.
 *
 * Directories come and go, so a watcher does not keep book of them: before each look at the tree it
 * names all that are to be watched, between begin and end; those no longer named are let go.  Used
 * by one thread at a time.  Where inotify is not to be had (limits) the set stays empty and the
 * slow poll of the watcher is all there is.
 */
#ifndef EXPORT_WATCHSET_H
#define EXPORT_WATCHSET_H

#include <stdbool.h>
#include <stddef.h>

struct watchset {
    int fd; /* poll(2) for POLLIN; -1 without inotify */
    struct watchset_entry {
        int wd;
        bool named; /* since the last begin */
    } * entries;
    size_t n, alloc;
    size_t next; /* where the next one named is looked for first */
};

void watchset_init(struct watchset *ws);
void watchset_destroy(struct watchset *ws);

void watchset_begin(struct watchset *ws);
/* True when it was not watched before.  What cannot be watched is left out silently. */
bool watchset_add(struct watchset *ws, const char *dir);
void watchset_end(struct watchset *ws);

/* Reads away all events; true when there was any.  Never blocks. */
bool watchset_drain(struct watchset *ws);

#endif
