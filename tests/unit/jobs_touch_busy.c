/* A touch that asks for something which the running export does not do is refused, and its
 * remove_instance, which is honoured once, is not spent on it (DESIGN §2). */
#include "fake_cluster.h"

#define NAME "web0.example.com"

static struct jobs_reader *reading(struct fake *f, struct jobs *j)
{
    struct jobs_reader *r;
    struct jobs_view v;
    struct err err;

    assert_int_equal(jobs_view(j, NAME, &v), 0);
    assert_int_equal(jobs_reader_open(j, NAME, v.t, &r, &err), 0);
    assert_int_equal(jobs_reader_trigger(r, &err), 0);
    assert_true(fake_wait_started(f, 1));
    return r;
}

static void refused_while_a_read_runs(const char *params, const char *kept)
{
    struct fake *f = fake_new(1);
    struct jobs *j = fake_jobs(f, (struct jobs_options){0});
    struct jobs_reader *r = reading(f, j);
    struct err err;
    char *text;
    size_t len;

    assert_int_equal(jobs_params_set(j, NAME, params, strlen(params), &err), 0);
    assert_int_equal(jobs_touch(j, NAME, NULL, &err), -EBUSY);
    assert_int_equal(jobs_params_text(j, NAME, &text, &len), 0);
    assert_non_null(strstr(text, kept));
    free(text);
    fake_go(f);
    assert_int_equal(fake_wait_image(r), IMAGE_PUBLISHED);
    assert_int_equal(f->started, 1);
    jobs_reader_close(r);
    jobs_close(j);
    fake_free(f);
}

static void remove_instance_is_not_spent(void **state)
{
    (void)state;
    refused_while_a_read_runs("remove_instance = True\n", "\nremove_instance = True\n");
}

static void dry_run_is_not_a_real_one(void **state)
{
    (void)state;
    refused_while_a_read_runs("dry_run = True\n", "\ndry_run = True\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(remove_instance_is_not_spent),
        cmocka_unit_test(dry_run_is_not_a_real_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
