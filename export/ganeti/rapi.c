/* rapi.c - requests to a Ganeti cluster's remote API (rapi.h), by libcurl.
 *
 * The password goes out only on a connection whose other end has proved who it is:
 *
 *     insecure            anybody
 *     no cafile           the system's authorities vouch for it and for the host's name
 *     cafile, BY_NAME     the file's vouch for it and for the host's name
 *     cafile, BY_CERT     the file's vouch for it, and its own certificate is one of the file's
 *
 * With a cafile that way is tried first which was right the last time, then the other: an attempt
 * that fails for who the other end is has sent nothing.  Certificates must be in force always.
 *
 * `m` guards login, login_stat and way; a leaf, held while the small file is read.
 */
#include "export/ganeti/rapi_parts.h"

#include "lock/clock.h"

#include <ctype.h>
#include <string.h>

#define DEFAULT_PORT    5080
#define DEFAULT_LIMIT_S 20
#define SAID_MAX        512

enum way { BY_CERT, BY_NAME };

struct rapi {
    char *url; /* "https://HOST:PORT" */
    char *credentials, *cafile;
    bool insecure, hashed;
    unsigned timeout_s;

    pthread_mutex_t m;
    struct rapi_login login;
    struct stat login_stat; /* of the file that it was read from */
    enum way way;
};

/* --- one request --- */

static int fail(const struct rapi_attempt *a, int r, const char *text, struct err *err)
{
    return err_set(err, ERR_EXEC, ECODE_NONE, -r, "%s: %s %.256s: %.600s", a->url, a->method,
                   a->path, text);
}

static int fail_curl(const struct rapi_attempt *a, CURLcode code, struct err *err)
{
    char text[SAID_MAX];
    const char *said = *a->said ? a->said : curl_easy_strerror(code);

    if (a->too_long)
        said = "the answer is too long";
    else if (!a->begun && code == CURLE_ABORTED_BY_CALLBACK)
        said = "its certificate is not the one that is trusted";
    snprintf(text, sizeof text, "%s%s",
             a->begun || code == CURLE_OUT_OF_MEMORY ? "" : "cannot connect: ", said);
    return fail(a, rapi_errno_of_curl(code, a->begun, a->said), text, err);
}

static int fail_status(const struct rapi_attempt *a, struct err *err)
{
    char text[SAID_MAX], said[SAID_MAX - 64];

    rapi_say_answer(a->answer, a->len, said, sizeof said);
    snprintf(text, sizeof text, "%ld%s%s%s", a->status, *said ? " " : "", said,
             a->status != 401 ? ""
             : a->login->user ? ": wrong user or password"
                              : ": it wants a user and a password");
    return fail(a, rapi_errno_of_status(a->status), text, err);
}

static int parse(const struct rapi_attempt *a, json_t **ret, struct err *err)
{
    json_error_t why;
    json_t *answer = json_loadb(a->answer ? a->answer : "", a->len, JSON_DECODE_ANY, &why);
    char text[SAID_MAX];

    if (answer) {
        *ret = answer;
        return 0;
    }
    snprintf(text, sizeof text, "answered what is not JSON: %s", why.text);
    return fail(a, -EBADMSG, text, err);
}

/* Could it be that the other way is the right one? */
static bool not_this_way(const struct rapi_attempt *a, CURLcode code)
{
    return a->trust->pem && !a->begun &&
           (code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_ABORTED_BY_CALLBACK);
}

/* like: what is asked, without a handle.  *status: 0 if there was no answer. */
static int try_one_way(const struct rapi_attempt *like, enum way way, bool *other_way, long *status,
                       json_t **ret, struct err *err)
{
    CLEANUP_ATTEMPT struct rapi_attempt a = *like;

    a.by_cert = way == BY_CERT;

    CURLcode code = rapi_attempt(&a);

    *other_way = not_this_way(&a, code);
    *status = a.status;
    if (code != CURLE_OK)
        return fail_curl(&a, code, err);
    return a.status == 200 ? parse(&a, ret, err) : fail_status(&a, err);
}

