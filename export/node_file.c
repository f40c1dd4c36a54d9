/* node_file.c - a file of this machine as a struct node_file: a descriptor and whose it is.
 *
 * Never written after it was made, but by drop, which puts /dev/null behind the descriptor in one
 * step: a call that is under way has the old file or the new one.  lseek(2) for holes moves the
 * descriptor's offset, which nobody uses.
 */
#include "export/node_file.h"

#include "export/closer.h"
#include "export/fstype.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

struct local {
    struct node_file f;
    int fd;
    char node[]; /* for the closer, if it may hang */
};

static int local_read(struct node_file *f, void *buf, size_t len, uint64_t off)
{
    const struct local *l = (struct local *)f;

    for (char *to = buf; len;) {
        ssize_t n = pread(l->fd, to, len, (off_t)off);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0 ? -errno : -EIO;
        to += n;
        off += (uint64_t)n;
        len -= (size_t)n;
    }
    return 0;
}

static int local_seek(struct node_file *f, uint64_t off, int whence, uint64_t *ret)
{
    off_t found = lseek(((struct local *)f)->fd, (off_t)off, whence);

    if (found < 0)
        return -errno;
    if ((uint64_t)found < off) /* dropped: /dev/null is always at 0 */
        return -EIO;
    *ret = (uint64_t)found;
    return 0;
}

static int local_facts(struct node_file *f, struct node_file_facts *ret)
{
    struct stat st;

    if (fstat(((struct local *)f)->fd, &st) < 0)
        return -errno;
    *ret = (struct node_file_facts){
        .size = (uint64_t)st.st_size,
        .blocks512 = (uint64_t)st.st_blocks,
        .mtime = st.st_mtim,
        .ino = st.st_ino,
    };
    return 0;
}

static void local_drop(struct node_file *f)
{
    CLEANUP_CLOSE int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);

    if (nothing >= 0)
        dup3(nothing, ((struct local *)f)->fd, O_CLOEXEC);
}

static void local_destroy(struct node_file *f)
{
    struct local *l = (struct local *)f;

    closer_close(f->may_hang ? l->node : NULL, &l->fd);
    free(l);
}

static const struct node_file_ops local_ops = {
    .read = local_read,
    .seek = local_seek,
    .facts = local_facts,
    .drop = local_drop,
    .destroy = local_destroy,
};

int node_file_local(int fd, const char *node, struct node_file **ret)
{
    bool may_hang = node && fstype_fd_is_remote(fd);
    struct local *l = calloc(1, sizeof *l + (may_hang ? strlen(node) : 0) + 1);

    if (!l) {
        closer_close(may_hang ? node : NULL, &fd);
        return -ENOMEM;
    }
    l->f = (struct node_file){.ops = &local_ops, .may_hang = may_hang};
    atomic_init(&l->f.refs, 1);
    l->fd = fd;
    if (may_hang)
        strcpy(l->node, node);
    *ret = &l->f;
    return 0;
}

int node_file_fd(const struct node_file *f)
{
    return f->ops == &local_ops ? ((const struct local *)f)->fd : -1;
}
