/* cancel.c - see cancel.h. */
#include "export/cancel.h"

#include <errno.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

int cancel_init(struct cancel *c)
{
    int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

    if (fd < 0)
        return -errno;
    atomic_init(&c->requested, false);
    atomic_init(&c->life, 0);
    c->fd = fd;
    return 0;
}

void cancel_destroy(struct cancel *c)
{
    close(c->fd);
}

void cancel_request(struct cancel *c)
{
    uint64_t one = 1;

    atomic_store(&c->requested, true);
    /* can only fail when the counter is full, that is, when it is readable already */
    if (write(c->fd, &one, sizeof one) < 0)
        return;
}

int cancel_sleep(struct cancel *c, int ms)
{
    struct pollfd p = {.fd = c ? c->fd : -1, .events = POLLIN};

    cancel_alive(c);
    poll(&p, 1, ms);
    return cancel_requested(c) ? -ECANCELED : 0;
}
