/* node_export_id_same: the same directory, or the same content. */
#include "export/node_ops.h"

#include "tests/unit/node_help.h"

static void by_directory_or_by_content(void **state)
{
    static const struct node_export_id a = {.dev = 1, .ino = 2, .t = 3, .size = 4, .hash = 5};
    static const struct node_export_id none = {.dev = 1, .ino = 2};
    static const struct node_export_id afar = {.t = 3, .size = 4, .hash = 5};
    static const struct {
        struct node_export_id b;
        const struct node_export_id *a;
        bool same;
    } table[] = {
        {{1, 2, 3, 4, 5}, &a, true},
        {{1, 2, 0, 0, 0}, &a, true}, /* directory */
        {{8, 9, 3, 4, 5}, &a, true}, /* content: another mount of it */
        {{1, 9, 3, 4, 5}, &a, true},
        {{8, 9, 9, 4, 5}, &a, false}, /* every field of the content counts */
        {{8, 9, 3, 9, 5}, &a, false},
        {{8, 9, 3, 4, 9}, &a, false},
        {{1, 9, 9, 4, 5}, &a, false}, /* both halves of the directory, too */
        {{9, 2, 9, 4, 5}, &a, false},
        {{1, 2, 0, 0, 0}, &none, true},
        {{0, 0, 3, 4, 5}, &afar, true}, /* nodes that do not tell of directories */
        {{0, 0, 3, 4, 9}, &afar, false},
        {{0, 0, 0, 0, 0}, &afar, false},
        {{8, 9, 0, 0, 0}, &none, false}, /* no config.ini is nothing in common */
    };

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        assert_int_equal(node_export_id_same(table[i].a, &table[i].b), table[i].same);
        assert_int_equal(node_export_id_same(&table[i].b, table[i].a), table[i].same);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(by_directory_or_by_content)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
