/* Nodes: a directory each, node.ini optional, a bad one is that node's error. */
#include "modeldir_fixture.h"

static void defaults_without_node_ini(void **state)
{
    struct model *m = fixture_load(NULL);

    (void)state;
    assert_string_equal(m->name, "c1.example.com");
    assert_string_equal(m->master_node, "node1.example.com");
    assert_int_equal(m->nnodes, 2);

    const struct model_node *n = model_find_node(m, "node2.example.com");

    assert_non_null(n);
    assert_false(n->offline);
    assert_false(n->drained);
    assert_null(n->error);
    assert_string_equal(n->export_dir, fixture_path("nodes/node2.example.com/export"));
    assert_string_equal(n->hooks_dir, fixture_path("nodes/node2.example.com/hooks"));
    model_unref(m);
}

static void values(void **state)
{
    struct model *m;

    (void)state;
    fixture_write("cluster.ini", "[cluster]\nname = c1\nmaster_node = NODE2\n");
    fixture_write("nodes/node1.example.com/node.ini",
                  "[node]\noffline = yes\ndrained = True\nexport_dir = /srv/x\nhooks_dir = h\n");
    m = fixture_load(NULL);
    assert_string_equal(m->master_node, "node2.example.com");
    assert_true(m->nodes[0].offline);
    assert_true(m->nodes[0].drained);
    assert_string_equal(m->nodes[0].export_dir, "/srv/x");
    assert_string_equal(m->nodes[0].hooks_dir, fixture_path("nodes/node1.example.com/h"));
    model_unref(m);
}

static const struct {
    const char *word;
    int want; /* -1: refused */
} booleans[] = {{"True", 1},  {"true", 1},       {"YES", 1}, {"on", 1},    {"1", 1},  {"False", 0},
                {"FALSE", 0}, {"no", 0},         {"Off", 0}, {"0", 0},     {"2", -1}, {"ja", -1},
                {"y", -1},    {"True True", -1}, {"-1", -1}, {"truee", -1}};

static void booleans_in_any_case(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof booleans / sizeof *booleans; i++) {
        char text[64];

        snprintf(text, sizeof text, "[node]\ndrained = %s\n", booleans[i].word);
        fixture_write("nodes/node1.example.com/node.ini", text);

        struct model *m = fixture_load(NULL);

        if (booleans[i].want < 0) {
            fixture_has(m->nodes[0].error, booleans[i].word);
            fixture_has(m->nodes[0].error, "drained");
        } else {
            assert_null(m->nodes[0].error);
            assert_int_equal(m->nodes[0].drained, booleans[i].want);
        }
        model_unref(m);
    }
}

static const struct {
    const char *text, *reason;
} bad[] = {
    {"[node]\nofline = True\n", "no key 'ofline'"},
    {"[nodes]\n", "unknown section [nodes]"},
    {"[node]\noffline\n", "line 2"},
    {"[node]\noffline = maybe\n", "offline: 'maybe' is not a boolean"},
};

static void bad_node_ini_is_the_nodes_error(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        fixture_write("nodes/node1.example.com/node.ini", bad[i].text);

        struct model *m = fixture_load(NULL);

        fixture_has(m->nodes[0].error, "node1.example.com/node.ini");
        fixture_has(m->nodes[0].error, bad[i].reason);
        assert_true(m->nodes[0].offline);
        assert_null(m->nodes[1].error);
        model_unref(m);
    }
}

static void foreign_entries_are_no_nodes(void **state)
{
    struct model *m;

    (void)state;
    fixture_write("nodes/README", "text\n");
    fixture_mkdir("nodes/.hidden");
    fixture_mkdir("nodes/lost+found");
    assert_int_equal(symlink("README", fixture_path("nodes/link-to-file")), 0);
    assert_int_equal(symlink("node1.example.com", fixture_path("nodes/other")), 0);
    m = fixture_load(NULL);
    assert_int_equal(m->nnodes, 3);
    assert_non_null(model_find_node(m, "other"));
    assert_null(m->error);
    model_unref(m);

    fixture_mkdir("nodes/bad name");
    m = fixture_load(NULL);
    assert_int_equal(m->nnodes, 3);
    fixture_has(m->error, "nodes/bad name");
    model_unref(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(defaults_without_node_ini),
        FIXTURE_TEST(values),
        FIXTURE_TEST(booleans_in_any_case),
        FIXTURE_TEST(foreign_entries_are_no_nodes),
        FIXTURE_TEST(bad_node_ini_is_the_nodes_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
