/* gfile_keeper.c - see gfile_keeper.h.
 *
 * One thread for all, there while there is something to keep.  It alone takes from the list; others
 * add at its front, so it can walk it without the lock.  The lock is outside all locks of files.
 */
#include "export/ganeti/gfile_keeper.h"

#include "export/thread.h"
#include "lock/cleanup.h"

#include <time.h>

#define PERIOD_MS 1000

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t hurried = PTHREAD_COND_INITIALIZER;
static struct gfile_kept *list;
static bool running, hurry;

static struct gfile_kept *first(void)
{
    LOCK_SCOPE(&lock);
    return list;
}

/* Takes it out if it is done. */
static bool drop(struct gfile_kept *k)
{
    LOCK_SCOPE(&lock);
    struct gfile_kept **at = &list;

    if (!k->done(k))
        return false;
    while (*at != k)
        at = &(*at)->next;
    *at = k->next;
    return true;
}

static void pass(void)
{
    struct gfile_kept *k = first();

    while (k) {
        struct gfile_kept *next = k->next;

        k->shrink(k);
        if (drop(k))
            k->release(k);
        k = next;
    }
}

/* False: there is nothing to do any more, and the next one will need another thread. */
static bool wait_turn(void)
{
    struct timespec until;

    LOCK_SCOPE(&lock);
    if (!list)
        return running = false;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += PERIOD_MS / 1000;
    if (!hurry)
        pthread_cond_timedwait(&hurried, &lock, &until);
    hurry = false;
    return true;
}

static void *run(void *arg)
{
    while (wait_turn())
        pass();
    return arg;
}

void gfile_keeper_add(struct gfile_kept *k)
{
    LOCK_SCOPE(&lock);
    k->next = list;
    list = k;
    if (!running)
        running = thread_detached(run, NULL) == 0;
}

void gfile_keeper_hurry(void)
{
    LOCK_SCOPE(&lock);
    hurry = true;
    pthread_cond_signal(&hurried);
    if (!running && list)
        running = thread_detached(run, NULL) == 0;
}
