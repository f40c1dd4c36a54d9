/* gnode_ssh.h - the command that reaches a node's SFTP server. */
#ifndef EXPORT_GANETI_GNODE_SSH_H
#define EXPORT_GANETI_GNODE_SSH_H

#include "export/ganeti/gnode.h"
#include "lock/strvec.h"

/* Can it be the name of a host key, or a user?  Not empty, no white space, quotes, '%' ... */
bool gnode_ssh_plain(const char *word);
/* Can ssh be told of that file? */
bool gnode_ssh_path(const char *path);

/* -EINVAL: what cannot be an address, or might be taken for something else; -ENOMEM. */
int gnode_ssh_argv(const struct gnode *g, const char *address, struct strvec *ret);

#endif
