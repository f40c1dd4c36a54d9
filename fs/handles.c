/* handles.c - a list under a mutex.
 *
 * A handle holds its node: the kernel may forget a node before the release of a file arrives.
 *
 * On the list are those that the kernel has or is just told of.  What an open that hung brings when
 * nobody waits for it any more never was there, and its errand, which may come back after
 * handles_free(), lets go of it without the list.
 */
#include "fs/handles.h"

struct handles {
    pthread_mutex_t lock;
    struct handle *all;
};

int handles_new(struct handles **ret)
{
    struct handles *hs = calloc(1, sizeof(*hs));
    if (!hs)
        return -ENOMEM;
    pthread_mutex_init(&hs->lock, NULL);
    *ret = hs;
    return 0;
}

int handles_open(struct fs *fs, struct inode *i, struct fuse_file_info *fi, struct handle **ret)
{
    const struct node_class *class = node_class_of(i);
    struct handle *h = NULL;
    int r = class->open ? class->open(fs, i, fi, &h) : -EPERM;
    if (r < 0)
        return r;
    h->class = class;
    atomic_init(&h->refs, 1);
    h->inode = inode_ref(fs->inodes, i);
    fi->fh = (uintptr_t)h;
    *ret = h;
    return 0;
}

void handles_enter(struct fs *fs, struct handle *h)
{
    LOCK_SCOPE(&fs->handles->lock);
    h->next = fs->handles->all;
    if (h->next)
        h->next->pprev = &h->next;
    h->pprev = &fs->handles->all;
    fs->handles->all = h;
}

static void release(struct fs *fs, struct handle *h)
{
    struct inode *i = h->inode;
    if (h->class->release)
        h->class->release(fs, h);
    else
        free(h);
    inode_put(fs->inodes, i);
}

void handles_ref(struct handle *h)
{
    atomic_fetch_add(&h->refs, 1);
}

void handles_unref(struct fs *fs, struct handle *h)
{
    if (atomic_fetch_sub(&h->refs, 1) == 1)
        release(fs, h);
}

void handles_close(struct fs *fs, struct handle *h)
{
    pthread_mutex_lock(&fs->handles->lock);
    *h->pprev = h->next;
    if (h->next)
        h->next->pprev = h->pprev;
    pthread_mutex_unlock(&fs->handles->lock);
    handles_unref(fs, h);
}

void handles_free(struct fs *fs)
{
    if (!fs->handles)
        return;
    for (struct handle *h = fs->handles->all, *next; h; h = next) {
        next = h->next;
        handles_unref(fs, h);
    }
    pthread_mutex_destroy(&fs->handles->lock);
    free(STEAL(fs->handles));
}
