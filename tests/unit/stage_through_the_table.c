/* node_local.h: the whole table on one node, in the order in which an export goes through it. */
#include "export/node_local.h"

#include "tests/unit/need_pidfd.h"
#include "tests/unit/node_help.h"

static const struct node_ops *ops = &node_local_ops;
static struct node_local *nl;
static struct err err;

static int setup(void **state)
{
    return node_setup(state) < 0 ? -1 : node_local_open(base, &nl);
}

static int teardown(void **state)
{
    node_local_close(nl);
    return node_teardown(state);
}

static void an_instance_goes_up_and_down(void **state)
{
    const struct model_instance inst = {.name = (char *)IN, .hypervisor = (char *)"fake"};
    const struct model_instance other = {.name = (char *)IN, .hypervisor = (char *)"xen"};

    (void)state;
    assert_int_equal(ops->instance_start(nl, &node, &inst, &err), 0);
    assert_int_equal(ops->instance_running(nl, &node, &inst, &err), 1);
    assert_int_equal(ops->instance_shutdown(nl, &node, &inst, 120, NULL, &err), 0);
    assert_int_equal(ops->instance_running(nl, &node, &inst, &err), 0);
    assert_int_equal(ops->instance_start(nl, &node, &other, &err), -EOPNOTSUPP);
    assert_int_equal(ops->instance_running(nl, &node, &other, &err), -EOPNOTSUPP);
    assert_int_equal(ops->instance_shutdown(nl, &node, &other, 1, NULL, &err), -EOPNOTSUPP);
}

static void a_disk_is_opened_and_removed(void **state)
{
    const struct model_disk disk = {.path = (char *)path("disk0")};
    struct node_snapshot snap = {.fd = -1};
    int fd;

    (void)state;
    put(disk.path, "data", 0600);
    assert_int_equal(ops->blockdev_open(nl, &node, &disk, &fd, &err), 0);
    close(fd);

    /* wherever the temporary directory is, the check must foretell the snapshot */
    int check = ops->blockdev_snapshot_check(nl, &node, &disk, 1, NULL, &err);

    assert_int_equal(ops->blockdev_snapshot(nl, &node, &disk, 1, &snap, NULL, &err), check);
    assert_int_equal(ops->blockdev_snapshot_release(nl, &snap, &err), 0);
    assert_int_equal(snap.fd, -1);
    assert_int_equal(ops->blockdev_remove(nl, &node, &disk, &err), 0);
    assert_false(exists(disk.path));
}

static void an_export_is_staged_published_listed_and_removed(void **state)
{
    struct node_export_info *info;
    struct node_export_id id;
    struct node_stage *stage;
    struct node_space space;
    struct strvec names = {0};
    struct node_file *file;
    int fd;

    (void)state;
    assert_int_equal(ops->export_space(nl, &node, &space, &err), 0);
    assert_int_equal(ops->export_stage(nl, &node, IN, &stage, &err), 0);
    assert_int_equal(ops->stage_create(nl, stage, "config.ini", &fd, &err), 0);
    dprintf(fd, "[export]\ntimestamp = 5\n");
    close(fd);
    assert_int_equal(ops->export_list(nl, &node, &names, &err), 0);
    assert_int_equal(names.n, 0); /* not before it is published */
    assert_int_equal(ops->finalize_export(nl, stage, T, &id, &err), 0);
    assert_int_equal(ops->export_list(nl, &node, &names, &err), 0);
    assert_int_equal(names.n, 1);
    assert_string_equal(names.v[0], IN);
    strvec_clear(&names);

    assert_int_equal(ops->export_add_file(nl, &node, IN, &id, "SUMS", "s", 1, T, &err), 0);
    assert_int_equal(ops->export_info(nl, &node, IN, &info, &err), 0);
    assert_true(node_export_id_same(&info->id, &id));
    assert_int_equal(info->timestamp, 5);
    assert_int_equal(info->nfiles, 2);
    node_export_info_free(info);
    assert_int_equal(ops->export_open(nl, &node, IN, "SUMS", &file, &err), 0);
    node_file_unref(file);

    assert_int_equal(ops->export_stage(nl, &node, IN, &stage, &err), 0);
    ops->stage_abort(nl, stage);
    id.t++;
    assert_int_equal(ops->export_remove(nl, &node, IN, &id, &err), -ESTALE);
    id.t--;
    assert_int_equal(ops->export_remove(nl, &node, IN, &id, &err), 0);
    assert_int_equal(count(export_dir), 0);
}

static void hooks_run_in_the_nodes_directory(void **state)
{
    const char *const env[] = {"GANETI_X=y", NULL};
    struct node_hook_results results = {0};
    struct model_node with_hooks = node;

    (void)state;
    if (!have_pidfd())
        skip();
    with_hooks.hooks_dir = (char *)path("hooks");
    assert_true(shell("mkdir -p %s/hooks/instance-export-post.d", base));
    put(path("hooks/instance-export-post.d/a"), "#!/bin/sh\necho $GANETI_X\n", 0755);
    assert_int_equal(ops->hooks_runner(nl, &with_hooks, "instance-export", "post", env, 60, NULL,
                                       &results, &err),
                     0);
    assert_int_equal(results.n, 1);
    assert_string_equal(results.r[0].output, "y");
    node_hook_results_clear(&results);
    with_hooks.error = (char *)"bad node.ini";
    assert_int_equal(ops->hooks_runner(nl, &with_hooks, "instance-export", "post", env, 60, NULL,
                                       &results, &err),
                     -EHOSTUNREACH);
}

int main(void)
{
#define T_(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T_(an_instance_goes_up_and_down),
        T_(a_disk_is_opened_and_removed),
        T_(an_export_is_staged_published_listed_and_removed),
        T_(hooks_run_in_the_nodes_directory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
