/* manifest.h - what an export must contain, whoever made it: an archive, a directory.
 *
 * config.ini, of which the importer's rules hold (spec §7.6) and which names this instance; each
 * dump that it names, once; perhaps XXH128SUMS, which then names just these and is right; and
 * nothing else.
 *
 * Errors: -EBADMSG is for what more bytes may mend (something is missing, a checksum differs),
 * -EINVAL for what they cannot.
 */
#ifndef EXPORT_MANIFEST_H
#define EXPORT_MANIFEST_H

#include "export/cancel.h"
#include "export/exportini.h"
#include "export/sums.h"
#include "export/throttle.h"

#define MANIFEST_MAX_FILES (MODEL_MAX_DISKS + 2)
#define MANIFEST_MAX_SUMS  (16 * 1024) /* bytes; more than so many names can have */

struct manifest_file {
    char name[256];
    uint64_t size;
    uint64_t data; /* of it, in blocks that are not all zeros; in a directory: that are there */
    XXH128_canonical_t digest;
    /* in an archive: the bytes lie one after the other in the file, from there on */
    bool plain;
    uint64_t offset;
};

/* What was found, in any order. */
struct manifest_files {
    struct manifest_file v[MANIFEST_MAX_FILES];
    size_t n;
    char *config, *sums; /* the texts; NULL: not found */
    size_t config_len, sums_len;
    bool
        unfinished; /* names may be temporary ones: what is not named is to be renamed or removed */
};

struct manifest_dump {
    unsigned disk;
    struct manifest_file file;
};

struct manifest {
    char *config; /* config.ini, NUL ended */
    size_t config_len;
    XXH128_canonical_t config_digest;
    unsigned n;
    struct manifest_dump dumps[MODEL_MAX_DISKS]; /* by disk */
    bool has_sums;
    uint64_t data; /* of all dumps: the room they take */
};

/* What is checked, by untar_check() or manifest_check_dir(), and for what. */
struct manifest_job {
    int fd;                    /* of the archive, or the directory; stays the caller's */
    const char *instance;      /* whose image it must be */
    uint64_t room;             /* what the dumps may take on the target, without holes; bytes */
    uint64_t max_bytes;        /* what they may have with their holes, all in all */
    struct cancel *cancel;     /* may be NULL */
    struct throttle *throttle; /* likewise */
    /* so many bytes of the archive are done, of a directory: of its dumps; may be NULL */
    void (*progress)(void *arg, uint64_t bytes);
    void *arg;
};

/* An export that lies in a directory: plain files, opened without following links, whose data is
 * read.  0 and the manifest, with digests; -EBADMSG: not complete yet, also while a hidden file
 * (one that is being written) is there; -EINVAL: not an export, another's, more than max_bytes;
 * -ECANCELED, -errno.  Not asked: room, the data is there already.  Blocks on the disk. */
int manifest_check_dir(const struct manifest_job *job, struct manifest **ret, struct err *err);

/* --- for whoever checks --- */

/* A file of that name was found: *ret is where to say more about it, until the next call.  -EINVAL:
 * not a plain name, hidden, twice, or more than an export has. */
int manifest_found(struct manifest_files *files, const char *name, struct manifest_file **ret,
                   struct err *err);
void manifest_files_clear(struct manifest_files *files);
#define CLEANUP_MANIFEST_FILES CLEANUP(manifest_files_clear)

/* Is config.ini or XXH128SUMS: where its text is kept, and how long it may be; else NULL. */
char **manifest_text(struct manifest_files *files, const char *name, size_t **len, size_t *max);

/* Judges names, sizes and config.ini; takes config from *files.  The digests of the dumps may still
 * be missing. */
int manifest_make(struct manifest_files *files, const char *instance, struct manifest **ret,
                  struct err *err);
/* Compares with XXH128SUMS, if there is one, and sums up `data`. */
int manifest_verify(struct manifest *m, const struct manifest_files *files, struct err *err);
void manifest_free(struct manifest *m); /* NULL allowed */

/* XXH128SUMS as we write it: config.ini, then the dumps.  The caller frees *text.  0 or -ENOMEM. */
int manifest_sums(const struct manifest *m, char **text, size_t *len);

static inline void manifest_cleanup(struct manifest **m)
{
    manifest_free(*m);
}
#define CLEANUP_MANIFEST CLEANUP(manifest_cleanup)

#endif
