/* fullio.h - writing all of a buffer. */
#ifndef LOCK_FULLIO_H
#define LOCK_FULLIO_H

#include <stddef.h>
#include <sys/types.h>

/* Writes len bytes from the start of the file on, whatever interrupts or splits the calls.  0, or
 * -errno with some of it written; -EIO when the file takes no more bytes and does not say why. */
int fullio_write(int fd, const void *data, size_t len);
/* The same from offset `at` on. */
int fullio_pwrite(int fd, const void *data, size_t len, off_t at);

#endif
