/* sftp_internal.h - what the parts of the SFTP client share: wire, child, connection, calls. */
#ifndef EXPORT_GANETI_SFTP_INTERNAL_H
#define EXPORT_GANETI_SFTP_INTERNAL_H

#include "export/child.h"
#include "export/ganeti/sftp.h"
#include "lock/cleanup.h"

#include <stdatomic.h>

#define SFTP_HANDLE_MAX 256          /* by the protocol */
#define SFTP_REPLY_MAX  (512 * 1024) /* what is no DATA; OpenSSH's never exceed 256 KiB */
#define SFTP_WORDS_MAX  2048         /* kept of stderr */

enum sftp_type {
    SFTP_INIT = 1,
    SFTP_VERSION = 2,
    SFTP_OPEN = 3,
    SFTP_CLOSE = 4,
    SFTP_READ = 5,
    SFTP_WRITE = 6,
    SFTP_LSTAT = 7,
    SFTP_FSTAT = 8,
    SFTP_FSETSTAT = 10,
    SFTP_OPENDIR = 11,
    SFTP_READDIR = 12,
    SFTP_REMOVE = 13,
    SFTP_MKDIR = 14,
    SFTP_RMDIR = 15,
    SFTP_STAT = 17,
    SFTP_RENAME = 18,
    SFTP_STATUS = 101,
    SFTP_HANDLE = 102,
    SFTP_DATA = 103,
    SFTP_NAME = 104,
    SFTP_ATTRS = 105,
    SFTP_EXTENDED = 200,
    SFTP_EXTENDED_REPLY = 201,
};

enum sftp_code {
    SFTP_OK = 0,
    SFTP_EOF = 1,
    SFTP_NO_SUCH_FILE = 2,
    SFTP_DENIED = 3,
    SFTP_FAILURE = 4,
    SFTP_UNSUPPORTED = 8
};

enum sftp_attr_flag {
    SFTP_ATTR_SIZE = 1,
    SFTP_ATTR_UIDGID = 2,
    SFTP_ATTR_PERMISSIONS = 4,
    SFTP_ATTR_TIMES = 8,
};
#define SFTP_ATTR_EXTENDED 0x80000000u

/* --- sftp_wire.c --- */

/* A packet that is being written; memory that lacks is told by `failed`, at the end. */
struct sftp_out {
    uint8_t *p;
    size_t n, alloc;
    bool failed;
};
void sftp_out_clear(struct sftp_out *o);
#define CLEANUP_OUT CLEANUP(sftp_out_clear)

/* Length and id are put in later, by sftp_out_seal(). */
void sftp_out_begin(struct sftp_out *o, enum sftp_type type);
void sftp_put_u32(struct sftp_out *o, uint32_t v);
void sftp_put_u64(struct sftp_out *o, uint64_t v);
void sftp_put_bytes(struct sftp_out *o, const void *p, size_t n); /* with their length */
void sftp_put_string(struct sftp_out *o, const char *s);
void sftp_put_raw(struct sftp_out *o, const void *p, size_t n);
/* more: bytes that follow from elsewhere. */
void sftp_out_seal(struct sftp_out *o, uint32_t id, size_t more);
void sftp_store_u32(uint8_t *p, uint32_t v);
void sftp_store_u64(uint8_t *p, uint64_t v);
uint32_t sftp_load_u32(const uint8_t *p);

/* A packet that is being read: whatever goes beyond its end is 0, and makes it bad. */
struct sftp_in {
    const uint8_t *p;
    size_t n;
    bool bad;
};
uint32_t sftp_get_u32(struct sftp_in *in);
uint64_t sftp_get_u64(struct sftp_in *in);
/* Points into the packet; NULL and bad: it is not all there. */
const uint8_t *sftp_get_bytes(struct sftp_in *in, size_t *n);
void sftp_get_attrs(struct sftp_in *in, struct sftp_attrs *ret);
/* Appends the entries of a NAME packet.  0, -EBADMSG, -EFBIG, -ENOMEM; what was added stays. */
int sftp_get_names(struct sftp_in *in, struct sftp_entries *e, size_t *alloc);

