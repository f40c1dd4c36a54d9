/* luexport_written_unknown.c - an image of an instance that the cluster does not know (any more)
 * can be written, to be imported; under its full name only. */
#include "lu_world.h"

#include "lu_world_copy.h"
#include "lu_world_image.h"
#include "lu_world_locks.h"
#include "lu_world_written.h"

#define GONE "gone.example.com"

static struct opcode *export_of(const char *name)
{
    struct opcode *op = world_export(NODE2);

    assert_int_equal(opcode_set_string(op, "instance_name", name), 0);
    return op;
}

static void it_is_exported(void **state)
{
    (void)state;
    world_write_gone();
    if (world_run(export_of(GONE)) < 0)
        fail_msg("%s\n%s", w.err.text, world_log());
    assert_int_equal(world_logged("lock instance " GONE " exclusive"), 1);
    assert_int_equal(world_logged("lock export " GONE " exclusive"), 1);
    assert_int_equal(world_logged("stage " NODE2 " " GONE), 1);
    assert_int_equal(world_logged("finalize "), 1);
    assert_int_equal(w.locks, 0);
    assert_false(w.noted);
}

static void its_hooks(void **state)
{
    (void)state;
    world_write_gone();
    assert_int_equal(world_run(export_of(GONE)), 0);
    assert_int_equal(world_logged("hooks " NODE1), 2); /* the master, */
    assert_int_equal(world_logged("hooks " NODE2), 2); /* the target, before and after */
    assert_int_equal(world_logged("hooks "), 4);
    assert_true(world_env_has("GANETI_INSTANCE_NAME=" GONE));
    assert_true(world_env_has("GANETI_OP_TARGET=" GONE));
    assert_true(world_env_has("GANETI_INSTANCE_PRIMARY="));
    assert_true(world_env_has("GANETI_INSTANCE_STATUS=down"));
    assert_true(world_env_has("GANETI_INSTANCE_OS_TYPE=old+os"));
    assert_true(world_env_has("GANETI_INSTANCE_DISK0_SIZE=1"));
}

/* An image may come from anywhere: what it names may not become just any variable, nor break the
 * run.
 */
static void its_oddities_stay_out_of_the_environment(void **state)
{
    static char config[2000];
    struct written *i = world_write_gone();
    char longest[301];

    (void)state;
    memset(longest, 'a', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    i->config_len = (size_t)snprintf(
        config, sizeof config, "%s%sb = 1\n%sc = 2\nodd key = 3\nodd$key = 4\nfine-key.x = 5\n",
        i->config, longest, longest);
    i->config = config;
    if (world_run(export_of(GONE)) < 0)
        fail_msg("%s", w.err.text);
    assert_true(world_env_has("GANETI_INSTANCE_HV_fine-key.x=5"));
    for (size_t n = 0; n < w.env_seen.n; n++)
        assert_null(strstr(w.env_seen.v[n], "odd"));
}

static void refuses(const char *name, const char *why)
{
    struct opcode *op = export_of(name);

    world_written.image.instance = name;
    assert_int_equal(processor_check(&w.env, &world_written.image, op, &w.err), -EINVAL);
    opcode_free(op);
    if (!strstr(w.err.text, why))
        fail_msg("%s: %s", name, w.err.text);
    assert_int_equal(world_run(export_of(name)), -EINVAL);
    assert_int_equal(w.locks, 0);
    assert_int_equal(world_logged("stage "), 0);
}

static void only_under_its_full_name(void **state)
{
    (void)state;
    world_write();
    refuses("web1", "known as " WEB1);
    refuses("WEB1.example.com", "known as " WEB1);
}

static void and_one_that_names_a_directory(void **state)
{
    (void)state;
    world_write();
    refuses("../web1", "is no name");
    refuses(".web1", "is no name");
    refuses("web1.new", "is no name");
}

static void and_the_one_in_the_image(void **state)
{
    (void)state;
    world_write_gone();
    refuses("other.example.com", "an image of " GONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(it_is_exported),
        WORLD_TEST(its_hooks),
        WORLD_TEST(its_oddities_stay_out_of_the_environment),
        WORLD_TEST(only_under_its_full_name),
        WORLD_TEST(and_one_that_names_a_directory),
        WORLD_TEST(and_the_one_in_the_image),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
