/* untar_gzip.c - see untar_gzip.h. */
#include "export/untar_gzip.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>

#define CHUNK     (256 * 1024)
#define MAGIC     0x1f
#define WITH_HEAD (15 + 16) /* zlib: largest window, gzip's header and trailer */

int untar_gzip_begin(struct untar_gzip *g)
{
    *g = (struct untar_gzip){.out = malloc(CHUNK)};
    if (g->out && inflateInit2(&g->z, WITH_HEAD) == Z_OK)
        return 0;
    free(g->out);
    g->out = NULL;
    return -ENOMEM;
}

void untar_gzip_feed(struct untar_gzip *g, const void *bytes, size_t len)
{
    g->z.next_in = (unsigned char *)bytes; /* zlib only reads it */
    g->z.avail_in = (unsigned)len;
}

static int corrupt(struct untar_gzip *g, const char *why)
{
    g->why = why ? why : "damaged";
    return -EBADMSG;
}

/* Between members. */
static int begin_member(struct untar_gzip *g)
{
    while (g->any && g->z.avail_in && !*g->z.next_in) {
        g->padding = true;
        g->z.next_in++;
        g->z.avail_in--;
    }
    if (!g->z.avail_in)
        return 0;
    if (g->padding || *g->z.next_in != MAGIC)
        return corrupt(g, "there is something behind its end");
    if (inflateReset(&g->z) != Z_OK)
        return corrupt(g, g->z.msg);
    g->inside = true;
    return 0;
}

ssize_t untar_gzip_next(struct untar_gzip *g, const void **bytes)
{
    while (g->z.avail_in || g->full) {
        int r = g->inside ? 0 : begin_member(g);

        if (r < 0)
            return r;
        if (!g->inside)
            break;
        g->z.next_out = g->out;
        g->z.avail_out = CHUNK;
        r = inflate(&g->z, Z_NO_FLUSH);
        if (r == Z_MEM_ERROR)
            return -ENOMEM;
        if (r != Z_OK && r != Z_STREAM_END && r != Z_BUF_ERROR)
            return corrupt(g, g->z.msg);
        g->full = r != Z_STREAM_END && !g->z.avail_out;
        if (r == Z_STREAM_END) {
            g->inside = false;
            g->any = true;
        }
        if (g->z.avail_out < CHUNK) {
            *bytes = g->out;
            return (ssize_t)(CHUNK - g->z.avail_out);
        }
    }
    return 0;
}

bool untar_gzip_is_whole(const struct untar_gzip *g)
{
    return g->any && !g->inside;
}

void untar_gzip_end(struct untar_gzip *g)
{
    if (g->out)
        inflateEnd(&g->z);
    free(g->out);
    g->out = NULL;
}
