/* gnode: a node over SFTP shows what node_list.h, in the same directory, says lies there. */
#include "export/ganeti/gnode_raw.h"
#include "export/node_list.h"

#include "tests/unit/ganeti/gnode_help.h"

#include <sys/statvfs.h>

#define CONFIG "[export]\nversion = 0\ntimestamp = 1690000000\n\n[instance]\nname = " IN "\n"

static struct node_export_info *info, *local;

/* The same directory, of this machine. */
static struct model_node nearby(void)
{
    struct model_node n = node;

    n.address = NULL;
    return n;
}

static int teardown(void **state)
{
    node_export_info_free(STEAL(info));
    node_export_info_free(STEAL(local));
    node.export_dir = export_dir;
    node.error = NULL;
    return nodes_teardown(state);
}

static void make_export(const char *name)
{
    assert_int_equal(mkdir(path("export/%s", name), 0700), 0);
    put(path("export/%s/config.ini", name), CONFIG, 0600);
    put(path("export/%s/disk0.raw", name), "data", 0600);
    assert_int_equal(truncate(path("export/%s/disk0.raw", name), 1 << 20), 0);
    set_mtime(path("export/%s/config.ini", name), T);
    set_mtime(path("export/%s/disk0.raw", name), T + 5);
    set_mtime(path("export/%s", name), T + 77);
}

static void names(void **state)
{
    CLEANUP_STRVEC struct strvec got = {0}, want = {0};
    struct model_node here;

    (void)state;
    make_export(IN);
    assert_true(shell("cd '%s' && mkdir .hidden lost+found odd web2.example.com.new 'a b' && "
                      "touch file && ln -s odd link",
                      export_dir));
    here = nearby();
    assert_int_equal(node_list_names(&here, &want, &err), 0);
    assert_int_equal(gnode_ops.export_list(nodes, &node, &got, &err), 0);
    assert_int_equal(got.n, 6);
    assert_int_equal(got.n, want.n);
    for (size_t i = 0; i < got.n; i++)
        assert_string_equal(got.v[i], want.v[i]);
    assert_true(strvec_has(&got, "web2.example.com.new"));
}

static void no_exports_directory(void **state)
{
    CLEANUP_STRVEC struct strvec got = {0};
    struct node_space space;

    (void)state;
    assert_int_equal(rmdir(export_dir), 0);
    assert_int_equal(gnode_ops.export_list(nodes, &node, &got, &err), -ENOENT);
    assert_non_null(strstr(err.text, "No exports directory"));
    assert_int_equal(gnode_ops.export_space(nodes, &node, &space, &err), 0);
    assert_true(space.total > 0); /* of where it will be */
}

static void not_even_where_it_would_be(void **state)
{
    struct node_space space;

    (void)state;
    node.export_dir = (char *)"/nowhere/at/all";
    assert_int_equal(gnode_ops.export_space(nodes, &node, &space, &err), -ENOENT);
    assert_non_null(strstr(err.text, "No exports directory"));
}

static void assert_same_text(const char *a, const char *b)
{
    assert_int_equal(!a, !b);
    if (a)
        assert_string_equal(a, b);
}

/* All but what SFTP does not tell. */
static void assert_as_local(const char *name)
{
    struct model_node here = nearby();

    node_export_info_free(STEAL(info));
    node_export_info_free(STEAL(local));
    assert_int_equal(gnode_ops.export_info(nodes, &node, name, &info, &err), 0);
    assert_int_equal(node_list_info(&here, name, &local, &err), 0);
    assert_int_equal(info->id.t, local->id.t);
    assert_int_equal(info->id.size, local->id.size);
    assert_int_equal(info->id.hash, local->id.hash);
    assert_int_equal(info->published, local->published);
    assert_int_equal(info->timestamp, local->timestamp);
    assert_int_equal(!info->config, !local->config);
    assert_same_text(info->config_error, local->config_error);
    assert_int_equal(info->nfiles, local->nfiles);
    for (size_t i = 0; i < info->nfiles; i++) {
        const struct node_export_file *got = &info->files[i], *want = &local->files[i];

        assert_string_equal(got->name, want->name);
        assert_int_equal(got->size, want->size);
        assert_int_equal(got->mtime.tv_sec, want->mtime.tv_sec);
        assert_int_equal(got->mtime.tv_nsec, 0);
        assert_int_equal(got->ino, 0);
        assert_int_equal(got->blocks512, (got->size + 511) / 512);
    }
}

static void an_export(void **state)
{
    (void)state;
    make_export(IN);
    assert_true(shell("cd '%s/%s' && mkdir sub && mkfifo fifo && ln -s /etc/passwd link && "
                      "ln -s disk0.raw alias && touch .hidden z a",
                      export_dir, IN));
    assert_as_local(IN);
    assert_int_equal(info->nfiles, 4);
    assert_int_equal(info->id.dev, 0);
    assert_int_equal(info->id.ino, 0);
    assert_int_equal(info->timestamp, 1690000000);
    assert_string_equal(ini_get(info->config, "instance", "name"), IN);
}

