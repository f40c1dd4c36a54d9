/* ini.h - the INI dialect of an export's config.ini, read strictly, written as the reference does.
 *
 * Dialect (spec §7.3, config-ini.md): "[section]", "key = value" or "key: value", whole-line
 * comments with # or ;, continuation lines that are indented deeper than their key (joined by '\n',
 * empty lines between them included), one empty line after each section when written.  Strict as
 * Ganeti 3's reader: a section or key that occurs twice is an error.  Section names compare
 * exactly. Keys are ASCII and compare without regard to case (the reference's reader lower-cases
 * them); they are kept and written in the case that they came in (spec §12 L10).  "%%" stands for
 * '%'; a '%' that begins nothing is taken as it is; "%(" is refused, interpolation is not
 * supported, nor is the section DEFAULT.  CRLF and a missing final newline are accepted; NUL bytes,
 * control characters and what is not UTF-8 are not.
 *
 * ini.c keeps the tree, ini_pack.c makes it small, ini_read.c parses, ini_write.c formats.
 */
#ifndef EXPORT_INI_H
#define EXPORT_INI_H

#include "export/err.h"
#include "lock/cleanup.h"

#include <stdbool.h>
#include <stddef.h>

#define INI_MAX_BYTES (1024 * 1024) /* a larger file is refused: -EFBIG */

struct ini_entry {
    char *key;
    char *value; /* "%%" already undone; "" when empty */
    unsigned line;
};

struct ini_section {
    char *name;
    struct ini_entry *entries;
    size_t n;
    unsigned line;
};

struct ini {
    struct ini_section *sections;
    size_t n;
    bool packed; /* one piece of memory, for reading only */
};

/* Parses len bytes.  Errors (-EINVAL, text begins "line N: "; -EFBIG; -ENOMEM) leave *ret alone.
 * Class ERR_PREREQ, ECODE_INVAL for syntax. */
int ini_parse(const char *text, size_t len, struct ini **ret, struct err *err);

/* Reads and parses a regular file, never following a symlink in its last component.  dirfd as in
 * openat(2).  Errors name the path.  May block on the file system. */
int ini_read_file(int dirfd, const char *path, struct ini **ret, struct err *err);

int ini_new(struct ini **ret);
void ini_free(struct ini *ini); /* NULL allowed */
/* For a tree that is kept: in its place one that says the same in one piece of memory, and cannot
 * be changed any more.  0; -ENOMEM, and it is as it was.  NULL allowed. */
int ini_pack(struct ini **ini);

const struct ini_section *ini_section(const struct ini *ini, const char *section);
/* The value, or NULL when section or key is absent. */
const char *ini_get(const struct ini *ini, const char *section, const char *key);

/* Adds a section (kept where it is if there) / sets a key, replacing its value.  0 or -ENOMEM;
 * -EROFS: it is packed; -EINVAL, nothing changed, for what the dialect cannot carry: a name or key
 * that is empty or has '=', ':', '[', a newline ...; a value with a line that begins or ends with
 * white space, a further line that looks like a comment, or an empty line at its end. */
int ini_add_section(struct ini *ini, const char *section);
int ini_set(struct ini *ini, const char *section, const char *key, const char *value);
/* Takes sections[i] out, of one that is not packed. */
void ini_drop_section(struct ini *ini, size_t i);
int ini_setf(struct ini *ini, const char *section, const char *key, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* The text in the reference's form: '%' doubled, newlines as "\n\t".  The caller frees it.  *len
 * excludes the ending NUL.  0, -ENOMEM. */
int ini_format(const struct ini *ini, char **text, size_t *len);

static inline void ini_cleanup(struct ini **ini)
{
    ini_free(*ini);
}
#define CLEANUP_INI CLEANUP(ini_cleanup)

#endif
