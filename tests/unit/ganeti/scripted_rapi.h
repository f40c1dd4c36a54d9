/* scripted_rapi.h - a remote API that answers from a script, in the place of rapi.c's.
 *
 * Each request must be the one that the script's next step expects.  "@REASON@" in an answer is the
 * reason of the submission that came before.
 */
#ifndef TESTS_UNIT_GANETI_SCRIPTED_RAPI_H
#define TESTS_UNIT_GANETI_SCRIPTED_RAPI_H

#include "export/ganeti/rapi.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

struct step {
    const char *request; /* "METHOD PATH", what it begins with; "QUERY job" for rapi_query() */
    int error;           /* negative errno, or */
    const char *answer;  /* JSON; what is said of an error */
    bool again;          /* answers any number of these, until one comes that the next expects */
    void (*then)(void);  /* called when it was answered; NULL: nothing */
};

static struct {
    const struct step *next;
    char reason[400];  /* escaped, which it needs not */
    char bodies[4000]; /* of all requests, one a line */
    unsigned requests;
} fake_rapi;

static void fake_rapi_script(const struct step *steps)
{
    memset(&fake_rapi, 0, sizeof fake_rapi);
    fake_rapi.next = steps;
}

/* Nothing is left of it. */
static bool fake_rapi_done(void)
{
    const struct step *s = fake_rapi.next;

    return !s->request || (s->again && !s[1].request);
}

static bool expects(const struct step *s, const char *request)
{
    return s->request && strncmp(s->request, request, strlen(s->request)) == 0;
}

static json_t *fake_parse(const char *answer)
{
    static const char mark[] = "@REASON@";
    const char *at = strstr(answer, mark);
    char *text = NULL;

    assert_true(asprintf(&text, "%.*s%s%s", at ? (int)(at - answer) : 0, answer,
                         at ? fake_rapi.reason : "", at ? at + strlen(mark) : answer) >= 0);

    json_t *ret = json_loads(text, JSON_DECODE_ANY, NULL);

    if (!ret)
        fail_msg("the script has no JSON: %s", text);
    free(text);
    return ret;
}

static void note_request(const char *request, json_t *body)
{
    const char *reason = strstr(request, "?reason=");
    char *text = body ? json_dumps(body, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
    size_t len = strlen(fake_rapi.bodies);

    fake_rapi.requests++;
    if (reason)
        snprintf(fake_rapi.reason, sizeof fake_rapi.reason, "%s", reason + strlen("?reason="));
    snprintf(fake_rapi.bodies + len, sizeof fake_rapi.bodies - len, "%s\n", text ? text : "");
    free(text);
}

static int fake_answer(const char *request, json_t *body, json_t **ret, struct err *err)
{
    const struct step *s = fake_rapi.next;

    note_request(request, body);
    if (s->again && expects(s + 1, request) && !expects(s, request))
        s++;
    if (!expects(s, request))
        fail_msg("%s was asked, %s expected", request, s->request ? s->request : "nothing");
    fake_rapi.next = s->again ? s : s + 1;
    if (s->error == 0)
        *ret = fake_parse(s->answer);
    if (s->then)
        s->then();
    return s->error ? err_set(err, ERR_EXEC, ECODE_NONE, -s->error, "fake: %s failed: %s", request,
                              s->answer ? s->answer : "")
                    : 0;
}

int rapi_request(struct rapi *r, const char *method, const char *path, json_t *body, json_t **ret,
                 struct err *err)
{
    char *request = NULL;

    (void)r;
    assert_true(asprintf(&request, "%s %s", method, path) >= 0);

    int e = fake_answer(request, body, ret, err);

    free(request);
    return e;
}

int rapi_query(struct rapi *r, const char *what, const char *const fields[], json_t *qfilter,
               json_t **ret, struct err *err)
{
    char request[64];

    (void)r;
    (void)fields;
    snprintf(request, sizeof request, "QUERY %s", what);
    return fake_answer(request, qfilter, ret, err);
}

const char *rapi_url(const struct rapi *r)
{
    (void)r;
    return "https://master.example.com:5080";
}

char *rapi_escape(const char *text)
{
    return strdup(text);
}

#endif
