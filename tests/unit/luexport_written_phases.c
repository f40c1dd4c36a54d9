/* luexport_written_phases.c - an export of a written image goes through the phases, locks and hooks
 * of any export, and never comes near the instance. */
#include "lu_world.h"

#include "lu_world_copy.h"
#include "lu_world_image.h"
#include "lu_world_locks.h"
#include "lu_world_written.h"

static void assert_nothing_done_to_the_instance(void)
{
    static const char *const calls[] = {
        "running ",    "shutdown ",    "start ",          "snapshot",         "release-snap",
        "open ",       "remove-disk ", "instance_remove", "sweep-snapshots ", "verify-snapshot",
        "delete-lock", "copy ",        "reflink "};

    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
        if (world_logged(calls[i]))
            fail_msg("%s:\n%s", calls[i], world_log());
    assert_true(w.running);
}

static void write_web1(void)
{
    world_write();
    if (world_run(world_export(NODE2)) < 0)
        fail_msg("%s\n%s", w.err.text, world_log());
}

static void the_phases_of_any_export(void **state)
{
    (void)state;
    write_web1();
    world_assert_order("lock cluster BGL shared", "lock instance " WEB1 " exclusive");
    world_assert_order("lock instance " WEB1 " exclusive", "lock node ALL shared");
    world_assert_order("lock node ALL shared", "lock export " WEB1 " exclusive");
    world_assert_order("lock export", "refresh");
    world_assert_order("refresh", "hooks " NODE1 " instance-export-pre");
    world_assert_order("hooks " NODE2 " instance-export-pre", "note " WEB1 " begun");
    world_assert_order("note " WEB1 " begun", "stage " NODE2 " " WEB1);
    world_assert_order("stage ", "downgrade instance " WEB1);
    world_assert_order("downgrade instance", "fill");
    world_assert_order("fill", "create 4f1d.snap");
    world_assert_order("create swap", "create config.ini");
    world_assert_order("create config.ini", "create XXH128SUMS");
    world_assert_order("create XXH128SUMS", "note " WEB1 " publishing");
    world_assert_order("note " WEB1 " publishing", "finalize ");
    world_assert_order("finalize ", "list " NODE1);
    world_assert_order("list " NODE3, "hooks " NODE1 " instance-export-post");
    world_assert_order("hooks " NODE2 " instance-export-post", "unlock export");
    world_assert_order("unlock export", "unlock instance");
    assert_int_equal(w.stages, 0);
    assert_int_equal(w.locks, 0);
    assert_false(w.noted);
    assert_true(w.result.fin_resu);
    assert_int_equal(w.result.ndisks, 2);
    assert_nothing_done_to_the_instance();
}

static void nothing_whatever_the_opcode_says(void **state)
{
    struct opcode *op = world_export(NODE2);

    (void)state;
    world_write();
    opcode_set_bool(op, "shutdown", true);
    opcode_set_bool(op, "remove_instance", true);
    assert_int_equal(world_run(op), 0);
    assert_nothing_done_to_the_instance();
    assert_true(world_env_has("GANETI_EXPORT_DO_SHUTDOWN=False"));
    assert_true(world_env_has("GANETI_REMOVE_INSTANCE=False"));
}

/* Nor do prerequisites ask for it to be in a state for an export of its disks. */
static void nothing_about_its_disks_is_asked(void **state)
{
    (void)state;
    w.web1.disks[0].look_error = -EIO;
    w.web1.disks[1].can_snapshot = false;
    w.web1.hypervisor = (char *)"unheard-of";
    w.nodes[0].offline = true; /* its primary node */
    write_web1();
    assert_nothing_done_to_the_instance();
}

static void nor_for_it_to_be_usable(void **state)
{
    (void)state;
    w.web1.error = (char *)"junk";
    write_web1();
}

static void hooks_hear_of_what_is_in_the_image(void **state)
{
    (void)state;
    write_web1();
    assert_true(world_env_has("GANETI_EXPORT_NODE=" NODE2));
    assert_true(world_env_has("GANETI_INSTANCE_NAME=" WEB1));
    assert_true(world_env_has("GANETI_INSTANCE_OS_TYPE=old+os"));
    assert_true(world_env_has("GANETI_INSTANCE_MAXMEM=77"));
    assert_true(world_env_has("GANETI_INSTANCE_DISK_COUNT=3"));
    assert_true(world_env_has("GANETI_INSTANCE_DISK2_SIZE=9"));
    assert_true(world_env_has("GANETI_INSTANCE_NIC0_BRIDGE=br7"));
    assert_true(world_env_has("GANETI_INSTANCE_HV_kernel_path=/old"));
    /* and of the cluster what only that knows */
    assert_true(world_env_has("GANETI_INSTANCE_PRIMARY=" NODE1));
    assert_true(world_env_has("GANETI_INSTANCE_STATUS=up"));
}

static void a_veto(void **state)
{
    (void)state;
    world_write();
    w.hook = (struct node_hook_result){
        .script = (char *)"instance-export-pre.d/10", .code = HKR_FAIL, .output = (char *)"no"};
    assert_int_equal(world_run(world_export(NODE2)), -EPERM);
    assert_int_equal(world_logged("stage "), 0);
    assert_int_equal(world_logged("fill"), 0);
}

static void stale_copies_go(void **state)
{
    (void)state;
    world_old_copy(NODE1);
    world_old_copy(NODE3);
    w.seen[2].state = NODE_UNREACHABLE;
    write_web1();
    assert_false(w.exported[0]);
    assert_int_equal(w.pending, 1);
}

static bool say_t(void *arg)
{
    (void)arg;
    w.run.image_t = 7777;
    world_logf("commit");
    return true;
}

static void t_is_what_commit_says(void **state)
{
    (void)state;
    w.run.commit = say_t;
    write_web1();
    world_assert_order("commit", "finalize t=7777");
}

/* Without anybody to say it: later than the current export's. */
static void t_is_later_than_the_current_ones(void **state)
{
    char line[64];
    int64_t far = time(NULL) + 1000;

    (void)state;
    world_old_copy(NODE3);
    w.old_info[2].id.t = far;
    w.run.image_t = 0;
    write_web1();
    snprintf(line, sizeof line, "finalize t=%lld", (long long)far + 1);
    assert_int_equal(world_logged(line), 1);
}

static void cancelled_while_it_is_copied(void **state)
{
    (void)state;
    w.cancel_call = "create swap";
    world_old_copy(NODE2);
    world_write();
    assert_int_equal(world_run(world_export(NODE2)), -ECANCELED);
    assert_int_equal(w.err.class, ERR_CANCELED);
    assert_int_equal(w.stages, 0);
    assert_int_equal(w.locks, 0);
    assert_false(w.noted);
    assert_true(w.exported[1]);
    assert_int_equal(world_logged("finalize "), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(the_phases_of_any_export),
        WORLD_TEST(nothing_whatever_the_opcode_says),
        WORLD_TEST(nothing_about_its_disks_is_asked),
        WORLD_TEST(nor_for_it_to_be_usable),
        WORLD_TEST(hooks_hear_of_what_is_in_the_image),
        WORLD_TEST(a_veto),
        WORLD_TEST(stale_copies_go),
        WORLD_TEST(t_is_what_commit_says),
        WORLD_TEST(t_is_later_than_the_current_ones),
        WORLD_TEST(cancelled_while_it_is_copied),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
