/* buffer.h - each thread's own buffer for the bytes of one reply. */
#ifndef FS_BUFFER_H
#define FS_BUFFER_H

#include <stddef.h>

/* At least `size` bytes, page aligned, the calling thread's until it calls again; NULL: no memory.
 * Freed when the thread ends. */
void *buffer_get(size_t size);

#endif
