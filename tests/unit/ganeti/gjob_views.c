/* What an answer says of a job, or of the jobs in the queue; of any shape whatever. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "export/ganeti/gjob_parts.h"

#define WEB1     "web1.example.com"
#define EXPORT   "\"OP_ID\":\"OP_BACKUP_EXPORT\""
#define OP(more) "{" EXPORT ",\"instance_name\":\"" WEB1 "\"" more "}"

static int view(const char *answer, size_t index, struct gjob_view *v)
{
    struct gjob_id w = {.id = 38, .index = index};
    json_t *j = json_loads(answer, JSON_DECODE_ANY, NULL);
    int r;

    assert_non_null(j);
    r = gjob_view(j, &w, "OP_BACKUP_EXPORT", v);
    json_decref(j);
    return r;
}

static void states(void **state)
{
    static const struct {
        const char *answer;
        enum gjob_state state;
    } rows[] = {
        {"{\"id\":38,\"ops\":[{" EXPORT "}],\"status\":\"queued\",\"opstatus\":[\"queued\"]}",
         GJOB_QUEUED},
        {"{\"id\":38,\"ops\":[{" EXPORT "}],\"status\":\"waiting\",\"opstatus\":[\"waiting\"]}",
         GJOB_WAITING},
        {"{\"id\":38,\"ops\":[{" EXPORT "}],\"status\":\"canceling\",\"opstatus\":[\"canceling\"]}",
         GJOB_CANCELING},
        {"{\"id\":38,\"ops\":[{" EXPORT "}],\"status\":\"running\",\"opstatus\":null}",
         GJOB_RUNNING},
        {"{\"id\":\"38\",\"ops\":[{" EXPORT "}],\"status\":\"error\",\"opstatus\":[\"success\"]}",
         GJOB_SUCCESS},
        {"{\"id\":38,\"ops\":[{" EXPORT "}],\"status\":\"error\",\"opstatus\":[7]}", GJOB_ERROR},
        {"{\"id\":38,\"ops\":[{" EXPORT "}],\"status\":\"canceled\"}", GJOB_CANCELED},
    };
    struct gjob_view v;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(view(rows[i].answer, 0, &v), 0);
        assert_int_equal(v.state, rows[i].state);
    }
}

static void one_that_is_not_there(void **state)
{
    struct gjob_view v;

    (void)state;
    assert_int_equal(view("{\"id\":38,\"ops\":null,\"status\":null,\"opstatus\":null}", 0, &v),
                     -ENOENT);
}

static void no_such_job(void **state)
{
    static const char *const answers[] = {
        "null",
        "7",
        "[]",
        "\"running\"",
        "{}",
        "{\"status\":\"running\"}",
        "{\"id\":38,\"status\":\"running\",\"ops\":[]}",
        "{\"id\":38,\"status\":\"running\",\"ops\":{}}",
        "{\"id\":38,\"status\":\"running\",\"ops\":[null]}",
        "{\"id\":38,\"status\":\"running\",\"ops\":[{}]}",
        "{\"id\":38,\"status\":\"running\",\"ops\":[{\"OP_ID\":7}]}",
        "{\"id\":38,\"status\":\"running\",\"ops\":[{\"OP_ID\":\"OP_BACKUP_REMOVE\"}]}",
        "{\"id\":39,\"status\":\"running\",\"ops\":[{" EXPORT "}]}",
        "{\"id\":38.0,\"status\":\"running\",\"ops\":[{" EXPORT "}]}",
        "{\"id\":38,\"status\":\"unheard\",\"ops\":[{" EXPORT "}]}",
        "{\"id\":38,\"status\":[\"running\"],\"ops\":[{" EXPORT "}]}",
    };
    struct gjob_view v = {.start = 77};

    (void)state;
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++)
        assert_int_equal(view(answers[i], 0, &v), -EBADMSG);
    assert_int_equal(view("{\"id\":38,\"status\":\"running\",\"ops\":[{" EXPORT "}]}", 1, &v),
                     -EBADMSG);
    assert_int_equal(v.start, 77);
}

static bool finds(const char *rows, struct gjob_id *ret)
{
    json_t *j = json_loads(rows, JSON_DECODE_ANY, NULL);
    bool found;

    assert_non_null(j);
    found = gjob_find_in(j, WEB1, ret);
    json_decref(j);
    return found;
}

static void exports_of_it(void **state)
{
    static const char *const rows[] = {
        "[[7,[\"queued\"],[" OP("") "]]]",
        "[[7,[\"waiting\"],[" OP(",\"mode\":\"local\",\"dry_run\":false") "]]]",
        "[[7,[\"running\"],[{" EXPORT ",\"instance_name\":\"web1\"}]]]",
        "[[7,[\"running\"],[{" EXPORT ",\"instance_name\":\"WEB1.Example\"}]]]",
        "[[6,[\"success\"],[" OP("") "]],[7,[\"queued\"],[" OP("") "]]]",
    };
    struct gjob_id w;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_true(finds(rows[i], &w));
        assert_int_equal(w.id, 7);
        assert_int_equal(w.index, 0);
    }
    assert_true(finds("[[7,[\"success\",\"queued\"],[" OP("") "," OP("") "]]]", &w));
    assert_int_equal(w.index, 1);
}

static void not_exports_of_it(void **state)
{
    static const char *const rows[] = {
        "null",
        "7",
        "{}",
        "[]",
        "[null,7,{},[],[7],[7,7,7]]",
        "[[7,[\"queued\"],[7,null,[]]]]",
        "[[null,[\"queued\"],[" OP("") "]]]",
        "[[-7,[\"queued\"],[" OP("") "]]]",
        "[[7,null,[" OP("") "]]]",
        "[[7,[],[" OP("") "]]]",
        "[[7,[\"canceling\"],[" OP("") "]]]",
        "[[7,[\"success\"],[" OP("") "]]]",
        "[[7,[\"queued\"],[" OP(",\"mode\":\"remote\"") "]]]",
        "[[7,[\"queued\"],[" OP(",\"dry_run\":true") "]]]",
        "[[7,[\"queued\"],[{" EXPORT ",\"instance_name\":\"web11.example.com\"}]]]",
        "[[7,[\"queued\"],[{" EXPORT ",\"instance_name\":\"web\"}]]]",
        "[[7,[\"queued\"],[{" EXPORT ",\"instance_name\":\"\"}]]]",
        "[[7,[\"queued\"],[{" EXPORT ",\"instance_name\":7}]]]",
        "[[7,[\"queued\"],[{\"OP_ID\":\"OP_BACKUP_REMOVE\",\"instance_name\":\"" WEB1 "\"}]]]",
    };
    struct gjob_id w = {.id = 77};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_false(finds(rows[i], &w));
    assert_int_equal(w.id, 77);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(states),
        cmocka_unit_test(one_that_is_not_there),
        cmocka_unit_test(no_such_job),
        cmocka_unit_test(exports_of_it),
        cmocka_unit_test(not_exports_of_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