struct sftp_abilities {
    bool fsync, statvfs, limits;
    size_t read_max, write_max; /* of one request */
};
/* The answer to INIT, after its type.  0, -EBADMSG, -EPROTONOSUPPORT. */
int sftp_get_version(struct sftp_in *in, struct sftp_abilities *ret);
/* The answer to limits@openssh.com, after its id. */
void sftp_get_limits(struct sftp_in *in, struct sftp_abilities *ret);
int sftp_get_space(struct sftp_in *in, struct sftp_space *ret); /* 0, -EBADMSG */

/* --- sftp_child.c: one thread at a time --- */

struct sftp_child {
    struct child c;
    int in;     /* a socket, non-blocking; -1: closed */
    bool ended; /* seen so */
    char words[SFTP_WORDS_MAX];
    size_t words_n;
};

/* 0, or -errno and *why, at most n bytes of it. */
int sftp_child_start(struct sftp_child *c, const char *const *argv, char *why, size_t n);
/* Takes what stderr holds. */
void sftp_child_listen(struct sftp_child *c);
/* Gives it a moment to end by itself, then kills it with all its group.  Then writes to *why how it
 * ended: its last words, else its exit status. */
void sftp_child_kill(struct sftp_child *c, bool at_once, char *why, size_t n);
/* Waits for its end, which may take as long as the kernel likes. */
void sftp_child_reap(struct sftp_child *c);
/* Closes what it was spoken to with. */
void sftp_child_hang_up(struct sftp_child *c);

/* --- sftp_conn.c, sftp_reader.c, sftp_send.c --- */

struct sftp_req {
    struct sftp_req *next;
    uint32_t id;
    int64_t moved; /* when bytes of its answer came; the reader's */
    void *dest;    /* where DATA goes, at most want bytes; NULL: there must be none */
    size_t want;
    bool detached; /* nobody waits: freed by the reader */

    /* Under the connection's m until done: */
    bool done;
    int error; /* 0, or why there is no answer */
    uint8_t type;
    size_t got;     /* of dest */
    uint8_t *reply; /* what is no DATA, after the id; whoever has the request frees it */
    size_t reply_n;
    pthread_cond_t *waiter;
};

static inline void sftp_req_clear(struct sftp_req *req)
{
    free(req->reply);
}
#define CLEANUP_REQ CLEANUP(sftp_req_clear)

#define SFTP_LIMIT_S 15 /* where the options say nothing */

struct sftp {
    atomic_int refs;
    char *name;
    struct strvec argv;
    int64_t connect_ms, stall_ms;
    pthread_mutex_t m;
    struct sftp_conn *conn; /* the newest; NULL: none yet */
    uint64_t generation;    /* its */
    bool closed;
};

/* Whoever uses the client beyond one sftp_conn_get() has counted it before. */
static inline struct sftp *sftp_client_ref(struct sftp *s)
{
    atomic_fetch_add_explicit(&s->refs, 1, memory_order_relaxed);
    return s;
}
void sftp_client_unref(struct sftp *s);
static inline void sftp_client_cleanup(struct sftp **s)
{
    sftp_client_unref(*s);
}
#define HOLD_CLIENT(s)                                                                             \
    CLEANUP(sftp_client_cleanup) __attribute__((unused)) struct sftp *held_ = sftp_client_ref(s)

enum sftp_state { SFTP_CONNECTING, SFTP_UP, SFTP_DOWN };

struct sftp_conn {
    atomic_int refs; /* the client's, the reader's, each call's and each file's */
    struct sftp *s;  /* counted */
    uint64_t generation;
    int wake; /* eventfd: makes the reader look again */

    pthread_mutex_t m;      /* a leaf */
    pthread_cond_t changed; /* state, reaped */
    enum sftp_state state;
    struct sftp_req *head, **tail; /* unanswered, in the order sent */
    int64_t head_since;            /* when head became it */
    int64_t drained;               /* when a full socket took bytes again */
    uint32_t next_id;
    struct sftp_req *closes; /* not sent yet: of each the packet is in reply */
    int ending;              /* asked to end for this errno */
    char why[512];           /* with ending, then with DOWN */
    bool sleeping;           /* the reader waits without a limit */
    bool reaped;
    /* Set with DOWN: */
    int error;          /* for what was under way */
    bool failed;        /* it was never good for anything */
    unsigned failures;  /* in a row, this one included */
    int64_t next_after; /* clock_ms() */

