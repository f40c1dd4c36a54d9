/* st_ino: a hash of kind and names, the same in every process and for every version. */
#include "fs/inode.c"

#include "fs/atoms.c"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static uint64_t number(enum inode_kind kind, const char *instance, const char *node,
                       const char *file, uint64_t version)
{
    return inode_number(&(struct inode_key){
        .kind = kind, .instance = instance, .node = node, .file = file, .version = version});
}

static void the_root_is_one(void **state)
{
    (void)state;
    assert_int_equal(number(INODE_ROOT, NULL, NULL, NULL, 0), 1);
}

/* Backup tools compare with what they saw months ago: these values must never change. */
static void numbers_are_for_ever(void **state)
{
    (void)state;
    assert_true(number(INODE_IMAGE_TAR, "web1.example.com", NULL, NULL, 0) == 0x4561dc5bd4f269bc);
    assert_true(number(INODE_IMAGE, "web1.example.com", NULL, "disk0.raw", 0) ==
                0xc9fb9951c9810411);
    assert_true(number(INODE_NODE_TAR, "web1.example.com", "node2.example.com", NULL, 0) ==
                0x7a1dd9a44bb01ba9);
}

static void versions_share_a_number(void **state)
{
    (void)state;
    assert_true(number(INODE_IMAGE_TAR, "a", NULL, NULL, 1) ==
                number(INODE_IMAGE_TAR, "a", NULL, NULL, 2));
}

static void no_name_is_an_empty_name(void **state)
{
    (void)state;
    assert_true(number(INODE_NODE, NULL, "n", NULL, 0) == number(INODE_NODE, "", "n", "", 0));
}

static void names_do_not_run_together(void **state)
{
    (void)state;
    uint64_t n[] = {
        number(INODE_NODE_FILE, "ab", "c", "d", 0), number(INODE_NODE_FILE, "a", "bc", "d", 0),
        number(INODE_NODE_FILE, "a", "b", "cd", 0), number(INODE_NODE_FILE, "c", "ab", "d", 0),
        number(INODE_NODE_EXPORT, "ab", "c", "d", 0)};
    for (int a = 0; a < 5; a++)
        for (int b = 0; b < a; b++)
            assert_true(n[a] != n[b]);
}

static void never_zero_nor_the_roots(void **state)
{
    (void)state;
    for (int k = 0; k < 100000; k++) {
        char name[16];
        snprintf(name, sizeof(name), "i%d", k);
        assert_true(number(INODE_INSTANCE, name, NULL, NULL, 0) > 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_root_is_one),           cmocka_unit_test(numbers_are_for_ever),
        cmocka_unit_test(versions_share_a_number),   cmocka_unit_test(no_name_is_an_empty_name),
        cmocka_unit_test(names_do_not_run_together), cmocka_unit_test(never_zero_nor_the_roots),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
