/* rapi_parts.h - what rapi.c is made of: who we are, and whom we trust. */
#ifndef EXPORT_GANETI_RAPI_PARTS_H
#define EXPORT_GANETI_RAPI_PARTS_H

#include "export/ganeti/rapi.h"
#include "lock/strvec.h"

#include <curl/curl.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

/* --- rapi_login.c --- */

struct rapi_login {
    char *user, *password; /* both or none */
};
void rapi_login_clear(struct rapi_login *l); /* leaves nothing of the password in memory */
#define CLEANUP_LOGIN CLEANUP(rapi_login_clear)

/* Reads a credentials file.  *st: of what was read.  The text of an error never tells what stands
 * in it. */
int rapi_login_read(const char *path, struct rapi_login *ret, struct stat *st, struct err *err);
int rapi_login_copy(const struct rapi_login *from, struct rapi_login *to); /* 0, -ENOMEM */
bool rapi_login_same(const struct rapi_login *a, const struct rapi_login *b);

/* --- rapi_trust.c --- */

/* Certificates of a PEM file. */
struct rapi_trust {
    char *pem;           /* only they, whatever else is in the file; NULL: the system's */
    struct strvec certs; /* each as base64 without line breaks */
};
void rapi_trust_clear(struct rapi_trust *t);
#define CLEANUP_TRUST CLEANUP(rapi_trust_clear)

int rapi_trust_read(const char *path, struct rapi_trust *ret, struct err *err);
/* Is the certificate that the server has shown on this handle's connection one of them?  Needs
 * CURLOPT_CERTINFO. */
bool rapi_trust_shown(const struct rapi_trust *t, CURL *curl);
/* Can the system's authorities be looked up one by one?  They are many, and are all read for each
 * connection else, which takes tens of times as long as all the rest. */
bool rapi_trust_is_hashed(void);

/* --- rapi_attempt.c --- */

struct rapi_attempt {
    const char *url; /* without the path */
    const char *method, *path;
    const char *body; /* NULL: none */
    const struct rapi_login *login;
    const struct rapi_trust *trust;
    bool insecure;
    bool hashed;      /* rapi_trust_is_hashed() */
    bool by_cert;     /* trust is whose certificate is one of it, whatever name is in that */
    int64_t deadline; /* clock_ms() */

    CURL *curl; /* all from here on: 0 before */
    struct curl_slist *headers;
    char said[CURL_ERROR_SIZE];
    bool begun;   /* the request may have been sent */
    long status;  /* of HTTP; 0: no answer */
    char *answer; /* may be NULL */
    size_t len, room;
    bool too_long;
};
void rapi_attempt_clear(struct rapi_attempt *a);
#define CLEANUP_ATTEMPT CLEANUP(rapi_attempt_clear)

/* Connects, and sends the request once if the other end is who is trusted. */
CURLcode rapi_attempt(struct rapi_attempt *a);

/* --- rapi_error.c --- */

/* Of one attempt that ended with `code`: its errno, negative.  begun: the request may have been
 * sent. said: curl's words. */
int rapi_errno_of_curl(CURLcode code, bool begun, const char *said);
/* Of an HTTP status that is not 200. */
int rapi_errno_of_status(long status);
/* What the body of such an answer says, in one line; "" if nothing. */
void rapi_say_answer(const char *body, size_t len, char *ret, size_t size);

#endif
