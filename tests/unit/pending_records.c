/* Removals on record: they survive, one per node and name, and are not trusted. */
#include "modeldir_fixture.h"

#include "export/names.h"
#include "export/pending.h"

#include <dirent.h>
#include <errno.h>

static char seen[1024];
static struct pending_record last;

static void row(const struct pending_record *r, void *arg)
{
    (void)arg;
    snprintf(seen + strlen(seen), sizeof seen - strlen(seen), "%s/%s;", r->node, r->name);
    last = *r;
}

static const char *list(void)
{
    seen[0] = '\0';
    assert_int_equal(pending_list(fixture_dir, row, NULL), 0);
    return seen;
}

static const struct node_export_id id = {UINT64_MAX, 2, -3, 4, UINT64_MAX - 1};
static struct err err;

static void added_listed_dropped(void **state)
{
    (void)state;
    assert_string_equal(list(), "");
    assert_int_equal(pending_add(fixture_dir, "node1", "web1", &id, &err), 0);
    assert_string_equal(list(), "node1/web1;");
    assert_memory_equal(&last.id, &id, sizeof id);
    assert_true(last.since > 1000000000);
    assert_int_equal(pending_add(fixture_dir, "node2", "web1", &id, &err), 0);
    assert_int_equal(strlen(list()), 22);
    assert_int_equal(pending_drop(fixture_dir, "node1", "web1"), 0);
    assert_string_equal(list(), "node2/web1;");
    assert_int_equal(pending_drop(fixture_dir, "node1", "web1"), 0);
}

static void another_copy_replaces(void **state)
{
    struct node_export_id newer = id;

    (void)state;
    newer.t = 77;
    assert_int_equal(pending_add(fixture_dir, "node1", "web1", &id, &err), 0);
    assert_int_equal(pending_add(fixture_dir, "node1", "web1", &newer, &err), 0);
    assert_string_equal(list(), "node1/web1;");
    assert_int_equal(last.id.t, 77);
}

static void longest_names(void **state)
{
    char a[(NAMES_MAX + 1)], b[(NAMES_MAX + 1)];

    (void)state;
    memset(a, 'a', sizeof a);
    memset(b, 'b', sizeof b);
    a[sizeof a - 1] = b[sizeof b - 1] = '\0';
    assert_int_equal(pending_add(fixture_dir, a, b, &id, &err), 0);
    assert_int_equal(strlen(list()), 2 * (NAMES_MAX + 1));
}

static void names_that_leave_the_directory(void **state)
{
    (void)state;
    assert_int_equal(pending_add(fixture_dir, "..", "web1", &id, &err), -EINVAL);
    assert_int_equal(pending_add(fixture_dir, "node1", "../x", &id, &err), -EINVAL);
    assert_int_equal(pending_drop(fixture_dir, "node1", "a/b"), -EINVAL);
}

static void foreign_files_are_passed_over(void **state)
{
    char from[600], to[600];
    struct dirent *e;
    DIR *d;

    (void)state;
    assert_int_equal(pending_add(fixture_dir, "node1", "web1", &id, &err), 0);
    d = opendir(fixture_path("pending"));
    while ((e = readdir(d)))
        if (e->d_name[0] != '.')
            snprintf(from, sizeof from, "%s/pending/%s", fixture_dir, e->d_name);
    closedir(d);
    /* a true record under a name that is not its own */
    snprintf(to, sizeof to, "%s/pending/%032d", fixture_dir, 0);
    assert_int_equal(link(from, to), 0);
    fixture_write("pending/00000000000000000000000000000001", "prose");
    fixture_write("pending/00000000000000000000000000000002",
                  "[removal]\nnode = ../..\nname = etc\n");
    fixture_mkdir("pending/00000000000000000000000000000003");
    fixture_write("pending/README", "x");
    assert_string_equal(list(), "node1/web1;");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(added_listed_dropped),
        FIXTURE_TEST(another_copy_replaces),
        FIXTURE_TEST(longest_names),
        FIXTURE_TEST(names_that_leave_the_directory),
        FIXTURE_TEST(foreign_files_are_passed_over),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
