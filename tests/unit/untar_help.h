/* untar_help.h - an export in a directory, archives made of it, and what untar.h says of them. */
#ifndef TESTS_UNIT_UNTAR_HELP_H
#define TESTS_UNIT_UNTAR_HELP_H

#include "export/untar.h"
#include "tests/unit/format_tools.h"

#define KIB 1024ULL
#define MIB (1024 * KIB)
#define GIB (1024 * MIB)

#define GNUTAR "/usr/bin/tar"
#define BSDTAR "/usr/bin/bsdtar"
#define INST   "web1.example.com"

#define HEAD "[export]\nversion = 0\ntimestamp = 1700000000\nos = x\n[instance]\nname = " INST "\n"

static inline void put_file(const char *name, const char *text)
{
    write_file(in_scratch(name), text, strlen(text));
}

/* "exp/": config.ini, disk0.raw (data, holes, an odd length), disk1.raw (a few bytes), XXH128SUMS
 */
static inline void make_export(void)
{
    free(run_tool("rm -rf exp && mkdir exp"));
    put_file("exp/config.ini", HEAD "disk0_dump = disk0.raw\ndisk0_size = 3\n"
                                    "disk1_dump = disk1.raw\ndisk1_size = 1\ndisk_count = 2\n");
    free(run_tool("seq 40000 | head -c 200000 > exp/disk0.raw && truncate -s 2097157 exp/disk0.raw "
                  "&& printf end | dd of=exp/disk0.raw bs=1 seek=1500000 conv=notrunc 2>&1 && "
                  "printf little > exp/disk1.raw && "
                  "cd exp && xxhsum -q -H128 config.ini disk0.raw disk1.raw > sums && "
                  "mv sums XXH128SUMS"));
}

/* The check of a file; *m is NULL when it fails. */
static inline int check_with(const char *name, uint64_t room, uint64_t max, struct manifest **m,
                             struct err *err)
{
    int fd = open(in_scratch(name), O_RDONLY);
    struct manifest_job job = {.fd = fd, .instance = INST, .room = room, .max_bytes = max};

    assert_true(fd >= 0);
    *m = NULL;

    int r = untar_check(&job, m, err);

    close(fd);
    return r;
}

static inline struct manifest *accepted(const char *name)
{
    struct manifest *m;
    struct err err;

    if (check_with(name, GIB, 64 * GIB, &m, &err) < 0)
        fail_msg("%s: %s", name, err.text);
    return m;
}

/* says: a part of the story */
static inline void refused(const char *name, int error, const char *says)
{
    struct manifest *m;
    struct err err = {0};
    int r = check_with(name, GIB, 64 * GIB, &m, &err);

    if (r != error || err.errnum != -error || !strstr(err.text, says))
        fail_msg("%s: %d '%s', not %d '%s'", name, r, err.text, error, says);
    assert_null(m);
}

/* manifest_job's create: a file with a prefix (*arg) before its name.  close_created() when split.
 */
static int created[MODEL_MAX_DISKS];
static unsigned ncreated;

static inline int create_with(void *arg, const char *name, int *fd, struct err *err)
{
    char path[300];

    snprintf(path, sizeof path, "%s%s", *(const char **)arg, name);
    *fd = open(in_scratch(path), O_RDWR | O_CREAT | O_TRUNC, 0600);
    if (*fd < 0)
        return err_sys(err, -errno, "%s", path);
    created[ncreated++] = *fd;
    return 0;
}

static inline void close_created(void)
{
    while (ncreated)
        close(created[--ncreated]);
}

/* The dumps of an archive that was checked, below a prefix. */
static inline int split_to(const char *prefix, const char *name, const struct manifest *m,
                           struct err *err)
{
    int fd = open(in_scratch(name), O_RDONLY);
    struct manifest_job job = {.fd = fd, .instance = INST, .room = GIB, .max_bytes = 64 * GIB};

    assert_true(fd >= 0);

    int r = untar_split(&job, m, create_with, &prefix, err);

    close(fd);
    close_created();
    return r;
}

/* Into "out/", with config.ini and XXH128SUMS as they would be published. */
static inline int split(const char *name, const struct manifest *m, struct err *err)
{
    size_t len;
    char *text;
    int r;

    free(run_tool("rm -rf out && mkdir out"));
    r = split_to("out/", name, m, err);
    if (r < 0)
        return r;
    write_file(in_scratch("out/config.ini"), m->config, m->config_len);
    assert_int_equal(manifest_sums(m, &text, &len), 0);
    write_file(in_scratch("out/XXH128SUMS"), text, len);
    free(text);
    return 0;
}

/* What comes out of the archive is exp/ to the byte, its zeros as holes. */
static inline void gives_the_export(const char *name)
{
    struct manifest *m = accepted(name);
    struct err err;

    if (split(name, m, &err) < 0)
        fail_msg("%s: %s", name, err.text);
    free(run_tool("diff -r exp out"));
    free(run_tool("[ ! -e out/disk0.raw ] || "
                  "[ $(stat -c %%b out/disk0.raw) -lt 1024 ]"));
    manifest_free(m);
}

#endif
