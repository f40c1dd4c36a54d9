/* image_read.c - reading an image: what can be answered yet, bytes, holes, blocks.
 *
 * The tar is read through its map: an extent is literal bytes, or a range of one of the other
 * files. What can be read is decided under the mutex; the bytes are fetched after it, for below a
 * watermark nothing changes any more.  Dumps are never read shorter than they were said to be: a
 * dump that was cut behind our back is EIO, neither a short read nor a hole.  While a dump grows
 * holes are those of what it is copied from, which does not change meanwhile: zeros that the copy
 * leaves out may be data there, never the other way.
 */
#include "export/image_parts.h"

#include <string.h>
#include <unistd.h>

/* Which file a member of the tar is; image_lay_out() is the other side of this. */
static int file_of_member(const struct image *img, int member)
{
    if (member == 0)
        return IMAGE_CONFIG;
    return member <= (int)img->ndisks ? IMAGE_DISK(member - 1) : IMAGE_SUMS;
}

/* The dump that `file` is, or NULL. */
static const struct image_disk *disk_of(const struct image *img, int file)
{
    return file >= IMAGE_DISK0 && file < IMAGE_DISK((int)img->ndisks)
               ? &img->disks[file - IMAGE_DISK0]
               : NULL;
}

bool image_layout_has(const struct image *img, int file)
{
    return file == IMAGE_CONFIG || file == IMAGE_TAR || (file == IMAGE_SUMS && img->has_sums) ||
           disk_of(img, file);
}

uint64_t image_layout_size(const struct image *img, int file)
{
    const struct image_disk *d = disk_of(img, file);

    switch (file) {
    case IMAGE_CONFIG:
        return img->config_len;
    case IMAGE_SUMS:
        return img->has_sums ? img->sums_len : 0;
    case IMAGE_TAR:
        return img->map->size;
    default:
        return d ? d->bytes : 0;
    }
}

/* --- what is there --- */

static int can_read_sums(const struct image *img)
{
    if (img->sums)
        return 0;
    return img->err.errnum ? -img->err.errnum : -EAGAIN;
}

static int can_read_file(const struct image *img, int file, uint64_t end)
{
    if (file == IMAGE_CONFIG)
        return 0;
    if (file == IMAGE_SUMS)
        return can_read_sums(img);
    return end <= disk_of(img, file)->watermark ? 0 : -EAGAIN;
}

static int can_read_tar(const struct image *img, uint64_t off, uint64_t end)
{
    const struct tarmap *map = img->map;
    int r = 0;

    for (size_t i = tarmap_find(map, off); r == 0 && i < map->n && map->extents[i].start < end;
         i++) {
        const struct tarmap_extent *e = &map->extents[i];
        uint64_t stop = e->start + e->len < end ? e->start + e->len : end;

        if (e->member >= 0)
            r = can_read_file(img, file_of_member(img, e->member), e->offset + (stop - e->start));
    }
    return r;
}

int image_can_read(const struct image *img, int file, uint64_t off, size_t len)
{
    uint64_t size, end;

    if (img->state == IMAGE_WAITING)
        return -EAGAIN;
    if (img->state == IMAGE_FAILED)
        return -img->err.errnum;
    if (!image_layout_has(img, file))
        return -ENOENT;
    size = image_layout_size(img, file);
    if (off >= size)
        return 0;
    end = len < size - off ? off + len : size;
    return file == IMAGE_TAR ? can_read_tar(img, off, end) : can_read_file(img, file, end);
}

/* --- bytes --- */

/* ready: no more than memory has, or -EAGAIN. */
static int read_dump(const struct image_disk *d, uint64_t off, char *buf, size_t len, bool ready)
{
    if (ready)
        return node_file_read_ready(d->file, buf, len, off);
    return d->file->ops->read(d->file, buf, len, off) < 0 ? -EIO : 0;
}

static int read_file(const struct image *img, int file, uint64_t off, char *buf, size_t len,
                     bool ready)
{
    if (file == IMAGE_CONFIG)
        memcpy(buf, img->config + off, len);
    else if (file == IMAGE_SUMS)
        memcpy(buf, img->sums + off, len);
    else
        return read_dump(disk_of(img, file), off, buf, len, ready);
    return 0;
}

static int read_tar(const struct image *img, uint64_t off, char *buf, size_t len, bool ready)
{
    const struct tarmap *map = img->map;
    int r = 0;

    for (size_t i = tarmap_find(map, off); r == 0 && len; i++) {
        const struct tarmap_extent *e = &map->extents[i];
        uint64_t in = off - e->start;
        size_t n = e->len - in < len ? (size_t)(e->len - in) : len;

        if (e->member < 0)
            memcpy(buf, map->bytes + e->offset + in, n);
        else
            r = read_file(img, file_of_member(img, e->member), e->offset + in, buf, n, ready);
        off += n;
        buf += n;
        len -= n;
    }
    return r;
}

