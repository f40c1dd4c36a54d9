/* modeldir_fixture.h - a cluster directory to break: two nodes, no instance. */
#ifndef TESTS_MODELDIR_FIXTURE_H
#define TESTS_MODELDIR_FIXTURE_H

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "export/modeldir.h"

static char fixture_dir[256];

static inline const char *fixture_path(const char *name)
{
    static char path[2][900];
    static int turn;

    turn = !turn;
    snprintf(path[turn], sizeof path[turn], "%s/%s", fixture_dir, name);
    return path[turn];
}

/* Replaces a file in one step, as careful editors do. */
static inline void fixture_write(const char *name, const char *text)
{
    char path[900], tmp[920];

    snprintf(path, sizeof path, "%s", fixture_path(name));
    snprintf(tmp, sizeof tmp, "%s~", path);

    FILE *f = fopen(tmp, "w");

    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
    assert_int_equal(rename(tmp, path), 0);
}

static inline void fixture_mkdir(const char *name)
{
    assert_int_equal(mkdir(fixture_path(name), 0755), 0);
}

#define FIXTURE_CLUSTER "[cluster]\nname = c1.example.com\nmaster_node = node1.example.com\n"

static inline int fixture_setup(void **state)
{
    const char *tmp = getenv("TMPDIR");

    (void)state;
    snprintf(fixture_dir, sizeof fixture_dir, "%s/modeldir.XXXXXX", tmp ? tmp : "/tmp");
    assert_non_null(mkdtemp(fixture_dir));
    fixture_write("cluster.ini", FIXTURE_CLUSTER);
    fixture_mkdir("nodes");
    fixture_mkdir("nodes/node1.example.com");
    fixture_mkdir("nodes/node2.example.com");
    fixture_mkdir("instances");
    return 0;
}

static inline int fixture_remove_one(const char *path, const struct stat *st, int type,
                                     struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

static inline void fixture_remove(const char *name)
{
    nftw(fixture_path(name), fixture_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static inline int fixture_teardown(void **state)
{
    (void)state;
    fixture_remove("");
    return 0;
}

#define FIXTURE_TEST(f) cmocka_unit_test_setup_teardown(f, fixture_setup, fixture_teardown)

/* Loads what must load; freed by the caller. */
static inline struct model *fixture_load(const struct model *previous)
{
    struct model *m = NULL;
    struct err err = {0};

    if (modeldir_load(fixture_dir, previous, &m, &err) < 0)
        fail_msg("%s", err.text);
    return m;
}

static inline void fixture_has(const char *text, const char *word)
{
    if (!text || !strstr(text, word))
        fail_msg("\"%s\" is not in \"%s\"", word, text ? text : "(none)");
}

#endif
