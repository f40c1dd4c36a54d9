/* pages.c - see pages.h.
 *
 * A file of an image that was read once is wholly in the page cache, and a tool that reads it again
 * asks us nothing.  But reading is what keeps an export fresh for the next file that the tool takes
 * (DESIGN §2).  So with each open the kernel forgets the first page, the last one, and one in each
 * step between: a reader comes by one of them soon, and again and again.
 */
#include "fs/pages.h"

#define PAGE  4096ULL
#define STEP  (64ULL << 20)
#define STEPS 256 /* at most; then a step is longer */

static void forget(struct fs *fs, const struct inode *i, uint64_t at)
{
    fuse_lowlevel_notify_inval_inode(fs->se, i->nodeid, (off_t)(at - at % PAGE), PAGE);
}

void pages_forget_some(struct fs *fs, const struct inode *i)
{
    uint64_t size = i->frozen.size, step = size / STEPS > STEP ? size / STEPS : STEP;
    if (size == 0)
        return;
    for (uint64_t at = 0; at < size; at += step)
        forget(fs, i, at);
    forget(fs, i, size - 1);
}
