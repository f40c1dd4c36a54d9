/* gnode_left: what is left on a node is seen to, at once if it is known to be a dead upload of
 * ours, else when nothing has come of it for long; an export is never deleted that has no
 * successor. */
#include "tests/unit/ganeti/gput_help.h"

#define PUT_NAME  "." IN ".put-abcdef"
#define OLD_NAME  "." IN ".old-abcdef"
#define GONE_NAME "." IN ".gone-abcdef"
#define MINUTE    (60 * 1000)

static int64_t now;

static void look(int64_t later)
{
    CLEANUP_GNODE_CONN struct gnode_conn *c = NULL;
    struct sftp_entries entries = {0};

    now += later;
    assert_int_equal(gnode_conn_get(nodes, &two[0], &c, &err), 0);
    assert_int_equal(sftp_list(c->s, export_dir, &entries, &err), 0);
    gnode_left_tend_at(c, &two[0], &entries, now);
    sftp_entries_clear(&entries);
}

static void make(const char *name)
{
    assert_true(shell("mkdir '%s/%s' && touch '%s/%s/x'", export_dir, name, export_dir, name));
}

/* An export under a hidden name. */
static void make_aside(void)
{
    make_old(export_dir, "aside");
    assert_true(shell("mv '%s/" IN "' '%s/" OLD_NAME "'", export_dir, export_dir));
}

static void note(const char *stage, const char *aside, bool published)
{
    CLEANUP_GPUT_NOTE struct gput_note *n = NULL;
    struct gput_left left = {.published = published};

    snprintf(left.stage, sizeof left.stage, "%s", stage);
    snprintf(left.aside, sizeof left.aside, "%s", aside);
    assert_int_equal(gput_note_take(base, IN, &n), 0);
    assert_int_equal(gput_note_set(n, two[0].name, &left, &err), 0);
}

static void ours_before_publication(void **state)
{
    (void)state;
    make(PUT_NAME);
    note(PUT_NAME, "", false);
    make_old(export_dir, "there");
    look(0);
    assert_true(old_is_there(export_dir, "there"));
    assert_int_equal(count(export_dir), 1);
    assert_true(nothing_is_noted());
}

static void ours_between_two_renames(void **state)
{
    (void)state;
    make(PUT_NAME);
    make_aside();
    note(PUT_NAME, OLD_NAME, false);
    look(0);
    assert_true(old_is_there(export_dir, "aside"));
    assert_int_equal(count(export_dir), 1);
    assert_true(nothing_is_noted());
}

static void ours_after_publication(void **state)
{
    (void)state;
    make_aside();
    make_old(export_dir, "there");
    note(PUT_NAME, OLD_NAME, false);
    look(0);
    assert_true(old_is_there(export_dir, "there"));
    assert_int_equal(count(export_dir), 1);
    assert_true(nothing_is_noted());
}

/* The new one was removed by somebody: what it had superseded does not come back. */
static void ours_superseded_for_certain(void **state)
{
    (void)state;
    make_aside();
    note(PUT_NAME, OLD_NAME, true);
    look(0);
    assert_int_equal(count(export_dir), 0);
}

static void a_living_one_is_left_alone(void **state)
{
    CLEANUP_GPUT_NOTE struct gput_note *n = NULL;

    (void)state;
    make(PUT_NAME);
    make_aside();
    note(PUT_NAME, OLD_NAME, false);
    assert_int_equal(gput_note_take(base, IN, &n), 0);
    look(0);
    look(100 * MINUTE);
    assert_int_equal(count(export_dir), 2);
}

static void an_unfinished_successor_is_none(void **state)
{
    (void)state;
    make_aside();
    make(IN);
    note(PUT_NAME, OLD_NAME, false);
    look(0);
    look(100 * MINUTE);
    assert_true(exists(path("export/" OLD_NAME "/config.ini")));
    assert_false(nothing_is_noted());
}

static void others_get_their_name_back(void **state)
{
    (void)state;
    make_aside();
    look(0);
    look(MINUTE);
    assert_true(exists(path("export/" OLD_NAME)));
    make_old(export_dir, "there"); /* it is published after all, and goes again */
    look(MINUTE);
    assert_true(shell("rm -r '%s/" IN "'", export_dir));
    look(MINUTE);
    look(MINUTE);
    assert_true(exists(path("export/" OLD_NAME)));
    look(MINUTE);
    assert_true(old_is_there(export_dir, "aside"));
    assert_int_equal(count(export_dir), 1);
}

static void others_are_deleted_after_long(void **state)
{
    (void)state;
    make(PUT_NAME);
    make_aside();
    make_old(export_dir, "there");
    look(0);
    look(59 * MINUTE);
    assert_int_equal(count(export_dir), 3);
    assert_true(shell("echo x >>'%s/" PUT_NAME "/x'", export_dir));
    look(2 * MINUTE);
    assert_true(exists(path("export/" PUT_NAME))); /* somebody writes to it */
    assert_false(exists(path("export/" OLD_NAME)));
    look(61 * MINUTE);
    assert_false(exists(path("export/" PUT_NAME)));
    assert_true(old_is_there(export_dir, "there"));
}

static void half_deleted_ones_go(void **state)
{
    (void)state;
    make(GONE_NAME);
    look(0);
    assert_int_equal(count(export_dir), 1);
    look(2 * MINUTE);
    assert_int_equal(count(export_dir), 0);
}

static void what_is_not_ours_by_name_stays(void **state)
{
    static const char *const names[] = {".x", "." IN ".put-abc", "." IN ".new-abcdef",
                                        "..put-abcdef", ".-x.old-abcdef"};

    (void)state;
    for (int i = 0; i < 5; i++)
        make(names[i]);
    assert_true(shell("touch '%s/" PUT_NAME "'", export_dir)); /* a file */
    look(0);
    look(100 * MINUTE);
    assert_int_equal(count(export_dir), 6);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, gput_setup, gput_teardown)
    const struct CMUnitTest tests[] = {
        TEST(ours_before_publication),    TEST(ours_between_two_renames),
        TEST(ours_after_publication),     TEST(ours_superseded_for_certain),
        TEST(a_living_one_is_left_alone), TEST(an_unfinished_successor_is_none),
        TEST(others_get_their_name_back), TEST(others_are_deleted_after_long),
        TEST(half_deleted_ones_go),       TEST(what_is_not_ours_by_name_stays),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
