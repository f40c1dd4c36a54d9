/* image.c - life of an image, its state machine (drawn in image.h) and who waits for it.
 *
 *   edge                       function
 *   -> WAITING                 image_new()
 *   WAITING -> BUILDING        image_begin()
 *   BUILDING -> BUILDING       image_watermark(), image_set_sums()
 *   BUILDING -> PUBLISHED      image_publish()
 *   PUBLISHED -> PUBLISHED     image_set_sums(); image_fail(): the sums will not come
 *   WAITING, BUILDING -> FAILED  image_fail()
 *   -> PUBLISHED               image_open()
 *   WAITING -> PUBLISHED       image_become()
 *
 * The layout is written once, under the mutex, before the state leaves WAITING, and is constant
 * from then on; a thread that has seen another state under the mutex reads it without.  Every
 * change that may answer somebody takes the answered waiters off the list under the mutex and calls
 * them after it: a waiter is on the list, or its ready() is being called, never both.
 */
#include "export/image_parts.h"

#include "export/exportini.h"
#include "export/sums.h"

#include <fcntl.h>
#include <string.h>

int image_new(const char *name, struct image **ret)
{
    struct image *img = calloc(1, sizeof *img);

    if (!img)
        return -ENOMEM;
    img->name = strdup(name);
    if (!img->name) {
        free(img);
        return -ENOMEM;
    }
    atomic_init(&img->refs, 1);
    pthread_mutex_init(&img->mutex, NULL);
    img->tail = &img->waiters;
    *ret = img;
    return 0;
}

struct image *image_ref(struct image *img)
{
    atomic_fetch_add_explicit(&img->refs, 1, memory_order_relaxed);
    return img;
}

/* Holes are the dumps' own from now on, or nobody's. */
static void drop_maps(struct image *img)
{
    for (unsigned j = 0; j < MODEL_MAX_DISKS; j++)
        node_file_unref(STEAL(img->disks[j].map));
}

static void drop_disks(struct image_disk disks[MODEL_MAX_DISKS])
{
    for (unsigned j = 0; j < MODEL_MAX_DISKS; j++) {
        node_file_unref(disks[j].map);
        node_file_unref(disks[j].file);
        disks[j] = (struct image_disk){0};
    }
}

static void drop_layout(struct image *img)
{
    drop_disks(img->disks);
    img->ndisks = 0;
    free(STEAL(img->config));
}

void image_unref(struct image *img)
{
    if (!img || atomic_fetch_sub_explicit(&img->refs, 1, memory_order_acq_rel) != 1)
        return;
    drop_layout(img);
    if (img->maker)
        img->maker->destroy(img->maker);
    tarmap_free(img->map);
    free(img->sums);
    free(img->name);
    free(img->node);
    pthread_mutex_destroy(&img->mutex);
    free(img);
}

int image_lay_out(struct image *img, const char *const names[])
{
    struct tarmap_member members[MODEL_MAX_DISKS + 2];
    size_t n = 0;

    members[n++] = (struct tarmap_member){.name = EXPORTINI_FILE, .size = img->config_len};
    for (unsigned j = 0; j < img->ndisks; j++)
        members[n++] = (struct tarmap_member){names[j], img->disks[j].bytes, 1};
    if (img->has_sums)
        members[n++] = (struct tarmap_member){.name = SUMS_FILE, .size = img->sums_len};
    return tarmap_build(img->name, img->timestamp, members, n, &img->map);
}

/* --- waiters --- */

static void unlink_waiter(struct image *img, struct image_waiter *w)
{
    *w->pprev = w->next;
    if (w->next)
        w->next->pprev = w->pprev;
    else
        img->tail = w->pprev;
    w->pprev = NULL;
    w->next = NULL;
}

/* The mutex is held.  Takes those off that can be answered now. */
struct image_waiter *image_take_answered(struct image *img)
{
    struct image_waiter *answered = NULL, **tail = &answered, *next;

    for (struct image_waiter *w = img->waiters; w; w = next) {
        next = w->next;
        if (image_can_read(img, w->file, w->off, w->len) == -EAGAIN)
            continue;
        unlink_waiter(img, w);
        *tail = w;
        tail = &w->next;
    }
    return answered;
}

/* The mutex is not held; a waiter may be gone once its ready() was called. */
void image_call_ready(struct image_waiter *w)
{
    while (w) {
        struct image_waiter *next = w->next;

        w->ready(w);
        w = next;
    }
}

