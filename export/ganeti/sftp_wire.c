/* sftp_wire.c - the protocol's packets, from and to bytes.  No state, any thread.
 *
 *     packet:  u32 length of what follows, u8 type, u32 id, ...      (INIT and VERSION: no id)
 *     string:  u32 length, bytes
 *
 * What comes in is read through struct sftp_in only, which never goes beyond its end; numbers from
 * there are compared before anything is computed with them.
 */
#include "export/ganeti/sftp_internal.h"

#include <string.h>

#define OUT_MAX       (64 * 1024)  /* paths, twice, and more than enough */
#define ENTRIES_MAX   (256 * 1024) /* of one directory */
#define ENTRY_MIN     12           /* bytes of the shortest: two empty strings, no attributes */
#define CHUNK_DEFAULT (32 * 1024)  /* every server takes as much */
#define CHUNK_MIN     4096         /* a server that says less is not believed */
#define READ_MAX      (255 * 1024)
#define WRITE_MAX     (128 * 1024) /* so that a slow line still moves: see sftp_reader.c */

void sftp_out_clear(struct sftp_out *o)
{
    free(o->p);
    *o = (struct sftp_out){0};
}

static uint8_t *grow(struct sftp_out *o, size_t n)
{
    size_t alloc = o->alloc ? o->alloc : 128;
    uint8_t *p;

    if (o->failed || n > OUT_MAX - o->n) {
        o->failed = true;
        return NULL;
    }
    while (alloc < o->n + n)
        alloc *= 2;
    if (alloc != o->alloc) {
        p = realloc(o->p, alloc);
        if (!p) {
            o->failed = true;
            return NULL;
        }
        o->p = p;
        o->alloc = alloc;
    }
    p = o->p + o->n;
    o->n += n;
    return p;
}

void sftp_store_u32(uint8_t *p, uint32_t v)
{
    for (int i = 0; i < 4; i++)
        p[i] = (uint8_t)(v >> (24 - 8 * i));
}

void sftp_store_u64(uint8_t *p, uint64_t v)
{
    sftp_store_u32(p, (uint32_t)(v >> 32));
    sftp_store_u32(p + 4, (uint32_t)v);
}

uint32_t sftp_load_u32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

void sftp_put_raw(struct sftp_out *o, const void *p, size_t n)
{
    uint8_t *to = grow(o, n);

    if (to && n)
        memcpy(to, p, n);
}

void sftp_out_begin(struct sftp_out *o, enum sftp_type type)
{
    const uint8_t head[9] = {[4] = (uint8_t)type};

    o->n = 0;
    sftp_put_raw(o, head, sizeof head);
}

void sftp_put_u32(struct sftp_out *o, uint32_t v)
{
    uint8_t *to = grow(o, 4);

    if (to)
        sftp_store_u32(to, v);
}

void sftp_put_u64(struct sftp_out *o, uint64_t v)
{
    uint8_t *to = grow(o, 8);

    if (to)
        sftp_store_u64(to, v);
}

void sftp_put_bytes(struct sftp_out *o, const void *p, size_t n)
{
    if (n > OUT_MAX) {
        o->failed = true;
        return;
    }
    sftp_put_u32(o, (uint32_t)n);
    sftp_put_raw(o, p, n);
}

void sftp_put_string(struct sftp_out *o, const char *s)
{
    sftp_put_bytes(o, s, strlen(s));
}

void sftp_out_seal(struct sftp_out *o, uint32_t id, size_t more)
{
    sftp_store_u32(o->p, (uint32_t)(o->n - 4 + more));
    sftp_store_u32(o->p + 5, id);
}

static const uint8_t *take(struct sftp_in *in, size_t n)
{
    const uint8_t *p = in->p;

    if (in->bad || n > in->n) {
        in->bad = true;
        return NULL;
    }
    in->p += n;
    in->n -= n;
    return p;
}

uint32_t sftp_get_u32(struct sftp_in *in)
{
    const uint8_t *p = take(in, 4);

    return p ? sftp_load_u32(p) : 0;
}

uint64_t sftp_get_u64(struct sftp_in *in)
{
    uint64_t high = sftp_get_u32(in);

    return high << 32 | sftp_get_u32(in);
}

const uint8_t *sftp_get_bytes(struct sftp_in *in, size_t *n)
{
    uint32_t len = sftp_get_u32(in);
    const uint8_t *p = take(in, len);

    *n = p ? len : 0;
    return p;
}

