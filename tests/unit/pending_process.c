/* When a stale copy may be removed at last, and when it must not. */
#include "catalog_fixture.h"

#include "export/pending.h"

#include <errno.h>

static unsigned sweeps;
static unsigned removals, locked;
static bool refuse_locks;

static int fake_remove(void *ctx, const struct model_node *node, const char *name,
                       const struct node_export_id *only, struct err *err)
{
    struct node_export_info *info;
    char path[600];

    (void)ctx;
    assert_int_equal(locked, 1);
    assert_non_null(only);

    int r = node_list_info(node, name, &info, err);

    if (r < 0)
        return r;

    bool same = info->id.t == only->t && info->id.hash == only->hash;

    node_export_info_free(info);
    if (!same)
        return err_sys(err, -ESTALE, "%s", name);
    removals++;
    snprintf(path, sizeof path, "nodes/%s/export/%s", node->name, name);
    fixture_remove(path);
    return 0;
}

static int lock(void *arg, const char *node, const char *name)
{
    (void)arg;
    assert_string_equal(node, NODE2);
    assert_string_equal(name, "web1");
    if (refuse_locks)
        return -ETIMEDOUT;
    locked++;
    return 0;
}

static void unlock(void *arg, const char *node, const char *name)
{
    (void)arg;
    (void)node;
    (void)name;
    locked--;
}

static struct model *model(void *arg)
{
    (void)arg;
    return modelwatch_get(models);
}

static struct catalog *catalog(void *arg)
{
    (void)arg;
    return catalog_get(scanner);
}

static int process(void)
{
    struct pending_env env = {
        .nodes = &fake_ops, .lock = lock, .unlock = unlock, .model = model, .catalog = catalog};
    int r = pending_process(fixture_dir, &env);

    assert_int_equal(locked, 0);
    return r;
}

static void count(const struct pending_record *r, void *arg)
{
    (void)r;
    ++*(int *)arg;
}

static int on_record(void)
{
    int n = 0;

    assert_int_equal(pending_list(fixture_dir, count, &n), 0);
    return n;
}

/* Puts the copy that lies on node2 on record. */
static void record_copy(void)
{
    struct err err = {0};
    struct model *m = fixture_load(NULL);
    struct node_export_info *info = NULL;

    assert_int_equal(node_list_info(model_find_node(m, NODE2), "web1", &info, &err), 0);
    assert_int_equal(pending_add(fixture_dir, NODE2, "web1", &info->id, &err), 0);
    node_export_info_free(info);
    model_unref(m);
}

/* Puts any copy on node2 older than t on record. */
static void record_older_than(int64_t t)
{
    const struct node_export_id id = node_export_id_older_than(t);
    struct err err;

    assert_int_equal(pending_add(fixture_dir, NODE2, "web1", &id, &err), 0);
}

static bool there(const char *node)
{
    char path[300];

    snprintf(path, sizeof path, "nodes/%s/export/web1/config.ini", node);
    return access(fixture_path(path), F_OK) == 0;
}

static void stale_copy_goes(void **state)
{
    (void)state;
    put_export(NODE2, "web1", 1000);
    record_copy();
    put_export(NODE1, "web1", 2000);
    catalog_begin(30);
    assert_int_equal(process(), 1);
    assert_false(there(NODE2));
    assert_true(there(NODE1));
    assert_int_equal(on_record(), 0);
    catalog_end();
}

/* Each: nothing is removed; the record is kept or dropped. */
static void nothing_goes(int kept)
{
    catalog_begin(1);
    assert_int_equal(process(), 0);
    assert_int_equal(removals, 0);
    assert_int_equal(on_record(), kept);
    catalog_end();
}

static void not_while_it_is_the_only_one(void **state)
{
    (void)state;
    put_export(NODE2, "web1", 1000);
    record_copy();
    nothing_goes(1);
    assert_true(there(NODE2));
}

static void not_while_the_other_is_older_or_incomplete(void **state)
{
    (void)state;
    put_export(NODE2, "web1", 1000);
    record_copy();
    put_export(NODE1, "web1", 500);
    nothing_goes(1);
    put_export(NODE1, "web1", 2000);
    fixture_remove("nodes/" NODE1 "/export/web1/disk0.raw");
    nothing_goes(1);
    assert_true(there(NODE2));
}

