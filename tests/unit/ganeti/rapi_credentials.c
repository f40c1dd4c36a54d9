/* rapi.h: the credentials file: how it is read, who may have it, and that changes are followed. */
#include "tests/unit/ganeti/fake_rapi.h"

static struct rapi *rapi;
static json_t *said;

static int setup(void **state)
{
    err = (struct err){0};
    said = NULL;
    rapi = NULL;
    return node_setup(state);
}

static int teardown(void **state)
{
    json_decref(said);
    rapi_close(rapi);
    server_stop();
    return node_teardown(state);
}

/* Asks once more. */
static int ask_again(void)
{
    json_decref(STEAL(said));
    return ask(rapi, &said);
}

static int open_with(const char *text, unsigned mode)
{
    CLEANUP_FREE char *file = strdup(path("credentials"));
    struct rapi_options opt = {.host = "127.0.0.1", .credentials = file};
    struct rapi *r = NULL;

    write_text("credentials", mode, text);

    int rc = rapi_open(&opt, &r, &err);

    rapi_close(r);
    return rc;
}

static void serve(const char *credentials, const char *login)
{
    cert_self_signed("own", "ganeti.example.com", 2);
    answer("200\n1");
    write_text("login", 0600, login);
    write_text("credentials", 0600, credentials);
    server_start("own.pem");
    rapi = client("own-cert.pem", false, true);
}

static void nobody_else_may_read_it(void **state)
{
    static const unsigned modes[] = {0640, 0604, 0620, 0601, 0660, 0644};

    (void)state;
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        assert_int_equal(open_with("username=u\npassword=hidden\n", modes[i]), -EACCES);
        assert_says("credentials");
        assert_says("others");
    }
    assert_int_equal(open_with("username=u\npassword=hidden\n", 0400), 0);
}

static void its_owner_is_us_or_root(void **state)
{
    CLEANUP_FREE char *file = NULL;
    struct rapi *r;

    (void)state;
    if (geteuid() != 0)
        skip();
    file = strdup(path("credentials"));
    write_text("credentials", 0600, "username=u\npassword=p\n");
    assert_int_equal(chown(file, 12345, 12345), 0);
    assert_int_equal(rapi_open(&(struct rapi_options){.host = "h", .credentials = file}, &r, &err),
                     -EACCES);
    assert_says("12345");
}

static void it_is_a_file(void **state)
{
    CLEANUP_FREE char *file = NULL;
    struct rapi *r;

    (void)state;
    file = strdup(path("credentials"));
    assert_int_equal(rapi_open(&(struct rapi_options){.host = "h", .credentials = file}, &r, &err),
                     -ENOENT);
    assert_says("credentials");
    assert_int_equal(mkfifo(file, 0600), 0);
    assert_int_equal(rapi_open(&(struct rapi_options){.host = "h", .credentials = file}, &r, &err),
                     -EINVAL);
}

static void what_is_wrong_in_it_is_told_without_secrets(void **state)
{
    static const struct {
        const char *text, *word;
    } rows[] = {
        {"username=u\nhidden\n", "line 2"},
        {"username=u\n\npasswort=hidden\n", "line 3"},
        {"password=hidden\n", "username"},
        {"username=u\n", "password"},
        {"username=\npassword=hidden\n", "username"},
        {"username=a:b\npassword=hidden\n", "':'"},
        {"", "username"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(open_with(rows[i].text, 0600), -EINVAL);
        assert_says(rows[i].word);
        assert_says("credentials");
        assert_null(strstr(err.text, "hidden"));
    }
}

static void it_is_read_as_mount_cifs_does(void **state)
{
    (void)state;
    serve("# comment\n\n  username=fuse\r\n\tpassword= p=w #x \ndomain=none", "fuse: p=w #x ");
    /* the fake strips what is around the line, so look at what was sent */
    ask_again();
    assert_int_equal(count_requests("GET /2/info fuse: p=w #x  None"), 1);
}

static void a_password_that_is_changed_is_followed(void **state)
{
    (void)state;
    serve("username=fuse\npassword=one\n", "fuse:one");
    assert_int_equal(ask_again(), 0);
    write_text("login", 0600, "fuse:two");
    assert_int_equal(ask_again(), -EACCES);
    assert_says("password");
    assert_null(strstr(err.text, "one"));
    write_text("credentials", 0600, "username=fuse\npassword=two\n");
    assert_int_equal(ask_again(), 0);
}

/* Both sides have it changed while a request is under way. */
static void *change_both(void *arg)
{
    int64_t end = clock_ms() + 120000;

    (void)arg;
    while (count_requests("fuse:one") < 2 && clock_ms() < end)
        usleep(10000);
    write_text("credentials", 0600, "username=fuse\npassword=two\n");
    write_text("login", 0600, "fuse:two");
    unlink(path("hold"));
    return NULL;
}

static void a_password_that_is_changed_meanwhile_is_followed(void **state)
{
    pthread_t thread;

    (void)state;
    serve("username=fuse\npassword=one\n", "fuse:one");
    assert_int_equal(ask_again(), 0);
    write_text("hold", 0600, "");
    assert_int_equal(pthread_create(&thread, NULL, change_both, NULL), 0);
    assert_int_equal(ask_again(), 0);
    pthread_join(thread, NULL);
    assert_int_equal(count_requests("fuse:one"), 2);
    assert_int_equal(count_requests("fuse:two"), 1);
}

static void a_file_that_others_may_read_since_is_used_no_more(void **state)
{
    (void)state;
    serve("username=fuse\npassword=one\n", "fuse:one");
    assert_int_equal(ask_again(), 0);
    assert_int_equal(chmod(path("credentials"), 0644), 0);
    assert_int_equal(ask_again(), -EACCES);
    assert_says("others");
    assert_int_equal(count_requests("GET"), 1);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(nobody_else_may_read_it),
        TEST(its_owner_is_us_or_root),
        TEST(it_is_a_file),
        TEST(what_is_wrong_in_it_is_told_without_secrets),
        TEST(it_is_read_as_mount_cifs_does),
        TEST(a_password_that_is_changed_is_followed),
        TEST(a_password_that_is_changed_meanwhile_is_followed),
        TEST(a_file_that_others_may_read_since_is_used_no_more),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
