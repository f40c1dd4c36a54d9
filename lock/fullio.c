/* fullio.c - see fullio.h. */
#include "fullio.h"

#include <errno.h>
#include <sys/types.h>
#include <unistd.h>

int fullio_write(int fd, const void *data, size_t len)
{
    for (size_t done = 0; done < len;) {
        ssize_t n = pwrite(fd, (const char *)data + done, len - done, (off_t)done);

        if (n == 0)
            return -EIO;
        if (n < 0 && errno != EINTR)
            return -errno;
        if (n > 0)
            done += (size_t)n;
    }
    return 0;
}
