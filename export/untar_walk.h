/* untar_walk.h - the files of an export's archive, one after the other, as libarchive reads them;
 * what an export's archive cannot have is refused on the way.
 *
 * Formats: tar with its variants (ustar, GNU, pax, sparse ones), see untar_stream.h for
 * compression.  One top directory or none, plain files.  Strict about the end: libarchive takes the
 * end of the file for the end of the archive, we want the end marker, and only zeros behind it.
 */
#ifndef EXPORT_UNTAR_WALK_H
#define EXPORT_UNTAR_WALK_H

#include "export/untar.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Each returns 0, or -errno with its story, which ends the walk. */
struct untar_visitor {
    void *arg;
    /* A file begins, its name without the directory: one component. */
    int (*begin)(void *arg, const char *name, uint64_t size, struct err *err);
    /* Offsets only grow; what is left out, also at the end, is zeros. */
    int (*data)(void *arg, uint64_t offset, const void *bytes, size_t len, struct err *err);
    /* plain: all of it lies in the archive's file from `offset` on, one byte after the other. */
    int (*end)(void *arg, bool plain, uint64_t offset, struct err *err);
};

/* The file may be written meanwhile; whatever comes out is checked likewise.
 * *zeros: length of the end marker and the padding behind it, bytes.  -EBADMSG, damaged or not
 * complete; -EINVAL, not an export's; -ECANCELED; -errno.  Memory does not depend on the archive.
 * Blocks. */
int untar_walk(const struct manifest_job *job, const struct untar_visitor *visitor, uint64_t *zeros,
               struct err *err);

#endif
