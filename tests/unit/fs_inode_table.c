/* Nodes: one per key while it is held, nodeids used once, freed when nobody holds them. */
#include "fs/inode.c"

#include "fs/atoms.c"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct inode_table *table;

static int setup(void **state)
{
    (void)state;
    return inode_table_new(&table);
}

static int teardown(void **state)
{
    (void)state;
    inode_table_free(table);
    return 0;
}

static struct inode *intern(enum inode_kind kind, const char *name, uint64_t version,
                            const struct inode_frozen *frozen)
{
    struct inode_key key = {.kind = kind, .instance = name, .version = version};
    struct inode *i = NULL;
    assert_int_equal(inode_intern(table, &key, frozen, &i), 0);
    return i;
}

static void the_root_is_there_and_stays(void **state)
{
    (void)state;
    struct inode *root = inode_get(table, 1);
    assert_non_null(root);
    assert_int_equal(root->kind, INODE_ROOT);
    inode_forget(table, 1, 1000);
    inode_put(table, root);
    assert_int_equal(inode_count(table), 1);
}

static void one_key_is_one_node(void **state)
{
    (void)state;
    struct inode *a = intern(INODE_INSTANCE, "a", 0, NULL);
    assert_ptr_equal(intern(INODE_INSTANCE, "a", 0, NULL), a);
    assert_ptr_not_equal(intern(INODE_INSTANCE, "b", 0, NULL), a);
    assert_ptr_not_equal(intern(INODE_EXPORT, "a", 0, NULL), a);
}

static void another_version_is_another_node_with_the_same_number(void **state)
{
    (void)state;
    struct inode *one = intern(INODE_IMAGE_TAR, "a", 1, NULL);
    struct inode *two = intern(INODE_IMAGE_TAR, "a", 2, NULL);
    assert_true(one->nodeid != two->nodeid);
    assert_true(one->number == two->number);
}

static void the_kernels_count_keeps_a_node(void **state)
{
    (void)state;
    struct inode *i = intern(INODE_INSTANCE, "a", 0, NULL);
    uint64_t id = i->nodeid;
    inode_looked_up(table, i);
    inode_looked_up(table, i);
    inode_put(table, i);
    inode_forget(table, id, 1);
    i = inode_get(table, id);
    assert_non_null(i);
    inode_forget(table, id, 1); /* a request still has it */
    assert_string_equal(i->instance, "a");
    inode_put(table, i);
    assert_null(inode_get(table, id));
    assert_int_equal(inode_count(table), 1);
}

static void nodeids_are_never_used_again(void **state)
{
    (void)state;
    uint64_t last = 1;
    for (int k = 0; k < 1000; k++) {
        struct inode *i = intern(INODE_INSTANCE, "a", 0, NULL);
        assert_true(i->nodeid > last);
        last = i->nodeid;
        inode_put(table, i);
    }
    assert_int_equal(inode_count(table), 1);
}

static void forgetting_too_much_or_the_unknown_does_no_harm(void **state)
{
    (void)state;
    struct inode *i = intern(INODE_INSTANCE, "a", 0, NULL);
    inode_looked_up(table, i);
    inode_forget(table, i->nodeid, UINT64_MAX);
    inode_forget(table, 123456, 1);
    assert_int_equal(i->nlookup, 0);
    inode_put(table, i);
    assert_int_equal(inode_count(table), 1);
}

static void what_is_frozen_is_the_first_ones(void **state)
{
    (void)state;
    struct inode_frozen first = {.mtime = 5, .size = 6, .blocks512 = 7, .index = 8, .secret = true};
    struct inode *i = intern(INODE_STATUS, "", 7, &first);
    assert_ptr_equal(intern(INODE_STATUS, "", 7, &(struct inode_frozen){.mtime = 6}), i);
    assert_int_equal(i->frozen.mtime, 5);
    assert_int_equal(i->frozen.size, 6);
    assert_int_equal(i->blocks512, 7);
    assert_int_equal(i->index, 8);
    assert_true(i->secret);
}

static void many_nodes_are_all_found(void **state)
{
    (void)state;
    enum { MANY = 20000 };
    static struct inode *nodes[MANY];
    char name[16];
    for (int k = 0; k < MANY; k++) {
        snprintf(name, sizeof(name), "i%d", k);
        nodes[k] = intern(INODE_INSTANCE, name, 0, NULL);
    }
    assert_int_equal(inode_count(table), MANY + 1);
    for (int k = 0; k < MANY; k++) {
        snprintf(name, sizeof(name), "i%d", k);
        assert_ptr_equal(intern(INODE_INSTANCE, name, 0, NULL), nodes[k]);
        assert_ptr_equal(inode_get(table, nodes[k]->nodeid), nodes[k]);
        for (int r = 0; r < 3; r++)
            inode_put(table, nodes[k]);
    }
    assert_int_equal(inode_count(table), 1);
}

static void a_retired_one_makes_way_for_another(void **state)
{
    (void)state;
    struct inode *one = intern(INODE_NODE_EXPORT, "a", 0, NULL);
    inode_looked_up(table, one);
    inode_retire(table, one);
    inode_retire(table, one);
    struct inode *two = intern(INODE_NODE_EXPORT, "a", 0, NULL);
    assert_true(two->nodeid != one->nodeid && two->number == one->number);
    assert_ptr_equal(inode_get(table, one->nodeid), one);
    for (int k = 0; k < 1000; k++) { /* the table grows */
        char name[16];
        snprintf(name, sizeof(name), "i%d", k);
        inode_put(table, intern(INODE_INSTANCE, name, 0, NULL));
        inode_looked_up(table, intern(INODE_INSTANCE, name, 1, NULL));
    }
    assert_ptr_equal(inode_get(table, one->nodeid), one);
    assert_ptr_equal(intern(INODE_NODE_EXPORT, "a", 0, NULL), two);
    uint64_t before = inode_count(table), nodeid = one->nodeid;
    inode_forget(table, nodeid, 1);
    for (int r = 0; r < 3; r++)
        inode_put(table, one);
    assert_null(inode_get(table, nodeid));
    assert_int_equal(inode_count(table), before - 1);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(the_root_is_there_and_stays),
        T(one_key_is_one_node),
        T(another_version_is_another_node_with_the_same_number),
        T(the_kernels_count_keeps_a_node),
        T(nodeids_are_never_used_again),
        T(forgetting_too_much_or_the_unknown_does_no_harm),
        T(what_is_frozen_is_the_first_ones),
        T(many_nodes_are_all_found),
        T(a_retired_one_makes_way_for_another),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
