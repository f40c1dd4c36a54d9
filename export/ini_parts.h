/* ini_parts.h - what the modules of ini.h share: the dialect's rules and the growing of a tree.
 *
 * The rules are those of Python's strict ConfigParser, which is who reads our files: a name or
 * value is allowed if that reader gives back exactly the same.
 */
#ifndef EXPORT_INI_PARTS_H
#define EXPORT_INI_PARTS_H

#include "export/ini.h"

#include <stdbool.h>

/* Well-formed UTF-8 without control characters other than TAB. */
bool ini_text_ok(const char *p, size_t len);
/* One line without brackets; not "DEFAULT", whose keys that reader gives to every section. */
bool ini_section_ok(const char *name);
/* ASCII (so that case is the same for everybody), nothing that begins a comment or a section. */
bool ini_key_ok(const char *key);
/* No line of it begins or ends with white space, no further line looks like a comment, the last one
 * is not empty: that is what continuation lines cannot carry. */
bool ini_value_ok(const char *value);

/* Takes white space off both ends. */
void ini_strip(const char **p, size_t *len);

/* Append without a look for duplicates; the value is NULL.  NULL: out of memory.  The pointers are
 * good until the next append to the same array. */
struct ini_section *ini_push_section(struct ini *ini, const char *name, size_t len, unsigned line);
struct ini_entry *ini_push_entry(struct ini_section *s, const char *key, size_t len, unsigned line);

#endif
