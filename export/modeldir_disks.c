/* modeldir_disks.c - what the disks of an instance are like right now.  No state, any thread.
 *
 * A disk may lie on a file system that hangs, so a relay's thread looks, at a copy of its own: a
 * look that does not come back keeps it.
 */
#include "export/fstype.h"
#include "export/modeldir_load.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

static int device_bytes(const char *path, uint64_t *ret)
{
    CLEANUP_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

    if (fd < 0 || ioctl(fd, BLKGETSIZE64, ret) < 0)
        return -errno;
    return 0;
}

/* A logical volume has a device-mapper UUID of "LVM-", its group's and its own, and nothing else
 * after that: "-cow" and the like are parts of one. */
static bool is_lvm(dev_t dev)
{
    char path[64], uuid[4 + 64 + 2];
    ssize_t n;

    snprintf(path, sizeof path, "/sys/dev/block/%u:%u/dm/uuid", major(dev), minor(dev));

    CLEANUP_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);

    n = fd < 0 ? -1 : read(fd, uuid, sizeof uuid);
    if (n > 0 && uuid[n - 1] == '\n')
        n--;
    return n == 4 + 64 && memcmp(uuid, "LVM-", 4) == 0;
}

/* Fills what comes from looking; -errno when this is no disk that could be read. */
static int look(struct model_disk *d)
{
    struct statfs fs;
    struct stat st;

    if (stat(d->path, &st) < 0 || statfs(d->path, &fs) < 0)
        return -errno;
    d->dev = S_ISBLK(st.st_mode) ? st.st_rdev : st.st_dev;
    d->ino = st.st_ino;
    d->mtime = st.st_mtim;
    d->ctime = st.st_ctim;
    d->is_block = S_ISBLK(st.st_mode);
    if (d->is_block) {
        int r = device_bytes(d->path, &d->bytes);

        d->blocks512 = d->bytes / 512 + !!(d->bytes % 512);
        d->can_snapshot = is_lvm(st.st_rdev);
        return r;
    }
    if (!S_ISREG(st.st_mode))
        return S_ISDIR(st.st_mode) ? -EISDIR : -ENOTBLK;
    d->bytes = (uint64_t)st.st_size;
    d->blocks512 = (uint64_t)st.st_blocks;
    d->can_snapshot = fstype_can_reflink(&fs);
    return faccessat(AT_FDCWD, d->path, R_OK, AT_EACCESS) < 0 ? -errno : 0;
}

/* What was found goes. */
static void forget(struct model_disk *d)
{
    d->dev = 0;
    d->ino = 0;
    d->bytes = d->blocks512 = 0;
    d->mtime = d->ctime = (struct timespec){0};
    d->is_block = d->can_snapshot = false;
}

/* What does not need the disk itself. */
static void conclude(struct model_disk *d, int look_error)
{
    d->look_error = look_error;
    if (look_error)
        d->bytes = d->size_given ? d->size_mib * MODEL_MIB : 0;
    else if (!d->size_given)
        d->size_mib = d->bytes / MODEL_MIB + !!(d->bytes % MODEL_MIB);
}

static void look_again(struct model_disk *d)
{
    forget(d);
    conclude(d, look(d));
}

/* --- by a thread that may hang --- */

struct probe {
    unsigned n;
    struct model_disk disks[]; /* of the strings only the path, its own */
};

static void probe_free(void *data)
{
    struct probe *p = data;

    for (unsigned j = 0; j < p->n; j++)
        free(p->disks[j].path);
    free(p);
}

static struct probe *probe_new(const struct model_disk *disks, unsigned n)
{
    struct probe *p = calloc(1, sizeof *p + n * sizeof *p->disks);

    for (; p && p->n < n; p->n++) {
        p->disks[p->n] = disks[p->n];
        p->disks[p->n].name = p->disks[p->n].mode = NULL;
        p->disks[p->n].path = strdup(disks[p->n].path);
        if (!p->disks[p->n].path) {
            probe_free(p);
            return NULL;
        }
    }
    return p;
}

