/* image_sums.c - checksums that are made once somebody wants them: see struct image_sums_maker.
 *
 * All else of a published image is there, so whoever waits for it waits for them.  The maker is
 * taken off under the mutex, called without it, and may be gone when it returns.
 */
#include "export/image_parts.h"

void image_set_sums_maker(struct image *img, struct image_sums_maker *m)
{
    img->maker = m;
}

void image_want_sums(struct image *img)
{
    struct image_sums_maker *m;

    pthread_mutex_lock(&img->mutex);
    m = img->state == IMAGE_PUBLISHED && !img->sums ? STEAL(img->maker) : NULL;
    pthread_mutex_unlock(&img->mutex);
    if (!m)
        return;
    m->make(m, img);
    m->destroy(m);
}

void image_alive(struct image *img)
{
    atomic_fetch_add_explicit(&img->life, 1, memory_order_relaxed);
}

uint64_t image_life(const struct image *img)
{
    return atomic_load_explicit(&img->life, memory_order_relaxed);
}

bool image_is_shared(const struct image *img)
{
    return atomic_load_explicit(&img->refs, memory_order_relaxed) > 1;
}

struct node_file *image_dump(struct image *img, unsigned disk)
{
    LOCK_SCOPE(&img->mutex);
    return disk < img->ndisks && img->disks[disk].file ? node_file_ref(img->disks[disk].file)
                                                       : NULL;
}
