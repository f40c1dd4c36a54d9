/* An instance whose file is unchanged is the same object in the next model; others are not. */
#include "modeldir_fixture.h"

#include <fcntl.h>

#define P "[instance]\nprimary_node = node1\n"

static void let_it_age(void)
{
    usleep(60000); /* files younger than a clock tick are not trusted to be unchanged */
}

static void only_the_changed_one_is_read(void **state)
{
    struct model *a, *b, *c;

    (void)state;
    fixture_write("instances/web1.ini", P);
    fixture_write("instances/web2.ini", P);
    fixture_write("instances/bad.ini", "[instance]\n");
    let_it_age();
    a = fixture_load(NULL);
    b = fixture_load(a);
    assert_int_equal(b->generation, a->generation + 1);
    for (size_t i = 0; i < 3; i++)
        assert_ptr_equal(a->instances[i], b->instances[i]);

    fixture_write("instances/web1.ini", P "tags = x\n");
    c = fixture_load(b);
    assert_ptr_not_equal(model_find_instance(c, "web1"), model_find_instance(b, "web1"));
    assert_string_equal(model_find_instance(c, "web1")->tags, "x");
    assert_ptr_equal(model_find_instance(c, "web2"), model_find_instance(b, "web2"));
    model_unref(a);
    model_unref(b);
    assert_string_equal(model_find_instance(c, "web2")->primary_node, "node1.example.com");
    model_unref(c);
}

static void a_new_node_decides_anew(void **state)
{
    struct model *a, *b;

    (void)state;
    fixture_write("instances/web1.ini", "[instance]\nprimary_node = node3\n");
    let_it_age();
    a = fixture_load(NULL);
    fixture_has(model_find_instance(a, "web1")->error, "node3");
    fixture_mkdir("nodes/node3.example.com");
    b = fixture_load(a);
    assert_null(model_find_instance(b, "web1")->error);
    model_unref(a);
    model_unref(b);
}

static void same_size_edited_at_once(void **state)
{
    struct model *a, *b;

    (void)state;
    for (int i = 0; i < 20; i++) {
        fixture_write("instances/web1.ini", P "tags = a\n");
        a = fixture_load(NULL);

        FILE *f = fopen(fixture_path("instances/web1.ini"), "w");

        assert_non_null(f);
        fputs(P "tags = b\n", f);
        fclose(f);
        b = fixture_load(a);
        assert_string_equal(model_find_instance(b, "web1")->tags, "b");
        model_unref(a);
        model_unref(b);
    }
}

/* It is not trusted to stay so, but what is said of it is true: config.ini is as old. */
static void a_young_file_has_its_time(void **state)
{
    const struct timespec old[2] = {{1700000000, 0}, {1700000000, 0}};
    struct model *m;

    (void)state;
    for (int i = 0; i < 5; i++) {
        fixture_write("instances/web1.ini", P);
        assert_int_equal(utimensat(AT_FDCWD, fixture_path("instances/web1.ini"), old, 0), 0);
        m = fixture_load(NULL);
        assert_int_equal(model_find_instance(m, "web1")->stamp.mtime.tv_sec, 1700000000);
        model_unref(m);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(only_the_changed_one_is_read),
        FIXTURE_TEST(a_new_node_decides_anew),
        FIXTURE_TEST(same_size_edited_at_once),
        FIXTURE_TEST(a_young_file_has_its_time),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