static void not_on_a_node_that_cannot_be_reached(void **state)
{
    (void)state;
    put_export(NODE2, "web1", 1000);
    record_copy();
    put_export(NODE1, "web1", 2000);
    make_sick(NODE2, EIO);
    nothing_goes(1);
    make_sick(NULL, 0);
    fixture_write("nodes/" NODE2 "/node.ini", "[node]\noffline = True\n");
    nothing_goes(1);
    assert_true(there(NODE2));
}

static void not_when_the_newer_one_cannot_be_read_now(void **state)
{
    (void)state;
    put_export(NODE2, "web1", 1000);
    record_copy();
    put_export(NODE1, "web1", 2000);
    catalog_begin(30);
    make_sick(NODE1, EIO); /* the catalog does not know yet */
    assert_int_equal(process(), 0);
    assert_int_equal(on_record(), 1);
    make_sick(NULL, 0);
    fixture_remove("nodes/" NODE1 "/export/web1"); /* nor that it was taken away */
    assert_int_equal(process(), 0);
    assert_int_equal(on_record(), 1);
    assert_int_equal(removals, 0);
    assert_true(there(NODE2));
    catalog_end();
}

static void not_when_it_is_shared_storage(void **state)
{
    (void)state;
    put_export(NODE2, "web1", 2000);
    record_copy();
    assert_int_equal(symlink("../" NODE2 "/export", fixture_path("nodes/" NODE1 "/export")), 0);
    nothing_goes(1);
    assert_true(there(NODE2));
}

static void not_without_locks(void **state)
{
    (void)state;
    put_export(NODE2, "web1", 1000);
    record_copy();
    put_export(NODE1, "web1", 2000);
    refuse_locks = true;
    nothing_goes(1);
    assert_true(there(NODE2));
}

static void a_copy_that_was_replaced_or_has_gone_is_forgotten(void **state)
{
    (void)state;
    put_export(NODE2, "web1", 1000);
    record_copy();
    put_export(NODE1, "web1", 2000);
    put_export(NODE2, "web1", 1500);
    nothing_goes(0);
    assert_true(there(NODE2));

    record_copy();
    fixture_remove("nodes/" NODE2 "/export/web1");
    nothing_goes(0);

    put_export(NODE2, "web1", 1000);
    record_copy();
    put_export(NODE2, "web1", 3000); /* the current one lies there by now */
    nothing_goes(0);
    assert_true(there(NODE2));
}

static void any_older_copy_goes(void **state)
{
    (void)state;
    put_export(NODE2, "web1", 1000);
    put_export(NODE1, "web1", 2000);
    record_older_than(2000);
    catalog_begin(30);
    assert_int_equal(process(), 1);
    assert_false(there(NODE2));
    assert_true(there(NODE1));
    assert_int_equal(on_record(), 0);
    catalog_end();
}

static void one_that_is_not_older_stays(void **state)
{
    (void)state;
    put_export(NODE1, "web1", 3000);
    put_export(NODE2, "web1", 2000);
    record_older_than(2000);
    nothing_goes(0);
    assert_true(there(NODE2));
}

static void with_none_there_the_record_has_served(void **state)
{
    (void)state;
    put_export(NODE1, "web1", 2000);
    fixture_mkdir("nodes/" NODE2 "/export");
    record_older_than(2000);
    nothing_goes(0);
    assert_int_equal(sweeps, 1); /* who removed it may have died before all of it was gone */
    fixture_remove("nodes/" NODE1 "/export/web1"); /* also when the newer one has gone */
    record_older_than(2000);
    nothing_goes(0);
}

static void an_older_one_stays_while_no_newer_can_be_read(void **state)
{
    (void)state;
    put_export(NODE2, "web1", 1000);
    record_older_than(2000);
    nothing_goes(1); /* the only one */
    put_export(NODE1, "web1", 500);
    nothing_goes(1); /* the other is older still */
    put_export(NODE1, "web1", 2000);
    make_sick(NODE1, EIO);
    nothing_goes(1);
    assert_true(there(NODE2));
}

