/* luexport_written_prereq.c - what a node must be like to have an image written to it (DESIGN §4),
 * told as soon as the name and the size are known, and again of the whole image. */
#include "lu_world.h"

#include "lu_world_copy.h"
#include "lu_world_image.h"
#include "lu_world_locks.h"
#include "lu_world_written.h"

static int check(struct written *i)
{
    struct opcode *op = world_export(NODE2);
    int r = processor_check(&w.env, i, op, &w.err);

    opcode_free(op);
    return r;
}

static void assert_refused(int errnum, enum ecode ecode)
{
    struct written unseen = {.instance = WEB1, .need = WRITTEN_BYTES};

    world_write();
    assert_int_equal(check(&unseen), -errnum);
    assert_int_equal(w.err.ecode, ecode);
    assert_int_equal(check(&world_written.image), -errnum);
    assert_int_equal(w.err.ecode, ecode);
    assert_int_equal(world_run(world_export(NODE2)), -errnum);
    assert_int_equal(world_logged("stage "), 0);
    assert_int_equal(world_logged("hooks "), 0);
}

static void fine(void **state)
{
    struct written unseen = {.instance = WEB1, .need = WRITTEN_BYTES};

    (void)state;
    world_write();
    assert_int_equal(check(&unseen), 0);
    assert_int_equal(check(&world_written.image), 0);
    assert_string_equal(world_log(), ""); /* from memory */
}

static void offline(void **state)
{
    (void)state;
    w.nodes[1].offline = true;
    assert_refused(EHOSTDOWN, ECODE_STATE);
}

static void drained(void **state)
{
    (void)state;
    w.nodes[1].drained = true;
    assert_refused(EBUSY, ECODE_STATE);
}

static void unreachable(void **state)
{
    (void)state;
    w.seen[1].state = NODE_UNREACHABLE;
    assert_refused(EHOSTUNREACH, ECODE_STATE);
}

static void read_only(void **state)
{
    (void)state;
    w.seen[1].space.read_only = true;
    assert_refused(EBUSY, ECODE_STATE);
}

static void too_small(void **state)
{
    (void)state;
    w.seen[1].space.free = w.space_free = WRITTEN_BYTES - 1;
    assert_refused(ENOSPC, ECODE_NORES);
}

static void too_small_with_what_others_need(void **state)
{
    (void)state;
    w.seen[1].space.free = w.space_free = WRITTEN_BYTES;
    w.reserved = 1;
    assert_refused(ENOSPC, ECODE_NORES);
}

static void unknown(void **state)
{
    struct opcode *op = world_export("node9");

    (void)state;
    world_write();
    assert_int_equal(processor_check(&w.env, &world_written.image, op, &w.err), -ENOENT);
    opcode_free(op);
}

static void clones_need_no_room(void **state)
{
    (void)state;
    world_write()->clones = true;
    w.seen[1].space.free = w.space_free = 0;
    w.seen[1].space.can_reflink = w.can_reflink = true;
    assert_int_equal(check(&world_written.image), 0);
    assert_int_equal(world_run(world_export(NODE2)), 0);
}

/* Not if it lies elsewhere, or cannot be cloned. */
static void copies_do(void **state)
{
    (void)state;
    world_write()->clones = true;
    w.seen[1].space.free = 0;
    assert_int_equal(check(&world_written.image), -ENOSPC);
    w.seen[1].space.can_reflink = true;
    world_written.image.dev = 78;
    assert_int_equal(check(&world_written.image), -ENOSPC);
    world_written.image.dev = 77;
    world_written.image.clones = false;
    assert_int_equal(check(&world_written.image), -ENOSPC);
}

/* The catalog may have seen it some time ago; the node itself is asked before anything is copied.
 */
static void the_node_says_how_much(void **state)
{
    (void)state;
    w.space_free = WRITTEN_BYTES - 1;
    world_write();
    assert_int_equal(world_run(world_export(NODE2)), -ENOSPC);
    assert_int_equal(world_logged("fill"), 0);
    assert_int_equal(w.stages, 0);
    assert_false(w.noted);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(fine),
        WORLD_TEST(offline),
        WORLD_TEST(drained),
        WORLD_TEST(unreachable),
        WORLD_TEST(read_only),
        WORLD_TEST(too_small),
        WORLD_TEST(too_small_with_what_others_need),
        WORLD_TEST(unknown),
        WORLD_TEST(clones_need_no_room),
        WORLD_TEST(copies_do),
        WORLD_TEST(the_node_says_how_much),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
