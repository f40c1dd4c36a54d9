/* image.h - one export as readers see it: files, the tar over them, and how much is there yet.
 *
 *                 image_begin()            image_publish()
 *     WAITING -------------------> BUILDING -------------> PUBLISHED
 *        |                            |        image_fail()
 *        +----------------------------+------------------> FAILED
 *
 * WAITING: a run was started, its layout is not known yet.  BUILDING: layout and config.ini are
 * known, dumps grow up to their watermarks; what is below is served at once.  PUBLISHED: immutable;
 * only the checksums of a reflinked image may still be missing (image_set_sums() comes later).
 * The open files keep the bytes readable even when a newer export has replaced this one.
 *
 * Thread safe; reference counted.  Lock order: an image's own mutex is a leaf; waiters' ready() is
 * called without it.
 */
#ifndef EXPORT_IMAGE_H
#define EXPORT_IMAGE_H

#include "export/catalog.h"
#include "export/node_file.h"
#include "export/tarmap.h"

#include <sys/types.h>

enum image_state { IMAGE_WAITING, IMAGE_BUILDING, IMAGE_PUBLISHED, IMAGE_FAILED };

/* Files of an image.  Disk j is IMAGE_DISK(j). */
enum { IMAGE_CONFIG = 0, IMAGE_SUMS = 1, IMAGE_TAR = 2, IMAGE_DISK0 = 3 };
#define IMAGE_DISK(j)   (IMAGE_DISK0 + (j))
#define IMAGE_MAX_FILES (IMAGE_DISK0 + MODEL_MAX_DISKS)

struct image;

/* An image that a run will fill.  name: instance. */
int image_new(const char *name, struct image **ret);
struct image *image_ref(struct image *img);
void image_unref(struct image *img); /* NULL allowed */

/* --- for the run that makes it --- */

struct image_layout {
    int64_t t, timestamp; /* DESIGN §3: identity; when the data was taken */
    const char *config;   /* config.ini, copied */
    size_t config_len;
    unsigned ndisks;
    int fds[MODEL_MAX_DISKS]; /* the staged dumps, duplicated by image_begin() */
    /* What the dumps are copied from, or NULL: immutable until the image is published or fails, -1:
     * cannot tell data from holes.  Duplicated likewise, and given back then. */
    const int *map_fds;
    const char *node; /* where the dumps lie, for image_node(); NULL: nowhere that may hang */
    uint64_t bytes[MODEL_MAX_DISKS];
};
/* -EINVAL (also: not WAITING), -EFBIG, -ENOMEM ... (tarmap_build()); state unchanged then.  The
 * dumps are laid out as "disk0.raw" ..., and XXH128SUMS as sums_size() of config.ini and the dumps.
 */
int image_begin(struct image *img, const struct image_layout *layout);
void image_watermark(struct image *img, unsigned disk, uint64_t bytes); /* only grows */
/* Once, while BUILDING or PUBLISHED.  -EINVAL: again, or the length is not as laid out; -ENOMEM. */
int image_set_sums(struct image *img, const char *text, size_t len);
/* All bytes of all dumps are there (and durable).  Asks the dumps' file system for their blocks. */
void image_publish(struct image *img);
/* WAITING or BUILDING: readers get err->errnum.  PUBLISHED: the image stays, but its checksums will
 * not come; who reads them, or the end of the tar, gets err->errnum. */
void image_fail(struct image *img, const struct err *err);

/* Lets go of the dumps of a FAILED image, which nobody reads any more; before they are removed, for
 * on some file systems what is open cannot be.  Blocks on the node. */
void image_drop_dumps(struct image *img);

/* --- published exports --- */

/* Opens what lies in EXPORT_DIR/name of a node, as the catalog saw it: config.ini and sums are
 * read, all dumps are opened; what changed since is -ESTALE.  names as they lie there; normal: in
 * our form, if it is not, without checksums yet (exportini_normal()).  -EBADMSG: not complete.
 * Blocks on the node. */