static bool enqueue(struct image *img, struct image_waiter *w)
{
    LOCK_SCOPE(&img->mutex);
    w->next = NULL;
    w->pprev = NULL;
    if (image_can_read(img, w->file, w->off, w->len) != -EAGAIN)
        return false;
    w->pprev = img->tail;
    *img->tail = w;
    img->tail = &w->next;
    return true;
}

/* Once it is queued it may be answered, and its image be gone, at any moment. */
int image_wait(struct image *img, struct image_waiter *w)
{
    CLEANUP_IMAGE struct image *here = image_ref(img);

    if (!enqueue(here, w))
        return 1;
    image_want_sums(here);
    return 0;
}

bool image_unwait(struct image *img, struct image_waiter *w)
{
    LOCK_SCOPE(&img->mutex);
    if (!w->pprev)
        return false;
    unlink_waiter(img, w);
    return true;
}

/* --- the run --- */

static int open_dup(int fd, const char *node, struct node_file **ret)
{
    int dup = fcntl(fd, F_DUPFD_CLOEXEC, 0);

    return dup < 0 ? -errno : node_file_local(dup, node, ret);
}

/* Asks the file systems, which may hang. */
static int open_disks(const struct image_layout *layout, struct image_disk disks[MODEL_MAX_DISKS])
{
    for (unsigned j = 0; j < layout->ndisks; j++) {
        int r = open_dup(layout->fds[j], layout->node, &disks[j].file);

        if (r < 0)
            return r;
        if (layout->map_fds && layout->map_fds[j] >= 0)
            open_dup(layout->map_fds[j], layout->node, &disks[j].map);
        disks[j].bytes = layout->bytes[j];
    }
    return 0;
}

static bool may_hang(const struct image_disk disks[MODEL_MAX_DISKS])
{
    for (unsigned j = 0; j < MODEL_MAX_DISKS; j++)
        if ((disks[j].file && disks[j].file->may_hang) || (disks[j].map && disks[j].map->may_hang))
            return true;
    return false;
}

/* Takes the disks, too; also on failure: then drop_layout() is next. */
static int take_layout(struct image *img, const struct image_layout *layout,
                       struct image_disk disks[MODEL_MAX_DISKS])
{
    char names[MODEL_MAX_DISKS][24];
    const char *files[MODEL_MAX_DISKS + 1] = {EXPORTINI_FILE};

    memcpy(img->disks, disks, sizeof img->disks);
    memset(disks, 0, sizeof img->disks);
    img->ndisks = layout->ndisks;
    img->t = layout->t;
    img->timestamp = layout->timestamp;
    img->config_len = layout->config_len;
    img->config = malloc(layout->config_len + 1);
    if (!img->config)
        return -ENOMEM;
    memcpy(img->config, layout->config, layout->config_len);
    for (unsigned j = 0; j < layout->ndisks; j++) {
        snprintf(names[j], sizeof names[j], "disk%u.raw", j);
        files[j + 1] = names[j];
    }
    img->has_sums = true;
    img->sums_len = (size_t)sums_size(files, layout->ndisks + 1);
    return image_lay_out(img, files + 1);
}

int image_begin(struct image *img, const struct image_layout *layout)
{
    struct image_disk disks[MODEL_MAX_DISKS] = {0};
    struct image_waiter *answered;
    CLEANUP_FREE char *node = NULL;
    int r;

    if (layout->ndisks > MODEL_MAX_DISKS)
        return -EINVAL;
    if (layout->config_len > EXPORTINI_MAX)
        return -EFBIG;
    r = open_disks(layout, disks);
    if (r == 0 && may_hang(disks) && !(node = strdup(layout->node)))
        r = -ENOMEM;
    if (r < 0) {
        drop_disks(disks);
        return r;
    }

    pthread_mutex_lock(&img->mutex);
    r = img->state == IMAGE_WAITING ? take_layout(img, layout, disks) : -EINVAL;
    if (r == 0) {
        img->state = IMAGE_BUILDING;
        img->node = STEAL(node);
    } else if (img->state == IMAGE_WAITING)
        drop_layout(img);
    answered = image_take_answered(img);
    pthread_mutex_unlock(&img->mutex);
    drop_disks(disks); /* what was not taken */
    image_call_ready(answered);
    return r;
}

