/* Target node (DESIGN §2): option, else the holder of the current export, else most unreserved free
 * space among online, undrained nodes, the primary only if there is no other. */
#include "export/target.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
/* cmocka wants the ones above first */
#include <cmocka.h>

static struct model_node mnodes[] = {
    {.name = (char *)"a"}, {.name = (char *)"b"}, {.name = (char *)"c"}};
static struct model model = {.refs = 1, .nnodes = 3, .nodes = mnodes};

static const char *choose(struct catalog_node n[3], struct share *space, const char *preferred)
{
    struct catalog cat = {.refs = 1, .n = 3, .nodes = n};
    struct err err;

    return target_choose(&model, &cat, space, "web", "a", preferred, &err);
}

static struct catalog_node *three(uint64_t a, uint64_t b, uint64_t c)
{
    static struct catalog_node n[3];

    memset(n, 0, sizeof n);
    for (int i = 0; i < 3; i++)
        n[i].name = mnodes[i].name;
    n[0].space.free = a;
    n[1].space.free = b;
    n[2].space.free = c;
    return n;
}

static void most_free_space_but_not_the_primary(void **state)
{
    struct share *s;

    (void)state;
    assert_int_equal(share_open(NULL, &s), 0);
    assert_string_equal(choose(three(900, 10, 20), s, NULL), "c");
    assert_string_equal(choose(three(900, 30, 20), s, NULL), "b");
    assert_string_equal(choose(three(900, 30, 20), s, "c"), "c");
    share_close(s);
}

static void reserved_space_counts(void **state)
{
    struct share *s;
    int run;

    (void)state;
    assert_int_equal(share_open(NULL, &s), 0);
    assert_int_equal(share_add(s, &run, "b", 25), 0);
    assert_string_equal(choose(three(900, 30, 20), s, NULL), "c");
    share_drop(s, &run);
    assert_string_equal(choose(three(900, 30, 20), s, NULL), "b");
    share_close(s);
}

static void nodes_that_cannot_take_it(void **state)
{
    struct catalog_node *n = three(900, 30, 20);
    struct share *s;

    (void)state;
    assert_int_equal(share_open(NULL, &s), 0);
    n[1].state = NODE_DRAINED;
    assert_string_equal(choose(n, s, NULL), "c");
    n[2].state = NODE_OFFLINE;
    assert_string_equal(choose(n, s, NULL), "a"); /* the primary, for want of another */
    n[0].state = NODE_UNREACHABLE;
    assert_null(choose(n, s, NULL));
    share_close(s);
}

static void holder_of_the_current_export(void **state)
{
    struct catalog_node *n = three(900, 30, 20);
    struct node_export_info info = {.id = {.t = 5}};
    struct catalog_export e = {.refs = 1, .name = (char *)"web", .complete = true, .info = &info};
    struct catalog_export *list[] = {&e};
    struct share *s;

    (void)state;
    assert_int_equal(share_open(NULL, &s), 0);
    n[2].n = 1;
    n[2].exports = list;
    assert_string_equal(choose(n, s, NULL), "c");
    assert_string_equal(choose(n, s, "b"), "b");
    n[2].state = NODE_DRAINED;
    assert_string_equal(choose(n, s, NULL), "b");
    share_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(most_free_space_but_not_the_primary),
        cmocka_unit_test(reserved_space_counts),
        cmocka_unit_test(nodes_that_cannot_take_it),
        cmocka_unit_test(holder_of_the_current_export),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
