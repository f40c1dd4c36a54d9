/* upload_internal.h - what upload.c, upload_finish.c and upload_source.c share. */
#ifndef EXPORT_UPLOAD_INTERNAL_H
#define EXPORT_UPLOAD_INTERNAL_H

#include "export/manifest.h"
#include "export/put.h"
#include "export/upload.h"
#include "export/written.h"

#include <limits.h>

enum upload_state { UPLOAD_EMPTY, UPLOAD_STAGED, UPLOAD_CHECKED, UPLOAD_RUNNING, UPLOAD_DONE };

struct upload_file {
    bool used;
    bool stale;       /* without a name; what is on the node is still to go */
    unsigned writing; /* writes under way: the descriptor stays */
    unsigned reuse;   /* how often the place was taken: part of the number */
    char name[NAME_MAX + 1];
    int fd;                     /* its file on the node; -1: none yet */
    char lies_as[NAME_MAX + 1]; /* what that is called, by its number at first; under begin */
    uint64_t size;
    uint64_t cut; /* the file on the node is still to be cut to this; UINT64_MAX: no */
    int64_t mtime;
};

struct upload {
    struct jobs *jobs;
    enum upload_kind kind;
    char *instance;
    pthread_mutex_t begin;  /* one at a time makes something on the node; before mu */
    struct put *put;        /* under begin */
    pthread_mutex_t append; /* before begin */
    struct cancel cancel;   /* of the check */

    pthread_mutex_t mu; /* all below */
    unsigned refs;
    char *node; /* NULL: not chosen yet */
    enum upload_state state;
    unsigned writing;
    bool dirty;             /* written since it was checked last */
    bool again;             /* CHECKED: asked for once more, after it had become dirty */
    unsigned checking;      /* threads that may still use the jobs */
    bool broken;            /* a write has failed: there is a gap */
    bool forced;            /* no checksums will come */
    struct manifest *whole; /* checked, but for checksums that may yet come; and since when */
    int64_t whole_since;    /* monotonic seconds */
    int last;               /* result of the last check or run */
    char why[1024];         /* its story */
    struct image *signal;   /* CHECKED, RUNNING: failed when that is over, for who waits */
    struct upload_file files[UPLOAD_FILES];
};

#define UPLOAD_REUSE (1u << 16)

#define UPLOAD_NUMBER     ".staged-"
#define UPLOAD_NUMBER_MAX (sizeof UPLOAD_NUMBER + 12)
static inline void upload_number(char *buf, int file)
{
    snprintf(buf, UPLOAD_NUMBER_MAX, UPLOAD_NUMBER "%d", file);
}

/* With begin held, or as the last who has it. */
void upload_drop_staged(struct upload *u);
/* What has lost its name, and is not written to, goes from the node, too; with begin held. */
void upload_drop_stale(struct upload *u);
/* All files are on the node, as long as they are said to be. */
int upload_lay_out(struct upload *u, struct err *err);

/* Most bytes of an image with its holes: they take time to look at. */
#define UPLOAD_MOST (UINT64_C(64) << 40)

/* What was checked, for jobs_write(); takes m.  NULL: ENOMEM, and m stays the caller's. */
struct written *upload_source(struct upload *u, struct manifest *m);

#endif
