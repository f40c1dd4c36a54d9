/* rapi_attempt.c - one request over one connection, by libcurl.
 *
 * A handle for each: Ganeti closes the connection after each answer anyway, the name is looked up
 * anew each time, nothing of TLS is resumed, and curl repeats nothing on its own.  prereq() is
 * where curl asks, after the handshake and before the first byte of the request.
 */
#include "export/ganeti/rapi_parts.h"

#include "lock/clock.h"

#include <limits.h>
#include <signal.h>
#include <string.h>
#include <time.h>

#define CONNECT_LIMIT_MS 10000L
#define ANSWER_MAX       ((size_t)256 * 1024 * 1024)

void rapi_attempt_clear(struct rapi_attempt *a)
{
    curl_easy_cleanup(a->curl);
    curl_slist_free_all(a->headers);
    free(a->answer);
}

/* --- what curl calls --- */

static size_t on_data(char *data, size_t size, size_t n, void *arg)
{
    struct rapi_attempt *a = arg;
    size_t more = size * n;

    if (more > ANSWER_MAX - a->len) {
        a->too_long = true;
        return 0;
    }
    if (a->len + more + 1 > a->room) {
        size_t room = 2 * (a->len + more + 1) + 4096;
        char *p = realloc(a->answer, room);

        if (!p)
            return 0;
        a->answer = p;
        a->room = room;
    }
    memcpy(a->answer + a->len, data, more);
    a->len += more;
    return more;
}

/* The connection stands, nothing was sent. */
static int prereq(void *arg, char *to_ip, char *from_ip, int to_port, int from_port)
{
    struct rapi_attempt *a = arg;

    (void)to_ip, (void)from_ip, (void)to_port, (void)from_port;
    if (a->trust->pem && a->by_cert && !rapi_trust_shown(a->trust, a->curl))
        return CURL_PREREQFUNC_ABORT;
    a->begun = true;
    return CURL_PREREQFUNC_OK;
}

/* --- one attempt --- */

#define SET(option, value) (curl_easy_setopt(a->curl, option, value) == CURLE_OK)

static bool set_trust(struct rapi_attempt *a)
{
    struct curl_blob pem = {a->trust->pem, a->trust->pem ? strlen(a->trust->pem) : 0,
                            CURL_BLOB_COPY};
    bool by_cert = a->trust->pem && a->by_cert;

    if (a->insecure)
        return SET(CURLOPT_SSL_VERIFYPEER, 0L) && SET(CURLOPT_SSL_VERIFYHOST, 0L);
    if (!SET(CURLOPT_SSL_VERIFYPEER, 1L) || !SET(CURLOPT_SSL_VERIFYHOST, by_cert ? 0L : 2L))
        return false;
    if (!a->trust->pem)
        return !a->hashed || SET(CURLOPT_CAINFO, NULL);
    /* curl adds the system's directory of authorities to what it is given, if it is not told */
    return SET(CURLOPT_CAPATH, NULL) && SET(CURLOPT_CAINFO, NULL) &&
           SET(CURLOPT_CAINFO_BLOB, &pem) && SET(CURLOPT_CERTINFO, 1L);
}

static bool set_login(struct rapi_attempt *a)
{
    return !a->login->user ||
           (SET(CURLOPT_HTTPAUTH, CURLAUTH_BASIC) && SET(CURLOPT_USERNAME, a->login->user) &&
            SET(CURLOPT_PASSWORD, a->login->password));
}

static bool add_header(struct rapi_attempt *a, const char *text)
{
    struct curl_slist *l = curl_slist_append(a->headers, text);

    if (l)
        a->headers = l;
    return l;
}

static bool set_request(struct rapi_attempt *a)
{
    CLEANUP_FREE char *url = NULL;
    const char *body = a->body;

    if (asprintf(&url, "%s%s", a->url, a->path) < 0) {
        url = NULL;
        return false;
    }
    if (!body && (!strcmp(a->method, "PUT") || !strcmp(a->method, "POST")))
        body = ""; /* they always tell how long it is */
    if (!add_header(a, "Accept: application/json") || !add_header(a, "Expect:") ||
        !add_header(a, a->body ? "Content-Type: application/json" : "Content-Type:"))
        return false;
    if (body && (!SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)strlen(body)) ||
                 !SET(CURLOPT_COPYPOSTFIELDS, body)))
        return false;
    return SET(CURLOPT_URL, url) && SET(CURLOPT_CUSTOMREQUEST, a->method) &&
           SET(CURLOPT_HTTPHEADER, a->headers) && SET(CURLOPT_USERAGENT, "gnt-exportfs");
}

static bool set_limits(struct rapi_attempt *a)
{
    int64_t left = a->deadline - clock_ms();
    long limit = left > LONG_MAX ? LONG_MAX : left < 1 ? 1 : (long)left; /* 0 would be no limit */

    /* no signals, nor waiting for a look-up of the name that goes on */
    return SET(CURLOPT_NOSIGNAL, 1L) && SET(CURLOPT_QUICK_EXIT, 1L) &&
           SET(CURLOPT_TIMEOUT_MS, limit) &&
           SET(CURLOPT_CONNECTTIMEOUT_MS, limit < CONNECT_LIMIT_MS ? limit : CONNECT_LIMIT_MS) &&
           SET(CURLOPT_PROTOCOLS_STR, "https") && SET(CURLOPT_FOLLOWLOCATION, 0L) &&
           SET(CURLOPT_PROXY, "") && SET(CURLOPT_NOPROXY, "*") &&
           SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1) &&
           SET(CURLOPT_FRESH_CONNECT, 1L) && SET(CURLOPT_FORBID_REUSE, 1L) &&
           SET(CURLOPT_SSL_SESSIONID_CACHE, 0L);
}

static bool set_callbacks(struct rapi_attempt *a)
{
    return SET(CURLOPT_ERRORBUFFER, a->said) && SET(CURLOPT_WRITEFUNCTION, on_data) &&
           SET(CURLOPT_WRITEDATA, a) && SET(CURLOPT_PREREQFUNCTION, prereq) &&
           SET(CURLOPT_PREREQDATA, a);
}

/* TLS may write to a connection that is gone, which must not end the process. */
static CURLcode perform_without_sigpipe(CURL *curl)
{
    const struct timespec now = {0};
    sigset_t pipe, old, pending;

    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    sigpending(&pending);
    pthread_sigmask(SIG_BLOCK, &pipe, &old);

    CURLcode code = curl_easy_perform(curl);

    if (!sigismember(&pending, SIGPIPE))
        while (sigtimedwait(&pipe, NULL, &now) < 0 && errno == EINTR)
            ;
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    return code;
}

CURLcode rapi_attempt(struct rapi_attempt *a)
{
    a->curl = curl_easy_init();
    if (!a->curl || !set_limits(a) || !set_callbacks(a) || !set_trust(a) || !set_login(a) ||
        !set_request(a))
        return CURLE_OUT_OF_MEMORY;

    CURLcode code = perform_without_sigpipe(a->curl);

    curl_easy_getinfo(a->curl, CURLINFO_RESPONSE_CODE, &a->status);
    return code;
}
