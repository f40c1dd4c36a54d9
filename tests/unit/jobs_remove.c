/* The removal of one copy as a job: hidden at once, done behind, told of; T is used up. */
#include "fake_cluster.h"

#define NAME "web0.example.com"
#define NODE "node1.example.com"

static struct cluster_ops ops;
static unsigned hidden, shown;
static int hide_errno;
static char asked_node[64], asked_name[64];
static struct node_export_id asked;

static int hide(struct cluster *c, const char *node, const char *name,
                const struct node_export_id *id)
{
    (void)c, (void)node, (void)name, (void)id;
    if (hide_errno)
        return -hide_errno;
    hidden++;
    return 0;
}

static void show(struct cluster *c, const char *node, const char *name,
                 const struct node_export_id *id)
{
    (void)node, (void)name, (void)id;
    struct fake *f = fake_of(c);

    LOCK_SCOPE(&f->mu);
    shown++;
    pthread_cond_broadcast(&f->cond);
}

/* Waits until the test lets it go. */
static int run(struct cluster *c, const struct lu_run *lr, struct opcode *op,
               struct lu_result *result, struct err *err)
{
    struct fake *f = fake_of(c);

    LOCK_SCOPE(&f->mu);
    f->started++;
    f->running++;
    snprintf(asked_node, sizeof asked_node, "%s", opcode_get_string(op, "node_name"));
    snprintf(asked_name, sizeof asked_name, "%s", opcode_get_string(op, "instance_name"));
    asked = *lr->copy;
    pthread_cond_broadcast(&f->cond);
    while (!f->go && !cancel_requested(lr->cancel))
        pthread_cond_wait(&f->cond, &f->mu);
    f->running--;
    pthread_cond_broadcast(&f->cond);
    result->nothing = true;
    *err = f->run_err;
    return -err->errnum;
}

static void wait_for(struct fake *f, const unsigned *what, unsigned n)
{
    LOCK_SCOPE(&f->mu);
    while (*what < n)
        pthread_cond_wait(&f->cond, &f->mu);
}

static struct jobs *begin(struct fake *f)
{
    ops = fake_ops;
    ops.hide = hide;
    ops.show = show;
    ops.run = run;
    f->base.ops = &ops;
    hidden = shown = 0;
    hide_errno = 0;
    return fake_jobs(f, (struct jobs_options){.max_age_s = 3600});
}

static int ask(struct jobs *j, const char *name, int64_t t)
{
    struct node_export_id id = {.dev = 1, .ino = (uint64_t)t, .t = t, .size = 1};
    struct err err;

    return jobs_remove(j, NODE, name, &id, &err);
}

static bool node_status_has(struct jobs *j, const char *what)
{
    char *text;
    size_t len;

    assert_int_equal(jobs_node_status_text(j, NODE, &text, &len), 0);

    bool found = strstr(text, what);

    free(text);
    return found;
}

static bool status_has(struct jobs *j, const char *what)
{
    char *text;
    size_t len;

    assert_int_equal(jobs_status_text(j, &text, &len), 0);

    bool found = strstr(text, what);

    free(text);
    return found;
}

static void hidden_at_once_and_done_behind(void **state)
{
    struct fake *f = fake_new(1);
    struct jobs *j = begin(f);

    (void)state;
    fake_export(f, NAME, 1000, 0);
    assert_int_equal(ask(j, NAME, 1000), 0);
    assert_int_equal(hidden, 1);
    wait_for(f, &f->started, 1);
    assert_string_equal(asked_node, NODE);
    assert_string_equal(asked_name, NAME);
    assert_int_equal(asked.t, 1000);
    assert_true(status_has(j, "running " NAME " from " NODE));
    assert_true(status_has(j, "jobs_running: 1"));
    assert_int_equal(shown, 0);
    fake_go(f);
    wait_for(f, &shown, 1);
    jobs_close(j);
    fake_free(f);
}