static enum way get_way(struct rapi *r)
{
    LOCK_SCOPE(&r->m);
    return r->way;
}

static void set_way(struct rapi *r, enum way way)
{
    LOCK_SCOPE(&r->m);
    r->way = way;
}

static int try_ways(struct rapi *rapi, const struct rapi_attempt *like, long *status, json_t **ret,
                    struct err *err)
{
    enum way way = get_way(rapi), other = way == BY_CERT ? BY_NAME : BY_CERT;
    bool wrong;
    struct err second;
    int r = try_one_way(like, way, &wrong, status, ret, err);

    if (!wrong)
        return r;

    int again = try_one_way(like, other, &wrong, status, ret, &second);

    if (!wrong)
        set_way(rapi, other);
    /* who is trusted in neither way is told of as if by name, which says more */
    if (again < 0 && (!wrong || other == BY_NAME))
        *err = second;
    else if (again < 0)
        again = r;
    return again;
}

/* --- who we are --- */

static bool same_file(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
           a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec &&
           a->st_ctim.tv_sec == b->st_ctim.tv_sec && a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

/* What the file says now; read if it was changed, or if `always`. */
static int get_login(struct rapi *r, bool always, struct rapi_login *ret, struct err *err)
{
    struct rapi_login login;
    struct stat st;

    if (!r->credentials)
        return 0;

    LOCK_SCOPE(&r->m);
    if (always || stat(r->credentials, &st) < 0 || !same_file(&st, &r->login_stat)) {
        int rc = rapi_login_read(r->credentials, &login, &st, err);

        if (rc < 0)
            return rc;
        rapi_login_clear(&r->login);
        r->login = login;
        r->login_stat = st;
    }
    return rapi_login_copy(&r->login, ret) < 0 ? err_sys(err, -ENOMEM, "%.512s", r->credentials)
                                               : 0;
}

/* --- requests --- */

/* For a password that was changed just now there is a second try. */
static int ask(struct rapi *rapi, struct rapi_attempt *a, json_t **ret, struct err *err)
{
    CLEANUP_LOGIN struct rapi_login login = {0}, anew = {0};
    struct err ignored;
    long status = 0;
    int r = get_login(rapi, false, &login, err);

    if (r < 0)
        return r;
    a->login = &login;
    r = try_ways(rapi, a, &status, ret, err);
    if (status != 401 || get_login(rapi, true, &anew, &ignored) < 0 ||
        rapi_login_same(&login, &anew))
        return r;
    a->login = &anew;
    return try_ways(rapi, a, &status, ret, err);
}

static bool is_request(const char *method, const char *path)
{
    if (*path != '/')
        return false;
    for (; *path; path++)
        if (!isgraph((unsigned char)*path))
            return false;
    for (; *method; method++)
        if (!isupper((unsigned char)*method))
            return false;
    return true;
}

int rapi_request_within(struct rapi *r, int64_t limit_ms, const char *method, const char *path,
                        json_t *body, json_t **ret, struct err *err)
{
    CLEANUP_TRUST struct rapi_trust trust = {0};
    CLEANUP_FREE char *text = body ? json_dumps(body, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
    struct rapi_attempt a = {.url = r->url,
                             .method = method,
                             .path = path,
                             .body = text,
                             .trust = &trust,
                             .insecure = r->insecure,
                             .hashed = r->hashed,
                             .deadline = clock_ms() + limit_ms};

    if (!is_request(method, path))
        return err_set(err, ERR_PROGRAMMER, ECODE_NONE, EINVAL, "%s: not a request: %.64s %.256s",
                       r->url, method, path);
    if (body && !text)
        return fail(&a, -ENOMEM, "no memory", err);

    int rc = r->cafile && !r->insecure ? rapi_trust_read(r->cafile, &trust, err) : 0;

    return rc < 0 ? rc : ask(r, &a, ret, err);
}

int64_t rapi_limit_ms(const struct rapi *r)
{
    return (int64_t)r->timeout_s * 1000;
}

int rapi_request(struct rapi *r, const char *method, const char *path, json_t *body, json_t **ret,
                 struct err *err)
{
    return rapi_request_within(r, rapi_limit_ms(r), method, path, body, ret, err);
}

const char *rapi_url(const struct rapi *r)
{
    return r->url;
}

char *rapi_escape(const char *text)
{
    char *escaped = curl_easy_escape(NULL, text, 0), *ret = escaped ? strdup(escaped) : NULL;

    curl_free(escaped);
    return ret;
}

/* --- life --- */

static CURLcode curl_state;

static void init_curl(void)
{
    curl_state = curl_global_init(CURL_GLOBAL_DEFAULT);
}

/* A name or an address, and nothing that would mean more in a URL. */
static bool is_host(const char *host)
{
    if (!*host || strlen(host) > 255)
        return false;
    for (; *host; host++)
        if (!isalnum((unsigned char)*host) && !strchr(".:_-", *host))
            return false;
    return true;
}

static int make_url(const struct rapi_options *opt, struct rapi *r, struct err *err)
{
    const char *host = opt->host;
    bool ipv6 = strchr(host, ':');
    unsigned port = opt->port ? opt->port : DEFAULT_PORT;

    if (!is_host(host) || port > 65535)
        return err_prereq(err, ECODE_INVAL, "'%.255s', port %u: not the address of a cluster", host,
                          port);
    if (asprintf(&r->url, "https://%s%s%s:%u", ipv6 ? "[" : "", host, ipv6 ? "]" : "", port) < 0) {
        r->url = NULL;
        return err_sys(err, -ENOMEM, "%.255s", host);
    }
    return 0;
}

/* Daemons change their directory. */
static int set_path(const char *path, char **ret, struct err *err)
{
    if (!path)
        return 0;
    *ret = realpath(path, NULL);
    return *ret ? 0 : err_sys(err, -errno, "%.512s", path);
}

/* What is wrong with the files is told now. */
static int check_files(struct rapi *r, struct err *err)
{
    CLEANUP_LOGIN struct rapi_login login = {0};
    CLEANUP_TRUST struct rapi_trust trust = {0};
    int rc = get_login(r, true, &login, err);

    if (rc == 0 && r->cafile && !r->insecure)
        rc = rapi_trust_read(r->cafile, &trust, err);
    return rc;
}

int rapi_open(const struct rapi_options *opt, struct rapi **ret, struct err *err)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    struct rapi *r = calloc(1, sizeof *r);
    int rc;

    pthread_once(&once, init_curl);
    if (!r || curl_state != CURLE_OK) {
        free(r);
        return err_sys(err, -ENOMEM, "%.255s", opt->host);
    }
    pthread_mutex_init(&r->m, NULL);
    r->insecure = opt->insecure;
    r->hashed = !opt->cafile && !opt->insecure && rapi_trust_is_hashed();
    r->timeout_s = opt->timeout_s ? opt->timeout_s : DEFAULT_LIMIT_S;
    rc = make_url(opt, r, err);
    if (rc == 0)
        rc = set_path(opt->credentials, &r->credentials, err);
    if (rc == 0)
        rc = set_path(opt->cafile, &r->cafile, err);
    if (rc == 0)
        rc = check_files(r, err);
    if (rc < 0) {
        rapi_close(r);
        return rc;
    }
    *ret = r;
    return 0;
}

void rapi_close(struct rapi *r)
{
    if (!r)
        return;
    rapi_login_clear(&r->login);
    pthread_mutex_destroy(&r->m);
    free(r->credentials);
    free(r->cafile);
    free(r->url);
    free(r);
}
