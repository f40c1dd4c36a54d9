/* /params: what can be changed of a mount; what is refused leaves it as it was, and status says
 * why.
 */
#include "fake_cluster.h"

#include "export/params.h"

struct mount {
    struct fake *f;
    struct jobs *j;
    struct throttle *t;
};

static struct mount begin(uint64_t bwlimit)
{
    struct mount m = {.f = fake_new(1)};

    assert_int_equal(throttle_new(bwlimit, &m.t), 0);
    m.f->base.throttle = m.t;
    m.j = fake_jobs(m.f, (struct jobs_options){0});
    return m;
}

static void end(struct mount *m)
{
    jobs_close(m->j);
    fake_free(m->f);
    throttle_free(m->t);
}

static int set(struct mount *m, const char *text)
{
    struct err err;
    int r = jobs_mount_params_set(m->j, text, strlen(text), &err);

    if (r < 0)
        assert_int_equal(-err.errnum, r);
    return r;
}

static bool shows(int (*get)(struct jobs *j, char **text, size_t *len), struct mount *m,
                  const char *line)
{
    char *text;
    size_t len;
    bool found;

    assert_int_equal(get(m->j, &text, &len), 0);
    assert_int_equal(strlen(text), len);
    found = strstr(text, line);
    free(text);
    return found;
}

static bool status(struct mount *m, const char *line)
{
    return shows(jobs_status_text, m, line);
}

static bool params(struct mount *m, const char *line)
{
    return shows(jobs_mount_params_text, m, line);
}

static void read_edit_write(void **state)
{
    struct mount m = begin(0);

    (void)state;
    assert_true(params(&m, "\nbwlimit = 0\n"));
    assert_false(status(&m, "bwlimit"));
    assert_int_equal(set(&m, "# a comment\n\n ; another\r\n  bwlimit= 50M \n"), 0);
    assert_int_equal(throttle_rate(m.t), 50 << 20);
    assert_true(params(&m, "\nbwlimit = 52428800\n"));
    assert_true(status(&m, "\nbwlimit: 52428800\n"));
    assert_int_equal(set(&m, "bwlimit = 1\nbwlimit = 2"), 0);
    assert_int_equal(throttle_rate(m.t), 2);
    assert_int_equal(set(&m, "bwlimit = 0\n"), 0);
    assert_int_equal(throttle_rate(m.t), 0);
    assert_false(status(&m, "bwlimit"));
    end(&m);
}

static void what_it_says_can_be_written_back(void **state)
{
    struct mount m = begin(12345);
    char *text;
    size_t len;

    (void)state;
    assert_int_equal(jobs_mount_params_text(m.j, &text, &len), 0);
    assert_int_equal(set(&m, "bwlimit = 0\n"), 0);
    assert_int_equal(set(&m, text), 0);
    assert_int_equal(throttle_rate(m.t), 12345);
    free(text);
    end(&m);
}

/* The text stands for a whole. */
static void without_a_line_as_mounted(void **state)
{
    static const char *const texts[] = {"", "\n", "# bwlimit = 9\n"};
    struct mount m = begin(4096);

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        assert_int_equal(set(&m, "bwlimit = 0\n"), 0);
        assert_int_equal(throttle_rate(m.t), 0);
        assert_int_equal(set(&m, texts[i]), 0);
        assert_int_equal(throttle_rate(m.t), 4096);
    }
    end(&m);
}

static void refused_as_a_whole(void **state)
{
    static const struct {
        const char *text, *says;
    } bad[] = {
        {"colour = red\n", "line 1: unknown parameter 'colour'"},
        {"bwlimit = 5M\ncolour = red\n", "line 2: unknown parameter 'colour'"},
        {"bwlimit\n", "line 1: 'name = value' expected"},
        {"\nbwlimit =\n", "line 2: bwlimit: ''"},
        {"bwlimit = fast\n", "line 1: bwlimit: 'fast'"},
        {"bwlimit = -1\n", "line 1: bwlimit: '-1'"},
        {"bwlimit = 99999999999999999999\n", "line 1: bwlimit: '99999999999999999999' is too much"},
        {"BWLIMIT = 1\n", "line 1: unknown parameter 'BWLIMIT'"},
        {"shutdown = True\n", "line 1: unknown parameter 'shutdown'"},
    };
    struct mount m = begin(4096);

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(set(&m, bad[i].text), -EINVAL);
        assert_int_equal(throttle_rate(m.t), 4096);
        assert_true(status(&m, "\nrefused: OpPrereqError (wrong_input): params: "));
        assert_true(status(&m, bad[i].says));
    }
    assert_int_equal(set(&m, "bwlimit = 1\n"), 0);
    assert_false(status(&m, "refused"));
    end(&m);
}

static void too_long_and_no_text(void **state)
{
    struct mount m = begin(0);
    char *text = calloc(1, PARAMS_MAX_BYTES + 2);
    struct err err;

    (void)state;
    memset(text, '\n', PARAMS_MAX_BYTES + 1);
    assert_int_equal(jobs_mount_params_set(m.j, text, PARAMS_MAX_BYTES + 1, &err), -EFBIG);
    assert_int_equal(jobs_mount_params_set(m.j, text, PARAMS_MAX_BYTES, &err), 0);
    assert_int_equal(jobs_mount_params_set(m.j, "bwlimit = 1\0\n", 13, &err), -EINVAL);
    assert_int_equal(throttle_rate(m.t), 0);
    free(text);
    end(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(read_edit_write),
        cmocka_unit_test(what_it_says_can_be_written_back),
        cmocka_unit_test(without_a_line_as_mounted),
        cmocka_unit_test(refused_as_a_whole),
        cmocka_unit_test(too_long_and_no_text),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
