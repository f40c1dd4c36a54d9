/* fake_cluster.h - a struct cluster for tests of what stands above the seam (jobs.h).
 *
 * One node "node1.example.com", instances that the test adds, a catalog that the test fills.  run()
 * waits until the test lets it go and then publishes the image, fails, or is cancelled.
 */
#ifndef TESTS_FAKE_CLUSTER_H
#define TESTS_FAKE_CLUSTER_H

#include "export/exportini.h"
#include "export/jobs.h"
#include "export/opcode.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
/* cmocka wants the ones above first */
#include <cmocka.h>

struct fake {
    struct cluster base;
    pthread_mutex_t mu;
    pthread_cond_t cond;
    struct model *model;
    struct catalog catalog;
    struct catalog_node node;
    struct catalog_export *exports[4];
    void *indexes[16]; /* of what the catalog was before */
    unsigned nindexes;
    unsigned running, started; /* runs inside run(), ever begun */
    bool go;                   /* lets runs pass, */
    bool in_turn;              /* one after the other, in the order in which they began, */
    unsigned ended;            /* as locks would */
    bool slow_end, end;        /* slow_end: the first run that ends well waits for end */
    bool deaf, hear;           /* deaf: the first run hangs until hear, cancelled or not */
    bool dump;                 /* images have a dump, DIR/dump */
    struct err check_err;      /* errnum != 0: check() refuses */
    struct err run_err;        /* errnum != 0: run() fails */
    int64_t last_t;
    bool last_shutdown, last_remove;
    char last_target[64];
    char dir[64];
};

static inline struct fake *fake_of(struct cluster *c)
{
    return (struct fake *)c;
}

static struct model *fake_model(struct cluster *c)
{
    return model_ref(fake_of(c)->model);
}

static struct catalog *fake_catalog(struct cluster *c)
{
    return catalog_ref(&fake_of(c)->catalog);
}

static int fake_look(struct cluster *c, const char *instance, unsigned timeout_ms)
{
    (void)timeout_ms;
    return model_find_instance(fake_of(c)->model, instance) ? 0 : -ENOENT;
}

static int fake_check(struct cluster *c, struct written *written, struct opcode *op,
                      struct err *err)
{
    struct fake *f = fake_of(c);
    int r = opcode_validate(op, err);

    (void)written;
    if (r == 0 && f->check_err.errnum) {
        *err = f->check_err;
        r = -err->errnum;
    }
    return r;
}

/* Who stops the jobs may do so up to the last moment. */
static int fake_commit(const struct lu_run *run, struct err *err)
{
    return run->commit(run->arg) ? 0
                                 : err_set(err, ERR_CANCELED, ECODE_NONE, ECANCELED, "canceled");
}

static int fake_publish(struct fake *f, const struct lu_run *run, struct err *err)
{
    static const char config[] = "[export]\nversion = 0\n";
    struct image_layout l = {.t = run->image_t,
                             .timestamp = 1,
                             .config = config,
                             .config_len = sizeof config - 1,
                             .ndisks = 0};
    char sums[128] = "", path[96];

    if (f->dump) {
        snprintf(path, sizeof path, "%s/dump", f->dir);
        l.ndisks = 1;
        l.fds[0] = open(path, O_RDWR | O_CREAT, 0600);
    }
    assert_int_equal(image_begin(run->image, &l), 0);
    int r = fake_commit(run, err);
    if (f->dump)
        close(l.fds[0]);
    if (r < 0)
        return r;
    image_publish(run->image);
    memset(sums, 'x', image_size(run->image, IMAGE_SUMS));
    image_set_sums(run->image, sums, image_size(run->image, IMAGE_SUMS));
    f->last_t = run->image_t;
    return 0;
}

/* The same of a written image: no dump of it is made. */
static int fake_write(struct fake *f, const struct lu_run *run, struct err *err)
{
    const struct written_to to = {.cancel = run->cancel};
    int r = run->written->ops->fill(run->written, &to, NULL, err);

    if (r == 0)
        r = fake_commit(run, err);
    if (r == 0)
        f->last_t = run->image_t;
    return r;
}

/* f->mu held. */
static void fake_end_slowly(struct fake *f, bool first, const struct lu_run *run)
{
    pthread_cond_broadcast(&f->cond);
    while (f->slow_end && first && !f->end && !cancel_requested(run->cancel)) {
        pthread_mutex_unlock(&f->mu);
        usleep(5000);
        pthread_mutex_lock(&f->mu);
    }
}

static int fake_run(struct cluster *c, const struct lu_run *run, struct opcode *op,
                    struct lu_result *result, struct err *err)
{
    struct fake *f = fake_of(c);
    int r = 0;

    pthread_mutex_lock(&f->mu);
    f->running++;

    unsigned turn = ++f->started;
    bool first = turn == 1;

