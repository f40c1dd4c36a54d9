/* node_help.h - a node in a temporary directory, and looks at it from outside. */
#ifndef TESTS_NODE_HELP_H
#define TESTS_NODE_HELP_H

#include "export/model.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define T  1700000000 /* some timestamp of an image */
#define IN "web1.example.com"

static char base[PATH_MAX / 4]; /* the temporary directory */
__attribute__((unused)) static char export_dir[PATH_MAX / 2];
__attribute__((unused)) static struct model_node node = {.name = (char *)"node1.example.com",
                                                         .export_dir = export_dir};

/* Runs a shell command built like printf; true when it succeeded. */
__attribute__((format(printf, 1, 2), unused)) static bool shell(const char *fmt, ...)
{
    char cmd[PATH_MAX * 2];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(cmd, sizeof cmd, fmt, ap);
    va_end(ap);
    return system(cmd) == 0;
}

/* A path below the temporary directory; good until the eighth call after. */
__attribute__((format(printf, 1, 2), unused)) static const char *path(const char *fmt, ...)
{
    static char ring[8][PATH_MAX];
    static unsigned next;
    char *buf = ring[next++ % 8];
    va_list ap;
    int n = snprintf(buf, PATH_MAX, "%s/", base);

    va_start(ap, fmt);
    vsnprintf(buf + n, PATH_MAX - (size_t)n, fmt, ap);
    va_end(ap);
    return buf;
}

__attribute__((unused)) static int node_setup(void **state)
{
    const char *tmp = getenv("TMPDIR");

    (void)state;
    snprintf(base, sizeof base, "%s/node-test-XXXXXX", tmp ? tmp : "/tmp");
    if (!mkdtemp(base))
        return -1;
    snprintf(export_dir, sizeof export_dir, "%s/export", base);
    return mkdir(export_dir, 0700);
}

__attribute__((unused)) static int node_teardown(void **state)
{
    (void)state;
    return shell("rm -rf --one-file-system '%s'", base) ? 0 : -1;
}

__attribute__((unused)) static void put(const char *file, const char *text, mode_t mode)
{
    int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    assert_int_equal(fchmod(fd, mode), 0);
    close(fd);
}

/* The start of a file's contents; "(absent)" when there is none. */
__attribute__((unused)) static const char *get(const char *file)
{
    static char text[4096];
    int fd = open(file, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return "(absent)";

    ssize_t n = read(fd, text, sizeof text - 1);

    close(fd);
    text[n > 0 ? n : 0] = '\0';
    return text;
}

__attribute__((unused)) static bool exists(const char *file)
{
    struct stat st;

    return lstat(file, &st) == 0;
}

/* How many entries a directory has, hidden ones included; -1 when it cannot be read. */
__attribute__((unused)) static int count(const char *dir)
{
    DIR *d = opendir(dir);
    int n = -2; /* "." and ".." */

    if (!d)
        return -1;
    while (readdir(d))
        n++;
    closedir(d);
    return n;
}

/* Mounts made from here on vanish with this process, however it ends.  False: not permitted. */
__attribute__((unused)) static bool private_mounts(void)
{
    static int ok = -1;

    if (ok < 0)
        ok =
            unshare(CLONE_NEWNS) == 0 && mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) == 0;
    return ok;
}

/* Mounts a new file system ("xfs", "ext4", "btrfs" on a loop device, or "tmpfs") on a directory
 * that it makes.  False when this machine cannot. */
__attribute__((unused)) static bool mount_new(const char *type, const char *dir, unsigned mib)
{
    char options[64];

    if (!private_mounts() || mkdir(dir, 0700) < 0)
        return false;
    snprintf(options, sizeof options, "size=%um", mib);
    if (strcmp(type, "tmpfs") == 0)
        return mount("none", dir, type, 0, options) == 0;
    return shell("truncate -s %uM '%s.img' && mkfs.%s -q '%s.img' >&2 && "
                 "mount -o loop '%s.img' '%s'",
                 mib, dir, type, dir, dir, dir);
}

/* The test goes on only where this machine can mount. */
#define NEED_MOUNT(type, dir, mib)                                                                 \
    do {                                                                                           \
        if (!mount_new(type, dir, mib)) {                                                          \
            print_message("skipped: cannot mount a new %s here\n", type);                          \
            skip();                                                                                \
        }                                                                                          \
    } while (0)

#endif
