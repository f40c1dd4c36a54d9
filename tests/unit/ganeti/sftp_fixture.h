/* sftp_fixture.h - a directory, and an SFTP client whose server is a child of this program. */
#ifndef TESTS_UNIT_GANETI_SFTP_FIXTURE_H
#define TESTS_UNIT_GANETI_SFTP_FIXTURE_H

#include "export/ganeti/sftp.h"
#include "lock/cleanup.h"
#include "lock/clock.h"
#include "tests/unit/need_pidfd.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cmocka.h>

#define SERVER     "/usr/lib/openssh/sftp-server"
#define UNUSED     __attribute__((unused))
#define PATIENCE_S 60

struct env {
    char dir[64];
    struct sftp *s;
    struct err err;
};

UNUSED static struct sftp *client(const char *const *argv, unsigned connect_s, unsigned stall_s)
{
    struct sftp *s;

    assert_int_equal(sftp_new(&(struct sftp_options){.name = "node1",
                                                     .argv = argv,
                                                     .connect_s = connect_s,
                                                     .stall_s = stall_s},
                              &s),
                     0);
    return s;
}

UNUSED static struct sftp *real_client(unsigned stall_s)
{
    const char *const argv[] = {SERVER, NULL};

    return client(argv, 0, stall_s);
}

/* A server of our own: a shell command, or a program in Python that has `say(bytes)`, which writes
 * to the client, `packet(type, body)`, `hello()`, which answers INIT, and `hear()`: the next
 * request as (type, id, body). */
UNUSED static struct sftp *shell_client(const char *command, unsigned limit_s)
{
    const char *const argv[] = {"/bin/sh", "-c", command, NULL};

    return client(argv, limit_s, limit_s);
}

#define PYTHON_SERVER                                                                              \
    "import os, struct, sys, time\n"                                                               \
    "def say(b):\n"                                                                                \
    "    while b: b = b[os.write(1, b):]\n"                                                        \
    "def u32(n): return struct.pack('>I', n & 0xffffffff)\n"                                       \
    "def u64(n): return struct.pack('>Q', n)\n"                                                    \
    "def string(b): return u32(len(b)) + b\n"                                                      \
    "def packet(t, b): say(u32(len(b) + 1) + bytes([t]) + b)\n"                                    \
    "def read(n):\n"                                                                               \
    "    b = b''\n"                                                                                \
    "    while len(b) < n:\n"                                                                      \
    "        more = os.read(0, n - len(b))\n"                                                      \
    "        if not more: sys.exit(0)\n"                                                           \
    "        b += more\n"                                                                          \
    "    return b\n"                                                                               \
    "def hear():\n"                                                                                \
    "    b = read(struct.unpack('>I', read(4))[0])\n"                                              \
    "    return b[0], b[1:5], b[5:]\n"                                                             \
    "def hello(*extensions):\n"                                                                    \
    "    hear()\n"                                                                                 \
    "    packet(2, u32(3) + b''.join(string(n) + string(v) for n, v in extensions))\n"

UNUSED static struct sftp *python_client(const char *program, unsigned limit_s)
{
    char text[8192];
    const char *const argv[] = {"/usr/bin/python3", "-c", text, NULL};

    assert_true(snprintf(text, sizeof text, "%s%s", PYTHON_SERVER, program) < (int)sizeof text);
    return client(argv, limit_s, limit_s);
}

UNUSED static int setup(void **state)
{
    struct env *e = calloc(1, sizeof *e);
    const char *tmp = getenv("TMPDIR");

    if (access(SERVER, X_OK) != 0) {
        puts("openssh-sftp-server is not installed");
        exit(77);
    }
    snprintf(e->dir, sizeof e->dir, "%.40s/sftp.XXXXXX", tmp ? tmp : "/tmp");
    assert_non_null(mkdtemp(e->dir));
    e->s = real_client(0);
    *state = e;
    return 0;
}

UNUSED static int teardown(void **state)
{
    struct env *e = *state;
    char command[128];

    sftp_free(e->s);
    snprintf(command, sizeof command, "rm -rf '%s'", e->dir);
    assert_int_equal(system(command), 0);
    free(e);
    return 0;
}

/* DIR/NAME, in one of a few buffers. */
UNUSED static const char *at(const struct env *e, const char *name)
{
    static __thread char paths[4][256];
    static __thread unsigned next;
    char *p = paths[next++ % 4];

    snprintf(p, sizeof paths[0], "%s/%s", e->dir, name);
    return p;
}

UNUSED static uint8_t byte_at(uint64_t off)
{
    return (uint8_t)(off * 2654435761u >> 13);
}

UNUSED static void make_file(const char *path, size_t size)
{
    FILE *f = fopen(path, "w");

    assert_non_null(f);
    for (size_t i = 0; i < size; i++)
        putc(byte_at(i), f);
    assert_int_equal(fclose(f), 0);
}

UNUSED static bool is_content(const uint8_t *p, size_t n, uint64_t off)
{
    for (size_t i = 0; i < n; i++)
        if (p[i] != byte_at(off + i))
            return false;
    return true;
}

/* Until the condition holds; false: it never did. */
#define BECOMES(condition)                                                                         \
    ({                                                                                             \
        int64_t until = clock_ms() + PATIENCE_S * 1000;                                            \
        while (!(condition) && clock_ms() < until)                                                 \
            usleep(10000);                                                                         \
        (condition);                                                                               \
    })

/* This program's children, at most one of them in *ret. */
UNUSED static unsigned children(pid_t *ret)
{
    char path[64];
    unsigned n = 0;
    CLEANUP_CLOSEDIR DIR *tasks = opendir("/proc/self/task");
    struct dirent *de;
    int pid;

    assert_non_null(tasks);
    while ((de = readdir(tasks))) {
        snprintf(path, sizeof path, "/proc/self/task/%.20s/children", de->d_name);

        CLEANUP_FCLOSE FILE *f = fopen(path, "r");

        while (f && fscanf(f, "%d", &pid) == 1) {
            n++;
            if (ret)
                *ret = pid;
        }
    }
    return n;
}

/* How many entries a directory has. */
UNUSED static unsigned entries(const char *path)
{
    CLEANUP_CLOSEDIR DIR *d = opendir(path);
    unsigned n = 0;

    assert_non_null(d);
    while (readdir(d))
        n++;
    return n;
}

UNUSED static unsigned descriptors(void)
{
    return entries("/proc/self/fd");
}

/* Ended, if not yet reaped by whoever is to. */
UNUSED static bool is_gone(pid_t pid)
{
    char path[64], state = 'Z';

    snprintf(path, sizeof path, "/proc/%d/stat", pid);

    CLEANUP_FCLOSE FILE *f = fopen(path, "r");

    return !f || fscanf(f, "%*d (%*[^)]) %c", &state) != 1 || state == 'Z';
}

#endif
