/* buffer.c - a thread-specific value; 1 MiB, the most that the kernel asks for unless told
 * otherwise, more when it does ask for more. */
#include "fs/buffer.h"

#include "lock/cleanup.h"

#define USUAL_SIZE (1024 * 1024)
#define PAGE       4096

struct buffer {
    size_t size;
    void *data;
};

static pthread_key_t key;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static int key_error;

static void buffer_free(void *arg)
{
    struct buffer *b = arg;
    free(b->data);
    free(b);
}

static void make_key(void)
{
    key_error = pthread_key_create(&key, buffer_free);
}

static struct buffer *own_buffer(void)
{
    pthread_once(&once, make_key);
    if (key_error)
        return NULL;
    struct buffer *b = pthread_getspecific(key);
    if (b)
        return b;
    b = calloc(1, sizeof(*b));
    if (b && pthread_setspecific(key, b) != 0) {
        free(b);
        return NULL;
    }
    return b;
}

void *buffer_get(size_t size)
{
    struct buffer *b = own_buffer();
    if (!b)
        return NULL;
    if (b->data && size <= b->size)
        return b->data;
    size_t bigger = size > USUAL_SIZE ? size : USUAL_SIZE;
    void *data;
    if (posix_memalign(&data, PAGE, bigger) != 0)
        return NULL;
    free(b->data);
    b->data = data;
    b->size = bigger;
    return data;
}
