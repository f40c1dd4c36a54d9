/* rapi.h: what an answer becomes, one that does not come, and one that is none. */
#include "tests/unit/ganeti/fake_rapi.h"

static struct rapi *rapi;
static json_t *said;

static int setup(void **state)
{
    err = (struct err){0};
    said = NULL;
    rapi = NULL;
    if (node_setup(state) < 0)
        return -1;
    cert_self_signed("own", "ganeti.example.com", 2);
    server_start("own.pem");
    rapi = client("own-cert.pem", false, false);
    return 0;
}

static int teardown(void **state)
{
    json_decref(said);
    rapi_close(rapi);
    server_stop();
    return node_teardown(state);
}

static void assert_becomes(const char *text, int errnum, const char *word)
{
    answer(text);
    assert_int_equal(ask(rapi, &said), -errnum);
    assert_null(said);
    assert_int_equal(err.errnum, errnum);
    assert_says("https://127.0.0.1");
    assert_says("GET /2/info");
    assert_says(word);
}

static void a_status_is_an_errno(void **state)
{
    (void)state;
    assert_becomes("400\n{\"code\": 400, \"message\": \"Invalid body &quot;a&#x27;b&quot; "
                   "&lt;&amp;amp;&gt;\", "
                   "\"explain\": \"Bad request\"}",
                   EINVAL, "Invalid body \"a'b\" <&amp;> (Bad request)");
    assert_becomes("401\n{\"message\": \"Unauthorized\"}", EACCES, "Unauthorized");
    assert_becomes("403\n{\"message\": \"Forbidden\"}", EACCES, "Forbidden");
    assert_becomes("404\n{\"explain\": \"No such thing\"}", ENOENT, "No such thing");
    assert_becomes("500\n{\"message\": \"Internal\"}", EIO, "Internal");
    assert_becomes("501\n", EOPNOTSUPP, "501");
    assert_becomes("502\n<html>gateway</html>", EHOSTDOWN, "502");
    assert_becomes("503\n{\"message\": \"The job queue is full\"}", EAGAIN, "queue is full");
    assert_becomes("504\n{\"message\": [1]}", EAGAIN, "504");
}

static void nobody_is_followed_elsewhere(void **state)
{
    (void)state;
    assert_becomes("302\n{}", EBADMSG, "302");
    assert_int_equal(count_requests("elsewhere"), 0);
}

static void an_answer_that_is_none(void **state)
{
    (void)state;
    assert_becomes("200\n{\"name\": ", EBADMSG, "JSON");
    assert_becomes("200\n", EBADMSG, "JSON");
    assert_becomes("200\n{} {}", EBADMSG, "JSON");
    assert_becomes("200\n\"\\u0000\"", EBADMSG, "JSON");
    assert_becomes("200\n123456789012345678901234567890", EBADMSG, "JSON");
}

static void an_answer_of_any_kind(void **state)
{
    (void)state;
    answer("200\n38");
    assert_int_equal(ask(rapi, &said), 0);
    assert_int_equal(json_integer_value(said), 38);
}

static void a_connection_that_ends(void **state)
{
    (void)state;
    assert_becomes("cut\n", ECONNRESET, "");
    assert_becomes("half\n{\"name\": \"it\"}", ECONNRESET, "");
    assert_int_equal(count_requests("GET"), 2); /* nothing is repeated */
}

static void nobody_there(void **state)
{
    (void)state;
    server_stop();
    assert_int_equal(ask(rapi, &said), -EHOSTUNREACH);
    assert_says("cannot connect");
}

static void no_answer_in_time(void **state)
{
    int64_t start = clock_ms();

    (void)state;
    answer("hang\n");
    assert_int_equal(rapi_request_within(rapi, 1500, "GET", "/2/info", NULL, &said, &err),
                     -ETIMEDOUT);
    assert_true(clock_ms() - start >= 1400);
    assert_int_equal(count_requests("GET /2/info"), 1);
}

/* Whoever accepts connections and says nothing was sent nothing. */
static void no_handshake_in_time(void **state)
{
    (void)state;
    kill(server, SIGSTOP);
    assert_int_equal(rapi_request_within(rapi, 1500, "GET", "/2/info", NULL, &said, &err),
                     -EHOSTUNREACH);
    kill(server, SIGCONT);
}

static void a_body_is_json(void **state)
{
    CLEANUP_JSON json_t *body = json_pack("{s:s}", "mode", "lo\"cal");

    (void)state;
    answer("200\n38");
    assert_int_equal(rapi_request(rapi, "PUT", "/2/x?dry-run=1", body, &said, &err), 0);
    json_decref(STEAL(said));
    assert_int_equal(rapi_request(rapi, "DELETE", "/2/y", NULL, &said, &err), 0);
    assert_int_equal(
        count_requests("PUT /2/x?dry-run=1  application/json {\"mode\":\"lo\\\"cal\"}\n"), 1);
    assert_int_equal(count_requests("DELETE /2/y  None \n"), 1);
}

/* A proxy would learn the password's whereabouts, and this machine's nodes are not behind one. */
static void no_proxy(void **state)
{
    (void)state;
    setenv("https_proxy", "http://127.0.0.1:1", 1);
    setenv("ALL_PROXY", "http://127.0.0.1:1", 1);
    answer("200\n1");
    assert_int_equal(ask(rapi, &said), 0);
    unsetenv("https_proxy");
    unsetenv("ALL_PROXY");
}

static void parts_of_a_path_are_escaped(void **state)
{
    CLEANUP_FREE char *escaped = rapi_escape("a/b?c d%");

    (void)state;
    assert_string_equal(escaped, "a%2Fb%3Fc%20d%25");
    assert_int_equal(rapi_request(rapi, "GET", "/2/a b", NULL, &said, &err), -EINVAL);
    assert_int_equal(rapi_request(rapi, "GET", "@elsewhere/", NULL, &said, &err), -EINVAL);
    assert_int_equal(rapi_request(rapi, "GET", "/\r\nX: y", NULL, &said, &err), -EINVAL);
}

static void addresses(void **state)
{
    static const char *const bad[] = {"", "a/b", "user@host", "host?x", "a b", "a#b"};
    struct rapi *r = NULL;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(rapi_open(&(struct rapi_options){.host = bad[i]}, &r, &err), -EINVAL);
    assert_int_equal(rapi_open(&(struct rapi_options){.host = "h", .port = 65536}, &r, &err),
                     -EINVAL);
    assert_int_equal(rapi_open(&(struct rapi_options){.host = "cluster.example.com"}, &r, &err), 0);
    assert_string_equal(rapi_url(r), "https://cluster.example.com:5080");
    rapi_close(r);
    assert_int_equal(rapi_open(&(struct rapi_options){.host = "fd00::1", .port = 1}, &r, &err), 0);
    assert_string_equal(rapi_url(r), "https://[fd00::1]:1");
    rapi_close(r);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_status_is_an_errno),
        TEST(nobody_is_followed_elsewhere),
        TEST(an_answer_that_is_none),
        TEST(an_answer_of_any_kind),
        TEST(a_connection_that_ends),
        TEST(nobody_there),
        TEST(no_answer_in_time),
        TEST(no_handshake_in_time),
        TEST(a_body_is_json),
        TEST(no_proxy),
        TEST(parts_of_a_path_are_escaped),
        TEST(addresses),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