    pthread_mutex_t wm;   /* outside m: who sends */
    struct sftp_out rest; /* closes that went into the socket in part */

    struct sftp_child child;   /* the reader's; child.in also wm's */
    bool answered;             /* the reader's: at least one request */
    struct sftp_abilities can; /* constant once UP */
};

/* The client's connection, UP and counted.  -EHOSTUNREACH with a text, -ECONNRESET: sftp_free(),
 * -ENOMEM.  path: for the text. */
int sftp_conn_get(struct sftp *s, const char *path, struct sftp_conn **ret, struct err *err);
struct sftp_conn *sftp_conn_ref(struct sftp_conn *c);
void sftp_conn_unref(struct sftp_conn *c); /* NULL allowed */
static inline void sftp_conn_cleanup(struct sftp_conn **c)
{
    sftp_conn_unref(*c);
}
#define CLEANUP_CONN CLEANUP(sftp_conn_cleanup)
const char *sftp_conn_node(const struct sftp_conn *c);
/* Makes the reader end the connection; the first reason stays. */
void sftp_conn_fail(struct sftp_conn *c, int errnum, const char *why);
void sftp_conn_wake(struct sftp_conn *c);

/* Sends it, and data behind it.  0: sftp_wait() must follow.  -ESTALE: the connection is not UP,
 * nothing was done. */
int sftp_send(struct sftp_conn *c, struct sftp_req *req, struct sftp_out *o, const void *data,
              size_t n);
/* Never longer than the connection's limits. */
void sftp_wait(struct sftp_conn *c, struct sftp_req *req);
/* Has the server close the handle, some time. */
void sftp_send_close(struct sftp_conn *c, const uint8_t *handle, size_t n);
/* The reader's: sends such closes as far as that goes without waiting.  True: the socket is full.
 */
bool sftp_flush_closes(struct sftp_conn *c);
/* Under m. */
void sftp_queue(struct sftp_conn *c, struct sftp_req *req);
void sftp_complete(struct sftp_conn *c, struct sftp_req *req);

void *sftp_reader_main(void *conn);

/* --- sftp.c --- */

/* struct err: "node: path: reason". */
int sftp_err(const struct sftp_conn *c, const char *path, int errnum, const char *why,
             struct err *err);
/* Send, wait. 0, -ESTALE as sftp_send(), or another -errno with *err. */
int sftp_ask(struct sftp_conn *c, struct sftp_req *req, struct sftp_out *o, const char *path,
             struct err *err);
/* The answer is of that type: 0 and *in.  A STATUS that is not OK: its errno, end of file is
 * -ENODATA.  Anything else: the connection is lost. */
int sftp_expect(struct sftp_conn *c, const struct sftp_req *req, enum sftp_type type,
                struct sftp_in *in, const char *path, struct err *err);
/* The server talks nonsense: the connection is given up.  -ECONNRESET */
int sftp_nonsense(struct sftp_conn *c, const char *path, struct err *err);
/* The text for a request without answer. */
int sftp_lost(struct sftp_conn *c, const struct sftp_req *req, const char *path, struct err *err);
/* Gets a connection, counted, and asks; again if it has just gone. */
int sftp_ask_any(struct sftp *s, struct sftp_conn **ret, struct sftp_req *req, struct sftp_out *o,
                 const char *path, struct err *err);

/* The protocol has no error for what is there already: so after r == -EIO it looks, and makes it
 * -EEXIST.  Returns r, or that. */
int sftp_refused(struct sftp *s, int r, const char *path, struct err *err);

/* --- sftp_list.c, sftp_file.c --- */

struct sftp_handle {
    uint8_t bytes[SFTP_HANDLE_MAX];
    size_t n;
};
int sftp_get_handle(struct sftp_conn *c, const struct sftp_req *req, struct sftp_handle *ret,
                    const char *path, struct err *err);

struct sftp_file {
    atomic_int refs;
    struct sftp_conn *c; /* counted */
    char *path;          /* for messages */
    struct sftp_handle handle;
};
struct sftp_file *sftp_file_ref(struct sftp_file *f);       /* sftp_close() is the end of it */
int sftp_stale(const struct sftp_file *f, struct err *err); /* -ESTALE */

#endif
