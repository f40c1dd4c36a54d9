/* image_parts.h - what the modules of image.h share.
 *
 * image.c:       life, state machine, waiters.
 * image_read.c:  what can be answered, reading, holes, blocks.
 * image_open.c:  images of exports that lie on a node.
 * image_sums.c:  checksums that are made once they are wanted.
 */
#ifndef EXPORT_IMAGE_PARTS_H
#define EXPORT_IMAGE_PARTS_H

#include "export/image.h"

#include <pthread.h>

struct image_disk {
    struct node_file *file; /* owned */
    struct node_file *map;  /* owned, while BUILDING; mutex; NULL: there is no map */
    uint64_t bytes;
    uint64_t watermark; /* below is there; only grows; mutex */
    uint64_t blocks512; /* of a published dump */
};

struct image {
    atomic_int refs;
    char *name;
    char *node; /* of the layout: image_node() */

    pthread_mutex_t mutex;
    enum image_state state;
    struct err err; /* FAILED: why; PUBLISHED with errnum: why the sums never come */
    char *sums;     /* NULL: not there yet; never changes once set */
    struct image_waiter *waiters, **tail;
    struct image_sums_maker *maker; /* owned; NULL: there is none, or it was called */
    atomic_uint_fast64_t life;

    /* the layout: written before the state leaves WAITING, then constant and read without lock */
    int64_t t, timestamp;
    char *config;
    size_t config_len;
    bool has_sums;
    size_t sums_len;
    unsigned ndisks;
    struct image_disk disks[MODEL_MAX_DISKS];
    struct tarmap *map;
};

/* Builds img->map from the rest of the layout.  names: of the dumps.  0 or tarmap_build()'s error.
 */
int image_lay_out(struct image *img, const char *const names[]);

/* The mutex is held.  Can this be read?  0; -EAGAIN: not yet; another -errno: never. */
int image_can_read(const struct image *img, int file, uint64_t off, size_t len);

/* The mutex is held: takes those off who can be answered now; calls them, without it. */
struct image_waiter *image_take_answered(struct image *img);
void image_call_ready(struct image_waiter *answered);

/* Takes the dumps' blocks; they are complete.  Blocks on the node. */
void image_count_blocks(struct image *img);

/* Somebody waits, without the mutex: for checksums that nobody makes yet? */
void image_want_sums(struct image *img);

/* Of the layout, so only once there is one (img->map).  Size: 0 for a file that is not there. */
bool image_layout_has(const struct image *img, int file);
uint64_t image_layout_size(const struct image *img, int file);

#endif
