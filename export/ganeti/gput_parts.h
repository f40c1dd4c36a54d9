/* gput_parts.h - shared by gput*.c. */
#ifndef EXPORT_GANETI_GPUT_PARTS_H
#define EXPORT_GANETI_GPUT_PARTS_H

#include "export/ganeti/gnode_stage.h"
#include "export/ganeti/gput.h"
#include "export/sums.h"

struct gput;

/* Where the image is put together: gput_far (gput_far.c), or gput_near (gput_near.c) on a node that
 * is a directory of this machine. */
struct gput_target {
    /* A stage on the node. */
    int (*begin)(struct gput *p, struct err *err);
    /* What lies there now under the name: its identity by content, all 0 for nothing. */
    int (*there)(struct gput *p, struct node_export_id *ret, struct err *err);
    /* An empty file for a dump, which stays the gput's. */
    int (*create)(struct gput *p, const char *name, int *fd, struct err *err);
    /* It has been filled: all of it is on the node when this returns. */
    int (*take)(struct gput *p, unsigned i, struct err *err);
    int (*add)(struct gput *p, const char *name, const void *data, size_t len, struct err *err);
    /* The stage is not left alone while something is waited for. */
    int (*alive)(struct gput *p, struct err *err);
    /* Everything has its mtime; what is `there` is replaced, or -EBUSY. */
    int (*date)(struct gput *p, struct err *err);
    int (*publish)(struct gput *p, struct err *err);
    void (*end)(struct gput *p); /* removes what is not published */
};
extern const struct gput_target gput_far, gput_near;

struct gput {
    const struct gput_world *w;
    const struct lu_run *run;
    struct written *written;
    const struct model_node *node;
    const struct gput_target *target;
    struct gput_note *note;
    struct node_export_id there; /* under the name when it began */
    struct catalog *seen;        /* then */
    struct sums_entry sums[1 + MODEL_MAX_DISKS];
    unsigned created;
    int fds[MODEL_MAX_DISKS]; /* the dumps, of this machine; -1 */
    uint64_t filled, sent, total;
    int64_t t;

    struct put *spool;         /* far: where the dumps are filled */
    struct gnode_conn *conn;   /* far */
    struct gnode_stage *stage; /* far */
    struct node_stage *local;  /* near */
};

int gput_canceled(struct gput *p, struct err *err);
void gput_phase(struct gput *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void gput_say(struct gput *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void gput_tell_progress(struct gput *p);
/* Of what is published: t, and its content. */
struct node_export_id gput_identity(const struct gput *p);
/* A directory in STATE/spool. */
int gput_spool(const struct gput_world *w, const char *name, struct put **ret, struct err *err);
/* Copies on other nodes that were there when it began go, as after an export of Ganeti's. */
void gput_remove_older(struct gput *p);

#endif
