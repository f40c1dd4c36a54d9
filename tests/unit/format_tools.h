/* format_tools.h - for tests of formats: a scratch directory and independent tools as oracles. */
#ifndef TESTS_UNIT_FORMAT_TOOLS_H
#define TESTS_UNIT_FORMAT_TOOLS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PYTHON "/usr/bin/python3"

/* The scratch directory of this program; made by scratch_setup, removed by scratch_teardown. */
static char scratch[256];

static inline int scratch_setup(void **state)
{
    const char *tmp = getenv("TMPDIR");

    (void)state;
    snprintf(scratch, sizeof scratch, "%s/gnt-format-XXXXXX", tmp ? tmp : "/tmp");
    return mkdtemp(scratch) ? 0 : -1;
}

static inline int scratch_teardown(void **state)
{
    char cmd[300];

    (void)state;
    snprintf(cmd, sizeof cmd, "rm -rf '%s'", scratch);
    return system(cmd);
}

/* "<scratch>/<name>"; four such paths may be in use at once. */
static inline const char *in_scratch(const char *name)
{
    static char paths[4][600];
    static unsigned next;
    char *p = paths[next++ % 4];

    snprintf(p, sizeof paths[0], "%s/%s", scratch, name);
    return p;
}

static inline void write_file(const char *path, const void *data, size_t len)
{
    FILE *f = fopen(path, "w");

    assert_non_null(f);
    assert_int_equal(fwrite(data, 1, len, f), len);
    assert_int_equal(fclose(f), 0);
}

/* The whole of a stream, ended by NUL; the caller frees. */
static inline char *read_stream(FILE *f, size_t *len)
{
    size_t have = 0, room = 65536, n;
    char *buf = malloc(room);

    assert_non_null(buf);
    while ((n = fread(buf + have, 1, room - have - 1, f)) > 0) {
        have += n;
        if (room - have < 2)
            buf = realloc(buf, room *= 2);
        assert_non_null(buf);
    }
    buf[have] = '\0';
    if (len)
        *len = have;
    return buf;
}

static inline char *read_file(const char *path, size_t *len)
{
    FILE *f = fopen(path, "r");

    assert_non_null(f);

    char *text = read_stream(f, len);

    fclose(f);
    return text;
}

/* Runs a shell command with the scratch directory as its current one; its stdout and stderr.  The
 * test fails if it does. */
static inline char *run_tool(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

static inline char *run_tool(const char *fmt, ...)
{
    char cmd[8192];
    va_list ap;
    int n = snprintf(cmd, sizeof cmd, "cd '%s' && exec 2>&1 && ", scratch);

    va_start(ap, fmt);
    vsnprintf(cmd + n, sizeof cmd - (size_t)n, fmt, ap);
    va_end(ap);

    FILE *f = popen(cmd, "r");

    assert_non_null(f);

    char *out = read_stream(f, NULL);
    int status = pclose(f);

    if (status != 0)
        fail_msg("%s\nended with status %d and said:\n%s", cmd, status, out);
    return out;
}

/* The same of a command that must not say a word. */
#define run_silently(...)                                                                          \
    do {                                                                                           \
        char *said = run_tool(__VA_ARGS__);                                                        \
                                                                                                   \
        assert_string_equal(said, "");                                                             \
        free(said);                                                                                \
    } while (0)

/* Skips the running test, saying why, unless the program is there. */
static inline void need_tool(const char *path)
{
    if (access(path, X_OK) == 0)
        return;
    print_message("skipped: %s is not installed\n", path);
    skip();
}

#endif
