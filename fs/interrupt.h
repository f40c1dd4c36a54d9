/* interrupt.h - does a thread whose request was interrupted really want to go?
 *
 * The kernel interrupts a request for any signal, SIGSTOP and SIGCONT too, and it does so once.
 * Tools that are stopped and continued do not survive EINTR (rsync, cp), nor does borg when it is
 * asked how far it is (SIGUSR1), for a disk's file never gives it.  So the answer is put off while
 * nothing but such signals is pending.
 */
#ifndef FS_INTERRUPT_H
#define FS_INTERRUPT_H

#include <stdbool.h>
#include <sys/types.h>

/* Looks at /proc/TID/status.  True as well when the thread is gone or cannot be seen (tid 0:
 * another pid namespace). */
bool interrupt_is_real(pid_t tid);

/* Has the thread ended, or been asked to by one of the signals that mean just that?  For waits of
 * which the kernel tells nothing (the page cache: sendfile, private mappings), so looked at again
 * and again.  False when it cannot be told (tid 0). */
bool interrupt_is_end(pid_t tid);

/* The decisions on the text of that file (pure). */
bool interrupt_is_real_status(const char *status);
bool interrupt_is_end_status(const char *status);

#endif