int image_open(const struct node_ops *ops, void *ctx, const struct model_node *node,
               const struct catalog_export *exp, bool normal, struct image **ret, struct err *err);

/* WAITING, of a run whose layout is known only when all is done: becomes what `opened` is, which
 * nobody else has seen and nobody can use afterwards.  -EINVAL: it is not WAITING. */
int image_become(struct image *img, struct image *opened);

/* Makes the checksums of a PUBLISHED image that has none, once somebody waits for them. */
struct image_sums_maker {
    /* Called once at most, without locks.  Only starts what ends in image_set_sums() or
     * image_fail(); never blocks. */
    void (*make)(struct image_sums_maker *m, struct image *img);
    void (*destroy)(struct image_sums_maker *m);
};
/* Of an image that nobody else has seen; takes m. */
void image_set_sums_maker(struct image *img, struct image_sums_maker *m);
/* Whoever makes them goes on; a number that changes with each such sign of life. */
void image_alive(struct image *img);
uint64_t image_life(const struct image *img);
/* Has anybody else a reference?  If not, nobody waits for it. */
bool image_is_shared(const struct image *img);
/* A dump, referenced; NULL: there is no such disk. */
struct node_file *image_dump(struct image *img, unsigned disk);

/* --- reading --- */

enum image_state image_state(const struct image *img);
void image_error(const struct image *img, struct err *ret); /* FAILED: why; a copy */
unsigned image_ndisks(const struct image *img);
int64_t image_t(const struct image *img);
/* Its node, if reading it or looking for holes may hang, for the dumps or what they are copied from
 * lie on a network file system or a program's; else NULL.  As long as the image. */
const char *image_node(const struct image *img);
/* Can these bytes be read, apart from that?  0, or what image_read() would fail with. */
int image_ready(const struct image *img, int file, uint64_t off, size_t len);
bool image_has_file(const struct image *img, int file); /* sums may be absent (foreign export) */
/* BUILDING or PUBLISHED, and every read of that file is answered at once. */
bool image_is_whole(const struct image *img, int file);
uint64_t image_size(const struct image *img, int file); /* 0 while WAITING */
uint64_t image_blocks512(const struct image *img, int file);

/* Reads up to len bytes at off: the number read (short only at the end of the file, 0 there),
 * -EAGAIN when not all of it is there yet, the failure's errno when FAILED, -EIO when bytes that
 * should be there cannot be had.  Never blocks on the run; blocks on the disk. */
ssize_t image_read(struct image *img, int file, uint64_t off, void *buf, size_t len);
/* The same of what is in memory, without waiting for anything; -EAGAIN: it takes image_read(). */
ssize_t image_read_ready(struct image *img, int file, uint64_t off, void *buf, size_t len);

/* SEEK_DATA / SEEK_HOLE: 0 and *ret, or -ENXIO (at or past the end).  While BUILDING by what the
 * dumps are copied from, which has data wherever they will have any; while WAITING, or if that
 * cannot tell, "data to the end" of a file of `size` bytes; once FAILED the failure's errno.
 * Blocks on the disk. */
int image_seek(struct image *img, int file, uint64_t off, int whence, uint64_t size, uint64_t *ret);

struct image_waiter {
    /* Called once, without locks, from the thread that made progress: try image_read() again.  Must
     * not call image_wait() on the same waiter before it returns -- any other is fine. */
    void (*ready)(struct image_waiter *w);
    int file;
    uint64_t off;
    size_t len;
    struct image_waiter *next, **pprev; /* the image's */
};

/* Queues w until what it names can be answered (data there, or FAILED).  1: it can be already, w is
 * not queued; 0: queued. */
int image_wait(struct image *img, struct image_waiter *w);
/* Takes it back; false: ready() was called or is being called. */
bool image_unwait(struct image *img, struct image_waiter *w);

static inline void image_cleanup(struct image **img)
{
    image_unref(*img);
}
#define CLEANUP_IMAGE CLEANUP(image_cleanup)

#endif
