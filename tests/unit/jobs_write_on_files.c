/* jobs_write_on_files.c - writes through the jobs of a mount: they queue one behind the other by
 * the locks, and each becomes the current export, fresh and under a T later than all before. */
#include "lu_cluster.h"
#include "written_files.h"

#include "export/jobs.h"

struct ending {
    atomic_int ended;
    int result;
    char text[1024];
};

static void on_end(void *arg, int result, const struct err *err)
{
    struct ending *e = arg;

    e->result = result;
    if (result < 0)
        snprintf(e->text, sizeof e->text, "%s", err->text);
    atomic_fetch_add(&e->ended, 1);
}

static void wait_ended(struct ending *e)
{
    for (int i = 0; i < 6000 && e->ended == 0; i++)
        usleep(10000);
    assert_int_equal(e->ended, 1);
    if (e->result < 0)
        fail_msg("%s", e->text);
}

static struct jobs *start_jobs(void)
{
    const struct jobs_options opt = {.max_jobs = 4, .max_age_s = 3600};
    struct jobs *j;

    assert_int_equal(jobs_open(cl, &opt, &j, &cl_err), 0);
    assert_int_equal(jobs_start(j), 0);
    return j;
}

static void pull_an_export(void)
{
    char cmd[700];

    if (cl_run(cl_export("node2"), 1700000000, NULL) < 0)
        fail_msg("%s\n%s", cl_err.text, cl_log);
    snprintf(cmd, sizeof cmd, "cp -r '%s/nodes/" NODE2 "/export/" WEB1 "' '%s/pulled'", fixture_dir,
             fixture_dir);
    assert_int_equal(system(cmd), 0);
}

static void several_at_once(void **state)
{
    enum { N = 6 };
    struct written_files f[N];
    struct ending e[N] = {0};
    struct jobs_view before, after;
    struct jobs *j;

    (void)state;
    pull_an_export();
    j = start_jobs();
    assert_int_equal(jobs_view(j, WEB1, &before), 0);
    for (int i = 0; i < N; i++) {
        written_files_init(&f[i], WEB1, "pulled");
        if (jobs_write(j, i % 2 ? "node2" : "node3", &f[i].w, on_end, &e[i], &cl_err) < 0)
            fail_msg("%s", cl_err.text);
    }
    for (int i = 0; i < N; i++) {
        wait_ended(&e[i]);
        assert_int_equal(f[i].drops, 1);
        free(f[i].text);
    }
    /* whichever came last: there is one, whole */
    assert_int_equal(
        cl_exists("nodes/" NODE2 "/export/" WEB1) + cl_exists("nodes/" NODE3 "/export/" WEB1), 1);
    assert_int_equal(jobs_view(j, WEB1, &after), 0);
    assert_int_equal(after.fresh, FRESH_AGE);
    assert_true(after.t >= before.t + N);
    assert_int_equal(after.size[IMAGE_DISK(0)], DISK0_BYTES);
    jobs_close(j);
    assert_int_equal(cl_entries("state/journal"), 0);
    cl = NULL; /* the jobs' */
}

static void its_log_tells(void **state)
{
    struct written_files f;
    struct ending e = {0};
    struct jobs *j;
    uint64_t id;
    char *text;
    size_t len;

    (void)state;
    pull_an_export();
    j = start_jobs();
    written_files_init(&f, WEB1, "pulled");
    assert_int_equal(jobs_write(j, NULL, &f.w, on_end, &e, &cl_err), 0);
    wait_ended(&e);
    free(f.text);
    assert_int_equal(jobs_log_text(j, WEB1, &id, &text, &len), 0);
    assert_non_null(strstr(text, "Writing disk/1 to " NODE2)); /* where the current one was */
    assert_non_null(strstr(text, "Finalizing export on " NODE2));
    assert_non_null(strstr(text, "Result: (True, [True, True])"));
    assert_null(strstr(text, "Shutting"));
    free(text);
    jobs_close(j);
    cl = NULL;
}

static void refused_by_the_node(void **state)
{
    char target[300];
    struct written_files f;
    struct jobs *j;

    (void)state;
    pull_an_export();
    fixture_write("nodes/" NODE3 "/node.ini", "[node]\noffline = True\n");
    cluster_close(cl);
    cl_open();
    j = start_jobs();
    assert_int_equal(jobs_write_check(j, WEB1, "node3", 1, target, &cl_err), -EHOSTDOWN);
    assert_int_equal(jobs_write_check(j, WEB1, "node2", UINT64_MAX, target, &cl_err), -ENOSPC);
    assert_int_equal(jobs_write_check(j, "web1", "node2", 1, target, &cl_err), -EINVAL);
    assert_int_equal(jobs_write_check(j, WEB1, "node2", 1, target, &cl_err), 0);
    assert_string_equal(target, NODE2);
    written_files_init(&f, WEB1, "pulled");
    assert_int_equal(jobs_write(j, "node3", &f.w, on_end, NULL, &cl_err), -EHOSTDOWN);
    assert_int_equal(f.drops, 1);
    free(f.text);
    jobs_close(j);
    cl = NULL;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CL_TEST(several_at_once),
        CL_TEST(its_log_tells),
        CL_TEST(refused_by_the_node),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
