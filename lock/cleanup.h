/* cleanup.h - ownership by scope.
 *
 * A variable marked with one of these gives back what it owns when it goes out of scope,
 * so that every early return is correct.  To hand ownership on, take it out with STEAL().
 * The bottom layer's header, used by all of the project.
 */
#ifndef LOCK_CLEANUP_H
#define LOCK_CLEANUP_H

#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define CLEANUP(func) __attribute__((cleanup(func)))

static inline void cleanup_free_ptr(void *p)
{
    free(*(void **)p);
}

static inline void cleanup_close_fd(int *fd)
{
    if (*fd >= 0) {
        int saved = errno;
        close(*fd);
        errno = saved;
    }
}

static inline void cleanup_fclose(FILE **f)
{
    if (*f)
        fclose(*f);
}

static inline void cleanup_closedir(DIR **d)
{
    if (*d)
        closedir(*d);
}

static inline void cleanup_unlock(pthread_mutex_t **m)
{
    if (*m)
        pthread_mutex_unlock(*m);
}

static inline pthread_mutex_t *cleanup_lock(pthread_mutex_t *m)
{
    pthread_mutex_lock(m);
    return m;
}

#define CLEANUP_FREE     CLEANUP(cleanup_free_ptr)
#define CLEANUP_CLOSE    CLEANUP(cleanup_close_fd)
#define CLEANUP_FCLOSE   CLEANUP(cleanup_fclose)
#define CLEANUP_CLOSEDIR CLEANUP(cleanup_closedir)

#define CLEANUP_CAT2(a, b) a##b
#define CLEANUP_CAT(a, b)  CLEANUP_CAT2(a, b)

/* Holds the mutex until the end of the enclosing block. */
#define LOCK_SCOPE(m)                                                                              \
    CLEANUP(cleanup_unlock)                                                                        \
    __attribute__((unused)) pthread_mutex_t *CLEANUP_CAT(scope_, __LINE__) = cleanup_lock(m)

/* Takes the value out of a variable that would otherwise give it back: STEAL(ptr),
 * STEAL_FD(fd). */
#define STEAL(ptr)                                                                                 \
    ({                                                                                             \
        __auto_type steal_tmp = (ptr);                                                             \
        (ptr) = NULL;                                                                              \
        steal_tmp;                                                                                 \
    })
#define STEAL_FD(fd)                                                                               \
    ({                                                                                             \
        int steal_tmp = (fd);                                                                      \
        (fd) = -1;                                                                                 \
        steal_tmp;                                                                                 \
    })

#endif
