/* rapi_error.c - what went wrong with a request, as errno and in words (rapi.h).  No state. */
#include "export/ganeti/rapi_parts.h"

#include <string.h>

static const char *const broken[] = {"SSL_ERROR_SYSCALL", "eset by peer", "unexpected eof",
                                     "roken pipe", "non-properly terminated"};

static bool is_broken(const char *said)
{
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++)
        if (strstr(said, broken[i]))
            return true;
    return false;
}

static int before_sending(CURLcode code, const char *said)
{
    switch (code) {
    case CURLE_SSL_CONNECT_ERROR:
        /* curl has one code for who does not speak TLS and who dies meanwhile */
        return is_broken(said) ? -EHOSTUNREACH : -EPROTO;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_ENGINE_INITFAILED:
    case CURLE_SSL_INVALIDCERTSTATUS:
    case CURLE_USE_SSL_FAILED:
    case CURLE_ABORTED_BY_CALLBACK: /* ours, for a certificate that is not the one */
        return -EPROTO;
    default:
        return -EHOSTUNREACH;
    }
}

int rapi_errno_of_curl(CURLcode code, bool begun, const char *said)
{
    if (code == CURLE_OUT_OF_MEMORY)
        return -ENOMEM;
    if (!begun)
        return before_sending(code, said);
    switch (code) {
    case CURLE_OPERATION_TIMEDOUT:
        return -ETIMEDOUT;
    case CURLE_GOT_NOTHING:
    case CURLE_PARTIAL_FILE:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
    case CURLE_SSL_CONNECT_ERROR:
        return -ECONNRESET;
    default:
        return -EBADMSG;
    }
}

int rapi_errno_of_status(long status)
{
    switch (status) {
    case 400:
        return -EINVAL;
    case 401:
    case 403:
        return -EACCES;
    case 404:
        return -ENOENT;
    case 501:
        return -EOPNOTSUPP;
    case 502:
        return -EHOSTDOWN;
    case 503:
    case 504:
        return -EAGAIN;
    default:
        return status < 400 ? -EBADMSG : -EIO;
    }
}

/* Ganeti escapes its messages for HTML. */
static const struct {
    const char *entity;
    char c;
} entities[] = {{"&quot;", '"'}, {"&#x27;", '\''}, {"&#39;", '\''},
                {"&lt;", '<'},   {"&gt;", '>'},    {"&amp;", '&'}};

static char decode(const char **p)
{
    for (size_t i = 0; i < sizeof entities / sizeof *entities; i++) {
        size_t len = strlen(entities[i].entity);

        if (!strncmp(*p, entities[i].entity, len)) {
            *p += len;
            return entities[i].c;
        }
    }
    return *(*p)++;
}

static void append(char *ret, size_t size, const char *text)
{
    size_t len = strlen(ret);

    while (*text && len + 1 < size)
        ret[len++] = decode(&text);
    ret[len] = '\0';
}

void rapi_say_answer(const char *body, size_t len, char *ret, size_t size)
{
    CLEANUP_JSON json_t *answer = body ? json_loadb(body, len, 0, NULL) : NULL;
    const char *message = json_string_value(json_object_get(answer, "message"));
    const char *explain = json_string_value(json_object_get(answer, "explain"));

    *ret = '\0';
    if (message)
        append(ret, size, message);
    if (explain && (!message || strcmp(message, explain) != 0)) {
        append(ret, size, message ? " (" : "");
        append(ret, size, explain);
        append(ret, size, message ? ")" : "");
    }
}
