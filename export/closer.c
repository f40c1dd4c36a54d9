/* closer.c - see closer.h.
 *
 * One queue and, while there is something in it, one thread per node that has any: a node that
 * hangs holds up its own files only, and one thread.  The mutex is a leaf.  What is queued when the
 * process ends is closed with it.
 */
#include "export/closer.h"

#include "export/thread.h"
#include "lock/cleanup.h"

#include <string.h>

struct entry {
    struct entry *next;
    int fd;
};

struct closer {
    struct closer *next;
    struct entry *queue;
    char node[];
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static struct closer *closers;

static struct closer *find(const char *node)
{
    for (struct closer *c = closers; c; c = c->next)
        if (!strcmp(c->node, node))
            return c;
    return NULL;
}

static void forget(struct closer *c)
{
    struct closer **p = &closers;

    while (*p != c)
        p = &(*p)->next;
    *p = c->next;
}

static void *run(void *arg)
{
    struct closer *c = arg;

    pthread_mutex_lock(&mutex);
    while (c->queue) {
        struct entry *e = c->queue;

        c->queue = e->next;
        pthread_mutex_unlock(&mutex);
        close(e->fd);
        free(e);
        pthread_mutex_lock(&mutex);
    }
    forget(c);
    pthread_mutex_unlock(&mutex);
    free(c);
    return NULL;
}

/* With the mutex: queues it.  -ENOMEM, -EAGAIN. */
static int queue(const char *node, struct entry *e)
{
    struct closer *c = find(node);

    if (c) {
        e->next = c->queue;
        c->queue = e;
        return 0;
    }
    c = calloc(1, sizeof *c + strlen(node) + 1);
    if (!c)
        return -ENOMEM;
    strcpy(c->node, node);
    c->queue = e;
    c->next = closers;
    closers = c;

    int r = thread_detached(run, c);

    if (r < 0) {
        forget(c);
        free(c);
    }
    return r;
}

void closer_close(const char *node, int *fd)
{
    struct entry *e = node && *fd >= 0 ? calloc(1, sizeof *e) : NULL;

    if (*fd < 0)
        return;
    if (e) {
        LOCK_SCOPE(&mutex);
        e->fd = *fd;
        if (queue(node, e) < 0)
            free(STEAL(e));
    }
    if (!e)
        close(*fd);
    *fd = -1;
}
