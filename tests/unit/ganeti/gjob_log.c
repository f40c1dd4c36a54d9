/* What a job's log tells: each line once, and how far the transfer is. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "export/ganeti/gjob_parts.h"

#define GIB (1024 * MODEL_MIB)

static char heard[4000], phases[4000];
static uint64_t done, total;
static unsigned told;

static void on_feedback(void *arg, const char *message)
{
    (void)arg;
    snprintf(heard + strlen(heard), sizeof heard - strlen(heard), "%s\n", message);
}

static void on_phase(void *arg, const char *phase)
{
    (void)arg;
    snprintf(phases + strlen(phases), sizeof phases - strlen(phases), "%s\n", phase);
}

static void on_progress(void *arg, uint64_t d, uint64_t t)
{
    (void)arg;
    done = d;
    total = t;
    told++;
}

static const struct lu_run run = {
    .feedback = on_feedback, .phase = on_phase, .progress = on_progress};

static void begin(struct gjob_log *l, const struct gjob_options *opt)
{
    heard[0] = phases[0] = '\0';
    done = total = told = 0;
    gjob_log_init(l, &run, opt, 12);
}

static void reads(struct gjob_log *l, const char *log)
{
    json_t *j = json_loads(log, JSON_DECODE_ANY, NULL);

    assert_non_null(j);
    gjob_log_read(l, j);
    json_decref(j);
}

static void how_much_was_sent(void **state)
{
    static const uint64_t size[] = {10 * GIB, 100 * MODEL_MIB};
    static const struct {
        const char *line;
        unsigned disk;
        uint64_t bytes;
    } rows[] = {
        {"disk/0 sent 12M, 45.2 MiB/s", 0, 12 * MODEL_MIB},
        {"disk/0 sent 1.5G, 45.2 MiB/s", 0, 1536 * MODEL_MIB},
        {"disk/0 sent 0M, 0.0 MiB/s", 0, 0},
        /* an OS script's dump is of another size than the disk: its part is what counts */
        {"disk/0 sent 12M, 45.2 MiB/s, 50%, ETA 12s", 0, 5 * GIB},
        {"disk/0 sent 12M, 45.2 MiB/s, 100%", 0, 10 * GIB},
        {"disk/0 sent 12M, 45.2 MiB/s, 117%", 0, 10 * GIB},
        {"disk/1 sent 90M, 1.0 MiB/s, ETA 1h 2m 3s", 1, 90 * MODEL_MIB},
        {"disk/1 sent 2.0T, 1.0 MiB/s", 1, 100 * MODEL_MIB},
        {"disk/1 finished sending data", 1, 100 * MODEL_MIB},
    };
    unsigned disk;
    uint64_t bytes;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_true(gjob_log_sent(rows[i].line, 2, size, &disk, &bytes));
        assert_int_equal(disk, rows[i].disk);
        assert_int_equal(bytes, rows[i].bytes);
    }
}

static void nothing_was_sent(void **state)
{
    static const uint64_t size[] = {GIB, GIB};
    static const char *const lines[] = {
        "",
        "disk/0 is now listening, starting export",
        "disk/0 finished receiving data",
        "disk/0 failed to send data: x (recent output: )",
        "disk/0 sent",
        "disk/0 sent ",
        "disk/0 sent M, 1.0 MiB/s",
        "disk/0 sent -5M, 1.0 MiB/s",
        "disk/0 sent nanM",
        "disk/0 sent infG",
        "disk/0 sent 12Q",
        "disk/0 sent 12",
        "disk/2 sent 12M, 45.2 MiB/s",
        "disk/-1 sent 12M, 45.2 MiB/s",
        "disk/4294967296 sent 12M, 45.2 MiB/s",
        "disk/99999999999999999999 sent 12M",
        "Disk 0 sent 12M, 45.2 MiB/s",
    };
    unsigned disk = 77;
    uint64_t bytes = 78;

    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        assert_false(gjob_log_sent(lines[i], 2, size, &disk, &bytes));
    assert_int_equal(disk, 77);
    assert_int_equal(bytes, 78);
}

static void lines_once_each(void **state)
{
    struct gjob_log l;

    (void)state;
    begin(&l, &(struct gjob_options){0});
    reads(&l, "[[1,[1795338064,641618],\"message\",\"a\"],[2,[1795338065,0],\"message\",\"b\"]]");
    reads(&l, "[[1,[1795338064,641618],\"message\",\"a\"],[2,[1795338065,0],\"message\",\"b\"],"
              "[5,[1795338069,0],\"message\",\"c\\nd\"]]");
    assert_string_equal(heard, "a\nb\nc\nd\n");
    assert_int_equal(l.first, 1795338064);
    assert_int_equal(l.serial, 5);
}

