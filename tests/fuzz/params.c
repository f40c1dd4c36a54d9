/* The text of `params`: it is refused with the line, or what is shown of it reads back as the same.
 */
#include "export/params.h"
#include "lock/cleanup.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

static void cleanup_opcode(struct opcode **op)
{
    opcode_free(*op);
}

static char *shown(const struct opcode *op, size_t *len)
{
    char *text = NULL;

    must(params_format(op, &text, len) == 0);
    return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(cleanup_opcode) struct opcode *op = NULL;
    CLEANUP(cleanup_opcode) struct opcode *again = NULL;
    CLEANUP_FREE char *first = NULL;
    CLEANUP_FREE char *second = NULL;
    struct err err = {0};
    size_t n, m;
    int r;

    must(opcode_new("OP_BACKUP_EXPORT", &op, &err) == 0);
    must(opcode_new("OP_BACKUP_EXPORT", &again, &err) == 0);
    r = params_parse((const char *)data, size, false, op, &err);
    if (r < 0) {
        must((r == -EINVAL || r == -EFBIG) && err.errnum == -r && err.text[0]);
        return 0;
    }
    first = shown(op, &n);
    if (n > PARAMS_MAX_BYTES)
        return 0;
    must(params_parse(first, n, false, again, &err) == 0);
    second = shown(again, &m);
    must(n == m && !memcmp(first, second, n));
    return 0;
}
