/* Of an export's config.ini the catalog keeps no more than somebody asks for later: whether it has
 * secrets, and all of it if the export can only be served in our form. */
#include "export/catalog.h"
#include "export/exportini.h"
#include "export/sums.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define TEXT(dump) "[export]\nversion = 0\n\n[instance]\nname = web1\ndisk0_dump = " dump "\n\n"
#define SECRET     "[os_private]\npassword = hunter2\n\n"

static struct catalog_export *look_at(const char *config, const char *dump)
{
    struct node_export_info *info = calloc(1, sizeof *info);
    struct catalog_export *e;
    const char *names[] = {SUMS_FILE, EXPORTINI_FILE, dump}; /* sorted */
    struct err err;

    assert_non_null(info);
    if (ini_parse(config, strlen(config), &info->config, &err) < 0)
        fail_msg("%s", err.text);
    info->files = calloc(3, sizeof *info->files);
    assert_non_null(info->files);
    for (; info->nfiles < 3; info->nfiles++)
        info->files[info->nfiles].name = strdup(names[info->nfiles]);
    assert_int_equal(catalog_export_new("web1", info, &e), 0);
    return e;
}

static void nothing_of_ours(void **state)
{
    struct catalog_export *e = look_at(TEXT("disk0.raw"), "disk0.raw");

    (void)state;
    assert_true(e->ours);
    assert_false(e->secrets);
    assert_null(e->info->config);
    catalog_export_unref(e);
}

static void secrets_are_remembered(void **state)
{
    struct catalog_export *e = look_at(TEXT("disk0.raw") SECRET, "disk0.raw");

    (void)state;
    assert_true(e->secrets);
    catalog_export_unref(e);
    e = look_at(TEXT("disk0.raw") "[os_private]\n", "disk0.raw");
    assert_false(e->secrets);
    catalog_export_unref(e);
}

static void all_of_another_exporters(void **state)
{
    CLEANUP_FREE char *text = NULL;
    struct catalog_export *e = look_at(TEXT("web1.snap") SECRET, "web1.snap");
    struct err err;
    size_t len = 0;

    (void)state;
    assert_true(e->complete && !e->ours && e->secrets);
    assert_int_equal(exportini_normal(e->info->config, &text, &len, &err), 0);
    assert_int_equal(len, e->normal_size);
    assert_non_null(strstr(text, "hunter2"));
    catalog_export_unref(e);
}

static void nothing_of_what_is_not_complete(void **state)
{
    struct catalog_export *e = look_at(TEXT("elsewhere") SECRET, "web1.snap");

    (void)state;
    assert_false(e->complete);
    assert_non_null(strstr(e->error, "elsewhere"));
    assert_null(e->info->config);
    catalog_export_unref(e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_of_ours),
        cmocka_unit_test(secrets_are_remembered),
        cmocka_unit_test(all_of_another_exporters),
        cmocka_unit_test(nothing_of_what_is_not_complete),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
