/* gnode_cache.h - what a node's exports were when they were last read, and whether that still can
 * be told: so that a node where nothing happens is asked for one listing each time, and no more.
 *
 * A directory's mtime, in seconds, stands for what is in it if it had come to rest before that was
 * read.  It does not tell of files that were changed in place, so nothing is believed for long.
 */
#ifndef EXPORT_GANETI_GNODE_CACHE_H
#define EXPORT_GANETI_GNODE_CACHE_H

#include "export/ganeti/gnode_raw.h"

#include <pthread.h>

struct gnode_seen {
    char *name;
    uint32_t mode;
    int64_t mtime;
    int64_t since_ms; /* when it was first seen with that mtime */
    int64_t read_ms;  /* when raw was begun to be read */
    struct gnode_raw *raw;
    bool fresh; /* of the last listing, and not yet used */
};

struct gnode_cache {
    pthread_mutex_t m;
    /* the last listing: whose, and when */
    pthread_t lister;
    int64_t listed_ms;
    struct gnode_seen *v; /* sorted by name */
    size_t n;
    struct node_space space;
    int64_t space_ms; /* 0: not known */
};

enum gnode_cached {
    GNODE_UNKNOWN, /* ask the node */
    GNODE_NO_DIR,  /* it is something else than a directory */
    GNODE_KNOWN,
};

void gnode_cache_init(struct gnode_cache *c);
void gnode_cache_destroy(struct gnode_cache *c);

/* The node's EXPORT_DIR as it has just been listed by this thread.  0, -ENOMEM: then nothing is
 * known any more. */
int gnode_cache_listed(struct gnode_cache *c, const struct sftp_entries *entries);
/* To be asked once after each listing, by the thread that had it: who asks for an export for
 * another reason wants to know what it is now.  KNOWN: *ret is counted for the caller. */
enum gnode_cached gnode_cache_find(struct gnode_cache *c, const char *name, struct gnode_raw **ret);
/* It was begun to be read at that moment (clock_ms()). */
void gnode_cache_put(struct gnode_cache *c, const char *name, struct gnode_raw *raw, int64_t at_ms);
void gnode_cache_forget(struct gnode_cache *c, const char *name);

bool gnode_cache_space(struct gnode_cache *c, struct node_space *ret);
void gnode_cache_put_space(struct gnode_cache *c, const struct node_space *space);

#endif
