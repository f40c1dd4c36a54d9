/* rapi.h: who is trusted.  To anybody else nothing is sent, least of all the password. */
#include "tests/unit/ganeti/fake_rapi.h"

static int setup(void **state)
{
    err = (struct err){0};
    return node_setup(state);
}

static int teardown(void **state)
{
    server_stop();
    return node_teardown(state);
}

static void serve(const char *cert)
{
    answer("200\n{\"name\": \"it\"}");
    write_text("credentials", 0600, "username=fuse\npassword=hidden\n");
    server_start(cert);
}

static void assert_trusted(const char *cafile, bool insecure)
{
    CLEANUP_JSON json_t *said = NULL;
    struct rapi *r = client(cafile, insecure, true);

    for (int i = 1; i <= 2; i++) { /* it remembers how it was done the first time */
        if (ask(r, &said) < 0)
            fail_msg("%s", err.text);
        json_decref(STEAL(said));
        assert_int_equal(count_requests("GET /2/info fuse:hidden"), i);
    }
    rapi_close(r);
}

static void assert_refused(const char *cafile)
{
    json_t *said = NULL;
    struct rapi *r = client(cafile, false, true);

    for (int i = 0; i < 2; i++) {
        assert_int_equal(ask(r, &said), -EPROTO);
        assert_null(said);
        assert_says("https://127.0.0.1");
        assert_says("GET /2/info");
        assert_null(strstr(err.text, "hidden"));
    }
    rapi_close(r);
    assert_false(exists(path("requests")));
}

static void the_servers_own_certificate_whatever_its_name(void **state)
{
    (void)state;
    cert_self_signed("own", "ganeti.example.com", 2);
    serve("own.pem");
    assert_trusted("own-cert.pem", false);
}

static void a_file_with_the_key_too(void **state)
{
    (void)state;
    cert_self_signed("own", "ganeti.example.com", 2);
    serve("own.pem");
    assert_trusted("own.pem", false);
}

static void another_certificate_of_that_name(void **state)
{
    (void)state;
    cert_self_signed("own", "ganeti.example.com", 2);
    cert_self_signed("other", "ganeti.example.com", 2);
    serve("other.pem");
    assert_refused("own-cert.pem");
}

static void an_authority_and_the_hosts_name(void **state)
{
    (void)state;
    cert_authority("CA");
    cert_signed("host", "CA", "IP:127.0.0.1", 2);
    serve("host.pem");
    assert_trusted("CA-cert.pem", false);
}

static void another_authority(void **state)
{
    (void)state;
    cert_authority("CA");
    cert_authority("CA2");
    cert_signed("host", "CA2", "IP:127.0.0.1", 2);
    serve("host.pem");
    assert_refused("CA-cert.pem");
}

static void an_authority_but_another_hosts_name(void **state)
{
    (void)state;
    cert_authority("CA");
    cert_signed("host", "CA", "DNS:other.example.com", 2);
    serve("host.pem");
    assert_refused("CA-cert.pem");
}

static void another_hosts_name_beside_a_certificate_that_is_trusted(void **state)
{
    (void)state;
    cert_authority("CA");
    cert_self_signed("own", "ganeti.example.com", 2);
    cert_signed("host", "CA", "DNS:other.example.com", 2);
    assert_true(shell("cd %s && cat own-cert.pem CA-cert.pem >both.pem", base));
    serve("host.pem");
    assert_refused("both.pem");
}

static void a_certificate_that_is_trusted_and_signed_by_who_is_not_there(void **state)
{
    (void)state;
    cert_authority("CA");
    cert_signed("host", "CA", "DNS:other.example.com", 2);
    serve("host.pem");
    assert_trusted("host-cert.pem", false);
}

/* It ends with the second it begins: openssl makes none that ends before that. */
#define EXPIRED 0

static void certificates_that_have_expired(void **state)
{
    (void)state;
    cert_self_signed("own", "ganeti.example.com", EXPIRED);
    serve("own.pem");
    assert_refused("own-cert.pem");
    assert_says("expired");
    server_stop();
    cert_authority("CA");
    cert_signed("host", "CA", "IP:127.0.0.1", EXPIRED);
    server_start("host.pem");
    assert_refused("CA-cert.pem");
    assert_says("expired");
}

static void the_systems_authorities_if_there_is_no_file(void **state)
{
    (void)state;
    cert_self_signed("own", "localhost", 2);
    serve("own.pem");
    assert_refused("");
}

static void anybody_if_insecure(void **state)
{
    (void)state;
    cert_self_signed("own", "ganeti.example.com", EXPIRED);
    serve("own.pem");
    assert_trusted("", true);
}

static void who_does_not_speak_tls(void **state)
{
    json_t *said;

    (void)state;
    serve("");

    struct rapi *r = client("", true, true);

    assert_int_equal(ask(r, &said), -EPROTO);
    rapi_close(r);
    assert_false(exists(path("requests")));
}

/* What the administrator puts there is in force from the next request on. */
static void a_new_certificate_is_followed(void **state)
{
    json_t *said = NULL;

    (void)state;
    cert_self_signed("own", "ganeti.example.com", 2);
    cert_self_signed("next", "ganeti.example.com", 2);
    assert_true(shell("cp %s/next-cert.pem %s/trusted.pem", base, base));
    serve("own.pem");

    struct rapi *r = client("trusted.pem", false, true);

    assert_int_equal(ask(r, &said), -EPROTO);
    assert_true(shell("cp %s/own-cert.pem %s/trusted.pem", base, base));
    assert_int_equal(ask(r, &said), 0);
    json_decref(said);
    rapi_close(r);
}

static void a_file_without_a_certificate(void **state)
{
    CLEANUP_FREE char *ca = NULL;
    struct rapi_options opt = {.host = "127.0.0.1"};
    struct rapi *r;

    (void)state;
    ca = strdup(path("nothing.pem"));
    opt.cafile = ca;
    assert_int_equal(rapi_open(&opt, &r, &err), -ENOENT);
    assert_says("nothing.pem");
    write_text("nothing.pem", 0600, "-----BEGIN CERTIFICATE-----\n");
    assert_int_equal(rapi_open(&opt, &r, &err), -EINVAL);
    assert_says("nothing.pem");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_servers_own_certificate_whatever_its_name),
        TEST(a_file_with_the_key_too),
        TEST(another_certificate_of_that_name),
        TEST(an_authority_and_the_hosts_name),
        TEST(another_authority),
        TEST(an_authority_but_another_hosts_name),
        TEST(another_hosts_name_beside_a_certificate_that_is_trusted),
        TEST(a_certificate_that_is_trusted_and_signed_by_who_is_not_there),
        TEST(certificates_that_have_expired),
        TEST(the_systems_authorities_if_there_is_no_file),
        TEST(anybody_if_insecure),
        TEST(who_does_not_speak_tls),
        TEST(a_new_certificate_is_followed),
        TEST(a_file_without_a_certificate),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
