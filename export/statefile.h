/* statefile.h - small files in the state directory, written whole and durably.
 *
 * STATE/AREA/NAME; AREA is made when missing.  NAME must be names_valid() (-EINVAL): it may come
 * from outside.  Readers see the old or the new content, never a mixture.  May block on the local
 * disk.
 */
#ifndef EXPORT_STATEFILE_H
#define EXPORT_STATEFILE_H

#include <stddef.h>

/* Reads it (at most max bytes, more is -EFBIG); the caller frees *text, which is NUL-ended.
 * -ENOENT when there is none. */
int statefile_read(const char *state_dir, const char *area, const char *name, size_t max,
                   char **text, size_t *len);
int statefile_write(const char *state_dir, const char *area, const char *name, const char *text,
                    size_t len);
/* Durably; absent is fine. */
int statefile_remove(const char *state_dir, const char *area, const char *name);

/* Removes what writers that died have left in an area. */
void statefile_sweep(const char *state_dir, const char *area);

#endif
