/* manifest_dir.c - manifest_check_dir() of manifest.h. */
#include "export/manifest.h"

#include "export/copy.h"
#include "export/slurp.h"

#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#define incomplete(err, ...) err_set(err, ERR_PREREQ, ECODE_INVAL, EBADMSG, __VA_ARGS__)

static int open_file(int dir, const char *name, int *ret, uint64_t *size, struct err *err)
{
    /* O_NONBLOCK: a FIFO must not hang us */
    CLEANUP_CLOSE int fd =
        openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    struct stat st;

    if (fd < 0 && errno == ENOENT)
        return incomplete(err, "%s is missing", name);
    if (fd < 0 && errno != ELOOP && errno != ENXIO)
        return err_sys(err, -errno, "Opening %s", name);
    if (fd >= 0 && fstat(fd, &st) < 0)
        return err_sys(err, -errno, "Looking at %s", name);
    if (fd < 0 || !S_ISREG(st.st_mode))
        return err_prereq(err, ECODE_INVAL, "%s is not a plain file", name);
    *ret = STEAL_FD(fd);
    *size = (uint64_t)st.st_size;
    return 0;
}

static int add_file(int dir, struct manifest_files *files, const char *name, struct err *err)
{
    struct manifest_file *f;
    CLEANUP_CLOSE int fd = -1;
    size_t *len, max;
    char **text;
    int r;

    if (name[0] == '.')
        return incomplete(err, "%.255s is there: a file that is being written", name);
    if ((r = manifest_found(files, name, &f, err)) < 0 ||
        (r = open_file(dir, name, &fd, &f->size, err)) < 0)
        return r;
    text = manifest_text(files, name, &len, &max);
    if (!text)
        return 0;
    r = slurp_fd(fd, max, text, len);
    if (r == -EFBIG)
        return err_prereq(err, ECODE_INVAL, "%s has more than the %zu bytes allowed", name, max);
    return r < 0 ? err_sys(err, r, "Reading %s", name) : 0;
}

static int find_files(int dirfd, struct manifest_files *files, struct err *err)
{
    CLEANUP_CLOSE int fd = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    CLEANUP_CLOSEDIR DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    struct dirent *e;

    if (!dir)
        return err_sys(err, -errno, "Listing the export");
    fd = -1; /* the stream's now */
    while ((errno = 0, e = readdir(dir))) {
        int r = 0;

        if (strcmp(e->d_name, ".") && strcmp(e->d_name, ".."))
            r = add_file(dirfd, files, e->d_name, err);
        if (r < 0)
            return r;
    }
    return errno ? err_sys(err, -errno, "Listing the export") : 0;
}

struct hashing {
    const struct manifest_job *job;
    uint64_t before; /* bytes of the dumps that are done */
};

static void hashed(void *arg, uint64_t watermark)
{
    const struct hashing *h = arg;

    if (h->job->progress)
        h->job->progress(h->job->arg, h->before + watermark);
}

static int hash_dump(struct hashing *h, struct manifest_file *f, struct err *err)
{
    CLEANUP_CLOSE int fd = -1;
    struct copy_job job = {.dst = -1,
                           .cancel = h->job->cancel,
                           .throttle = h->job->throttle,
                           .progress = hashed,
                           .arg = h};
    struct stat st;
    uint64_t size;
    int r = open_file(h->job->fd, f->name, &fd, &size, err);

    if (r < 0)
        return r;
    job.src = fd;
    job.bytes = size;
    r = copy_run(&job, &f->digest, err);
    if (r < 0)
        return err_prefix(err, "%s", f->name);
    if (fstat(fd, &st) < 0)
        return err_sys(err, -errno, "Looking at %s", f->name);
    if (size != f->size || (uint64_t)st.st_size != size)
        return incomplete(err, "%s was changed while it was read", f->name);
    h->before += size;
    f->data = (uint64_t)st.st_blocks * 512;
    return 0;
}

static int check_total(const struct manifest_job *job, const struct manifest *m, struct err *err)
{
    uint64_t left = job->max_bytes;

    for (unsigned i = 0; i < m->n; i++) {
        if (m->dumps[i].file.size > left)
            return err_prereq(err, ECODE_INVAL,
                              "The dumps have more than %" PRIu64 " bytes, which is too much",
                              job->max_bytes);
        left -= m->dumps[i].file.size;
    }
    return 0;
}

int manifest_check_dir(const struct manifest_job *job, struct manifest **ret, struct err *err)
{
    CLEANUP_MANIFEST_FILES struct manifest_files files = {.unfinished = true};
    CLEANUP_MANIFEST struct manifest *m = NULL;
    struct hashing h = {.job = job};
    int r;

    if ((r = find_files(job->fd, &files, err)) < 0 ||
        (r = manifest_make(&files, job->instance, &m, err)) < 0 ||
        (r = check_total(job, m, err)) < 0)
        return r;
    for (unsigned i = 0; r == 0 && i < m->n; i++)
        r = hash_dump(&h, &m->dumps[i].file, err);
    if (r == 0)
        r = manifest_verify(m, &files, err);
    if (r < 0)
        return r;
    *ret = STEAL(m);
    return 0;
}
