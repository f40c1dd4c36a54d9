/* An export that somebody else has asked for is joined, if it will do. */
#include "gjob_world.h"

#define WAITING ROW("12", "waiting", OP("web1", "node3"))

static void one_under_way_is_joined(void **state)
{
    static const struct step script[] = {
        {"QUERY job", 0, WAITING, 0, 0},
        {ASK, 0, JOB_OF("12", "waiting", OP("web1", "node3"), "", "null"), 0, 0},
        {ASK, 0, JOB("running", LINE(1, "one"), "null"), 0, 0},
        {ASK, 0, JOB("success", LINE(1, "one"), WELL), 0, 0},
        {0}};

    (void)state;
    assert_int_equal(world_run(script, true), 0);
    assert_true(fake_rapi_done());
    assert_int_equal(world.end.id, 12);
    assert_true(world.end.joined);
    assert_string_equal(world.end.target, TARGET);
    assert_int_equal(world.superseded_asked, 1);
    assert_int_equal(world.commits, 1);
    assert_int_equal(heard("one\n"), 1);
}

static void who_wants_their_own_gets_it(void **state)
{
    static const struct step script[] = {
        {SUBMIT, 0, "12", 0, 0}, {ASK, 0, JOB("success", "", WELL), 0, 0}, {0}};

    (void)state;
    assert_int_equal(world_run(script, false), 0);
    assert_false(world.end.joined);
}

/* Its parameters were bad, or somebody thought better of it: that says nothing of ours. */
static void one_that_did_nothing_is_replaced(void **state)
{
    static const char *const ends[] = {
        JOB("error", "", "[\"OpPrereqError\",[\"Node 'x' not known\",\"unknown_entity\"]]"),
        JOB("canceled", "", "\"Job canceled by request\"")};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        const struct step script[] = {
            {"QUERY job", 0, WAITING, 0, 0},
            {ASK, 0, ends[i], 0, 0},
            {SUBMIT, 0, "13", 0, 0},
            {"GET /2/jobs/13", 0, JOB_OF("13", "success", OP(NAME, TARGET), LINE(9, "new"), WELL),
             0, 0},
            {0}};

        assert_int_equal(world_run(script, true), 0);
        assert_int_equal(world.end.id, 13);
        assert_false(world.end.joined);
        assert_int_equal(world.superseded_asked, 1);
        assert_int_equal(heard("new"), 1);
    }
}

static void one_that_failed_has_failed_for_us(void **state)
{
    static const struct step script[] = {
        {"QUERY job", 0, WAITING, 0, 0},
        {ASK, 0, JOB("error", "", "[\"OpExecError\",[\"Export failed, errors in disk(s) 0\"]]"), 0,
         0},
        {0}};

    (void)state;
    assert_int_equal(world_run(script, true), -EIO);
    assert_true(fake_rapi_done());
}

/* Of a job of several opcodes only the one that is meant counts. */
static void one_of_several_opcodes(void **state)
{
    static const struct step script[] = {
        {"QUERY job", 0,
         "[[12,[\"success\",\"queued\"],[" OP("other.example.com", TARGET) "," OP(NAME,
                                                                                  TARGET) "]]]",
         0, 0},
        {ASK, 0,
         "{\"id\":12,\"status\":\"error\",\"ops\":[" OP(
             "other.example.com",
             "node1.example.com") "," OP(NAME,
                                         TARGET) "],\"opstatus\":[\"error\",\"success\"],\"oplog\":"
                                                 "[[" LINE(1, "foreign") "],[" LINE(
                                                     2, "own") "]],"
                                                               "\"opresult"
                                                               "\":[["
                                                               "\"OpExecEr"
                                                               "ror\",["
                                                               "\"x\"]]"
                                                               "," WELL "]}",
         0, 0},
        {0}};

    (void)state;
    assert_int_equal(world_run(script, true), 0);
    assert_string_equal(world.end.target, TARGET);
    assert_int_equal(heard("own"), 1);
    assert_int_equal(heard("foreign"), 0);
}

/* Nobody cancels what is somebody else's. */
static void leaving_leaves_it_alone(void **state)
{
    static const struct step script[] = {
        {"QUERY job", 0, WAITING, 0, 0}, {ASK, 0, JOB("waiting", "", "null"), 0, cancel_it}, {0}};

    (void)state;
    assert_int_equal(world_run(script, true), -ECANCELED);
    assert_true(fake_rapi_done());
    assert_int_equal(world.err.class, ERR_CANCELED);
    assert_int_equal(heard("Job 12 is somebody else's"), 1);
}

static void a_master_that_cannot_be_asked(void **state)
{
    static const int errors[] = {-EHOSTUNREACH, -EHOSTDOWN, -EACCES, -EPROTO};

    (void)state;
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
        const struct step script[] = {{"QUERY job", errors[i], NULL, 0, 0}, {0}};

        assert_int_equal(world_run(script, true), errors[i]);
        assert_int_equal(world.superseded_asked, 0);
    }
}

static void is_one_under_way(void **state)
{
    static const struct step script[] = {{"QUERY job", 0, WAITING, 0, 0},
                                         {"QUERY job", 0, "[]", 0, 0},
                                         {"QUERY job", -EHOSTUNREACH, NULL, 0, 0},
                                         {0}};
    struct err err;

    (void)state;
    fake_rapi_script(script);
    assert_int_equal(gjob_find_export(NULL, NAME, &err), 12);
    assert_int_equal(gjob_find_export(NULL, NAME, &err), 0);
    assert_int_equal(gjob_find_export(NULL, NAME, &err), -EHOSTUNREACH);
    /* under all names that it may have been typed with */
    assert_non_null(strstr(fake_rapi.bodies, "BACKUP_EXPORT(web1.example.com)"));
    assert_non_null(strstr(fake_rapi.bodies, "BACKUP_EXPORT(web1.example)"));
    assert_non_null(strstr(fake_rapi.bodies, "BACKUP_EXPORT(web1)"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_under_way_is_joined),
        cmocka_unit_test(who_wants_their_own_gets_it),
        cmocka_unit_test(one_that_did_nothing_is_replaced),
        cmocka_unit_test(one_that_failed_has_failed_for_us),
        cmocka_unit_test(one_of_several_opcodes),
        cmocka_unit_test(leaving_leaves_it_alone),
        cmocka_unit_test(a_master_that_cannot_be_asked),
        cmocka_unit_test(is_one_under_way),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
