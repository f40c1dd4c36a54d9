/* slurp.h - the whole of a small file, with a limit. */
#ifndef EXPORT_SLURP_H
#define EXPORT_SLURP_H

#include <stddef.h>

/* Reads fd from offset 0 to its end.  0 and *text (ended by a NUL that *len does not count; the
 * caller frees it); -EFBIG when it holds more than max bytes, -EISDIR and others of read(2),
 * -ENOMEM.  Blocks on the disk. */
int slurp_fd(int fd, size_t max, char **text, size_t *len);

#endif