void image_watermark(struct image *img, unsigned disk, uint64_t bytes)
{
    struct image_waiter *answered = NULL;

    pthread_mutex_lock(&img->mutex);
    if (img->state == IMAGE_BUILDING && disk < img->ndisks) {
        struct image_disk *d = &img->disks[disk];

        if (bytes > d->bytes)
            bytes = d->bytes;
        if (bytes > d->watermark) {
            d->watermark = bytes;
            answered = image_take_answered(img);
        }
    }
    pthread_mutex_unlock(&img->mutex);
    image_call_ready(answered);
}

int image_set_sums(struct image *img, const char *text, size_t len)
{
    CLEANUP_FREE char *copy = malloc(len + 1);
    struct image_waiter *answered = NULL;
    int r = -EINVAL;

    if (!copy)
        return -ENOMEM;
    memcpy(copy, text, len);

    pthread_mutex_lock(&img->mutex);
    if ((img->state == IMAGE_BUILDING || img->state == IMAGE_PUBLISHED) && img->has_sums &&
        !img->sums && len == img->sums_len) {
        img->sums = STEAL(copy);
        answered = image_take_answered(img);
        r = 0;
    }
    pthread_mutex_unlock(&img->mutex);
    image_call_ready(answered);
    return r;
}

void image_publish(struct image *img)
{
    struct image_waiter *answered = NULL;

    /* asks the node, so not under the mutex; nobody looks at the counts before the state tells */
    if (image_state(img) == IMAGE_BUILDING)
        image_count_blocks(img);
    pthread_mutex_lock(&img->mutex);
    if (img->state == IMAGE_BUILDING) {
        for (unsigned j = 0; j < img->ndisks; j++)
            img->disks[j].watermark = img->disks[j].bytes;
        img->state = IMAGE_PUBLISHED;
        drop_maps(img);
        answered = image_take_answered(img);
    }
    pthread_mutex_unlock(&img->mutex);
    image_call_ready(answered);
}

void image_fail(struct image *img, const struct err *err)
{
    struct image_waiter *answered;

    pthread_mutex_lock(&img->mutex);
    if (img->state != IMAGE_FAILED) {
        img->err = *err;
        if (img->err.errnum <= 0)
            img->err.errnum = EIO;
        if (img->state != IMAGE_PUBLISHED)
            img->state = IMAGE_FAILED;
        drop_maps(img);
    }
    answered = image_take_answered(img);
    pthread_mutex_unlock(&img->mutex);
    image_call_ready(answered);
}

/* A read that was allowed before the failure may be under way: the files stay valid, without the
 * dumps behind them. */
void image_drop_dumps(struct image *img)
{
    if (image_state(img) != IMAGE_FAILED)
        return;
    for (unsigned j = 0; j < img->ndisks; j++)
        img->disks[j].file->ops->drop(img->disks[j].file);
}

/* --- looking --- */

static pthread_mutex_t *mutex_of(const struct image *img)
{
    return (pthread_mutex_t *)&img->mutex;
}

enum image_state image_state(const struct image *img)
{
    LOCK_SCOPE(mutex_of(img));
    return img->state;
}

void image_error(const struct image *img, struct err *ret)
{
    LOCK_SCOPE(mutex_of(img));
    *ret = img->err;
}

unsigned image_ndisks(const struct image *img)
{
    LOCK_SCOPE(mutex_of(img));
    return img->ndisks;
}

int64_t image_t(const struct image *img)
{
    LOCK_SCOPE(mutex_of(img));
    return img->t;
}

const char *image_node(const struct image *img)
{
    LOCK_SCOPE(mutex_of(img));
    return img->node;
}

int image_ready(const struct image *img, int file, uint64_t off, size_t len)
{
    LOCK_SCOPE(mutex_of(img));
    return image_can_read(img, file, off, len);
}

bool image_has_file(const struct image *img, int file)
{
    LOCK_SCOPE(mutex_of(img));
    return img->map && image_layout_has(img, file);
}

bool image_is_whole(const struct image *img, int file)
{
    LOCK_SCOPE(mutex_of(img));
    return image_can_read(img, file, 0, SIZE_MAX) == 0;
}

uint64_t image_size(const struct image *img, int file)
{
    LOCK_SCOPE(mutex_of(img));
    return img->map ? image_layout_size(img, file) : 0;
}
