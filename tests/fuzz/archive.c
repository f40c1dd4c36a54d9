/* The check of an archive, and its splitting: whatever the bytes are, it is refused with a story,
 * or what comes out is what was checked and within its limits. */
#include "export/untar.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#define ROOM (1024 * 1024)
#define MAX  (8 * 1024 * 1024) /* with holes; they take time */

struct out {
    int fds[MODEL_MAX_DISKS];
    unsigned n;
};

static int create(void *arg, const char *name, int *fd, struct err *err)
{
    struct out *o = arg;

    must(!strchr(name, '/') && name[0] != '.');
    *fd = o->fds[o->n] = memfd_create("dump", MFD_CLOEXEC);
    if (*fd < 0)
        return err_sys(err, -errno, "memfd_create");
    o->n++;
    return 0;
}

static void check_split(const struct manifest_job *job, const struct manifest *m)
{
    struct out out = {.n = 0};
    struct err err;
    int r = untar_split(job, m, create, &out, &err);

    must(r == 0 && out.n == m->n);
    for (unsigned i = 0; i < out.n; i++) {
        struct stat st;

        must(fstat(out.fds[i], &st) == 0 && (uint64_t)st.st_size == m->dumps[i].file.size);
        must((uint64_t)st.st_blocks * 512 <= m->dumps[i].file.data);
        close(out.fds[i]);
    }
}

static void check_manifest(const struct manifest *m)
{
    uint64_t bytes = 0;

    must(m->config && m->config_len && m->n <= MODEL_MAX_DISKS && m->data <= ROOM);
    for (unsigned i = 0; i < m->n; i++)
        bytes += m->dumps[i].file.size;
    must(bytes <= MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP_CLOSE int fd = memfd_create("archive", MFD_CLOEXEC);
    CLEANUP_MANIFEST struct manifest *m = NULL;
    struct manifest_job job = {
        .fd = fd, .instance = "web1.example.com", .room = ROOM, .max_bytes = MAX};
    struct err err = {0};

    must(fd >= 0 && (!size || write(fd, data, size) == (ssize_t)size));

    int r = untar_check(&job, &m, &err);

    if (r < 0) {
        must(!m && err.errnum == -r && err.text[0]);
        must(r == -EBADMSG || r == -EINVAL || r == -ENOSPC || r == -ENOMEM);
        return 0;
    }
    must(r == 0);
    check_manifest(m);
    check_split(&job, m);
    return 0;
}

#ifdef FUZZER
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed);

enum { BLOCK = 512, AT_CHECKSUM = 148, CHECKSUM_LEN = 8, AT_MAGIC = 257 };

/* Headers keep their checksums, or nothing behind the first one that was touched would be read. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed)
{
    size = LLVMFuzzerMutate(data, size, max);
    if (seed % 16 == 0)
        return size;
    for (size_t at = 0; at + BLOCK <= size; at += BLOCK) {
        uint8_t *h = data + at;
        unsigned sum = 0;

        if (memcmp(h + AT_MAGIC, "ustar", 5))
            continue;
        memset(h + AT_CHECKSUM, ' ', CHECKSUM_LEN);
        for (size_t i = 0; i < BLOCK; i++)
            sum += h[i];
        snprintf((char *)h + AT_CHECKSUM, CHECKSUM_LEN, "%06o", sum);
    }
    return size;
}
#endif