static void what_failed_is_shown_again_and_told_of(void **state)
{
    struct fake *f = fake_new(1);
    struct jobs *j = begin(f);

    (void)state;
    err_exec(&f->run_err, "the disk is broken");
    fake_go(f);
    assert_int_equal(ask(j, "no.instance.of.ours", 1000), 0);
    wait_for(f, &shown, 1);
    while (!node_status_has(j, "the disk is broken"))
        usleep(1000);
    assert_true(node_status_has(j, "error no.instance.of.ours from " NODE));
    /* until another goes well */
    f->run_err = (struct err){0};
    assert_int_equal(ask(j, "no.instance.of.ours", 1000), 0);
    while (node_status_has(j, "the disk is broken"))
        usleep(1000);
    jobs_close(j);
    fake_free(f);
}

static void refused_is_not_hidden(void **state)
{
    struct fake *f = fake_new(1);
    struct jobs *j = begin(f);

    (void)state;
    err_set(&f->check_err, ERR_PREREQ, ECODE_STATE, EHOSTDOWN, "offline");
    assert_int_equal(ask(j, NAME, 1000), -EHOSTDOWN);
    assert_int_equal(hidden, 0);
    f->check_err = (struct err){0};
    hide_errno = ENOENT;
    assert_int_equal(ask(j, NAME, 1000), -ENOENT);
    assert_int_equal(f->started, 0);
    jobs_close(j);
    fake_free(f);
}

static void some_at_a_time(void **state)
{
    struct fake *f = fake_new(1);
    struct jobs *j = begin(f);

    (void)state;
    for (int k = 0; k < 7; k++) {
        char name[32];

        snprintf(name, sizeof name, "export%d", k);
        assert_int_equal(ask(j, name, 1000), 0);
    }
    wait_for(f, &f->started, 4);
    assert_true(status_has(j, "jobs_running: 4") && status_has(j, "jobs_queued: 3"));
    fake_go(f);
    wait_for(f, &shown, 7);
    jobs_close(j);
    fake_free(f);
}

static void *let_go(void *arg)
{
    wait_for(arg, &((struct fake *)arg)->started, 1);
    fake_go(arg);
    return NULL;
}

static void an_unmount_lets_them_end(void **state)
{
    struct fake *f = fake_new(1);
    struct jobs *j = begin(f);
    pthread_t thread;

    (void)state;
    for (int k = 0; k < 7; k++) {
        char name[32];

        snprintf(name, sizeof name, "export%d", k);
        assert_int_equal(ask(j, name, 1000), 0);
    }
    assert_int_equal(pthread_create(&thread, NULL, let_go, f), 0);
    jobs_close(j);
    assert_int_equal(f->started, 7);
    pthread_join(thread, NULL);
    fake_free(f);
}

static int64_t t_shown(struct jobs *j)
{
    struct jobs_view v;

    assert_int_equal(jobs_view(j, NAME, &v), 0);
    return v.t;
}

static void the_next_image_looks_changed_to_all_mounts(void **state)
{
    struct fake *f = fake_new(1);
    struct jobs *j = begin(f);
    int64_t t = t_shown(j); /* promised */

    (void)state;
    fake_export(f, NAME, t, 0); /* and kept */
    assert_int_equal(t_shown(j), t);
    fake_go(f);
    assert_int_equal(ask(j, NAME, t), 0);
    fake_shows(f, 0);
    wait_for(f, &shown, 1);
    jobs_close(j);
    j = begin(f); /* it finds that promise only */
    assert_true(t_shown(j) > t);
    jobs_close(j);
    fake_shows(f, 1);
    fake_free(f);
}

static void the_next_image_looks_changed_to_who_saw_the_old_one(void **state)
{
    struct fake *f = fake_new(1);
    struct jobs *j = begin(f);
    int64_t t = t_shown(j);

    (void)state;
    jobs_close(j);
    j = begin(f); /* finds t promised, and published by another mount */
    fake_export(f, NAME, t, 0);
    assert_int_equal(t_shown(j), t);
    fake_shows(f, 0); /* which removes it */
    assert_true(t_shown(j) > t);
    jobs_close(j);
    fake_shows(f, 1);
    fake_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hidden_at_once_and_done_behind),
        cmocka_unit_test(what_failed_is_shown_again_and_told_of),
        cmocka_unit_test(refused_is_not_hidden),
        cmocka_unit_test(some_at_a_time),
        cmocka_unit_test(an_unmount_lets_them_end),
        cmocka_unit_test(the_next_image_looks_changed_to_all_mounts),
        cmocka_unit_test(the_next_image_looks_changed_to_who_saw_the_old_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