static ssize_t read_of(struct image *img, int file, uint64_t off, void *buf, size_t len, bool ready)
{
    uint64_t size;
    int r;

    pthread_mutex_lock(&img->mutex);
    r = image_can_read(img, file, off, len);
    pthread_mutex_unlock(&img->mutex);
    if (r < 0)
        return r;

    size = image_layout_size(img, file);
    if (off >= size)
        return 0;
    if (len > size - off)
        len = (size_t)(size - off);
    r = file == IMAGE_TAR ? read_tar(img, off, buf, len, ready)
                          : read_file(img, file, off, buf, len, ready);
    return r < 0 ? r : (ssize_t)len;
}

ssize_t image_read(struct image *img, int file, uint64_t off, void *buf, size_t len)
{
    return read_of(img, file, off, buf, len, false);
}

ssize_t image_read_ready(struct image *img, int file, uint64_t off, void *buf, size_t len)
{
    return read_of(img, file, off, buf, len, true);
}

/* --- holes --- */

/* Where the next data (or hole) of a disk is, `bytes` when there is none before its end. */
static uint64_t seek_in(struct node_file *f, uint64_t bytes, uint64_t off, int whence)
{
    uint64_t found = bytes;
    int r = f->ops->seek(f, off, whence, &found);
    struct node_file_facts now;

    /* a cut dump has no holes: reading it must fail, not be left out */
    if ((r < 0 && r != -ENXIO) || f->ops->facts(f, &now) < 0 || now.size < bytes)
        return whence == SEEK_DATA ? off : bytes;
    return r < 0 || found > bytes ? bytes : found;
}

/* What tells of the disk's holes, kept for one seek: publication may take the map away. */
static struct node_file *borrow_map(struct image *img, const struct image_disk *d)
{
    LOCK_SCOPE(&img->mutex);

    struct node_file *f = d->watermark == d->bytes ? d->file : d->map;

    return f ? node_file_ref(f) : NULL;
}

static uint64_t seek_disk(struct image *img, const struct image_disk *d, uint64_t off, int whence)
{
    CLEANUP_NODE_FILE struct node_file *map = borrow_map(img, d);

    if (!map)
        return whence == SEEK_DATA ? off : d->bytes;
    return seek_in(map, d->bytes, off, whence);
}

/* The first data (or hole) in the tar at or behind off; its size when there is none. */
static uint64_t seek_tar(struct image *img, uint64_t off, int whence)
{
    const struct tarmap *map = img->map;

    for (size_t i = tarmap_find(map, off); i < map->n; i++) {
        const struct tarmap_extent *e = &map->extents[i];
        const struct image_disk *d =
            e->member < 0 ? NULL : disk_of(img, file_of_member(img, e->member));
        uint64_t in = off > e->start ? off - e->start : 0;

        if (d) {
            uint64_t found = seek_disk(img, d, e->offset + in, whence) - e->offset;

            if (found < e->len)
                return e->start + found;
        } else if (whence == SEEK_DATA) {
            return e->start + in;
        }
    }
    return map->size;
}

int image_seek(struct image *img, int file, uint64_t off, int whence, uint64_t size, uint64_t *ret)
{
    enum image_state state = image_state(img);
    bool laid_out = state == IMAGE_BUILDING || state == IMAGE_PUBLISHED;
    const struct image_disk *d = laid_out ? disk_of(img, file) : NULL;
    uint64_t found;

    if (whence != SEEK_DATA && whence != SEEK_HOLE)
        return -EINVAL;
    if (state == IMAGE_FAILED) {
        struct err err;

        image_error(img, &err);
        return -err.errnum;
    }
    if (laid_out)
        size = image_layout_size(img, file);
    if (off >= size)
        return -ENXIO;
    if (d)
        found = seek_disk(img, d, off, whence);
    else if (laid_out && file == IMAGE_TAR)
        found = seek_tar(img, off, whence);
    else
        found = whence == SEEK_DATA ? off : size;
    if (whence == SEEK_DATA && found >= size)
        return -ENXIO;
    *ret = found;
    return 0;
}

/* --- blocks --- */

static uint64_t blocks_for(uint64_t bytes)
{
    return bytes / 512 + (bytes % 512 != 0);
}

void image_count_blocks(struct image *img)
{
    for (unsigned j = 0; j < img->ndisks; j++) {
        struct image_disk *d = &img->disks[j];
        uint64_t dense = blocks_for(d->bytes);
        struct node_file_facts now;

        /* file systems may allocate more than the length needs */
        if (d->file->ops->facts(d->file, &now) < 0 || now.blocks512 > dense)
            d->blocks512 = dense;
        else
            d->blocks512 = now.blocks512;
    }
}

static uint64_t tar_blocks(const struct image *img)
{
    uint64_t blocks = blocks_for(img->map->size);

    for (unsigned j = 0; j < img->ndisks; j++)
        blocks -= blocks_for(img->disks[j].bytes) - img->disks[j].blocks512;
    return blocks;
}

uint64_t image_blocks512(const struct image *img, int file)
{
    if (image_state(img) == IMAGE_WAITING || !image_has_file(img, file))
        return 0;

    const struct image_disk *d = disk_of(img, file);
    uint64_t dense = blocks_for(image_layout_size(img, file));

    if (!d && file != IMAGE_TAR)
        return dense;
    /* not known yet; less than dense, so that a reader asks for holes */
    if (image_state(img) != IMAGE_PUBLISHED)
        return dense ? dense - 1 : 0;
    return d ? d->blocks512 : tar_blocks(img);
}