static void other_types(void **state)
{
    struct gjob_log l;

    (void)state;
    begin(&l, &(struct gjob_options){0});
    reads(&l, "[[1,[1,1],\"message-list\",[\"a\",7,\"b\"]],"
              "[2,[1,1],\"remote-import\",{\"disks\":[]}],[3,[1,1],\"message\",null]]");
    assert_string_equal(heard, "a\nb\nremote-import: {\"disks\":[]}\nmessage: null\n");
}

static void progress_of_all_disks(void **state)
{
    const struct gjob_options opt = {.ndisks = 2, .disk_bytes = {GIB, 3 * GIB}};
    struct gjob_log l;

    (void)state;
    begin(&l, &opt);
    reads(&l, "[[1,[1,1],\"message\",\"disk/1 sent 512M, 1.0 MiB/s\"]]");
    assert_int_equal(total, 4 * GIB);
    assert_int_equal(done, GIB / 2);
    reads(&l, "[[2,[1,1],\"message\",\"disk/0 sent 1.0M, 1.0 MiB/s, 50%\"]]");
    assert_int_equal(done, GIB);
    /* never back */
    reads(&l, "[[3,[1,1],\"message\",\"disk/1 sent 256M, 1.0 MiB/s\"]]");
    assert_int_equal(done, GIB);
    reads(&l, "[[4,[1,1],\"message\",\"disk/0 finished sending data\"],"
              "[5,[1,1],\"message\",\"disk/1 finished sending data\"]]");
    assert_int_equal(done, total);
    assert_string_equal(phases, "");
}

static void sizes_that_are_not_known(void **state)
{
    struct gjob_log l;

    (void)state;
    begin(&l, &(struct gjob_options){0});
    reads(&l, "[[1,[1,1],\"message\",\"disk/0 sent 512M, 1.0 MiB/s\"]]");
    assert_int_equal(told, 0);
    begin(&l, &(struct gjob_options){.ndisks = 2, .disk_bytes = {UINT64_MAX, UINT64_MAX}});
    reads(&l, "[[1,[1,1],\"message\",\"disk/0 sent 512M, 1.0 MiB/s\"]]");
    assert_int_equal(told, 0);
}

static void the_first_failure_is_kept(void **state)
{
    struct gjob_log l;

    (void)state;
    begin(&l, &(struct gjob_options){0});
    reads(&l, "[[1,[1,1],\"message\",\"disk/0 failed to receive data: Exited with status 1 (recent "
              "output: dd: error writing 'x': No space left on device)\"],"
              "[2,[1,1],\"message\",\"disk/0 failed to send data: x\"]]");
    assert_int_equal(strncmp(l.failure, "disk/0 failed to receive data: ", 31), 0);
    assert_non_null(strstr(l.failure, "No space left on device"));
}

static void of_any_shape(void **state)
{
    static const char *const logs[] = {
        "null",
        "7",
        "\"text\"",
        "{}",
        "[null,7,\"x\",{},[]]",
        "[[]]",
        "[[1]]",
        "[[1,[1,1],\"message\"]]",
        "[[\"1\",[1,1],\"message\",\"x\"]]",
        "[[1.5,[1,1],\"message\",\"x\"]]",
        "[[1,[1,1],7,\"x\"]]",
        "[[-1,[1,1],\"message\",\"x\"]]",
        "[[0,[1,1],\"message\",\"x\"]]",
    };
    struct gjob_log l;

    (void)state;
    begin(&l, &(struct gjob_options){0});
    for (size_t i = 0; i < sizeof logs / sizeof *logs; i++)
        reads(&l, logs[i]);
    assert_string_equal(heard, "");
    /* a time that is none does no harm to the line */
    reads(&l, "[[1,null,\"message\",\"a\"],[2,[-5,1],\"message\",\"b\"],"
              "[3,[\"x\"],\"message\",\"c\"]]");
    assert_string_equal(heard, "a\nb\nc\n");
    assert_int_equal(l.first, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(how_much_was_sent),         cmocka_unit_test(nothing_was_sent),
        cmocka_unit_test(lines_once_each),           cmocka_unit_test(other_types),
        cmocka_unit_test(progress_of_all_disks),     cmocka_unit_test(sizes_that_are_not_known),
        cmocka_unit_test(the_first_failure_is_kept), cmocka_unit_test(of_any_shape),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
