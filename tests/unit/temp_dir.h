/* temp_dir.h - a directory for all tests of a program: temp_dir_make() and temp_dir_remove() are
 * the group's setup and teardown. */
#ifndef TESTS_UNIT_TEMP_DIR_H
#define TESTS_UNIT_TEMP_DIR_H

#include <stdio.h>
#include <stdlib.h>

static char dir[64];

static inline int temp_dir_make(void **state)
{
    (void)state;
    snprintf(dir, sizeof dir, "/tmp/gnt-exportfs-test.XXXXXX");
    return mkdtemp(dir) ? 0 : -1;
}

static inline int temp_dir_remove(void **state)
{
    char cmd[128];

    (void)state;
    snprintf(cmd, sizeof cmd, "rm -rf %s", dir);
    return system(cmd);
}

#endif
