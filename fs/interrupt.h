/* interrupt.h - does a thread whose request was interrupted really want to go?
 *
 * The kernel interrupts a request for any signal, SIGSTOP and SIGCONT too, and it does so once.
 * Tools that are stopped and continued do not survive EINTR (rsync, cp), so the answer is put off
 * while nothing but such signals is pending.
 */
#ifndef FS_INTERRUPT_H
#define FS_INTERRUPT_H

#include <stdbool.h>
#include <sys/types.h>

/* Looks at /proc/TID/status.  True as well when the thread is gone or cannot be seen (tid 0:
 * another pid namespace). */
bool interrupt_is_real(pid_t tid);

/* Has the thread ended?  False when it cannot be told (tid 0). */
bool interrupt_is_gone(pid_t tid);

/* The decision on the text of that file (pure). */
bool interrupt_is_real_status(const char *status);

#endif
