/* nodedir.c - see nodedir.h.  No state, any thread. */
#include "export/nodedir.h"

#include "export/names.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#define FRESH_CHARS "abcdefghijklmnopqrstuvwxyz012345" /* 32 of them: a byte maps evenly */
#define FRESH_LEN   6

int nodedir_errno(int neg_errno)
{
    switch (-neg_errno) {
    case ENOTCONN:
    case ESTALE:
    case ETIMEDOUT:
    case EHOSTDOWN:
    case ENETUNREACH:
        return -EHOSTUNREACH;
    default:
        return neg_errno;
    }
}

/* A single component: what openat2 adds to O_NOFOLLOW is the refusal of magic links, so kernels
 * without it (before 5.6) are served by openat. */
static int open_beneath(int dirfd, const char *name, int flags)
{
    struct open_how how = {
        .flags = (unsigned)flags | O_NOFOLLOW | O_CLOEXEC,
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
    };
    long fd;

    do {
        fd = syscall(SYS_openat2, dirfd, name, &how, sizeof how);
        if (fd < 0 && errno == ENOSYS)
            fd = openat(dirfd, name, flags | O_NOFOLLOW | O_CLOEXEC);
    } while (fd < 0 && errno == EINTR);
    return fd < 0 ? -errno : (int)fd;
}

/* Makes the last component of path and has it on disk before anything is put into it. */
static int make_dir(const char *path)
{
    CLEANUP_FREE char *parent = strdup(path);
    CLEANUP_CLOSE int fd = -1;

    if (!parent)
        return -ENOMEM;
    if (mkdir(path, 0700) < 0 && errno != EEXIST)
        return -errno;

    char *slash = strrchr(parent, '/');

    if (!slash || slash == parent)
        return 0;
    *slash = '\0';
    fd = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return fd < 0 ? -errno : nodedir_sync(fd);
}

int nodedir_open(const struct model_node *node, bool create, int *ret_fd, struct err *err)
{
    int fd, r;

    if (node->address)
        return err_set(err, ERR_EXEC, ECODE_NONE, EHOSTUNREACH,
                       "Node %s is not a directory of this machine", node->name);
    if (node->error || !node->export_dir)
        return err_set(err, ERR_EXEC, ECODE_NONE, EHOSTUNREACH, "Node %s cannot be used: %s",
                       node->name, node->error ? node->error : "no export directory configured");
    fd = open(node->export_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT && create) {
        r = make_dir(node->export_dir);
        if (r < 0)
            return err_sys(err, nodedir_errno(r), "Cannot make export directory %s",
                           node->export_dir);
        fd = open(node->export_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    }
    if (fd < 0 && errno == ENOENT)
        return err_sys(err, -ENOENT, "No exports directory %s", node->export_dir);
    if (fd < 0)
        return err_sys(err, nodedir_errno(-errno), "Cannot open export directory %s",
                       node->export_dir);
    *ret_fd = fd;
    return 0;
}

int nodedir_open_export(const struct model_node *node, int exports_fd, const char *name,
                        int *ret_fd, struct err *err)
{
    if (!names_valid(name))
        return err_set(err, ERR_EXEC, ECODE_INVAL, EINVAL, "Bad export name '%s'", name);

    int fd = open_beneath(exports_fd, name, O_RDONLY | O_DIRECTORY);

    if (fd == -ELOOP || fd == -ENOTDIR)
        return err_set(err, ERR_EXEC, ECODE_NONE, ENOTDIR, "%s/%s is not a directory",
                       node->export_dir, name);
    if (fd < 0)
        return err_sys(err, nodedir_errno(fd), "Cannot open export %s/%s", node->export_dir, name);
    *ret_fd = fd;
    return 0;
}

int nodedir_open_file(int dirfd, const char *file, int *ret_fd)
{
    struct stat st;

    /* looked at before it is opened, for opening some devices has effects; and again after */
    if (fstatat(dirfd, file, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return -errno;
    if (S_ISLNK(st.st_mode))
        return -ELOOP;
    if (!S_ISREG(st.st_mode))
        return -EINVAL;

    CLEANUP_CLOSE int fd = open_beneath(dirfd, file, O_RDONLY | O_NONBLOCK | O_NOCTTY);

    if (fd < 0)
        return fd;
    if (fstat(fd, &st) < 0)
        return -errno;
    if (!S_ISREG(st.st_mode))
        return -EINVAL;
    *ret_fd = STEAL_FD(fd);
    return 0;
}

int nodedir_fresh_name(char *buf, const char *name, const char *kind)
{
    unsigned char random[FRESH_LEN];
    char tail[FRESH_LEN + 1] = "";
    int n;

    /* so few bytes come whole or not at all */
    while (getrandom(random, sizeof random, 0) < 0)
        if (errno != EINTR)
            return -errno;
    for (unsigned i = 0; i < FRESH_LEN; i++)
        tail[i] = FRESH_CHARS[random[i] % (sizeof FRESH_CHARS - 1)];
    n = snprintf(buf, NAME_MAX + 1, ".%s.%s-%s", name, kind, tail);
    return n > NAME_MAX ? -ENAMETOOLONG : 0;
}

/* The NAME of ".NAME.KIND-xxxxxx", cut out by the lengths of the other parts. */
static bool is_of_any_name(const char *entry, const char *kind)
{
    size_t len = strlen(entry), rest = strlen(kind) + 3 + FRESH_LEN; /* a dot at each end, a dash */
    char name[NAME_MAX + 1];

    if (len <= rest || len > NAME_MAX)
        return false;
    snprintf(name, sizeof name, "%.*s", (int)(len - rest), entry + 1);
    return names_valid(name) && nodedir_is_fresh_name(entry, name, kind);
}

bool nodedir_is_fresh_name(const char *entry, const char *name, const char *kind)
{
    char prefix[NAME_MAX + 1];

    if (!name)
        return is_of_any_name(entry, kind);

    int n = snprintf(prefix, sizeof prefix, ".%s.%s-", name, kind);

    return n <= NAME_MAX && strncmp(entry, prefix, (size_t)n) == 0 &&
           strlen(entry + n) == FRESH_LEN && strspn(entry + n, FRESH_CHARS) == FRESH_LEN;
}

int nodedir_find_fresh(int dirfd, const char *name, const char *kind, struct strvec *ret)
{
    CLEANUP_CLOSE int fd = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    CLEANUP_CLOSEDIR DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    struct dirent *e;

    if (!dir)
        return -errno;
    fd = -1; /* the stream's now */
    while ((errno = 0, e = readdir(dir)))
        if (nodedir_is_fresh_name(e->d_name, name, kind) && strvec_add(ret, e->d_name) < 0)
            return -ENOMEM;
    return -errno;
}

int nodedir_sync(int fd)
{
    while (fsync(fd) < 0)
        if (errno != EINTR)
            return -errno;
    return 0;
}

int nodedir_rename_new(int dirfd, const char *from, const char *to)
{
    struct stat st;

    if (renameat2(dirfd, from, dirfd, to, RENAME_NOREPLACE) == 0)
        return 0;
    if (errno != EINVAL && errno != ENOSYS)
        return -errno;
    /* a file system without the flag (NFS, SFTP): nobody else makes these names, for every caller
     * holds the export lock of NAME, so looking first is enough */
    if (fstatat(dirfd, to, &st, AT_SYMLINK_NOFOLLOW) == 0)
        return -EEXIST;
    return errno != ENOENT || renameat(dirfd, from, dirfd, to) < 0 ? -errno : 0;
}
