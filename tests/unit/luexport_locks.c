/* luexport_locks.c - what an export locks, how, and until when (DESIGN §4). */
#include "lu_world.h"

#include "lu_world_copy.h"
#include "lu_world_image.h"
#include "lu_world_locks.h"

static void the_locks_in_order(void **state)
{
    (void)state;
    assert_int_equal(world_run(world_export("node2")), 0);
    world_assert_order("lock cluster BGL shared", "lock instance web1.example.com exclusive");
    world_assert_order("lock instance ", "lock node ALL shared");
    world_assert_order("lock node ", "lock export web1.example.com exclusive");
    world_assert_order("lock export ", "hooks ");
    world_assert_order("unlock export", "unlock node");
    world_assert_order("unlock node", "unlock instance");
    world_assert_order("unlock instance", "unlock cluster");
    assert_int_equal(w.locks, 0);
}

static void the_instance_is_shared_once_it_is_left_alone(void **state)
{
    (void)state;
    assert_int_equal(world_run(world_export(NODE2)), 0);
    world_assert_order("start ", "downgrade instance web1.example.com");
    world_assert_order("downgrade ", "copy ");
}

static void not_while_it_must_still_be_started(void **state)
{
    struct opcode *op = world_export(NODE2);

    (void)state;
    w.can_freeze = false;
    opcode_set_bool(op, "long_sleep", true);
    assert_int_equal(world_run(op), 0);
    assert_int_equal(world_logged("downgrade "), 0);
}

static void not_when_it_will_be_removed(void **state)
{
    struct opcode *op = world_export(NODE2);

    (void)state;
    opcode_set_bool(op, "remove_instance", true);
    assert_int_equal(world_run(op), 0);
    assert_int_equal(world_logged("downgrade "), 0);
    assert_int_equal(world_logged("delete-lock instance web1.example.com"), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(the_locks_in_order),
        WORLD_TEST(the_instance_is_shared_once_it_is_left_alone),
        WORLD_TEST(not_while_it_must_still_be_started),
        WORLD_TEST(not_when_it_will_be_removed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
