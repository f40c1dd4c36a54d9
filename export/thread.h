/* thread.h - threads that no signal interrupts: those are for the one that waits for them. */
#ifndef EXPORT_THREAD_H
#define EXPORT_THREAD_H

#include <pthread.h>

/* Starts run(arg), all signals blocked.  0, -EAGAIN ... */
int thread_start(pthread_t *ret, void *(*run)(void *arg), void *arg);
/* The same; nobody joins it. */
int thread_detached(void *(*run)(void *arg), void *arg);

#endif
