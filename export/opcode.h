/* opcode.h - opcodes: their parameter tables, values, defaults and validation (spec §1).
 *
 * Opcodes: OP_BACKUP_EXPORT, OP_BACKUP_REMOVE, OP_BACKUP_QUERY (ids as on the wire).  Parameters,
 * defaults and types are spec §1.1's, v3.0.2 where it differs; the common ones (dry_run,
 * debug_level, priority, depends, comment, reason) included.  `compress` and `zero_free_space` are
 * accepted at their defaults only (DESIGN §4): anything else fails in check_arguments.
 */
#ifndef EXPORT_OPCODE_H
#define EXPORT_OPCODE_H

#include "export/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum opcode_kind { VAL_NULL, VAL_BOOL, VAL_INT, VAL_FLOAT, VAL_STRING, VAL_LIST };

struct opcode_value {
    enum opcode_kind kind;
    union {
        bool b;
        int64_t i;
        double f;
        char *s; /* owned */
        struct {
            struct opcode_value *v; /* owned */
            size_t n;
        } list;
    };
};
void opcode_value_clear(struct opcode_value *v);

struct opcode_param {
    const char *name;
    bool required;            /* has no default */
    const char *default_text; /* as opcode_set_text() reads it; NULL when required */
    bool (*accepts)(const struct opcode_value *v);
    const char *type_text; /* for messages: "true or false", "whole number >= 0" ... */
    const char *help;      /* one line for administrators */
    bool only_default;     /* other values are valid but not supported: opcode_check_supported() */
};

struct opcode_desc {
    const char *op_id;     /* "OP_BACKUP_EXPORT" */
    const char *dsc_field; /* parameter shown in the summary, or NULL */
    const struct opcode_param *params;
    size_t n;
};
const struct opcode_desc *opcode_find(const char *op_id); /* NULL: unknown */

struct opcode; /* a description and the values set so far */

/* -EINVAL with *err: unknown op_id ("OpCodeUnknown"). */
int opcode_new(const char *op_id, struct opcode **ret, struct err *err);
int opcode_dup(const struct opcode *op, struct opcode **ret);
void opcode_free(struct opcode *op); /* NULL allowed */
const struct opcode_desc *opcode_description(const struct opcode *op);

/* Sets a parameter.  Unknown name: -EINVAL.  Type is not looked at before opcode_validate().  The
 * value is copied. */
int opcode_set(struct opcode *op, const char *name, const struct opcode_value *value,
               struct err *err);
int opcode_set_bool(struct opcode *op, const char *name, bool b);
int opcode_set_int(struct opcode *op, const char *name, int64_t i);
int opcode_set_string(struct opcode *op, const char *name, const char *s); /* NULL: null */

/* Puts a parameter back to its default, or to absent when it is required. */
int opcode_unset(struct opcode *op, const char *name);

/* Reads a value from text: True/False (any case), None/null (exactly so), decimal numbers, 'quoted'
 * or "quoted" strings (\\ escapes a character, \n a newline), [lists]; everything else is a bare
 * string.  -EINVAL for an unknown name or unclosed quote or list. */
int opcode_set_text(struct opcode *op, const char *name, const char *text, struct err *err);

/* The same on a value alone. */
int opcode_value_parse(const char *text, struct opcode_value *ret, struct err *err);

/* The value as such text (what `params` shows); the caller frees. */
int opcode_value_format(const struct opcode_value *v, char **ret);

/* The reference's order (spec §1.2): per declared parameter absent and required -> ERR_PREREQ INVAL
 * "Required parameter 'OP.name' missing"; absent -> default; wrong type -> INVAL "Parameter
 * 'OP.name' fails validation" (the type wanted is appended in brackets). An int where a float is
 * wanted is converted. */
int opcode_validate(struct opcode *op, struct err *err);
/* The same for one parameter. */
int opcode_validate_param(struct opcode *op, const char *name, struct err *err);

/* -EINVAL when the parameter is one that is accepted at its default only and has another value
 * (DESIGN §4). */
int opcode_check_supported(const struct opcode *op, const char *name, struct err *err);

/* The value, the default when it was not set (null when it has none); never NULL for a declared
 * name, NULL for an unknown one.  Of the declared type only after opcode_validate(). */
const struct opcode_value *opcode_get(const struct opcode *op, const char *name);
bool opcode_get_bool(const struct opcode *op, const char *name); /* null counts as false */
int64_t opcode_get_int(const struct opcode *op, const char *name, int64_t if_null);
const char *opcode_get_string(const struct opcode *op, const char *name); /* NULL: null, not one */

/* "BACKUP_EXPORT(web1.example.com)"; the caller frees. */
int opcode_summary(const struct opcode *op, char **ret);

#endif
