/* node_ops.export_stage: where a stage lies, what is swept before it, what is refused. */
#include "tests/unit/publish_help.h"

static struct err err;
static struct node_stage *stage;

static void makes_a_hidden_private_directory(void **state)
{
    struct stat st;

    (void)state;
    assert_int_equal(stage_begin(&node, IN, &stage, &err), 0);
    assert_int_equal(strncmp(stage->dir, "." IN ".new-", strlen("." IN ".new-")), 0);
    assert_int_equal(stat(path("export/%s", stage->dir), &st), 0);
    assert_int_equal(st.st_mode & 07777, 0700);
    assert_int_equal(count(path("export/%s", stage->dir)), 0);
    stage_abort(stage);
    assert_int_equal(count(export_dir), 0);
}

static void aborting_removes_all_of_it(void **state)
{
    (void)state;
    assert_int_equal(stage_begin(&node, IN, &stage, &err), 0);
    assert_int_equal(stage_fill(stage, "x", &err), 0);
    stage_abort(stage);
    stage_abort(NULL);
    assert_int_equal(count(export_dir), 0);
}

static void makes_the_export_directory_when_only_it_is_missing(void **state)
{
    struct stat st;

    (void)state;
    assert_int_equal(rmdir(export_dir), 0);
    assert_int_equal(stage_begin(&node, IN, &stage, &err), 0);
    stage_abort(stage);
    assert_int_equal(stat(export_dir, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0700);
}

static void does_not_make_its_parents(void **state)
{
    (void)state;
    snprintf(export_dir, sizeof export_dir, "%s/absent/export", base);
    assert_int_equal(stage_begin(&node, IN, &stage, &err), -ENOENT);
    assert_non_null(strstr(err.text, export_dir));
    assert_false(exists(path("absent")));
}

static void refuses_bad_names(void **state)
{
    static const char *const bad[] = {"", ".", "..", "a/b", "../x", ".x", "-x", "x\n", "x.new"};

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(stage_begin(&node, bad[i], &stage, &err), -EINVAL);
    assert_int_equal(count(export_dir), 0);
}

static void refuses_a_foreign_thing_of_that_name(void **state)
{
    static const char *const make[] = {"echo x >$f", "ln -s / $f", "mkfifo $f", "ln -s no $f"};

    (void)state;
    for (size_t i = 0; i < sizeof make / sizeof *make; i++) {
        assert_true(shell("f=%s/%s; rm -f $f; %s", export_dir, IN, make[i]));
        assert_int_equal(stage_begin(&node, IN, &stage, &err), -ENOTDIR);
        assert_non_null(strstr(err.text, path("export/" IN)));
        assert_int_equal(count(export_dir), 1);
    }
}

static void a_node_with_an_error_is_refused(void **state)
{
    struct model_node bad = node;

    (void)state;
    bad.error = (char *)"node.ini: line 3: no";
    assert_int_equal(stage_begin(&bad, IN, &stage, &err), -EHOSTUNREACH);
    assert_non_null(strstr(err.text, "line 3"));
}

static void sweeps_what_the_dead_left_of_that_name_only(void **state)
{
    static const char *const dead[] = {"." IN ".new-abcdef", "." IN ".gone-abc012",
                                       "." IN ".new-345abc/sub"};
    static const char *const kept[] = {
        ".web2.example.com.new-abcdef", /* another name's */
        ".x." IN ".new-abcdef",
        "." IN ".new-abcdefg", /* not ours: too long, too short, other characters, other kind */
        "." IN ".new-abcde",
        "." IN ".new-ABCDEF",
        "." IN ".tmp-abcdef",
        "." IN,
        "web2.example.com",
    };

    (void)state;
    for (size_t i = 0; i < sizeof dead / sizeof *dead; i++)
        assert_true(
            shell("mkdir -p %s/%s && touch %s/%s/f", export_dir, dead[i], export_dir, dead[i]));
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
        assert_true(
            shell("mkdir %s/%s && touch %s/%s/f", export_dir, kept[i], export_dir, kept[i]));
    put(path("export/." IN ".new-ffffff"), "a file is not ours either", 0600);
    assert_int_equal(stage_begin(&node, IN, &stage, &err), 0);
    stage_abort(stage);
    assert_int_equal(count(export_dir), sizeof kept / sizeof *kept + 1);
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
        assert_true(exists(path("export/%s/f", kept[i])));
}

static void does_not_sweep_a_stage_that_lives(void **state)
{
    struct node_stage *second;

    (void)state;
    assert_int_equal(stage_begin(&node, IN, &stage, &err), 0);
    assert_int_equal(stage_fill(stage, "x", &err), 0);
    assert_int_equal(stage_begin(&node, IN, &second, &err), 0);
    assert_int_equal(count(path("export/%s", stage->dir)), 2);
    stage_abort(second);
    stage_abort(stage);
    assert_int_equal(count(export_dir), 0);
}

static void puts_back_what_was_set_aside_without_successor(void **state)
{
    (void)state;
    /* as a crash between the two renames leaves it */
    assert_true(shell("cd %s && mkdir .%s.old-abcdef .%s.new-abcdef && "
                      "echo old >.%s.old-abcdef/f && echo new >.%s.new-abcdef/f",
                      export_dir, IN, IN, IN, IN));
    assert_int_equal(stage_begin(&node, IN, &stage, &err), 0);
    assert_string_equal(get(path("export/" IN "/f")), "old\n");
    stage_abort(stage);
    assert_int_equal(count(export_dir), 1);
}

static void removes_what_was_set_aside_when_the_successor_is_there(void **state)
{
    (void)state;
    assert_true(
        shell("cd %s && mkdir .%s.old-abcdef %s && echo new >%s/f", export_dir, IN, IN, IN));
    assert_int_equal(stage_begin(&node, IN, &stage, &err), 0);
    stage_abort(stage);
    assert_string_equal(get(path("export/" IN "/f")), "new\n");
    assert_int_equal(count(export_dir), 1);
}

static void sweeping_alone_stages_nothing(void **state)
{
    (void)state;
    assert_true(shell("mkdir %s/.%s.new-abcdef", export_dir, IN));
    assert_int_equal(stage_sweep_node(&node, IN, &err), 0);
    assert_int_equal(count(export_dir), 0);
    assert_int_equal(stage_sweep_node(&node, "../x", &err), -EINVAL);
    assert_int_equal(rmdir(export_dir), 0);
    assert_int_equal(stage_sweep_node(&node, IN, &err), 0);
    assert_false(exists(export_dir));
}

int main(void)
{
#define T_(f) cmocka_unit_test_setup_teardown(f, node_setup, node_teardown)
    const struct CMUnitTest tests[] = {
        T_(makes_a_hidden_private_directory),
        T_(aborting_removes_all_of_it),
        T_(makes_the_export_directory_when_only_it_is_missing),
        T_(does_not_make_its_parents),
        T_(refuses_bad_names),
        T_(refuses_a_foreign_thing_of_that_name),
        T_(a_node_with_an_error_is_refused),
        T_(sweeps_what_the_dead_left_of_that_name_only),
        T_(does_not_sweep_a_stage_that_lives),
        T_(puts_back_what_was_set_aside_without_successor),
        T_(sweeping_alone_stages_nothing),
        T_(removes_what_was_set_aside_when_the_successor_is_there),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
