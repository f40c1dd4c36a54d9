/* params.h - the text of instances/NAME/params: the parameters of an instance's next export.
 *
 * Lines "name = value", '#' and ';' comments, empty lines; of two lines with one name the last
 * counts, so that a line can be appended.  All parameters of OP_BACKUP_EXPORT except instance_name
 * and instance_uuid.  target_node may stay unset
 * ("target_node = None"): then the mount chooses the target.
 */
#ifndef EXPORT_PARAMS_H
#define EXPORT_PARAMS_H

#include "export/opcode.h"

#define PARAMS_MAX_BYTES (64 * 1024)

/* The lines of such a text: each() for each, in their order, with name and value bare of blanks.
 * -EFBIG: too much; -EINVAL: what is none, or each() refuses; the text of the error begins
 * "line N: ".  Ends with the first error. */
int params_lines(const char *text, size_t len,
                 int (*each)(void *arg, const char *name, const char *value, struct err *err),
                 void *arg, struct err *err);

/* Applies text to op.  Unknown name, line without '=', duplicate, wrong type, bad value: -EINVAL,
 * text begins "line N: "; op may then be changed in part (use a copy).  shutdown_default: the
 * value of `shutdown` when the text does not set it (DESIGN §2). */
int params_parse(const char *text, size_t len, bool shutdown_default, struct opcode *op,
                 struct err *err);

/* All parameters with their values, one per line, with a one-line comment on each.  The caller
 * frees. */
int params_format(const struct opcode *op, char **text, size_t *len);

#endif
