/* readahead.h - how far the kernel reads ahead of who reads a file of the mount in order. */
#ifndef FS_READAHEAD_H
#define FS_READAHEAD_H

/* Of the mount at mountpoint, before any of its requests is answered.  That it cannot be set (it
 * takes root, and sysfs) is no error: reads are slower. */
void readahead_set(const char *mountpoint);

#endif
