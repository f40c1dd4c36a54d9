/* loop_fs.h - a file system of a kind, in a file that is mounted; unmount() is a test's teardown.
 */
#ifndef TESTS_UNIT_LOOP_FS_H
#define TESTS_UNIT_LOOP_FS_H

#include "tests/unit/format_tools.h"

static const char *mounted; /* name below scratch, to be unmounted whatever happens */

static inline void mount_new(const char *name, const char *mkfs, const char *size)
{
    char cmd[2000];

    if (geteuid() != 0) {
        print_message("skipped: not root\n");
        skip();
    }
    snprintf(cmd, sizeof cmd,
             "cd '%s' && rm -f %s.img && truncate -s %s %s.img && %s %s.img >/dev/null 2>&1 && "
             "mkdir -p %s && mount -o loop %s.img %s 2>/dev/null",
             scratch, name, size, name, mkfs, name, name, name, name);
    if (system(cmd) != 0) {
        print_message("skipped: no loop mount with %s\n", mkfs);
        skip();
    }
    mounted = name;
}

static inline int unmount(void **state)
{
    char cmd[600];

    (void)state;
    if (!mounted)
        return 0;
    snprintf(cmd, sizeof cmd, "umount '%s/%s'", scratch, mounted);
    mounted = NULL;
    return system(cmd);
}

#endif