void sftp_get_attrs(struct sftp_in *in, struct sftp_attrs *ret)
{
    uint32_t flags = sftp_get_u32(in);
    struct sftp_attrs a = {0};
    size_t n;

    if (flags & SFTP_ATTR_SIZE)
        a.size = sftp_get_u64(in);
    if (flags & SFTP_ATTR_UIDGID) {
        a.uid = sftp_get_u32(in);
        a.gid = sftp_get_u32(in);
    }
    if (flags & SFTP_ATTR_PERMISSIONS)
        a.mode = sftp_get_u32(in);
    if (flags & SFTP_ATTR_TIMES) {
        sftp_get_u32(in); /* atime */
        a.mtime = sftp_get_u32(in);
    }
    if (flags & SFTP_ATTR_EXTENDED)
        for (uint32_t pairs = sftp_get_u32(in); pairs > 0 && !in->bad; pairs--) {
            sftp_get_bytes(in, &n);
            sftp_get_bytes(in, &n);
        }
    *ret = a;
}

static int get_name(struct sftp_in *in, struct sftp_entries *e)
{
    struct sftp_entry entry = {0};
    size_t n, ignored;
    const uint8_t *name = sftp_get_bytes(in, &n);

    sftp_get_bytes(in, &ignored); /* as ls would print it */
    sftp_get_attrs(in, &entry.attrs);
    if (in->bad || memchr(name, '\0', n))
        return -EBADMSG;
    if (n == 0 || (n <= 2 && !memcmp(name, "..", n)))
        return 0;
    entry.name = strndup((const char *)name, n);
    if (!entry.name)
        return -ENOMEM;
    e->v[e->n++] = entry;
    return 0;
}

static int make_room(struct sftp_entries *e, size_t *alloc, size_t n)
{
    size_t want = *alloc ? *alloc : 16;
    struct sftp_entry *v;

    while (want < e->n + n)
        want *= 2;
    if (want == *alloc)
        return 0;
    v = reallocarray(e->v, want, sizeof *v);
    if (!v)
        return -ENOMEM;
    e->v = v;
    *alloc = want;
    return 0;
}

int sftp_get_names(struct sftp_in *in, struct sftp_entries *e, size_t *alloc)
{
    uint32_t count = sftp_get_u32(in);

    /* none would be an end that is none, and could be said for ever */
    if (in->bad || count == 0 || count > in->n / ENTRY_MIN)
        return -EBADMSG;
    if (count > ENTRIES_MAX - e->n)
        return -EFBIG;

    int r = make_room(e, alloc, count);

    while (r == 0 && count-- > 0)
        r = get_name(in, e);
    return r;
}

static bool is(const uint8_t *p, size_t n, const char *s)
{
    return n == strlen(s) && !memcmp(p, s, n);
}

int sftp_get_version(struct sftp_in *in, struct sftp_abilities *ret)
{
    struct sftp_abilities can = {.read_max = CHUNK_DEFAULT, .write_max = CHUNK_DEFAULT};
    uint32_t version = sftp_get_u32(in);

    if (in->bad)
        return -EBADMSG;
    if (version != 3)
        return -EPROTONOSUPPORT;
    while (in->n > 0) {
        size_t name_n, data_n;
        const uint8_t *name = sftp_get_bytes(in, &name_n), *data = sftp_get_bytes(in, &data_n);

        if (in->bad)
            return -EBADMSG;
        can.fsync = can.fsync || (is(name, name_n, "fsync@openssh.com") && is(data, data_n, "1"));
        can.statvfs =
            can.statvfs || (is(name, name_n, "statvfs@openssh.com") && is(data, data_n, "2"));
        can.limits =
            can.limits || (is(name, name_n, "limits@openssh.com") && is(data, data_n, "1"));
    }
    *ret = can;
    return 0;
}

static size_t within(uint64_t said, size_t max)
{
    if (said < CHUNK_MIN)
        return CHUNK_DEFAULT;
    return said < max ? (size_t)said : max;
}

void sftp_get_limits(struct sftp_in *in, struct sftp_abilities *ret)
{
    sftp_get_u64(in); /* a packet's; the others are within it */

    uint64_t reading = sftp_get_u64(in), writing = sftp_get_u64(in);

    if (in->bad)
        return;
    ret->read_max = within(reading, READ_MAX);
    ret->write_max = within(writing, WRITE_MAX);
}

int sftp_get_space(struct sftp_in *in, struct sftp_space *ret)
{
    struct sftp_space space;
    uint64_t
        v[11]; /* bsize, frsize, blocks, bfree, bavail, files, ffree, favail, fsid, flag, namemax */

    for (size_t i = 0; i < 11; i++)
        v[i] = sftp_get_u64(in);
    if (in->bad || __builtin_mul_overflow(v[1], v[2], &space.total) ||
        __builtin_mul_overflow(v[1], v[4], &space.free))
        return -EBADMSG;
    space.read_only = v[9] & 1;
    *ret = space;
    return 0;
}
