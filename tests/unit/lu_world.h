/* lu_world.h - a made-up cluster for tests of processor and LUs: three nodes, one running instance
 * with two disks, one stopped with none, and a log of every call that an LU makes.
 *
 *   world_setup / world_teardown    cmocka fixtures
 *   w                               the world; change it before a run
 *   world_export(target)            a new OP_BACKUP_EXPORT of web1
 *   world_run(op)                   processor_run()
 *   world_log()                     what happened, one call per line
 *
 * Node calls are in lu_world_nodes.h, locks (linked in place of the lock manager) in
 * lu_world_locks.h, images in lu_world_image.h, copying in lu_world_copy.h.
 */
#ifndef TESTS_LU_WORLD_H
#define TESTS_LU_WORLD_H

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>

#include <cmocka.h>

#include "export/processor.h"
#include "lock/cleanup.h"

#define WEB1  "web1.example.com"
#define IDLE  "idle.example.com"
#define NODE1 "node1.example.com"
#define NODE2 "node2.example.com"
#define NODE3 "node3.example.com"

enum { WORLD_NODES = 3, DISK_BYTES = 8192 };

struct world {
    /* the cluster */
    struct model model;
    struct model_node nodes[WORLD_NODES];
    struct model_instance web1, idle;
    struct model_disk disks[2]; /* of web1 */
    struct model_nic nics[2];
    struct model_instance *instances[2];
    struct catalog catalog;
    struct catalog_node seen[WORLD_NODES];
    struct catalog_export old[WORLD_NODES]; /* what the catalog knows of web1's older copies */
    struct catalog_export *old_list[WORLD_NODES];
    struct node_export_info old_info[WORLD_NODES];

    /* nodes: state */
    bool running; /* web1 */
    bool noted;   /* in the journal: */
    struct journal journal;
    bool can_freeze;  /* snapshots possible */
    int disk_fd[2];   /* web1's disks */
    bool exported[3]; /* web1 lies on that node */
    struct node_export_id id[3];
    uint64_t space_free, reserved;
    bool can_reflink;
    struct node_hook_result hook; /* what a script on each node says; script NULL: none */
    const char *hook_node;        /* only there; NULL: everywhere */

    /* counts of what must not be left */
    int stages, snapshots, locks;
    bool snapshot_left; /* one was not given back, as the test wanted */

    /* failing: calls whose log line begins with fail_call, or the fail_at-th (from 1) */
    const char *fail_call;
    int fail_at, fail_errno, calls;
    /* asks for a stop when such a line is logged */
    const char *cancel_call;
    struct cancel cancel;

    /* run */
    struct lu_env env;
    struct lu_run run;
    struct lu_result result;
    struct err err;
    bool superseded;
    int pending; /* removals remembered */
    struct node_export_id pending_id;
    struct strvec env_seen; /* environment of the last hook */

    FILE *log;
    char *log_text;
    size_t log_len;
};
static struct world w;

static inline void world_logf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static inline void world_logf(const char *fmt, ...)
{
    char line[4096];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(line, sizeof line, fmt, ap);
    va_end(ap);
    fprintf(w.log, "%s\n", line);
    if (w.cancel_call && strncmp(line, w.cancel_call, strlen(w.cancel_call)) == 0)
        cancel_request(&w.cancel);
}

static inline const char *world_log(void)
{
    fflush(w.log);
    return w.log_text;
}

/* Is a line that begins so in the log?  How many? */
static inline int world_logged(const char *begin)
{
    int n = 0;

    for (const char *p = world_log(); p && *p; p = strchr(p, '\n') + 1)
        n += strncmp(p, begin, strlen(begin)) == 0;
    return n;
}

/* Position of the first such line, -1: none.  For "a before b". */
static inline long world_where(const char *begin)
{
    for (const char *p = world_log(); *p; p = strchr(p, '\n') + 1)
        if (strncmp(p, begin, strlen(begin)) == 0)
            return p - w.log_text;
    return -1;
}

static inline void world_assert_order(const char *first, const char *second)
{
    long a = world_where(first), b = world_where(second);

    if (a < 0 || b < 0 || a >= b)
        fail_msg("\"%s\" (%ld) should come before \"%s\" (%ld) in:\n%s", first, a, second, b,
                 world_log());
}

/* A node's call: 0, or the failure that the test wants. */
static inline int world_call(struct err *err, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
static inline int world_call(struct err *err, const char *fmt, ...)
{
    char line[512];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(line, sizeof line, fmt, ap);
    va_end(ap);
    world_logf("%s", line);
    w.calls++;
    if (w.calls == w.fail_at ||
        (w.fail_call && strncmp(line, w.fail_call, strlen(w.fail_call)) == 0))
        return err_set(err, ERR_EXEC, ECODE_NONE, w.fail_errno ? w.fail_errno : EIO, "broken: %s",
                       line);
    return 0;
}

#include "lu_world_env.h"
#include "lu_world_nodes.h"

static inline struct opcode *world_export(const char *target)
{
    struct opcode *op;

    assert_int_equal(opcode_new("OP_BACKUP_EXPORT", &op, &w.err), 0);
    assert_int_equal(opcode_set_string(op, "instance_name", WEB1), 0);
    assert_int_equal(opcode_set_string(op, "target_node", target), 0);
    return op;
}

/* Runs and frees op; what came out is in w.result and w.err. */
static inline int world_run(struct opcode *op)
{
    int r;

    lu_result_clear(&w.result);
    r = processor_run(&w.env, &w.run, op, &w.result, &w.err);
    opcode_free(op);
    return r;
}

static inline int world_setup(void **state)
{
    (void)state;
    w = (struct world){.running = true, .can_freeze = true, .space_free = 1 << 30};
    w.log = open_memstream(&w.log_text, &w.log_len);
    assert_int_equal(cancel_init(&w.cancel), 0);
    world_make_cluster();
    for (int j = 0; j < 2; j++) {
        char data[DISK_BYTES];

        memset(data, 'a' + j, sizeof data);
        w.disk_fd[j] = memfd_create("disk", MFD_CLOEXEC);
        assert_int_equal(write(w.disk_fd[j], data, sizeof data), sizeof data);
    }
    world_make_env();
    w.env.nodes = &world_nodes;
    return 0;
}

static inline int world_teardown(void **state)
{
    (void)state;
    lu_result_clear(&w.result);
    strvec_clear(&w.env_seen);
    ini_free(w.web1.ini);
    ini_free(w.idle.ini);
    free(atomic_exchange(&w.catalog.index, NULL));
    for (int j = 0; j < 2; j++)
        close(w.disk_fd[j]);
    cancel_destroy(&w.cancel);
    fclose(w.log);
    free(w.log_text);
    return 0;
}

#define WORLD_TEST(f) cmocka_unit_test_setup_teardown(f, world_setup, world_teardown)

#endif
