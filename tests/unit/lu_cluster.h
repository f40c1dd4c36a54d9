/* lu_cluster.h - a real cluster directory of three nodes in a temporary directory, for tests that
 * run LUs on real files. */
#ifndef TESTS_LU_CLUSTER_H
#define TESTS_LU_CLUSTER_H

#include "modeldir_fixture.h"

#include "export/cluster.h"
#include "export/sums.h"

#include <fcntl.h>

#define WEB1  "web1.example.com"
#define NODE1 "node1.example.com"
#define NODE2 "node2.example.com"
#define NODE3 "node3.example.com"

enum { DISK0_BYTES = 3 << 20, DISK1_BYTES = 1000 };

static struct cluster *cl;
static struct cancel cl_cancel;
static struct lu_result cl_result;
static struct err cl_err;
static char cl_log[65536];

static inline void cl_feedback(void *arg, const char *message)
{
    size_t n = strlen(cl_log);

    (void)arg;
    snprintf(cl_log + n, sizeof cl_log - n, "%s\n", message);
}

/* Disk 0: data, a hole, data; disk 1: smaller than a page. */
static inline void cl_make_disks(void)
{
    char block[4096];
    int fd;

    memset(block, 'x', sizeof block);
    fd = open(fixture_path("disk0"), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, block, sizeof block, 0), sizeof block);
    assert_int_equal(pwrite(fd, block, sizeof block, DISK0_BYTES - 4096), sizeof block);
    close(fd);
    fd = open(fixture_path("disk1"), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, block, DISK1_BYTES, 0), DISK1_BYTES);
    close(fd);
}

static inline void cl_write_instance(const char *admin_state)
{
    char text[1000];

    snprintf(text, sizeof text,
             "[instance]\nname = " WEB1 "\nprimary_node = " NODE1 "\nadmin_state = %s\n"
             "hypervisor = fake\ndisk_template = file\nmaxmem = 64\nminmem = 64\nvcpus = 1\n"
             "disk_count = 2\nnic_count = 0\ndisk0_path = disk0\ndisk1_path = disk1\n"
             "[export]\nos = debian\n[backend]\nmaxmem = 64\n[hypervisor]\nkernel = 100%%\n"
             "[os]\nSuite = bookworm\n",
             admin_state);
    fixture_write("instances/" WEB1 ".ini", text);
}

static inline void cl_open(void)
{
    struct cluster_options opt = {
        .allow_remove_instance = true, .lock_timeout_s = 10, .stall_s = 30};

    if (cluster_open(fixture_dir, &opt, &cl, &cl_err) < 0)
        fail_msg("%s", cl_err.text);
}

static inline int cl_setup(void **state)
{
    fixture_setup(state);
    fixture_mkdir("nodes/" NODE3);
    cl_make_disks();
    cl_write_instance("down");
    cl_log[0] = '\0';
    assert_int_equal(cancel_init(&cl_cancel), 0);
    cl_open();
    return 0;
}

static inline int cl_teardown(void **state)
{
    lu_result_clear(&cl_result);
    cluster_close(cl);
    cancel_destroy(&cl_cancel);
    return fixture_teardown(state);
}

static inline struct opcode *cl_export(const char *target)
{
    struct opcode *op;

    assert_int_equal(opcode_new("OP_BACKUP_EXPORT", &op, &cl_err), 0);
    opcode_set_string(op, "instance_name", "web1");
    opcode_set_string(op, "target_node", target);
    return op;
}

/* Runs and frees op; img may be NULL. */
static inline int cl_run(struct opcode *op, int64_t t, struct image *img)
{
    struct lu_run run = {.cancel = &cl_cancel, .feedback = cl_feedback, .image = img, .image_t = t};
    int r;

    lu_result_clear(&cl_result);
    r = cl->ops->run(cl, &run, op, &cl_result, &cl_err);
    opcode_free(op);
    return r;
}

static inline int cl_exists(const char *path)
{
    struct stat st;

    return lstat(fixture_path(path), &st) == 0;
}

/* Entries of a directory, hidden ones included, "." and ".." not. */
static inline int cl_entries(const char *path)
{
    DIR *d = opendir(fixture_path(path));
    int n = 0;

    if (!d)
        return -1;
    while (readdir(d))
        n++;
    closedir(d);
    return n - 2;
}

static inline char *cl_read(const char *path, size_t *len)
{
    int fd = open(fixture_path(path), O_RDONLY | O_CLOEXEC);
    struct stat st;
    char *data;

    if (fd < 0)
        fail_msg("%s: %s", path, strerror(errno));
    assert_int_equal(fstat(fd, &st), 0);
    *len = (size_t)st.st_size;
    data = calloc(1, *len + 1);
    assert_int_equal(read(fd, data, *len), *len);
    close(fd);
    return data;
}

/* Both files have the same bytes. */
static inline void cl_assert_same(const char *a, const char *b)
{
    size_t na, nb;
    CLEANUP_FREE char *da = cl_read(a, &na), *db = cl_read(b, &nb);

    assert_int_equal(na, nb);
    assert_memory_equal(da, db, na);
}

#define CL_TEST(f) cmocka_unit_test_setup_teardown(f, cl_setup, cl_teardown)

#endif
