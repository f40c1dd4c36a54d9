/* fullio.c - see fullio.h. */
#include "fullio.h"

#include <errno.h>
#include <unistd.h>

int fullio_pwrite(int fd, const void *data, size_t len, off_t at)
{
    for (size_t done = 0; done < len;) {
        ssize_t n = pwrite(fd, (const char *)data + done, len - done, at + (off_t)done);

        if (n == 0)
            return -EIO;
        if (n < 0 && errno != EINTR)
            return -errno;
        if (n > 0)
            done += (size_t)n;
    }
    return 0;
}

int fullio_write(int fd, const void *data, size_t len)
{
    return fullio_pwrite(fd, data, len, 0);
}
