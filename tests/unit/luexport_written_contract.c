/* luexport_written_contract.c - an image that is not what it says of itself is not published. */
#include "lu_world.h"

#include "lu_world_copy.h"
#include "lu_world_image.h"
#include "lu_world_locks.h"
#include "lu_world_written.h"

static void assert_not_published(int errnum, const char *why)
{
    assert_int_equal(world_run(world_export(NODE2)), -errnum);
    if (!strstr(w.err.text, why))
        fail_msg("%s", w.err.text);
    assert_int_equal(world_logged("finalize "), 0);
    assert_int_equal(w.stages, 0);
    assert_int_equal(w.locks, 0);
    assert_false(w.noted);
}

static void a_dump_missing(void **state)
{
    (void)state;
    world_write();
    world_written.names[1] = NULL;
    assert_not_published(EIO, "has no swap");
}

static void a_dump_too_many(void **state)
{
    (void)state;
    world_write();
    world_written.names[2] = "more";
    assert_not_published(EIO, "brings more");
}

static void another_dump(void **state)
{
    (void)state;
    world_write();
    world_written.names[1] = "config.ini";
    assert_not_published(EIO, "brings config.ini, not swap");
}

static void a_dump_of_another_length(void **state)
{
    (void)state;
    world_write();
    world_written.image.dumps[1].bytes = 10;
    world_written.cut = 1;
    assert_not_published(EIO, "bytes long");
}

static void config_names_another_dump(void **state)
{
    (void)state;
    strcpy(world_write()->dumps[1].name, "other");
    assert_not_published(EINVAL, "swap");
}

static void config_names_more_dumps(void **state)
{
    (void)state;
    world_write()->ndumps = 1;
    assert_not_published(EINVAL, "swap");
}

static void config_names_fewer_dumps(void **state)
{
    struct written *i = world_write();

    (void)state;
    i->dumps[i->ndumps++] = (struct written_dump){.disk = 3, .name = "more"};
    assert_not_published(EINVAL, "more");
}

static void config_is_no_config(void **state)
{
    struct written *i = world_write();

    (void)state;
    i->config = "junk";
    i->config_len = 4;
    assert_not_published(EINVAL, "config.ini: line 1");
}

static void config_is_too_long(void **state)
{
    static char config[100 * 1024];
    struct written *i = world_write();

    (void)state;
    memset(config, '\n', sizeof config);
    memcpy(config, i->config, i->config_len);
    i->config = config;
    i->config_len = sizeof config;
    assert_not_published(EINVAL, "too long");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(a_dump_missing),
        WORLD_TEST(a_dump_too_many),
        WORLD_TEST(another_dump),
        WORLD_TEST(a_dump_of_another_length),
        WORLD_TEST(config_names_another_dump),
        WORLD_TEST(config_names_more_dumps),
        WORLD_TEST(config_names_fewer_dumps),
        WORLD_TEST(config_is_no_config),
        WORLD_TEST(config_is_too_long),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
