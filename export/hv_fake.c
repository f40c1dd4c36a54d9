/* hv_fake.c - a hypervisor that is a directory: STATE/fake/NAME exists while NAME runs.
 *
 * The file is written aside and renamed, and the directory synced, so that a crash leaves the
 * instance up or down and nothing in between.  Names are checked, so none leaves the directory.
 */
#include "export/hv.h"

#include "export/names.h"
#include "lock/cleanup.h"

#include <fcntl.h>
#include <inttypes.h>
#include <sys/stat.h>

#define STARTING ".starting" /* hidden, so it is no instance */

/* Opens STATE/fake; create: makes it when missing.  -ENOENT else. */
static int open_dir(const char *state_dir, bool create, int *ret_fd)
{
    CLEANUP_CLOSE int state_fd = open(state_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int fd;

    if (state_fd < 0)
        return -errno;
    if (create) {
        if (mkdirat(state_fd, hv_fake.name, 0700) == 0) {
            if (fsync(state_fd) < 0)
                return -errno;
        } else if (errno != EEXIST) {
            return -errno;
        }
    }
    fd = openat(state_fd, hv_fake.name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    *ret_fd = fd;
    return 0;
}

static int check_name(const struct model_instance *inst, struct err *err)
{
    if (names_valid(inst->name))
        return 0;
    return err_set(err, ERR_EXEC, ECODE_INVAL, EINVAL, "Bad instance name '%s'", inst->name);
}

static int fake_running(const char *state_dir, const struct model_instance *inst, struct err *err)
{
    CLEANUP_CLOSE int fd = -1;
    struct stat st;
    int r = check_name(inst, err);

    if (r < 0)
        return r;
    r = open_dir(state_dir, false, &fd);
    if (r == 0 && fstatat(fd, inst->name, &st, AT_SYMLINK_NOFOLLOW) < 0)
        r = -errno;
    if (r == -ENOENT)
        return 0;
    if (r < 0)
        return err_sys(err, r, "Cannot tell whether instance %s runs", inst->name);
    return 1;
}

static int fake_shutdown(const char *state_dir, const struct model_instance *inst,
                         unsigned timeout_s, struct cancel *cancel, struct err *err)
{
    CLEANUP_CLOSE int fd = -1;
    int r = check_name(inst, err);

    (void)timeout_s, (void)cancel; /* it stops at once */
    if (r < 0)
        return r;
    r = open_dir(state_dir, false, &fd);
    if (r == 0 && unlinkat(fd, inst->name, 0) < 0)
        r = -errno;
    if (r == -ENOENT)
        return 0;
    if (r == 0 && fsync(fd) < 0)
        r = -errno;
    return r < 0 ? err_sys(err, r, "Cannot stop instance %s", inst->name) : 0;
}

static int write_state(int dirfd, const char *aside, const struct model_instance *inst)
{
    CLEANUP_CLOSE int fd =
        openat(dirfd, aside, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);

    if (fd < 0)
        return -errno;
    if (dprintf(fd, "memory=%" PRIu64 "\nvcpus=%" PRIu64 "\n", inst->maxmem, inst->vcpus) < 0)
        return -errno;
    return fsync(fd) < 0 ? -errno : 0;
}

static int write_durably(const char *state_dir, const struct model_instance *inst)
{
    CLEANUP_CLOSE int fd = -1;
    char aside[NAMES_MAX + sizeof STARTING + 2];
    int r = open_dir(state_dir, true, &fd);

    if (r < 0)
        return r;
    snprintf(aside, sizeof aside, "%s-%s", STARTING, inst->name);
    r = write_state(fd, aside, inst);
    if (r == 0 && renameat(fd, aside, fd, inst->name) < 0)
        r = -errno;
    if (r < 0) {
        unlinkat(fd, aside, 0);
        return r;
    }
    return fsync(fd) < 0 ? -errno : 0;
}

static int fake_start(const char *state_dir, const struct model_instance *inst, struct err *err)
{
    int r = fake_running(state_dir, inst, err);

    if (r != 0)
        return r < 0 ? r : 0;
    r = write_durably(state_dir, inst);
    return r < 0 ? err_sys(err, r, "Could not start instance %s", inst->name) : 0;
}

const struct hv hv_fake = {
    .name = "fake",
    .running = fake_running,
    .shutdown = fake_shutdown,
    .start = fake_start,
};
