/* opcode_rows.h - checks a table of parameters against opcode_validate(). */
#ifndef TESTS_OPCODE_ROWS_H
#define TESTS_OPCODE_ROWS_H

#include "export/opcode.h"
#include "lock/cleanup.h"

struct opcode_row {
    const char *name;
    const char *def; /* NULL: required */
    const char *good[6], *bad[8];
};

/* An opcode that validates. */
static inline struct opcode *opcode_ready(const char *op_id)
{
    struct opcode *op;
    struct err err;

    assert_int_equal(opcode_new(op_id, &op, &err), 0);
    opcode_set_string(op, "instance_name", "web1"); /* those that it does not have are refused */
    opcode_set_string(op, "target_node", "node1");
    return op;
}

static inline void opcode_try(const char *op_id, const char *name, const char *text, int wanted)
{
    struct opcode *op = opcode_ready(op_id);
    char words[200];
    struct err err = {.text = ""};
    int r;

    assert_int_equal(opcode_set_text(op, name, text, &err), 0);
    r = opcode_validate(op, &err);
    if (r != wanted)
        fail_msg("%s = %s: %d %s", name, text, r, err.text);
    snprintf(words, sizeof words, "Parameter '%s.%s' fails validation [", op_id, name);
    if (r < 0 && (strncmp(err.text, words, strlen(words)) != 0 || err.ecode != ECODE_INVAL ||
                  err.class != ERR_PREREQ))
        fail_msg("%s = %s: %s", name, text, err.text);
    opcode_free(op);
}

static inline void opcode_check_default(const char *op_id, const struct opcode_row *row)
{
    struct opcode *op = opcode_ready(op_id);
    CLEANUP_FREE char *text = NULL;
    struct err err;

    if (row->def) {
        assert_int_equal(opcode_validate(op, &err), 0);
        assert_int_equal(opcode_value_format(opcode_get(op, row->name), &text), 0);
        assert_string_equal(text, row->def);
    } else {
        char words[200];

        snprintf(words, sizeof words, "Required parameter '%s.%s' missing", op_id, row->name);
        assert_int_equal(opcode_unset(op, row->name), 0);
        assert_int_equal(opcode_validate(op, &err), -EINVAL);
        assert_string_equal(err.text, words);
    }
    opcode_free(op);
}

static inline void opcode_check_rows(const char *op_id, const struct opcode_row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        opcode_check_default(op_id, &rows[i]);
        for (int k = 0; k < 6 && rows[i].good[k]; k++)
            opcode_try(op_id, rows[i].name, rows[i].good[k], 0);
        for (int k = 0; k < 8 && rows[i].bad[k]; k++)
            opcode_try(op_id, rows[i].name, rows[i].bad[k], -EINVAL);
    }
}

#endif