static void an_older_one_that_is_not_complete_stays(void **state)
{
    (void)state;
    put_export(NODE1, "web1", 2000);
    put_export(NODE2, "web1", 1000);
    fixture_remove("nodes/" NODE2 "/export/web1/disk0.raw");
    record_older_than(2000);
    nothing_goes(1);
    fixture_remove("nodes/" NODE2 "/export/web1/config.ini");
    nothing_goes(1);
}

static void the_fresh_one_on_shared_storage_is_not_older(void **state)
{
    (void)state;
    put_export(NODE2, "web1", 2000);
    assert_int_equal(symlink("../" NODE2 "/export", fixture_path("nodes/" NODE1 "/export")), 0);
    record_older_than(2000);
    nothing_goes(0);
    assert_true(there(NODE2));
    /* older than the record, but the only one */
    record_older_than(3000);
    nothing_goes(1);
    assert_true(there(NODE2));
}

static void begin(void)
{
    struct err err;

    assert_int_equal(pending_begin(fixture_dir, NODE2, "web1", &err), 0);
}

static void one_cut_short_is_swept_and_takes_no_copy(void **state)
{
    (void)state;
    put_export(NODE1, "web1", 2000);
    put_export(NODE2, "web1", 1000);
    begin();
    nothing_goes(0);
    assert_int_equal(sweeps, 1);
    assert_true(there(NODE2));
}

static void one_cut_short_waits_for_its_node(void **state)
{
    (void)state;
    put_export(NODE2, "web1", 1000);
    begin();
    make_sick(NODE2, EIO);
    nothing_goes(1);
    assert_int_equal(sweeps, 0);
}

static void one_that_has_ended_leaves_nothing(void **state)
{
    (void)state;
    begin();
    assert_int_equal(on_record(), 1);
    pending_end(fixture_dir, NODE2, "web1");
    assert_int_equal(on_record(), 0);
    pending_end(fixture_dir, NODE2, "web1");
}

static void what_was_on_record_before_stays(void **state)
{
    (void)state;
    put_export(NODE2, "web1", 1000);
    put_export(NODE1, "web1", 2000);
    record_copy();
    begin();
    pending_end(fixture_dir, NODE2, "web1");
    assert_int_equal(on_record(), 1);
    catalog_begin(30);
    assert_int_equal(process(), 1);
    assert_false(there(NODE2));
    catalog_end();
}

static void any_record_sweeps(void **state)
{
    (void)state;
    put_export(NODE2, "web1", 1000);
    record_copy();
    nothing_goes(1);
    assert_int_equal(sweeps, 1);
}

static int fake_sweep(void *ctx, const struct model_node *node, const char *name, struct err *err)
{
    (void)ctx, (void)node, (void)name, (void)err;
    sweeps++;
    return 0;
}

static int setup(void **state)
{
    removals = 0;
    refuse_locks = false;
    sweeps = 0;
    fake_ops.export_remove = fake_remove;
    fake_ops.export_sweep = fake_sweep;
    return catalog_setup(state);
}

#define PENDING_TEST(f) cmocka_unit_test_setup_teardown(f, setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        PENDING_TEST(stale_copy_goes),
        PENDING_TEST(not_while_it_is_the_only_one),
        PENDING_TEST(not_while_the_other_is_older_or_incomplete),
        PENDING_TEST(not_on_a_node_that_cannot_be_reached),
        PENDING_TEST(not_when_the_newer_one_cannot_be_read_now),
        PENDING_TEST(not_when_it_is_shared_storage),
        PENDING_TEST(not_without_locks),
        PENDING_TEST(a_copy_that_was_replaced_or_has_gone_is_forgotten),
        PENDING_TEST(any_older_copy_goes),
        PENDING_TEST(one_that_is_not_older_stays),
        PENDING_TEST(with_none_there_the_record_has_served),
        PENDING_TEST(an_older_one_stays_while_no_newer_can_be_read),
        PENDING_TEST(an_older_one_that_is_not_complete_stays),
        PENDING_TEST(the_fresh_one_on_shared_storage_is_not_older),
        PENDING_TEST(one_cut_short_is_swept_and_takes_no_copy),
        PENDING_TEST(one_cut_short_waits_for_its_node),
        PENDING_TEST(one_that_has_ended_leaves_nothing),
        PENDING_TEST(what_was_on_record_before_stays),
        PENDING_TEST(any_record_sweeps),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
