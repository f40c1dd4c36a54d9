/* opcode.c - an opcode's values (spec §1.2); the tables are in opcode_tables.c, the text form of
 * values in opcode_text.c.
 *
 * Invariant: value[i] always holds something for desc->params[i] -- what was set, else the default,
 * else null -- so that reading a parameter needs no case distinction.  set[i] tells the first from
 * the others.  No locking: an opcode belongs to one thread at a time.
 */
#include "export/opcode.h"

#include "lock/cleanup.h"

#include <string.h>

struct opcode {
    const struct opcode_desc *desc;
    struct opcode_value *value;
    bool *set;
};

void opcode_value_clear(struct opcode_value *v)
{
    if (v->kind == VAL_STRING)
        free(v->s);
    if (v->kind == VAL_LIST) {
        for (size_t i = 0; i < v->list.n; i++)
            opcode_value_clear(&v->list.v[i]);
        free(v->list.v);
    }
    *v = (struct opcode_value){.kind = VAL_NULL};
}

static int value_dup(const struct opcode_value *v, struct opcode_value *ret)
{
    struct opcode_value copy = *v;
    int r;

    if (v->kind == VAL_STRING) {
        copy.s = strdup(v->s);
        if (!copy.s)
            return -ENOMEM;
    } else if (v->kind == VAL_LIST) {
        copy.list.v = calloc(v->list.n ? v->list.n : 1, sizeof *copy.list.v);
        if (!copy.list.v)
            return -ENOMEM;
        for (copy.list.n = 0; copy.list.n < v->list.n; copy.list.n++) {
            r = value_dup(&v->list.v[copy.list.n], &copy.list.v[copy.list.n]);
            if (r < 0) {
                opcode_value_clear(&copy);
                return r;
            }
        }
    }
    *ret = copy;
    return 0;
}

static long find_param(const struct opcode *op, const char *name)
{
    for (size_t i = 0; i < op->desc->n; i++)
        if (strcmp(op->desc->params[i].name, name) == 0)
            return (long)i;
    return -1;
}

void opcode_free(struct opcode *op)
{
    if (!op)
        return;
    for (size_t i = 0; op->value && i < op->desc->n; i++)
        opcode_value_clear(&op->value[i]);
    free(op->value);
    free(op->set);
    free(op);
}

static struct opcode *opcode_alloc(const struct opcode_desc *desc)
{
    struct opcode *op = calloc(1, sizeof *op);

    if (!op)
        return NULL;
    op->desc = desc;
    op->value = calloc(desc->n, sizeof *op->value);
    op->set = calloc(desc->n, sizeof *op->set);
    if (op->value && op->set)
        return op;
    opcode_free(op);
    return NULL;
}

static int put_default(struct opcode *op, size_t i, struct err *err)
{
    struct opcode_value v = {.kind = VAL_NULL};
    const struct opcode_param *p = &op->desc->params[i];
    int r = p->required ? 0 : opcode_value_parse(p->default_text, &v, err);

    if (r < 0)
        return r;
    opcode_value_clear(&op->value[i]);
    op->value[i] = v;
    op->set[i] = false;
    return 0;
}

int opcode_new(const char *op_id, struct opcode **ret, struct err *err)
{
    const struct opcode_desc *desc = opcode_find(op_id);

    if (!desc)
        return err_set(err, ERR_PREREQ, ECODE_INVAL, EINVAL, "OpCodeUnknown: %s", op_id);

    struct opcode *op = opcode_alloc(desc);

    if (!op)
        return err_sys(err, -ENOMEM, "%s", op_id);
    for (size_t i = 0; i < desc->n; i++) {
        int r = put_default(op, i, err);

        if (r < 0) {
            opcode_free(op);
            return r;
        }
    }
    *ret = op;
    return 0;
}

int opcode_dup(const struct opcode *op, struct opcode **ret)
{
    struct opcode *copy = opcode_alloc(op->desc);

    if (!copy)
        return -ENOMEM;
    for (size_t i = 0; i < op->desc->n; i++) {
        int r = value_dup(&op->value[i], &copy->value[i]);

        if (r < 0) {
            opcode_free(copy);
            return r;
        }
        copy->set[i] = op->set[i];
    }
    *ret = copy;
    return 0;
}

const struct opcode_desc *opcode_description(const struct opcode *op)
{
    return op->desc;
}

static int unknown(const struct opcode *op, const char *name, struct err *err)
{
    return err_prereq(err, ECODE_INVAL, "%s has no parameter '%s'", op->desc->op_id, name);
}

/* Takes *v over. */
static void put(struct opcode *op, long i, const struct opcode_value *v)
{
    opcode_value_clear(&op->value[i]);
    op->value[i] = *v;
    op->set[i] = true;
}

