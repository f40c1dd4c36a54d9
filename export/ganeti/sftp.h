/* sftp.h - the files of one node over SFTP (protocol version 3 with OpenSSH's extensions).
 *
 * The protocol is spoken to a child whose standard input and output are an SFTP server's: the
 * system's ssh, which knows keys, host keys, agents, jumps and proxies.  The child is started at
 * the first need and again when it was lost.  Any number of threads use one connection at once,
 * each with as many requests in flight as it likes.
 *
 * Every call blocks, but never for longer than the limits: a connection must stand within
 * connect_s, and an answer must move within stall_s, or the connection is given up and with it all
 * that waits for it.  After a connection that could not be had the next is tried a while later
 * only; until then every call fails at once, with the same reason.
 *
 * Errors: -EHOSTUNREACH: no connection, the reason (ssh's last words) in *err; -ETIMEDOUT: no
 * answer in time; -ECONNRESET: lost on the way; the server's own as -ENOENT, -EACCES, -EOPNOTSUPP,
 * -EIO (its "failure", which is most).  The text names the node, the path and the reason.
 */
#ifndef EXPORT_GANETI_SFTP_H
#define EXPORT_GANETI_SFTP_H

#include "export/err.h"
#include "lock/strvec.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct sftp;

struct sftp_options {
    const char *name;        /* the node's, for messages */
    const char *const *argv; /* what to run, NULL ended; copied */
    unsigned connect_s;      /* 0: 15 */
    unsigned stall_s;        /* 0: 15 */
};

int sftp_new(const struct sftp_options *opt, struct sftp **ret); /* 0, -ENOMEM; starts nothing */
/* Ends the connection: what is under way fails.  Files may still be closed afterwards.  Counted
 * inside, so never blocks for long. */
void sftp_free(struct sftp *s); /* NULL allowed */
/* A number that changes with each new connection; 0: there is none now. */
uint64_t sftp_generation(struct sftp *s);

struct sftp_attrs {
    uint64_t size;
    uint32_t mode; /* with its type */
    uint32_t uid, gid;
    int64_t mtime; /* Unix seconds */
};

int sftp_stat(struct sftp *s, const char *path, bool follow, struct sftp_attrs *ret,
              struct err *err);

struct sftp_entry {
    char *name;              /* never "." or ".."; whatever else the server says, "/" included */
    struct sftp_attrs attrs; /* as lstat(2) */
};
struct sftp_entries {
    struct sftp_entry *v;
    size_t n;
};
/* All of a directory, in the server's order. */
int sftp_list(struct sftp *s, const char *path, struct sftp_entries *ret, struct err *err);
void sftp_entries_clear(struct sftp_entries *e);

/* Of the file system that path lies on, in bytes.  -EOPNOTSUPP: the server does not tell. */
struct sftp_space {
    uint64_t free, total;
    bool read_only;
};
int sftp_space(struct sftp *s, const char *path, struct sftp_space *ret, struct err *err);

int sftp_mkdir(struct sftp *s, const char *path, uint32_t mode, struct err *err);
int sftp_rmdir(struct sftp *s, const char *path, struct err *err);
int sftp_unlink(struct sftp *s, const char *path, struct err *err);
/* Never replaces anything: -EEXIST if the server can tell, else -EIO. */
int sftp_rename(struct sftp *s, const char *from, const char *to, struct err *err);

/* --- files --- */

struct sftp_file; /* open on one connection; when that is lost every call is -ESTALE */

/* flags: O_RDONLY; O_WRONLY or O_RDWR, with O_CREAT | O_EXCL perhaps. */
int sftp_open(struct sftp *s, const char *path, int flags, uint32_t mode, struct sftp_file **ret,
              struct err *err);
/* Returns at once; the server is told when it can be.  NULL allowed. */
void sftp_close(struct sftp_file *f);
int sftp_fstat(struct sftp_file *f, struct sftp_attrs *ret, struct err *err);
/* All of len, or less at the end of the file; many requests in flight.  Bytes, or -errno. */
ssize_t sftp_pread(struct sftp_file *f, void *buf, size_t len, uint64_t off, struct err *err);
/* All of it: 0. */
int sftp_pwrite(struct sftp_file *f, const void *buf, size_t len, uint64_t off, struct err *err);
/* Many such, one after the other, without waiting for one before the next is sent: buf may be used
 * again when it returns, and a failure is told by one that comes later.  One thread at a time. */
struct sftp_writer;
int sftp_writer_new(struct sftp_file *f, struct sftp_writer **ret, struct err *err);
int sftp_writer_put(struct sftp_writer *w, const void *buf, size_t len, uint64_t off,
                    struct err *err);
/* Waits for all of them and frees it: 0, or the first failure.  NULL allowed. */
int sftp_writer_end(struct sftp_writer *w, struct err *err);
int sftp_fsync(struct sftp_file *f, struct err *err); /* -EOPNOTSUPP: the server has none */
/* By its handle. */
int sftp_set_mtime(struct sftp_file *f, int64_t t, struct err *err);

/* --- reading ahead --- */

/* A read whose answer is waited for later.  Begins to fetch [off, off + len) into buf, which is the
 * read's until sftp_read_end(), and must not be freed before. */
struct sftp_read;
int sftp_read_begin(struct sftp_file *f, void *buf, size_t len, uint64_t off,
                    struct sftp_read **ret, struct err *err);
/* Waits for it and frees it: bytes, or -errno. */
ssize_t sftp_read_end(struct sftp_read *r, struct err *err);

#endif
