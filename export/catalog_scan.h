/* catalog_scan.h - shared by the files of the scanner: its nodes, its lock, its catalog. */
#ifndef EXPORT_CATALOG_SCAN_H
#define EXPORT_CATALOG_SCAN_H

#include "export/catalog_read.h"
#include "export/worker.h"

/* One node of a scanner.  Counted: the scanner's list and its thread hold one reference each. */
struct catalog_scan {
    atomic_int refs;
    struct catalog_scanner *s; /* counted */
    struct worker *worker;     /* NULL: offline, or not started */
    int kick;                  /* eventfd: look again now */

    /* guarded by s->m */
    struct model_node node;
    struct catalog_listing listing;
    char *error;    /* of the last look; the node is unreachable */
    bool dropped;   /* out of the list: whatever its thread still brings is not wanted */
    bool looked;    /* a look has ended since it was made or went offline */
    uint64_t epoch; /* grows with catalog_refresh(): a look that began before saw less */

    /* ms of CLOCK_MONOTONIC at which the node was last asked something; 0: nothing is asked */
    _Atomic int64_t asked;
};

/* Lock order: life (held while scans are made, started and dropped) before m, which is a leaf:
 * nothing but memory is touched under it. */
struct catalog_scanner {
    atomic_int refs;
    const struct node_ops *ops;
    void *ctx;
    struct model *(*model)(void *arg);
    unsigned stall_s;
    void (*changed)(void *arg);
    void *arg;
    int news; /* eventfd: call changed() */
    struct worker *monitor;

    pthread_mutex_t life, m;
    pthread_cond_t looked;     /* a scan's `looked` or `error` was set */
    bool started, left_behind; /* guarded by life */
    size_t n;
    struct catalog_scan **scans; /* sorted by name, as in the model */
    struct relay *asks;          /* catalog_refresh() of nodes that may hang */
    struct catalog *catalog;
    struct catalog_hidden *hidden; /* guarded by m; catalog_hide.c */
};

/* A new catalog out of what the scans hold; with m held.  Without memory the old one stays.  news:
 * changed() is due. */
void catalog_scan_rebuild(struct catalog_scanner *s, bool news);

/* Sets or clears (NULL) a scan's error; with m held.  An unreachable node shows no exports. */
void catalog_scan_fail(struct catalog_scan *scan, const char *text);

/* Is it to be left out of the catalog?  With m held. */
bool catalog_scan_hides(const struct catalog_scan *scan, const struct catalog_export *e);
void catalog_scan_free_hidden(struct catalog_scanner *s);

/* NULL: no such node.  With m or life held. */
struct catalog_scan *catalog_scan_find(const struct catalog_scanner *s, const char *name);
int catalog_scan_new(struct catalog_scanner *s, const struct model_node *node,
                     struct catalog_scan **ret);
void catalog_scan_unref(struct catalog_scan *scan);
void catalog_scanner_unref(struct catalog_scanner *s);

/* Looks at the node once and puts the result in place; false: it must be done again. */
bool catalog_scan_look(struct catalog_scan *scan);
/* Starts the thread: one look, or watching until it is stopped. */
int catalog_scan_start(struct catalog_scan *scan, bool watch);
/* Takes it out of use: false when its thread was left behind. */
bool catalog_scan_drop(struct catalog_scan *scan);

static inline void catalog_scan_kick(int fd)
{
    uint64_t one = 1;

    (void)!write(fd, &one, sizeof one); /* fails only when it is readable already */
}

#endif