int opcode_set(struct opcode *op, const char *name, const struct opcode_value *value,
               struct err *err)
{
    long i = find_param(op, name);
    struct opcode_value copy;

    if (i < 0)
        return unknown(op, name, err);
    if (value_dup(value, &copy) < 0)
        return err_sys(err, -ENOMEM, "parameter '%s'", name);
    put(op, i, &copy);
    return 0;
}

int opcode_set_bool(struct opcode *op, const char *name, bool b)
{
    struct err err;

    return opcode_set(op, name, &(struct opcode_value){.kind = VAL_BOOL, .b = b}, &err);
}

int opcode_set_int(struct opcode *op, const char *name, int64_t i)
{
    struct err err;

    return opcode_set(op, name, &(struct opcode_value){.kind = VAL_INT, .i = i}, &err);
}

int opcode_set_string(struct opcode *op, const char *name, const char *s)
{
    struct opcode_value v = {.kind = s ? VAL_STRING : VAL_NULL, .s = (char *)s};
    struct err err;

    return opcode_set(op, name, &v, &err);
}

int opcode_unset(struct opcode *op, const char *name)
{
    long i = find_param(op, name);
    struct err err;

    return i < 0 ? -EINVAL : put_default(op, (size_t)i, &err);
}

int opcode_set_text(struct opcode *op, const char *name, const char *text, struct err *err)
{
    long i = find_param(op, name);
    struct opcode_value v;
    int r;

    if (i < 0)
        return unknown(op, name, err);
    r = opcode_value_parse(text, &v, err);
    if (r < 0)
        return err_prefix(err, "parameter '%s'", name);
    put(op, i, &v);
    return 0;
}

static int validate(struct opcode *op, size_t i, struct err *err)
{
    const struct opcode_param *p = &op->desc->params[i];
    struct opcode_value *v = &op->value[i];

    if (p->required && !op->set[i])
        return err_prereq(err, ECODE_INVAL, "Required parameter '%s.%s' missing", op->desc->op_id,
                          p->name);
    if (p->accepts(v))
        return 0;
    if (v->kind == VAL_INT) {
        struct opcode_value f = {.kind = VAL_FLOAT, .f = (double)v->i};

        if (p->accepts(&f)) {
            *v = f;
            return 0;
        }
    }
    return err_prereq(err, ECODE_INVAL, "Parameter '%s.%s' fails validation [%s]", op->desc->op_id,
                      p->name, p->type_text);
}

int opcode_validate(struct opcode *op, struct err *err)
{
    for (size_t i = 0; i < op->desc->n; i++) {
        int r = validate(op, i, err);

        if (r < 0)
            return r;
    }
    return 0;
}

int opcode_validate_param(struct opcode *op, const char *name, struct err *err)
{
    long i = find_param(op, name);

    return i < 0 ? unknown(op, name, err) : validate(op, (size_t)i, err);
}

int opcode_check_supported(const struct opcode *op, const char *name, struct err *err)
{
    CLEANUP_FREE char *text = NULL;
    long i = find_param(op, name);
    int r;

    if (i < 0)
        return unknown(op, name, err);
    if (!op->desc->params[i].only_default)
        return 0;
    r = opcode_value_format(&op->value[i], &text);
    if (r < 0)
        return err_sys(err, r, "parameter '%s'", name);
    if (strcmp(text, op->desc->params[i].default_text) == 0)
        return 0;
    return err_prereq(err, ECODE_INVAL, "%s = %s is not supported, only %s is", name, text,
                      op->desc->params[i].default_text);
}

const struct opcode_value *opcode_get(const struct opcode *op, const char *name)
{
    long i = find_param(op, name);

    return i < 0 ? NULL : &op->value[i];
}

bool opcode_get_bool(const struct opcode *op, const char *name)
{
    const struct opcode_value *v = opcode_get(op, name);

    return v && v->kind == VAL_BOOL && v->b;
}

int64_t opcode_get_int(const struct opcode *op, const char *name, int64_t if_null)
{
    const struct opcode_value *v = opcode_get(op, name);

    return v && v->kind == VAL_INT ? v->i : if_null;
}

const char *opcode_get_string(const struct opcode *op, const char *name)
{
    const struct opcode_value *v = opcode_get(op, name);

    return v && v->kind == VAL_STRING ? v->s : NULL;
}

int opcode_summary(const struct opcode *op, char **ret)
{
    const char *id = op->desc->op_id, *field = op->desc->dsc_field;
    const char *value = field ? opcode_get_string(op, field) : NULL;
    int n;

    if (strncmp(id, "OP_", 3) == 0)
        id += 3;
    n = field ? asprintf(ret, "%s(%s)", id, value ? value : "None") : asprintf(ret, "%s", id);
    return n < 0 ? -ENOMEM : 0;
}
