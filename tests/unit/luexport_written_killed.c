/* luexport_written_killed.c - a process that dies while it exports a written image: whoever mounts
 * the cluster next finds the old export or the new one, and puts the rest in order. */
#include "lu_cluster.h"
#include "written_files.h"

#include <signal.h>
#include <sys/wait.h>

#define EXPORT2 "nodes/" NODE2 "/export/" WEB1
#define EXPORT3 "nodes/" NODE3 "/export/" WEB1

static const char *die_at; /* a line of the log that begins so */

static void die(void *arg, const char *message)
{
    (void)arg;
    if (strncmp(message, die_at, strlen(die_at)) == 0)
        raise(SIGKILL);
}

static void write_to_node3(void)
{
    struct written_files f;
    struct lu_run run = {
        .cancel = &cl_cancel, .feedback = die, .image_t = 1700000500, .written = &f.w};

    written_files_init(&f, WEB1, "pulled");
    cl_open();
    cl->ops->run(cl, &run, cl_export("node3"), &cl_result, &cl_err);
}

static void killed_at(const char *line)
{
    char cmd[700];
    int status;
    pid_t pid;

    if (cl_run(cl_export("node2"), 1700000000, NULL) < 0)
        fail_msg("%s\n%s", cl_err.text, cl_log);
    snprintf(cmd, sizeof cmd, "cp -r '%s/" EXPORT2 "' '%s/pulled'", fixture_dir, fixture_dir);
    assert_int_equal(system(cmd), 0);
    cluster_close(cl); /* its locks are not for a child */
    die_at = line;
    pid = fork();
    if (pid == 0) {
        write_to_node3();
        _exit(0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    assert_int_equal(cl_entries("state/journal"), 1);
    cl_open();
    assert_int_equal(cl->ops->start(cl), 0);
}

/* True once the note is gone and so is that. */
static bool in_order(const char *gone)
{
    for (int i = 0; i < 6000; i++) {
        if (cl_entries("state/journal") == 0 && (!gone || !cl_exists(gone)))
            return true;
        usleep(10000);
    }
    return false;
}

static void assert_whole(const char *dir)
{
    static const char *const files[] = {"config.ini", "disk0.raw", "disk1.raw", "XXH128SUMS"};
    char path[300], was[300];

    for (int i = 0; i < 4; i++) {
        snprintf(path, sizeof path, "%s/%s", dir, files[i]);
        snprintf(was, sizeof was, "pulled/%s", files[i]);
        cl_assert_same(path, was);
    }
    assert_int_equal(cl_entries(dir), 4);
}

static void while_it_is_copied(void **state)
{
    (void)state;
    killed_at("Writing disk/1");
    assert_whole(EXPORT2);
    assert_true(in_order(NULL));
    assert_int_equal(cl_entries("nodes/" NODE3 "/export"), 0);
    assert_whole(EXPORT2);
}

static void before_it_is_published(void **state)
{
    (void)state;
    killed_at("Finalizing export");
    assert_true(in_order(NULL));
    assert_int_equal(cl_entries("nodes/" NODE3 "/export"), 0);
    assert_whole(EXPORT2);
}

static void when_it_is_published(void **state)
{
    (void)state;
    killed_at("Removing old exports");
    assert_whole(EXPORT3);
    assert_true(in_order(EXPORT2));
    assert_whole(EXPORT3);
    assert_int_equal(cl_entries("nodes/" NODE3 "/export"), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CL_TEST(while_it_is_copied),
        CL_TEST(before_it_is_published),
        CL_TEST(when_it_is_published),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
