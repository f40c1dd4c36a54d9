/* hooks_master.c - see hooks_master.h.
 *
 * Offline nodes are passed over in silence; a node that cannot be reached is a warning and never a
 * veto, unless not a single one could be reached: then nobody was asked, and a pre phase fails.
 * What scripts print goes into the job's log line by line, also when they succeed, at most
 * MAX_LINES of each.
 */
#include "export/hooks_master.h"

#include "export/hooks_env.h"

#include <string.h>

enum { MAX_LINES = 100 };

int hooks_master_init(struct hooks_master *hm, struct lu *lu, struct err *err)
{
    int r;

    *hm = (struct hooks_master){.lu = lu};
    if (!lu->class->hpath)
        return 0;
    r = lu->class->build_hooks_env(lu, &hm->pre, err);
    if (r == 0)
        r = lu->class->build_hooks_nodes(lu, &hm->nodes, err);
    strvec_sort_unique(&hm->nodes);
    return r;
}

void hooks_master_clear(struct hooks_master *hm)
{
    strvec_clear(&hm->nodes);
    hooks_env_clear(&hm->pre);
}

/* What one phase has seen so far. */
struct phase {
    struct hooks_master *hm;
    const char *name;
    struct strvec env;
    struct cancel *cancel;
    unsigned asked, failed; /* nodes */
    FILE *vetoes;           /* pre: "node: N, script: S, output: O; ..." */
    bool vetoed;
};

static void log_output(struct lu *lu, const char *node, const struct node_hook_result *h)
{
    const char *line = h->output ? h->output : "";
    unsigned n = 0;

    while (*line) {
        size_t len = strcspn(line, "\n");

        if (n++ == MAX_LINES) {
            lu_feedback(lu, "%s on %s: (more output left out)", h->script, node);
            return;
        }
        lu_feedback(lu, "%s on %s: %.*s", h->script, node, (int)len, line);
        line += len + (line[len] == '\n');
    }
}

static void look_at(struct phase *ph, const char *node, const struct node_hook_result *h)
{
    const char *output = h->output && *h->output ? h->output : "(no output)";
    struct lu *lu = ph->hm->lu;

    log_output(lu, node, h);
    if (h->code != HKR_FAIL)
        return;
    if (!ph->vetoes) {
        lu_warning(lu, "On %s script %s failed, output: %s", node, h->script, output);
        return;
    }
    fprintf(ph->vetoes, "%snode: %s, script: %s, output: %.300s", ph->vetoed ? "; " : "", node,
            h->script, output);
    ph->vetoed = true;
}

/* Only -ECANCELED is an error; everything else about a node is a warning at most. */
static int ask_node(struct phase *ph, const char *name, struct err *err)
{
    struct lu *lu = ph->hm->lu;
    const struct model_node *node = model_find_node(lu->model, name);
    struct node_hook_results res = {0};
    struct err why = {0};
    int r;

    if (!node || lu_node_offline(node))
        return 0;
    ph->asked++;
    r = lu->env->nodes->hooks_runner(lu->env->node_ctx, node, lu->class->hpath, ph->name,
                                     (const char *const *)ph->env.v, lu->env->hook_stall_s,
                                     ph->cancel, &res, &why);
    if (r == -ECANCELED) {
        *err = why;
        return lu_failed(r, err);
    }
    if (r < 0) {
        ph->failed++;
        lu_warning(lu, "Communication failure to node %s: %s", name, why.text);
        return 0;
    }
    for (size_t i = 0; i < res.n; i++)
        look_at(ph, name, &res.r[i]);
    node_hook_results_clear(&res);
    return 0;
}

static int ask_all(struct phase *ph, struct err *err)
{
    for (size_t i = 0; i < ph->hm->nodes.n; i++) {
        int r = ask_node(ph, ph->hm->nodes.v[i], err);

        if (r < 0)
            return r;
    }
    if (ph->asked > 0 && ph->failed == ph->asked)
        return err_exec(err, "Communication Failure");
    return 0;
}

static void phase_clear(struct phase *ph)
{
    strvec_clear(&ph->env);
}

int hooks_master_pre(struct hooks_master *hm, struct err *err)
{
    CLEANUP(phase_clear)
    struct phase ph = {.hm = hm, .name = "pre", .cancel = hm->lu->run->cancel};
    CLEANUP_FREE char *text = NULL;
    size_t len;
    int r;

    if (hm->nodes.n == 0)
        return 0;
    r = hooks_env_complete(hm->lu, ph.name, &hm->pre, NULL, &ph.env, err);
    if (r < 0)
        return r;
    ph.vetoes = open_memstream(&text, &len);
    if (!ph.vetoes)
        return err_sys(err, -ENOMEM, "hooks");
    r = ask_all(&ph, err);
    if (fclose(ph.vetoes) != 0 && r == 0)
        r = err_sys(err, -ENOMEM, "hooks");
    if (r == 0 && ph.vetoed)
        return err_set(err, ERR_HOOKS_ABORT, ECODE_NONE, EPERM, "%s", text);
    return r;
}

void hooks_master_post(struct hooks_master *hm)
{
    CLEANUP(phase_clear) struct phase ph = {.hm = hm, .name = "post"};
    CLEANUP_HOOKS_ENV struct lu_hooks_env post = {0};
    struct err err;
    int r;

    if (hm->nodes.n == 0)
        return;
    r = hm->lu->class->build_hooks_env(hm->lu, &post, &err);
    if (r == 0)
        r = hooks_env_complete(hm->lu, ph.name, &hm->pre, &post, &ph.env, &err);
    if (r == 0)
        r = ask_all(&ph, &err);
    if (r < 0)
        lu_warning(hm->lu, "post hooks: %s", err.text);
}