    f->last_shutdown = opcode_get_bool(op, "shutdown");
    f->last_remove = opcode_get_bool(op, "remove_instance");
    snprintf(f->last_target, sizeof f->last_target, "%s", opcode_get_string(op, "target_node"));
    pthread_cond_broadcast(&f->cond);
    while (f->deaf && first ? !f->hear : !f->go && !cancel_requested(run->cancel)) {
        struct timespec ts;

        clock_gettime(CLOCK_REALTIME, &ts);
        ts.tv_nsec += 10 * 1000 * 1000;
        if (ts.tv_nsec >= 1000000000) {
            ts.tv_sec++;
            ts.tv_nsec -= 1000000000;
        }
        pthread_cond_timedwait(&f->cond, &f->mu, &ts);
    }
    while (f->in_turn && f->ended + 1 < turn && !cancel_requested(run->cancel)) {
        pthread_mutex_unlock(&f->mu);
        usleep(5000);
        pthread_mutex_lock(&f->mu);
    }
    if (cancel_requested(run->cancel))
        r = err_set(err, ERR_CANCELED, ECODE_NONE, ECANCELED, "canceled");
    else if (f->run_err.errnum) {
        *err = f->run_err;
        r = -err->errnum;
    } else if (run->superseded(run->arg)) {
        r = -EALREADY;
        fake_end_slowly(f, first, run);
    } else if (run->written) {
        r = fake_write(f, run, err);
        result->fin_resu = r == 0;
    } else {
        r = fake_publish(f, run, err);
        result->fin_resu = r == 0;
        fake_end_slowly(f, first, run);
    }
    f->running--;
    f->ended++;
    pthread_cond_broadcast(&f->cond);
    pthread_mutex_unlock(&f->mu);
    return r;
}

static int fake_open(struct cluster *c, const char *node, const struct catalog_export *exp,
                     bool normal, struct image **ret, struct err *err)
{
    struct image *img;
    struct image_layout l = {.t = exp->info->id.t, .config = "x", .config_len = 1};

    (void)c;
    (void)normal;
    (void)node;
    (void)err;
    if (image_new(exp->name, &img) < 0 || image_begin(img, &l) < 0)
        return -ENOMEM;
    image_publish(img);
    *ret = img;
    return 0;
}

static int fake_zero(struct cluster *c)
{
    (void)c;
    return 0;
}

static void fake_close(struct cluster *c)
{
    (void)c;
}

static void fake_refresh(struct cluster *c, const char *name)
{
    (void)c;
    (void)name;
}

static int fake_locks(struct cluster *c, void (*row)(const struct lock_row *r, void *arg),
                      void *arg)
{
    (void)c;
    (void)row;
    (void)arg;
    return 0;
}

static int fake_running(struct cluster *c, const struct model_instance *inst)
{
    (void)c;
    return inst->admin_state == ADMIN_UP;
}

static void fake_pending(struct cluster *c, const char *node,
                         void (*row)(const char *name, int64_t since, void *arg), void *arg)
{
    (void)c;
    (void)node;
    (void)row;
    (void)arg;
}

static int fake_journal(struct cluster *c, const char *instance, struct journal *ret)
{
    (void)c;
    (void)instance;
    (void)ret;
    return 0;
}

static int fake_journaled(struct cluster *c, struct strvec *ret)
{
    (void)c;
    (void)ret;
    return 0;
}

static const struct cluster_ops fake_ops = {
    .start = fake_zero,
    .close = fake_close,
    .model = fake_model,
    .catalog = fake_catalog,
    .look = fake_look,
    .refresh = fake_refresh,
    .check = fake_check,
    .run = fake_run,
    .open = fake_open,
    .locks = fake_locks,
    .running = fake_running,
    .pending = fake_pending,
    .journal = fake_journal,
    .journaled = fake_journaled,
};

static inline struct model_instance *fake_instance(const char *name)
{
    struct model_instance *i = calloc(1, sizeof *i);

    i->refs = 1;
    i->name = strdup(name);
    i->primary_node = strdup("node1.example.com");
    i->os = strdup("");
    i->hypervisor = strdup("none");
    i->disk_template = strdup("file");
    i->tags = strdup("");
    assert_int_equal(ini_new(&i->ini), 0);
    return i;
}

