/* How much room an export needs: what the disks have allocated; nothing where they can be
 * reflinked. */
#include "export/target.h"

#include <setjmp.h>
#include <stdarg.h>
/* cmocka wants the ones above first */
#include <cmocka.h>

static void need_table(void **state)
{
    static const struct {
        struct model_disk disk;
        struct node_space space;
        uint64_t need;
    } rows[] = {
        {{.bytes = 1000, .blocks512 = 8}, {.dev = 1}, 1000},
        {{.bytes = 1 << 20, .blocks512 = 8}, {.dev = 1}, 4096},
        {{.bytes = 1 << 20, .blocks512 = 2048, .dev = 1}, {.dev = 1, .can_reflink = true}, 0},
        {{.bytes = 1 << 20, .blocks512 = 2048, .dev = 2}, {.dev = 1, .can_reflink = true}, 1 << 20},
        {{.bytes = 1 << 20, .blocks512 = 2048, .dev = 1}, {.dev = 1}, 1 << 20},
        {{.bytes = 1 << 20, .blocks512 = 2048, .dev = 1, .is_block = true},
         {.dev = 1, .can_reflink = true},
         1 << 20},
        {{.bytes = UINT64_MAX, .blocks512 = UINT64_MAX}, {.dev = 1}, UINT64_MAX},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct model_instance inst = {.ndisks = 1, .disks = (struct model_disk *)&rows[i].disk};

        assert_int_equal(target_need(&inst, &rows[i].space), rows[i].need);
    }
}

static void sum_saturates(void **state)
{
    struct model_disk disks[] = {{.bytes = UINT64_MAX, .blocks512 = UINT64_MAX},
                                 {.bytes = 512, .blocks512 = 1}};
    struct model_instance inst = {.ndisks = 2, .disks = disks};
    struct node_space space = {.dev = 1};

    (void)state;
    assert_int_equal(target_need(&inst, &space), UINT64_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(need_table),
        cmocka_unit_test(sum_saturates),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
