/* An opcode that is submitted as a job and followed to its good end (DESIGN §4, §6). */
#include "gjob_world.h"

#define OTHER_TARGET OP(NAME, "node3")

static const struct step to_its_end[] = {
    {SUBMIT, 0, "12", 0, 0},
    {ASK, 0, JOB_OF("12", "queued", OTHER_TARGET, "", "null"), 0, 0},
    {ASK, 0, JOB_OF("12", "waiting", OTHER_TARGET, "", "null"), 0, 0},
    {ASK, 0, JOB("running", LINE(1, "Shutting down instance " NAME), "null"), 0, 0},
    {ASK, 0,
     JOB("running",
         LINE(1, "Shutting down instance " NAME) "," LINE(2, "disk/0 sent 500M, 45.2 MiB/s, 37%"),
         "null"),
     0, 0},
    {ASK, 0,
     JOB("success",
         LINE(1, "Shutting down instance " NAME) "," LINE(
             2, "disk/0 sent 500M, 45.2 MiB/s, 37%") "," LINE(3, "disk/0 finished sending data"),
         WELL),
     0, 0},
    {0}};

static void ends_well(void **state)
{
    (void)state;
    assert_int_equal(world_run(to_its_end, false), 0);
    assert_true(fake_rapi_done());
    assert_int_equal(world.end.id, 12);
    assert_false(world.end.joined);
    /* the cluster has made the full name of it */
    assert_string_equal(world.end.target, TARGET);
    assert_int_equal(world.end.started, 2000);
    assert_int_equal(world.superseded_asked, 1);
    assert_int_equal(world.commits, 1);
}

static void each_line_is_heard_once(void **state)
{
    (void)state;
    assert_int_equal(world_run(to_its_end, false), 0);
    assert_int_equal(heard("Shutting down instance " NAME "\n"), 1);
    assert_int_equal(heard("disk/0 sent 500M, 45.2 MiB/s, 37%\n"), 1);
    assert_int_equal(heard("disk/0 finished sending data\n"), 1);
    assert_non_null(strstr(world.heard, "job 12"));
}

static void phases_and_progress(void **state)
{
    const char *queued, *waiting, *line;

    (void)state;
    assert_int_equal(world_run(to_its_end, false), 0);
    assert_int_equal(world.total, 4000 * MODEL_MIB);
    assert_int_equal(world.done, 1000 * MODEL_MIB);
    queued = strstr(world.phases, "job 12: in Ganeti's queue\n");
    waiting = strstr(world.phases, "job 12: waiting for locks\n");
    line = strstr(world.phases, "job 12: Shutting down instance");
    assert_true(queued && waiting && line);
    assert_true(queued < waiting && waiting < line);
    assert_null(strstr(world.phases, "sent 500M"));
}

/* It may be over before it is looked at. */
static void nobody_saw_it_run(void **state)
{
    static const struct step script[] = {
        {SUBMIT, 0, "12", 0, 0}, {ASK, 0, JOB("success", LINE(4, "x"), WELL), 0, 0}, {0}};

    (void)state;
    assert_int_equal(world_run(script, false), 0);
    assert_int_equal(world.commits, 1);
}

/* Ganeti before 3.0 */
static void ids_that_are_text(void **state)
{
    static const struct step script[] = {
        {SUBMIT, 0, "\"12\"", 0, 0},
        {ASK, 0, JOB_OF("\"12\"", "waitlock", OP(NAME, TARGET), "", "null"), 0, 0},
        {ASK, 0, JOB_OF("\"12\"", "success", OP(NAME, TARGET), "", WELL), 0, 0},
        {0}};

    (void)state;
    assert_int_equal(world_run(script, false), 0);
    assert_int_equal(world.end.id, 12);
    assert_int_equal(world.end.started, 1000);
}

static void superseded_before_it_is_submitted(void **state)
{
    static const struct step script[] = {{"QUERY job", 0, "[]", 0, 0}, {0}};

    (void)state;
    world_begin(script);
    world.superseded = true;
    assert_int_equal(world_run_op(export_op(), true, 60), -EALREADY);
    assert_true(fake_rapi_done());
    assert_int_equal(world.commits, 0);
}

static void a_dry_run_is_no_export(void **state)
{
    static const struct step script[] = {
        {SUBMIT, 0, "12", 0, 0}, {ASK, 0, JOB("success", "", "null"), 0, 0}, {0}};
    struct opcode *op = export_op();

    (void)state;
    assert_int_equal(opcode_set_bool(op, "dry_run", true), 0);
    world_begin(script);
    assert_int_equal(world_run_op(op, true, 60), 0);
    assert_int_equal(world.commits, 0);
}

static struct opcode *removal(void)
{
    struct opcode *op;
    struct err err;

    assert_int_equal(opcode_new("OP_BACKUP_REMOVE", &op, &err), 0);
    assert_int_equal(opcode_set_string(op, "instance_name", NAME), 0);
    return op;
}

static void a_removal(void **state)
{
    static const struct step script[] = {
        {"DELETE /2/instances/" NAME "/export?reason=gnt-exportfs ", 0, "12", 0, 0},
        {ASK, 0,
         JOB_OF("12", "success", "{\"OP_ID\":\"OP_BACKUP_REMOVE\",\"instance_name\":\"" NAME "\"}",
                LINE(1, "gone"), "null"),
         0, 0},
        {0}};

    (void)state;
    world_begin(script);
    assert_int_equal(world_run_op(removal(), true, 60), 0);
    assert_string_equal(world.end.target, "");
    assert_int_equal(heard("gone"), 1);
}

static void a_removal_that_this_version_has_not(void **state)
{
    static const int errors[] = {-EOPNOTSUPP, -ENOENT};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        const struct step script[] = {{"DELETE /2/instances/", errors[i], NULL, 0, 0}, {0}};

        world_begin(script);
        assert_int_equal(world_run_op(removal(), true, 60), -EOPNOTSUPP);
        assert_non_null(strstr(world.err.text, "gnt-backup remove " NAME));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ends_well),
        cmocka_unit_test(each_line_is_heard_once),
        cmocka_unit_test(phases_and_progress),
        cmocka_unit_test(nobody_saw_it_run),
        cmocka_unit_test(ids_that_are_text),
        cmocka_unit_test(superseded_before_it_is_submitted),
        cmocka_unit_test(a_dry_run_is_no_export),
        cmocka_unit_test(a_removal),
        cmocka_unit_test(a_removal_that_this_version_has_not),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
