/* rapi.h: rapi_query(): rows of values, whatever the server says. */
#include "tests/unit/ganeti/fake_rapi.h"

static struct rapi *rapi;
static json_t *rows;

static int setup(void **state)
{
    err = (struct err){0};
    rows = NULL;
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
    json_decref(rows);
    rapi_close(rapi);
    server_stop();
    return node_teardown(state);
}

static int query(json_t *filter)
{
    static const char *const fields[] = {"name", "pip", NULL};

    return rapi_query(rapi, "node", fields, filter, &rows, &err);
}

static void values_or_null(void **state)
{
    CLEANUP_JSON json_t *filter = json_pack("[sss]", "=", "name", "n1");
    CLEANUP_FREE char *text = NULL;

    (void)state;
    answer("200\n{\"data\": [[[0, \"n1\"], [0, {\"a\": 1}]], [[0, \"n2\"], [2, null]], "
           "[[0, null], [4, \"stale\"]]], \"fields\": []}");
    if (query(filter) < 0)
        fail_msg("%s", err.text);
    text = json_dumps(rows, JSON_COMPACT);
    assert_string_equal(text, "[[\"n1\",{\"a\":1}],[\"n2\",null],[null,null]]");
    assert_int_equal(
        count_requests("PUT /2/query/node  application/json {\"fields\":[\"name\",\"pip\"],"
                       "\"qfilter\":[\"=\",\"name\",\"n1\"]}"),
        1);
}

static void no_rows(void **state)
{
    (void)state;
    answer("200\n{\"data\": []}");
    assert_int_equal(query(NULL), 0);
    assert_int_equal(json_array_size(rows), 0);
    assert_int_equal(count_requests("qfilter"), 0);
}

static void what_was_not_asked_for(void **state)
{
    static const char *const bad[] = {
        "1",
        "[]",
        "{}",
        "{\"data\": null}",
        "{\"data\": {}}",
        "{\"data\": [1]}",
        "{\"data\": [[]]}",
        "{\"data\": [[[0, 1]]]}",
        "{\"data\": [[[0, 1], [0, 1], [0, 1]]]}",
        "{\"data\": [[[0, 1], [0]]]}",
        "{\"data\": [[[0, 1], 1]]}",
        "{\"data\": [[[0, 1], [\"0\", 1]]]}",
        "{\"data\": [[[0, 1], {\"0\": 1}]]}",
    };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char text[128];

        snprintf(text, sizeof text, "200\n%s", bad[i]);
        answer(text);
        assert_int_equal(query(NULL), -EBADMSG);
        assert_null(rows);
        assert_says("/2/query/node");
    }
}

static void errors_are_the_requests(void **state)
{
    (void)state;
    answer("502\n");
    assert_int_equal(query(NULL), -EHOSTDOWN);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(values_or_null),
        TEST(no_rows),
        TEST(what_was_not_asked_for),
        TEST(errors_are_the_requests),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
