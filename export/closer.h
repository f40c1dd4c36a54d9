/* closer.h - closes files that may hang in it.
 *
 * Closing a file of a network file system, or of a program's, asks the server: a dead one leaves
 * close(2) without an answer.  Such files are closed behind the caller's back, by one thread for
 * each node.
 */
#ifndef EXPORT_CLOSER_H
#define EXPORT_CLOSER_H

/* Closes *fd (-1 allowed) and makes it -1.  node: whose file it is, if it may hang; NULL: at once.
 * Any thread; never blocks on a node. */
void closer_close(const char *node, int *fd);

#endif
