/* gfile_ahead.h - what a file's readers ask for, and what they will ask for next; the hash of it.
 *
 * Reads that follow each other are a run: of a run the next chunks are fetched before they are
 * asked for, more the longer it lasts.  Any other read fetches what it asks for.
 */
#ifndef EXPORT_GANETI_GFILE_AHEAD_H
#define EXPORT_GANETI_GFILE_AHEAD_H

#include "export/ganeti/gfile_handle.h"
#include "export/xxh3.h"

#include <pthread.h>

#define GFILE_CHUNK  (512u * 1024)
#define GFILE_CHUNKS 16u /* 8 MiB: the most that a file may hold */
#define GFILE_RECENT 16u

enum gfile_chunk_state { CHUNK_EMPTY, CHUNK_STARTING, CHUNK_FETCHING, CHUNK_ENDING, CHUNK_READY };

struct gfile_chunk {
    enum gfile_chunk_state state;
    uint64_t off;       /* a multiple of GFILE_CHUNK */
    size_t len, got;    /* asked for; came */
    size_t eaten;       /* bytes that readers took */
    unsigned users;     /* readers copying from it just now */
    unsigned char *buf; /* GFILE_CHUNK bytes, or NULL */
    struct sftp_read *read;
    struct gfile_handle *h; /* what it is read from while it is being fetched */
};

struct gfile_ahead {
    pthread_mutex_t m;
    pthread_cond_t moved; /* a chunk has changed its state */
    uint64_t size;        /* of the file: nothing beyond is fetched ahead */
    struct gfile_chunk chunks[GFILE_CHUNKS];
    int64_t used_ms; /* when it was last of use */
    bool kept;       /* the keeper knows of it */
    /* the run */
    bool run;
    uint64_t head;   /* up to where it was asked for */
    uint64_t issued; /* the first chunk (its number) that was not yet fetched */
    uint64_t run_bytes;
    unsigned strangers; /* reads in a row that did not follow another */
    struct gfile_range {
        uint64_t off, end;
    } recent[GFILE_RECENT];
    unsigned next_recent;
    /* the tap */
    XXH3_state_t *hash;
    uint64_t pos;
};

int gfile_ahead_init(struct gfile_ahead *a, uint64_t size); /* 0, -ENOMEM */
/* Nothing may be under way any more: gfile_ahead_shrink() first. */
void gfile_ahead_destroy(struct gfile_ahead *a);

/* All of [off, off + len): 0, -EIO when the file ends before, -errno.  h: what to ask from. */
int gfile_ahead_read(struct gfile_ahead *a, struct gfile_handle *h, void *buf, size_t len,
                     uint64_t off, struct err *err);

/* The same of what came already, if nothing need be fetched ahead either: 0; else -EAGAIN, and as
 * if it had not been asked.  Never blocks for long. */
int gfile_ahead_ready(struct gfile_ahead *a, void *buf, size_t len, uint64_t off);

/* True once: there are buffers, and nobody was told yet to come back for them. */
bool gfile_ahead_keep(struct gfile_ahead *a);
/* Takes that back if there are none any more: true. */
bool gfile_ahead_unkeep(struct gfile_ahead *a);
/* Gives back all that nobody uses if that has been so for idle_ms; waits for what is under way. */
void gfile_ahead_shrink(struct gfile_ahead *a, int64_t idle_ms);
size_t gfile_ahead_bytes(struct gfile_ahead *a);

bool gfile_ahead_hash(struct gfile_ahead *a, uint64_t *pos, XXH128_hash_t *ret);

#endif
