/* Whoever waits for a check or a splitting sees how far it is, and can take it back at any moment.
 */
#include "tests/unit/untar_own.h"

struct seen {
    uint64_t last, cancel_at;
    unsigned calls;
    struct cancel *cancel;
};

static void progress(void *arg, uint64_t bytes)
{
    struct seen *s = arg;

    assert_true(bytes >= s->last);
    s->last = bytes;
    s->calls++;
    if (s->cancel && bytes >= s->cancel_at)
        cancel_request(s->cancel);
}

enum what { CHECK, SPLIT, CHECK_DIR };

static int run(enum what what, struct manifest_job *job, struct err *err)
{
    struct manifest *m = NULL;
    const char *prefix = "split-";
    int r;

    job->fd = open(in_scratch(what == CHECK_DIR ? "exp" : "own.tar"), O_RDONLY);
    assert_true(job->fd >= 0);
    if (what == SPLIT) {
        struct manifest *checked = accepted("own.tar");

        r = untar_split(job, checked, create_with, &prefix, err);
        close_created();
        manifest_free(checked);
    } else {
        r = what == CHECK ? untar_check(job, &m, err) : manifest_check_dir(job, &m, err);
        assert_true((r == 0) == (m != NULL));
        manifest_free(m);
    }
    close(job->fd);
    return r;
}

static void test_progress(void **state)
{
    (void)state;
    make_export();
    pack(two, 4);
    for (enum what what = CHECK; what <= CHECK_DIR; what++) {
        struct seen seen = {0};
        struct manifest_job job = {
            .instance = INST, .room = GIB, .max_bytes = GIB, .progress = progress, .arg = &seen};
        struct err err;

        assert_int_equal(run(what, &job, &err), 0);
        assert_true(seen.calls > 2);
        assert_true(seen.last >= 2097157);
    }
}

static void test_cancel(void **state)
{
    (void)state;
    make_export();
    pack(two, 4);
    for (enum what what = CHECK; what <= CHECK_DIR; what++)
        for (uint64_t at = 0; at < 2 * MIB; at += 500000) {
            struct cancel cancel;
            struct seen seen = {.cancel = &cancel, .cancel_at = at};
            struct manifest_job job = {.instance = INST,
                                       .room = GIB,
                                       .max_bytes = GIB,
                                       .cancel = &cancel,
                                       .progress = progress,
                                       .arg = &seen};
            struct err err = {0};

            assert_int_equal(cancel_init(&cancel), 0);

            int r = run(what, &job, &err);

            cancel_destroy(&cancel);
            if (r != -ECANCELED || err.class != ERR_CANCELED)
                fail_msg("%d, canceled at byte %llu: %d %s", what, (unsigned long long)at, r,
                         err.text);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_progress),
                                       cmocka_unit_test(test_cancel)};

    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
