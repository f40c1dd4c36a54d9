/* mountpoint.c - stat(2) and /proc/self/mountinfo. */
#include "fs/mountpoint.h"

#include "lock/cleanup.h"

#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

/* mountinfo writes blanks and backslashes of a path as \ooo. */
static bool same_path(const char *escaped, const char *path)
{
    for (; *escaped && *path; path++) {
        unsigned c = (unsigned char)*escaped;
        if (c == '\\' && sscanf(escaped, "\\%3o", &c) == 1)
            escaped += 4;
        else
            escaped++;
        if (c != (unsigned char)*path)
            return false;
    }
    return !*escaped && !*path;
}

/* The file system mounted last on path is ours. */
static bool ours(const char *path)
{
    CLEANUP_FREE char *line = NULL;
    size_t room = 0;
    bool found = false;
    CLEANUP_FCLOSE FILE *f = fopen("/proc/self/mountinfo", "re");
    while (f && getline(&line, &room, f) > 0) {
        char *save = NULL, *field = strtok_r(line, " ", &save);
        for (int k = 0; field && k < 4; k++)
            field = strtok_r(NULL, " ", &save);
        if (!field || !same_path(field, path))
            continue;
        while (field && strcmp(field, "-") != 0)
            field = strtok_r(NULL, " ", &save);
        field = field ? strtok_r(NULL, " ", &save) : NULL;
        found = field && strcmp(field, MOUNTPOINT_TYPE) == 0;
    }
    return found;
}

int mountpoint_check(const char *path, char **ret, char *msg, size_t msg_size)
{
    struct stat st;
    if (stat(path, &st) < 0) {
        int r = -errno;
        snprintf(msg, msg_size, "mount point %s: %s%s", path, strerror(-r),
                 r == -ENOTCONN ? " (a dead mount: unmount it first)" : "");
        return r;
    }
    if (!S_ISDIR(st.st_mode)) {
        snprintf(msg, msg_size, "mount point %s: Not a directory", path);
        return -ENOTDIR;
    }
    CLEANUP_FREE char *absolute = realpath(path, NULL);
    if (!absolute) {
        int r = -errno;
        snprintf(msg, msg_size, "mount point %s: %s", path, strerror(-r));
        return r;
    }
    if (ours(absolute)) {
        snprintf(msg, msg_size, "mount point %s: gnt-exportfs is mounted there already", path);
        return -EBUSY;
    }
    *ret = STEAL(absolute);
    return 0;
}
