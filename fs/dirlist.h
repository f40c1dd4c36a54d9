/* dirlist.h - a directory's entries as they were when it was opened.
 *
 * One opendir is one list, so offsets stay true while the tree changes.  The offset of an entry is
 * its index: continuing a listing costs the same at any place.
 */
#ifndef FS_DIRLIST_H
#define FS_DIRLIST_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct dirlist_entry {
    size_t name; /* offset in dirlist.names */
    uint64_t number;
    mode_t type;
};

struct dirlist {
    struct dirlist_entry *entries;
    char *names;
    size_t n, room, names_len, names_room;
};

/* 0 or -ENOMEM.  The name is copied. */
int dirlist_add(struct dirlist *l, const char *name, uint64_t number, mode_t type);
const char *dirlist_name(const struct dirlist *l, size_t i);
void dirlist_clear(struct dirlist *l);

#endif
