/* notify_ready.h - tells the service manager (sd_notify(3), without its library). */
#ifndef FS_NOTIFY_READY_H
#define FS_NOTIFY_READY_H

/* Sends `state` ("READY=1") to $NOTIFY_SOCKET, a path or, with a leading '@', an abstract name.
 * 0 also when nobody asked for it; else -errno. */
int notify_ready(const char *state);

#endif