static void probe_work(void *data)
{
    struct probe *p = data;

    for (unsigned j = 0; j < p->n; j++)
        look_again(&p->disks[j]);
}

/* What a look may hang on: a device hangs alone, a file with its directory. */
static char *make_key(const struct model_disk *disks, unsigned n)
{
    char *key = NULL;
    size_t len;
    FILE *f = open_memstream(&key, &len);
    bool failed;

    if (!f)
        return NULL;
    for (unsigned j = 0; j < n; j++) {
        const char *path = disks[j].path, *slash = strrchr(path, '/');

        if (!slash || strncmp(path, "/dev/", 5) == 0)
            fprintf(f, "%s\n", path);
        else if (j == 0 || strncmp(path, disks[j - 1].path, (size_t)(slash - path) + 1) != 0)
            fprintf(f, "%.*s\n", (int)(slash - path) + 1, path);
    }
    failed = ferror(f);
    if (fclose(f) != 0 || failed)
        free(STEAL(key));
    return key;
}

/* 0: done. */
static int run_probe(struct relay *relay, unsigned limit_ms, struct model_disk *disks, unsigned n)
{
    CLEANUP_FREE char *key = make_key(disks, n);
    struct probe *p = key ? probe_new(disks, n) : NULL;
    struct relay_item item = {.key = key, .data = p};
    int r = p ? relay_run(relay, &item, 1, probe_work, probe_free, limit_ms) : -ENOMEM;

    if (r == 0 && !item.done)
        r = -ETIMEDOUT;
    p = item.data; /* gone with the relay unless done */
    for (unsigned j = 0; r == 0 && j < n; j++) {
        struct model_disk d = p->disks[j];

        d.path = disks[j].path;
        d.name = disks[j].name;
        d.mode = disks[j].mode;
        disks[j] = d;
    }
    if (p)
        probe_free(p);
    return r;
}

static int look_at(struct relay *relay, unsigned limit_ms, struct model_disk *disks, unsigned n)
{
    int r = 0;

    if (relay && n > 0)
        r = run_probe(relay, limit_ms, disks, n);
    for (unsigned j = 0; j < n; j++) {
        if (!relay) {
            look_again(&disks[j]);
        } else if (r < 0) {
            forget(&disks[j]);
            conclude(&disks[j], r);
        }
    }
    return r;
}

/* --- the contract --- */

int modeldir_look_at_disks(struct relay *relay, unsigned limit_ms, struct model_instance *inst)
{
    return look_at(relay, limit_ms, inst->disks, inst->ndisks);
}

static bool same_time(struct timespec a, struct timespec b)
{
    return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

static bool same_disk(const struct model_disk *a, const struct model_disk *b, bool strict)
{
    if (a->bytes != b->bytes || a->look_error != b->look_error || a->dev != b->dev ||
        a->ino != b->ino || a->is_block != b->is_block || a->can_snapshot != b->can_snapshot)
        return false;
    return !strict || (a->blocks512 == b->blocks512 && same_time(a->mtime, b->mtime) &&
                       same_time(a->ctime, b->ctime));
}

bool modeldir_same_disks(const struct model_instance *a, const struct model_instance *b,
                         bool strict)
{
    for (unsigned j = 0; j < a->ndisks; j++)
        if (!same_disk(&a->disks[j], &b->disks[j], strict))
            return false;
    return true;
}

bool modeldir_disks_changed(struct relay *relay, unsigned limit_ms,
                            const struct model_instance *inst, bool strict)
{
    struct model_disk now[MODEL_MAX_DISKS];

    if (inst->ndisks)
        memcpy(now, inst->disks, inst->ndisks * sizeof *now);
    look_at(relay, limit_ms, now, inst->ndisks);
    for (unsigned j = 0; j < inst->ndisks; j++)
        if (!same_disk(&now[j], &inst->disks[j], strict))
            return true;
    return false;
}
