/* A look at one instance's disks: the model knows what was found when it returns. */
#include "modeldir_fixture.h"

#include <errno.h>

static struct modelwatch *w;

static void nothing(void *arg)
{
    (void)arg;
}

/* The watcher is not started: nobody else looks. */
static int setup(void **state)
{
    struct err err = {0};

    fixture_setup(state);
    fixture_write("instances/web1.ini", "[instance]\nprimary_node = node1\ndisk0_path = disk0\n"
                                        "nic0_mac = aa:bb\n[hypervisor]\nacpi = True\n");
    fixture_write("instances/web2.ini", "[instance]\nprimary_node = node1\ndisk0_path = disk1\n");
    fixture_write("instances/broken.ini", "[instance]\n");
    fixture_write("disk0", "");
    if (modelwatch_open(fixture_dir, nothing, NULL, &w, &err) < 0)
        fail_msg("%s", err.text);
    return 0;
}

static int teardown(void **state)
{
    modelwatch_close(w);
    return fixture_teardown(state);
}

static const struct model_instance *look(const char *instance, struct model **m)
{
    assert_int_equal(modelwatch_look(w, instance, 30000), 0);
    model_unref(*m);
    *m = modelwatch_get(w);
    return model_find_instance(*m, instance);
}

static void what_has_changed_is_seen(void **state)
{
    struct model *m = NULL, *before = modelwatch_get(w);
    const struct model_instance *web1;

    (void)state;
    assert_int_equal(truncate(fixture_path("disk0"), 12345), 0);
    web1 = look("web1", &m);
    assert_int_equal(web1->disks[0].bytes, 12345);
    assert_int_equal(web1->disks[0].size_mib, 1);
    assert_true(m->generation > before->generation);
    /* who holds the old model still sees the old facts; the other instance is shared */
    assert_int_equal(model_find_instance(before, "web1")->disks[0].bytes, 0);
    assert_ptr_equal(model_find_instance(before, "web2"), model_find_instance(m, "web2"));
    model_unref(before);

    fixture_write("disk1", "new");
    assert_int_equal(look("web2", &m)->disks[0].look_error, 0);
    fixture_remove("disk0");
    assert_int_equal(look("web1", &m)->disks[0].look_error, -ENOENT);
    model_unref(m);
}

static void the_rest_stays_as_it_was(void **state)
{
    struct model *m = NULL;
    const struct model_instance *web1;

    (void)state;
    for (int i = 1; i < 4; i++) { /* each shares the text of the one before */
        assert_int_equal(truncate(fixture_path("disk0"), i), 0);
        web1 = look("web1", &m);
        assert_int_equal(web1->disks[0].bytes, i);
        assert_string_equal(web1->primary_node, "node1.example.com");
        assert_string_equal(web1->disks[0].path, fixture_path("disk0"));
        assert_string_equal(web1->nics[0].mac, "aa:bb");
        assert_string_equal(ini_get(web1->ini, "hypervisor", "acpi"), "True");
    }
    model_unref(m);
}

static void nothing_new_is_no_new_model(void **state)
{
    struct model *before = modelwatch_get(w), *m = NULL;

    (void)state;
    look("web1", &m);
    assert_ptr_equal(m, before);
    look("broken", &m);
    assert_ptr_equal(m, before);
    model_unref(m);
    model_unref(before);
}

static void a_file_edited_afterwards_is_followed(void **state)
{
    struct model *m = NULL;
    struct err err = {0};

    (void)state;
    assert_int_equal(truncate(fixture_path("disk0"), 7), 0);
    look("web1", &m);
    model_unref(m);
    fixture_write("instances/web1.ini", "[instance]\nprimary_node = node1\ntags = x\n");
    assert_int_equal(modelwatch_refresh(w, &m, &err), 0);
    assert_string_equal(model_find_instance(m, "web1")->tags, "x");
    assert_int_equal(model_find_instance(m, "web1")->ndisks, 0);
    model_unref(m);
}

static void an_unknown_one(void **state)
{
    (void)state;
    assert_int_equal(modelwatch_look(w, "web", 30000), -ENOENT);
    assert_int_equal(modelwatch_look(w, "", 30000), -ENOENT);
}

int main(void)
{
#define T_(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T_(what_has_changed_is_seen),
        T_(the_rest_stays_as_it_was),
        T_(nothing_new_is_no_new_model),
        T_(a_file_edited_afterwards_is_followed),
        T_(an_unknown_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
