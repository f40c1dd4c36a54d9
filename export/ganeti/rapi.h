/* rapi.h - requests to a Ganeti cluster's remote API (spec §10.2), over HTTPS.
 *
 * Thread safe.  Every request blocks, for at most the time limit; none may be made from a metadata
 * request.  JSON values are jansson's; those returned are the caller's to json_decref().
 */
#ifndef EXPORT_GANETI_RAPI_H
#define EXPORT_GANETI_RAPI_H

#include "export/err.h"
#include "lock/cleanup.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

struct rapi;

struct rapi_options {
    const char *host;        /* name or address */
    unsigned port;           /* 0: 5080 */
    const char *credentials; /* file with "username=..." and "password=..." lines, as mount.cifs(8)
                              * reads them; readable by its owner only, who is us or root.  NULL:
                              * none, which some clusters let read */
    const char *cafile;      /* PEM: whom to trust instead of the system's authorities */
    bool insecure;           /* trust anybody */
    unsigned timeout_s;      /* of one request; 0: 20 */
};

/* Reads the credentials; asks nobody yet.  -EACCES: others can read that file; -EINVAL, -ENOENT ...
 * name the file and the reason. */
int rapi_open(const struct rapi_options *opt, struct rapi **ret, struct err *err);
void rapi_close(struct rapi *r); /* NULL allowed; no request is under way */

/* One request.  path: from "/" on, its parts escaped (rapi_escape()); body: NULL for none.  What
 * was answered is in *ret.  The text of an error names the address, the request and what was
 * answered or went wrong.
 *
 * -EACCES: wrong user or password (401), or one that may not do that (403); the credentials were
 * read anew before.  -ENOENT: 404.  -EINVAL: 400.  -EOPNOTSUPP: this version has no such request
 * (501).  -EAGAIN: the job queue is full or drained, or the master is busy (503, and 504).
 * -EHOSTDOWN: it answers, but has no master (502).  -EHOSTUNREACH: no connection.  -EPROTO: TLS
 * cannot be agreed upon: whoever answers is not who is trusted, or its certificate has expired;
 * nothing was sent.  -ETIMEDOUT: no answer in time; what was asked may have been done.
 * -ECONNRESET: likewise, the connection broke.  -EBADMSG: an answer that is none.  -EIO: any other
 * (500). */
int rapi_request(struct rapi *r, const char *method, const char *path, json_t *body, json_t **ret,
                 struct err *err);

/* The same with a limit of its own. */
int rapi_request_within(struct rapi *r, int64_t limit_ms, const char *method, const char *path,
                        json_t *body, json_t **ret, struct err *err);
int64_t rapi_limit_ms(const struct rapi *r); /* of the others */

/* Rows of PUT /2/query/WHAT, each an array of the fields' values; a value that was not to be had
 * (nodata, unavailable, offline) is null.  qfilter: NULL for all; not taken over. */
int rapi_query(struct rapi *r, const char *what, const char *const fields[], json_t *qfilter,
               json_t **ret, struct err *err);
int rapi_query_within(struct rapi *r, int64_t limit_ms, const char *what,
                      const char *const fields[], json_t *qfilter, json_t **ret, struct err *err);

/* The address, for messages: "https://HOST:PORT". */
const char *rapi_url(const struct rapi *r);

/* A part of a path, escaped; the caller frees.  NULL: out of memory. */
char *rapi_escape(const char *text);

static inline void rapi_json_cleanup(json_t **j)
{
    json_decref(*j);
}
#define CLEANUP_JSON CLEANUP(rapi_json_cleanup)

#endif
