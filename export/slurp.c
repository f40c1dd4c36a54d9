/* slurp.c - see slurp.h.  The file's own idea of its size is not trusted: it is read to the end. */
#include "export/slurp.h"

#include "lock/cleanup.h"

int slurp_fd(int fd, size_t max, char **text, size_t *len)
{
    CLEANUP_FREE char *buf = NULL;
    size_t have = 0, room = 0;

    for (;;) {
        if (room - have < 2) {
            size_t more = room ? room * 2 : 4096;
            char *p = realloc(buf, more);

            if (!p)
                return -ENOMEM;
            buf = p;
            room = more;
        }
        ssize_t n = pread(fd, buf + have, room - have - 1, (off_t)have);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        if (n == 0)
            break;
        have += (size_t)n;
        if (have > max)
            return -EFBIG;
    }
    buf[have] = '\0';
    *text = STEAL(buf);
    *len = have;
    return 0;
}
