/* gmodel_parameters.c - an instance's parameters as the sections of its config.ini (spec §7.4).
 *
 * As the node daemon writes them: all that are in force, the cluster's defaults included, as
 * Python's str() has them.  Sorted by name, which the cluster's answers are not.  Private
 * parameters of the OS are not to be had by the API; their section is there all the same.
 */
#include "export/ganeti/gmodel_parts.h"

#include <ctype.h>
#include <string.h>

/* The caller frees; NULL: no memory. */
static char *as_text(json_t *value)
{
    const char *text = json_string_value(value);
    char *ret;

    if (!text)
        return json_is_true(value)    ? strdup("True")
               : json_is_false(value) ? strdup("False")
               : json_is_null(value)  ? strdup("None")
                                      : json_dumps(value, JSON_ENCODE_ANY);
    /* who reads an ini file leaves these out anyway */
    while (isspace((unsigned char)*text))
        text++;
    ret = strdup(text);
    for (size_t len = ret ? strlen(ret) : 0; len && isspace((unsigned char)ret[len - 1]);)
        ret[--len] = '\0';
    return ret;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* What an ini file cannot carry is left out: it is Ganeti that writes what is imported again. */
static int add_section(struct ini *ini, const char *section, json_t *params)
{
    size_t n = json_object_size(params), i = 0;
    CLEANUP_FREE const char **names = calloc(n + 1, sizeof *names);
    const char *name;
    json_t *value;
    int r = names ? ini_add_section(ini, section) : -ENOMEM;

    if (r < 0)
        return r;
    json_object_foreach(params, name, value) names[i++] = name;
    qsort(names, n, sizeof *names, by_name);
    for (i = 0; i < n; i++) {
        CLEANUP_FREE char *text = as_text(json_object_get(params, names[i]));

        r = text ? ini_set(ini, section, names[i], text) : -ENOMEM;
        if (r < 0 && r != -EINVAL)
            return r;
    }
    return 0;
}

int gmodel_parameters(json_t *row, struct ini **ret)
{
    CLEANUP_INI struct ini *ini = NULL;
    int r = ini_new(&ini);

    if (r < 0 || (r = add_section(ini, "hypervisor", json_array_get(row, I_HVPARAMS))) < 0 ||
        (r = add_section(ini, "backend", json_array_get(row, I_BEPARAMS))) < 0 ||
        (r = add_section(ini, "os", json_array_get(row, I_OSPARAMS))) < 0 ||
        (r = ini_add_section(ini, "os_private")) < 0)
        return r;
    *ret = STEAL(ini);
    return 0;
}
