/* lu_world_image.h - image.h's functions that a run calls, logged.  Include after lu_world.h. */
#ifndef TESTS_LU_WORLD_IMAGE_H
#define TESTS_LU_WORLD_IMAGE_H

struct image {
    enum image_state state;
    struct err err;
};

/* Gives the run an image to fill. */
static inline struct image *world_with_image(void)
{
    static struct image image;

    image = (struct image){.state = IMAGE_WAITING};
    w.run.image = &image;
    return &image;
}

enum image_state image_state(const struct image *img)
{
    return img->state;
}

int image_begin(struct image *img, const struct image_layout *l)
{
    world_logf("image-begin t=%lld disks=%u", (long long)l->t, l->ndisks);
    img->state = IMAGE_BUILDING;
    return 0;
}

void image_watermark(struct image *img, unsigned disk, uint64_t bytes)
{
    (void)img;
    world_logf("image-watermark %u %llu", disk, (unsigned long long)bytes);
}

int image_set_sums(struct image *img, const char *text, size_t len)
{
    (void)img, (void)text;
    world_logf("image-sums %zu", len);
    return 0;
}

void image_publish(struct image *img)
{
    world_logf("image-publish");
    img->state = IMAGE_PUBLISHED;
}

void image_fail(struct image *img, const struct err *err)
{
    world_logf("image-fail %s", err->text);
    if (img->state != IMAGE_PUBLISHED)
        img->state = IMAGE_FAILED;
    img->err = *err;
}

void image_drop_dumps(struct image *img)
{
    (void)img;
}

#endif