/* A cluster with n instances, "web0.example.com" ... */
static inline struct fake *fake_new(size_t n)
{
    struct fake *f = calloc(1, sizeof *f);
    struct model *m = calloc(1, sizeof *m);
    char name[64];

    m->refs = 1;
    m->name = strdup("c1.example.com");
    m->master_node = strdup("node1.example.com");
    m->nnodes = 1;
    m->nodes = calloc(1, sizeof *m->nodes);
    m->nodes[0].name = strdup("node1.example.com");
    m->nodes[0].export_dir = strdup("/nonexistent");
    m->nodes[0].hooks_dir = strdup("/nonexistent");
    m->instances = calloc(n, sizeof *m->instances);
    for (m->ninstances = 0; m->ninstances < n; m->ninstances++) {
        snprintf(name, sizeof name, "web%zu.example.com", m->ninstances);
        m->instances[m->ninstances] = fake_instance(name);
    }
    f->model = m;
    f->node = (struct catalog_node){.name = strdup("node1.example.com"),
                                    .space = {.free = 1ULL << 40, .total = 1ULL << 41},
                                    .exports = f->exports};
    f->catalog = (struct catalog){.refs = 1, .n = 1, .nodes = &f->node};
    snprintf(f->dir, sizeof f->dir, "/tmp/gnt-exportfs-test.XXXXXX");
    assert_non_null(mkdtemp(f->dir));
    f->base.ops = &fake_ops;
    f->base.source = strdup("fake");
    f->base.state_dir = f->dir;
    assert_int_equal(share_open(NULL, &f->base.share), 0);
    pthread_mutex_init(&f->mu, NULL);
    pthread_cond_init(&f->cond, NULL);
    return f;
}

static inline void fake_free(struct fake *f)
{
    char cmd[128];

    snprintf(cmd, sizeof cmd, "rm -rf %s", f->dir);
    assert_int_equal(system(cmd), 0);
    for (size_t i = 0; i < f->node.n; i++) {
        node_export_info_free(f->exports[i]->info);
        free(f->exports[i]->name);
        free(f->exports[i]);
    }
    free(atomic_load(&f->catalog.index));
    while (f->nindexes)
        free(f->indexes[--f->nindexes]);
    model_unref(f->model);
    free(f->node.name);
    free(f->base.source);
    share_close(f->base.share);
    pthread_mutex_destroy(&f->mu);
    pthread_cond_destroy(&f->cond);
    free(f);
}

/* The first n of its exports are on the node now; the catalog of before is forgotten. */
static inline void fake_shows(struct fake *f, size_t n)
{
    pthread_mutex_lock(&f->mu);
    f->node.n = n;
    f->indexes[f->nindexes++] = atomic_exchange(&f->catalog.index, NULL);
    pthread_mutex_unlock(&f->mu);
}

/* An export of ours without disks lies on the node: version t, published `age` seconds ago. */
static inline void fake_export(struct fake *f, const char *name, int64_t t, int64_t age)
{
    struct catalog_export *e = calloc(1, sizeof *e);

    e->refs = 1;
    e->name = strdup(name);
    e->complete = e->ours = true;
    e->info = calloc(1, sizeof *e->info);
    e->info->id = (struct node_export_id){.dev = 1, .ino = (uint64_t)t, .t = t, .size = 1};
    e->info->published = time(NULL) - age;
    assert_int_equal(ini_new(&e->info->config), 0);
    e->info->nfiles = 1;
    e->info->files = calloc(1, sizeof *e->info->files);
    e->info->files[0].name = strdup("XXH128SUMS");
    e->info->files[0].size = 45;
    e->sums_file = 0;
    f->exports[f->node.n] = e;
    fake_shows(f, f->node.n + 1);
}

static inline void fake_go(struct fake *f)
{
    pthread_mutex_lock(&f->mu);
    f->go = true;
    pthread_cond_broadcast(&f->cond);
    pthread_mutex_unlock(&f->mu);
}

/* Waits until `started` runs began (true) or until 20 seconds have passed (false). */
static inline bool fake_wait_started(struct fake *f, unsigned started)
{
    for (int i = 0; i < 2000; i++) {
        pthread_mutex_lock(&f->mu);
        bool ok = f->started >= started;
        pthread_mutex_unlock(&f->mu);
        if (ok)
            return true;
        usleep(10000);
    }
    return false;
}

static inline struct jobs *fake_jobs(struct fake *f, struct jobs_options opt)
{
    struct jobs *j;
    struct err err;

    if (!opt.max_jobs)
        opt.max_jobs = 2;
    if (!opt.max_age_s)
        opt.max_age_s = 3600;
    assert_int_equal(jobs_open(&f->base, &opt, &j, &err), 0);
    assert_int_equal(jobs_start(j), 0);
    return j;
}

/* Waits for an image to leave WAITING and BUILDING. */
static inline enum image_state fake_wait_image(struct jobs_reader *r)
{
    for (int i = 0; i < 2000; i++) {
        struct image *img = jobs_reader_image(r);
        enum image_state s = image_state(img);

        image_unref(img);
        if (s == IMAGE_PUBLISHED || s == IMAGE_FAILED)
            return s;
        usleep(10000);
    }
    return IMAGE_WAITING;
}

/* A reader of what is shown now, who has joined or started the run for it. */
static inline struct jobs_reader *fake_reader(struct jobs *j, const char *name)
{
    struct jobs_reader *r;
    struct jobs_view v;
    struct err err;

    assert_int_equal(jobs_view(j, name, &v), 0);
    assert_int_equal(jobs_reader_open(j, name, v.t, &r, &err), 0);
    assert_int_equal(jobs_reader_trigger(r, &err), 0);
    return r;
}

#endif
