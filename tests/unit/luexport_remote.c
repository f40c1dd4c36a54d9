/* luexport_remote.c - mode remote: its arguments are checked, then it is refused (spec §1.4, §5).
 */
#include "lu_world.h"

#include "lu_world_copy.h"
#include "lu_world_image.h"
#include "lu_world_locks.h"

static const struct row {
    const char *target, *key, *ca;
    const char *text;
} rows[] = {
    {"[a, b]", "None", "ca", "Missing X509 key name for encryption"},
    {"[a, b]", "[]", "ca", "Missing X509 key name for encryption"},
    {"[a, b]", "[n, d, s]", "None", "Missing destination X509 CA"},
    {"[a]", "[n, d, s]", "ca", "one for each of the 2 disks"},
    {"node2", "[n, d, s]", "ca", "one for each of the 2 disks"},
    {"[a, b]", "[n, d]", "ca", "Invalid data for X509 key name"},
    {"[a, b]", "[n, d, s]", "ca", "Mode remote is not supported yet"},
};

static void refused_in_order(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct opcode *op = world_export(NODE2);

        opcode_set_string(op, "mode", "remote");
        assert_int_equal(opcode_set_text(op, "target_node", rows[i].target, &w.err), 0);
        assert_int_equal(opcode_set_text(op, "x509_key_name", rows[i].key, &w.err), 0);
        assert_int_equal(opcode_set_text(op, "destination_x509_ca", rows[i].ca, &w.err), 0);
        assert_int_equal(world_run(op), -EINVAL);
        assert_int_equal(w.err.ecode, ECODE_INVAL);
        if (!strstr(w.err.text, rows[i].text))
            fail_msg("row %zu: %s", i, w.err.text);
    }
}

static void locks_the_instance_only(void **state)
{
    struct opcode *op = world_export(NODE2);

    (void)state;
    opcode_set_string(op, "mode", "remote");
    opcode_set_text(op, "x509_key_name", "[n, d, s]", &w.err);
    opcode_set_string(op, "destination_x509_ca", "ca");
    assert_int_equal(world_run(op), -EINVAL);
    assert_int_equal(world_logged("lock instance web1.example.com exclusive"), 1);
    assert_int_equal(world_logged("lock node"), 0);
    assert_int_equal(world_logged("lock export"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(refused_in_order),
        WORLD_TEST(locks_the_instance_only),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