static void bad_configs(void **state)
{
    static const char *const make[] = {
        "true",
        "ln -s ../victim.ini config.ini",
        "mkfifo config.ini",
        "mkdir config.ini",
        ": >config.ini",
        "echo 'no section' >config.ini",
        "printf '[export]\\nversion' >config.ini",
        "head -c 3000000 /dev/zero >config.ini",
        "head -c 1000 /dev/urandom >config.ini",
    };

    (void)state;
    put(path("export/victim.ini"), CONFIG, 0600);
    for (size_t i = 0; i < sizeof make / sizeof *make; i++) {
        assert_true(shell("cd '%s' && rm -rf %s && mkdir %s && cd %s && touch disk && %s",
                          export_dir, IN, IN, IN, make[i]));
        assert_as_local(IN);
        assert_true(info->id.size || info->id.ino); /* never the identity of no copy at all */
        assert_false(node_export_id_is_older_than(&info->id));
    }
}

/* Two incomplete exports have nothing in common but that. */
static void incomplete_ones_are_told_apart(void **state)
{
    struct node_export_id one;

    (void)state;
    assert_int_equal(mkdir(path("export/" IN), 0700), 0);
    assert_int_equal(mkdir(path("export/web2.example.com"), 0700), 0);
    set_mtime(path("export/" IN), T);
    set_mtime(path("export/web2.example.com"), T);
    assert_as_local(IN);
    one = info->id;
    assert_as_local(IN);
    assert_true(node_export_id_same_copy(&one, &info->id));
    assert_as_local("web2.example.com");
    assert_false(node_export_id_same(&one, &info->id));
    assert_false(node_export_id_same_copy(&one, &info->id));
}

static void one_that_is_being_exported(void **state)
{
    (void)state;
    assert_int_equal(mkdir(path("export/" IN ".new"), 0700), 0);
    put(path("export/" IN ".new/disk0.raw"), "dat", 0600);
    assert_int_equal(gnode_ops.export_info(nodes, &node, IN ".new", &info, &err), 0);
    assert_int_equal(info->nfiles, 1);
    assert_null(info->config);
    assert_non_null(info->config_error);
}

static void what_is_no_export(void **state)
{
    static const struct {
        const char *name;
        int r;
    } table[] = {
        {"absent.example.com", -ENOENT},
        {"file", -ENOTDIR},
        {"link", -ENOTDIR},
        {"../export", -EINVAL},
        {".hidden", -EINVAL},
        {"", -EINVAL},
        {".new", -EINVAL},
        {"a.new.new", -EINVAL},
    };

    (void)state;
    make_export(IN);
    assert_true(shell("cd '%s' && touch file && ln -s %s link && mkdir .hidden", export_dir, IN));
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        assert_int_equal(gnode_ops.export_info(nodes, &node, table[i].name, &info, &err),
                         table[i].r);
        assert_null(info);
    }
}

static void only_regular_files_are_opened(void **state)
{
    struct node_file *f = NULL;
    char data[4];

    (void)state;
    make_export(IN);
    assert_true(shell("cd '%s' && ln -s %s link && cd %s && ln -s disk0.raw alias && mkfifo fifo",
                      export_dir, IN, IN));
    assert_int_equal(gnode_ops.export_open(nodes, &node, IN, "alias", &f, &err), -ELOOP);
    assert_int_equal(gnode_ops.export_open(nodes, &node, IN, "fifo", &f, &err), -EINVAL);
    assert_int_equal(gnode_ops.export_open(nodes, &node, IN, "absent", &f, &err), -ENOENT);
    assert_int_equal(gnode_ops.export_open(nodes, &node, IN, "../" IN "/disk0.raw", &f, &err),
                     -EINVAL);
    assert_int_equal(gnode_ops.export_open(nodes, &node, "link", "disk0.raw", &f, &err), -ENOTDIR);
    assert_null(f);
    assert_int_equal(gnode_ops.export_open(nodes, &node, IN, "disk0.raw", &f, &err), 0);
    assert_int_equal(f->ops->read(f, data, 4, 0), 0);
    assert_memory_equal(data, "data", 4);
    node_file_unref(f);
}

static void space(void **state)
{
    struct node_space got;
    struct statvfs st;

    (void)state;
    assert_int_equal(statvfs(export_dir, &st), 0);
    assert_int_equal(gnode_ops.export_space(nodes, &node, &got, &err), 0);
    assert_int_equal(got.total, (uint64_t)st.f_blocks * st.f_frsize);
    assert_true(got.free <= got.total);
    assert_true(got.remote);
    assert_false(got.can_reflink);
    assert_false(got.read_only);
    assert_int_equal(got.dev, 0);
}

static void a_node_that_cannot_be_reached(void **state)
{
    CLEANUP_STRVEC struct strvec got = {0};
    struct node_file *f = NULL;

    (void)state;
    make_export(IN);
    put(path("stop"), "", 0600);
    assert_int_equal(gnode_ops.export_list(nodes, &node, &got, &err), -EHOSTUNREACH);
    assert_non_null(strstr(err.text, "no such luck")); /* the child's own words */
    assert_int_equal(gnode_ops.export_info(nodes, &node, IN, &info, &err), -EHOSTUNREACH);
    assert_int_equal(gnode_ops.export_open(nodes, &node, IN, "disk0.raw", &f, &err), -EHOSTUNREACH);
    node.error = (char *)"it is broken";
    assert_int_equal(gnode_ops.export_list(nodes, &node, &got, &err), -EHOSTUNREACH);
    assert_non_null(strstr(err.text, "it is broken"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, nodes_setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(names),
        TEST(no_exports_directory),
        TEST(not_even_where_it_would_be),
        TEST(an_export),
        TEST(bad_configs),
        TEST(incomplete_ones_are_told_apart),
        TEST(one_that_is_being_exported),
        TEST(what_is_no_export),
        TEST(only_regular_files_are_opened),
        TEST(space),
        TEST(a_node_that_cannot_be_reached),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
