/* thread.c - see thread.h. */
#include "export/thread.h"

#include <signal.h>

int thread_start(pthread_t *ret, void *(*run)(void *arg), void *arg)
{
    sigset_t all, old;

    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &old);

    int r = -pthread_create(ret, NULL, run, arg);

    pthread_sigmask(SIG_SETMASK, &old, NULL);
    return r;
}

int thread_detached(void *(*run)(void *arg), void *arg)
{
    pthread_t thread;
    int r = thread_start(&thread, run, arg);

    if (r == 0)
        pthread_detach(thread);
    return r;
}
