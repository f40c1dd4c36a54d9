/* worker.h - a thread that can be stopped, and left behind when it hangs in the kernel.
 *
 * Threads that read a node's directories may be stuck in a system call for as long as a network
 * file system likes.  The data such a thread uses is owned by the worker: it is destroyed when the
 * thread has ended and worker_stop() was called, whichever comes last, so a stop need not wait.
 */
#ifndef EXPORT_WORKER_H
#define EXPORT_WORKER_H

#include <stdbool.h>

struct worker;

/* Starts run(w, data) in a thread of its own.  *ret is set before run begins, with a store that the
 * thread sees.  destroy(data) is called once, from either side.  0, -ENOMEM, -EAGAIN, -EMFILE; on
 * failure data is still the caller's. */
int worker_start(void (*run)(struct worker *w, void *data), void *data, void (*destroy)(void *data),
                 struct worker **ret);

/* Asks the thread to end and waits up to grace_ms for it; one that has not ended by then is left
 * behind: false.  No worker_call() is under way or begins after the return.  NULL allowed.  Not
 * from the worker's own thread. */
bool worker_stop(struct worker *w, unsigned grace_ms);

/* --- for run() --- */

bool worker_stopping(struct worker *w);
/* A descriptor for poll(2) that is readable once the worker shall stop. */
int worker_fd(const struct worker *w);
/* Calls fn(arg), holding no lock, unless the worker shall stop. */
void worker_call(struct worker *w, void (*fn)(void *arg), void *arg);

#endif
