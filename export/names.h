/* names.h - names of instances, nodes and files: which are allowed, how short ones expand. */
#ifndef EXPORT_NAMES_H
#define EXPORT_NAMES_H

#include <stdbool.h>
#include <stddef.h>

#define NAMES_MAX                                                                                  \
    240 /* bytes of an instance or node name; leaves room for ".tar", ".NAME.new-"                 \
         */

/* A name that may become a file name: 1..NAMES_MAX bytes of [A-Za-z0-9._+-], no leading '.' or '-',
 * no "..", not ending in ".new" or ".tar" (those would collide with the tree's own names). */
bool names_valid(const char *name);

/* Is it "NAME.new", where Ganeti makes an export of NAME, a valid name (spec §6.4)?  Then the
 * length of that; else 0. */
size_t names_unfinished(const char *name);

/* A plain file name: not empty, not "." or "..", no '/', no control characters, at most 255 bytes.
 * What an export's config.ini may name as a dump must also not begin with '.'. */
bool names_valid_file(const char *name);

/* Name expansion, spec §11 (MatchNameComponent, case-insensitive).  names: n sorted or unsorted
 * full names, reached through get(arg, i).  Returns the index of the match, -ENOENT when there is
 * none or more than one. */
long names_match(const char *key, size_t n, const char *(*get)(const void *arg, size_t i),
                 const void *arg);

#endif
