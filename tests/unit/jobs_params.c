/* params: defaults, what is kept, what is refused, and which acts honour it (DESIGN §2). */
#include "fake_cluster.h"

#define NAME "web0.example.com"

static char *text_of(struct jobs *j)
{
    char *text;
    size_t len;

    assert_int_equal(jobs_params_text(j, NAME, &text, &len), 0);
    assert_int_equal(strlen(text), len);
    return text;
}

static void shutdown_defaults_to_false(void **state)
{
    static const bool option[] = {false, true};

    (void)state;
    for (int i = 0; i < 2; i++) {
        struct fake *f = fake_new(1);
        struct jobs *j = fake_jobs(f, (struct jobs_options){.shutdown = option[i]});
        char *text = text_of(j);

        assert_non_null(strstr(text, option[i] ? "\nshutdown = True\n" : "\nshutdown = False\n"));
        assert_non_null(strstr(text, "\nshutdown_timeout = 120\n"));
        assert_null(strstr(text, "\ninstance_name"));
        free(text);
        jobs_close(j);
        fake_free(f);
    }
}

static void bad_text_leaves_the_old(void **state)
{
    static const char *const bad[] = {"shutdwn = True\n", "shutdown = maybe\n", "shutdown\n",
                                      "shutdown_timeout = -1\n", "mode = sideways\n"};
    struct fake *f = fake_new(1);
    struct jobs *j = fake_jobs(f, (struct jobs_options){0});
    char *before, *after;
    struct err err;

    (void)state;
    assert_int_equal(jobs_params_set(j, NAME, "shutdown_timeout = 7\n", 21, &err), 0);
    before = text_of(j);
    assert_non_null(strstr(before, "\nshutdown_timeout = 7\n"));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(jobs_params_set(j, NAME, bad[i], strlen(bad[i]), &err), -EINVAL);
        after = text_of(j);
        assert_string_equal(before, after);
        free(after);
    }
    free(before);

    assert_int_equal(jobs_params_set(j, NAME, "", 0, &err), 0);
    after = text_of(j);
    assert_non_null(strstr(after, "\nshutdown_timeout = 120\n"));
    free(after);
    jobs_close(j);
    fake_free(f);
}

/* What params shows can be written back as it is, and survives a remount. */
static void shown_text_can_be_written_back(void **state)
{
    struct fake *f = fake_new(1);
    struct jobs *j = fake_jobs(f, (struct jobs_options){0});
    char *text, *again;
    struct err err;

    (void)state;
    assert_int_equal(jobs_params_set(j, NAME, "long_sleep = true\nshutdown=1\n", 29, &err),
                     -EINVAL);
    assert_int_equal(jobs_params_set(j, NAME, "long_sleep = true\nshutdown=True\n", 32, &err), 0);
    text = text_of(j);
    assert_int_equal(jobs_params_set(j, NAME, text, strlen(text), &err), 0);
    jobs_close(j);
    j = fake_jobs(f, (struct jobs_options){0});
    again = text_of(j);
    assert_string_equal(text, again);
    free(text);
    free(again);
    jobs_close(j);
    fake_free(f);
}

static void remove_instance_is_honoured_once_and_by_touch_alone(void **state)
{
    struct fake *f = fake_new(1);
    struct jobs *j = fake_jobs(f, (struct jobs_options){0});
    struct jobs_reader *r;
    struct jobs_view v;
    struct err err;
    char *text;

    (void)state;
    fake_go(f);
    assert_int_equal(jobs_params_set(j, NAME, "remove_instance = True\n", 23, &err), 0);
    assert_int_equal(jobs_view(j, NAME, &v), 0);
    assert_int_equal(jobs_reader_open(j, NAME, v.t, &r, &err), 0);
    assert_int_equal(jobs_reader_trigger(r, &err), 0);
    assert_int_equal(fake_wait_image(r), IMAGE_PUBLISHED);
    assert_false(f->last_remove);
    jobs_reader_close(r);

    int touched = jobs_touch(j, NAME, NULL, &err);

    for (int i = 0; i < 2000 && touched == -EBUSY; i++) { /* until that run is over */
        usleep(10000);
        touched = jobs_touch(j, NAME, NULL, &err);
    }
    assert_int_equal(touched, 0);
    assert_true(fake_wait_started(f, 2));
    assert_true(f->last_remove);
    text = text_of(j);
    assert_non_null(strstr(text, "\nremove_instance = False\n"));
    free(text);
    jobs_close(j);
    fake_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shutdown_defaults_to_false),
        cmocka_unit_test(bad_text_leaves_the_old),
        cmocka_unit_test(shown_text_can_be_written_back),
        cmocka_unit_test(remove_instance_is_honoured_once_and_by_touch_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
