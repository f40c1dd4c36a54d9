/* hooks_run.c - see hooks_run.h.  Blocks for as long as the scripts run; no state, any thread. */
#include "export/hooks_run.h"

#include "export/hook_script.h"
#include "export/names.h"
#include "export/nodedir.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#define SCRIPT_CHARS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"

static int list_visible(const char *path, struct strvec *names)
{
    CLEANUP_CLOSEDIR DIR *dir = opendir(path);
    struct dirent *e;

    if (!dir)
        return errno == ENOENT ? 0 : -errno;
    while ((errno = 0, e = readdir(dir)))
        if (e->d_name[0] != '.' && strvec_add(names, e->d_name) < 0)
            return -ENOMEM;
    if (errno)
        return -errno;
    strvec_sort(names);
    return 0;
}

static bool is_runnable(const char *path, const char *name)
{
    struct stat st;

    return strspn(name, SCRIPT_CHARS) == strlen(name) && stat(path, &st) == 0 &&
           S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

/* Appends the result of one script. */
static int run_one(const char *dir, const char *subdir, const char *name, const char *const *env,
                   unsigned stall_s, struct cancel *cancel, struct node_hook_results *results)
{
    CLEANUP_FREE char *path = NULL, *script = NULL;
    struct node_hook_result result = {.code = HKR_SKIP};
    int r;

    if (asprintf(&path, "%s/%s", dir, name) < 0 || asprintf(&script, "%s/%s", subdir, name) < 0)
        return -ENOMEM;
    if (is_runnable(path, name)) {
        r = hook_script_run(path, env, stall_s, cancel, &result);
        if (r < 0)
            return r;
    } else {
        result.output = strdup("");
        if (!result.output)
            return -ENOMEM;
    }
    result.script = STEAL(script);
    results->r[results->n++] = result;
    return 0;
}

static int run_all(const char *dir, const char *subdir, const char *const *env, unsigned stall_s,
                   struct cancel *cancel, struct node_hook_results *results)
{
    CLEANUP_STRVEC struct strvec names = {0};
    int r = list_visible(dir, &names);

    if (r < 0 || names.n == 0)
        return r;
    results->r = calloc(names.n, sizeof *results->r);
    if (!results->r)
        return -ENOMEM;
    for (size_t i = 0; r == 0 && i < names.n; i++)
        r = run_one(dir, subdir, names.v[i], env, stall_s, cancel, results);
    return r;
}

int hooks_run(const char *hooks_dir, const char *hpath, const char *phase, const char *const *env,
              unsigned stall_s, struct cancel *cancel, struct node_hook_results *ret,
              struct err *err)
{
    CLEANUP(node_hook_results_clear) struct node_hook_results results = {0};
    CLEANUP_FREE char *dir = NULL, *subdir = NULL;
    int r;

    if (!names_valid_file(hpath) || !names_valid_file(phase))
        return err_set(err, ERR_EXEC, ECODE_INVAL, EINVAL, "Bad hooks path '%s-%s'", hpath, phase);
    if (asprintf(&subdir, "%s-%s.d", hpath, phase) < 0 ||
        asprintf(&dir, "%s/%s", hooks_dir, subdir) < 0)
        return err_sys(err, -ENOMEM, "Cannot run hooks");
    r = run_all(dir, subdir, env, stall_s, cancel, &results);
    if (r == -ECANCELED)
        return err_set(err, ERR_CANCELED, ECODE_NONE, ECANCELED, "Canceled while hooks ran in %s",
                       dir);
    if (r < 0)
        return err_sys(err, nodedir_errno(r), "Cannot run the hooks in %s", dir);
    *ret = results;
    results = (struct node_hook_results){0};
    return 0;
}
