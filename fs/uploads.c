/* uploads.c - a list under a mutex, and a thread that looks after it: once a minute, and when
 * something was closed.  What a request leaves behind is thrown away there. */
#include "fs/uploads.h"

#include "export/thread.h"
#include "lock/cleanup.h"
#include "lock/clock.h"

#include <string.h>
#include <time.h>

#define IDLE_S 3600
#define LOOK_S 60

/* A directory without checksums is exported when nobody has written to it for so long. */
#define QUIET_S 3

#define SHOW_S 10

#define MOST 1000 /* each keeps memory, and three descriptors once something is staged */

#define STOP_MS      5000
#define FINISH_MS    60000
#define STOP_POLL_MS 20

struct entry {
    struct entry *next;
    enum inode_kind kind;
    char *node, *name;
    bool named; /* no: removed, or another has taken its place */
    uint64_t number;
    struct upload *upload;
    bool begun; /* was opened */
    unsigned open;
    const void *writer; /* whose it is, of those who have opened it to write all of it */
    int64_t idle_since; /* seconds, monotonic */
    pid_t shown_to;
    int64_t shown_at;
};

struct uploads {
    pthread_mutex_t mu;
    pthread_cond_t look;
    bool stopping, running;
    pthread_t thread;
    struct entry *all;
    uint64_t next;
};

static void entry_free(struct entry *e)
{
    upload_unref(e->upload);
    free(e->node);
    free(e->name);
    free(e);
}

/* Not held, for what was staged goes with it. */
static void free_all(struct entry *list)
{
    while (list) {
        struct entry *next = list->next;

        entry_free(list);
        list = next;
    }
}

static bool is_shown(const struct entry *e, int64_t now)
{
    return e->shown_to && now - e->shown_at < SHOW_S;
}

/* It was made to be opened, which comes next. */
static bool is_new(const struct entry *e, int64_t now)
{
    return !e->begun && now - e->idle_since < SHOW_S;
}

/* Also when it is published, it is still to be renamed. */
static bool is_temporary(const struct entry *e)
{
    size_t len = strlen(e->name);

    return e->kind != INODE_NODE_EXPORTS && (len < 4 || strcmp(e->name + len - 4, ".tar") != 0);
}

/* A directory was made to be filled; and what is published may still get its times. */
static bool is_wanted(const struct entry *e)
{
    bool dir = e->kind == INODE_NODE_EXPORTS;

    return upload_may_go_on(e->upload) || (dir && upload_is_empty(e->upload)) ||
           upload_is_done(e->upload);
}

/* Nobody can reach it, or needs to. */
static bool is_over(const struct entry *e, int64_t now)
{
    return e->open == 0 && !is_shown(e, now) && !is_new(e, now) && !upload_is_checked(e->upload) &&
           (!e->named || !is_wanted(e) || now - e->idle_since >= IDLE_S);
}

/* us->mu held. */
static struct entry *take_over(struct uploads *us)
{
    struct entry *over = NULL, **p = &us->all;
    int64_t now = clock_s();

    while (*p) {
        struct entry *e = *p;

        if (!is_over(e, now)) {
            p = &e->next;
            continue;
        }
        *p = e->next;
        e->next = over;
        over = e;
    }
    return over;
}

/* us->mu held.  Is there more to come soon? */
static bool export_whole(struct uploads *us)
{
    bool soon = false;

    for (struct entry *e = us->all; e; e = e->next) {
        if (e->open == 0 && upload_is_whole(e->upload, QUIET_S))
            upload_no_more(e->upload);
        /* nobody tells of the end of a check that nobody waits for */
        soon =
            soon || upload_is_whole(e->upload, 0) || (e->open == 0 && upload_is_checked(e->upload));
    }
    return soon;
}

static void *watch(void *arg)
{
    struct uploads *us = arg;

    pthread_mutex_lock(&us->mu);
    while (!us->stopping) {
        struct entry *over = take_over(us);
        struct timespec until;

        if (over) {
            pthread_mutex_unlock(&us->mu);
            free_all(over);
            pthread_mutex_lock(&us->mu);
            continue;
        }
        clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_sec += export_whole(us) ? 1 : LOOK_S;
        pthread_cond_timedwait(&us->look, &us->mu, &until);
    }
    pthread_mutex_unlock(&us->mu);
    return NULL;
}

int uploads_new(struct uploads **ret)
{
    struct uploads *us = calloc(1, sizeof *us);
    pthread_condattr_t attr;

    if (!us)
        return -ENOMEM;
    pthread_mutex_init(&us->mu, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&us->look, &attr);
    pthread_condattr_destroy(&attr);
    us->next = 1;
    *ret = us;
    return 0;
}

int uploads_start(struct uploads *us)
{
    int r = thread_start(&us->thread, watch, us);

    us->running = r == 0;
    return r;
}

static bool is_checked(struct uploads *us)
{
    LOCK_SCOPE(&us->mu);
    for (struct entry *e = us->all; e; e = e->next)
        if (upload_is_checked(e->upload))
            return true;
    return false;
}

/* Who has written all of a directory was told so: it is not thrown away. */
static void finish_whole(struct uploads *us)
{
    for (int ms = 0; ms < FINISH_MS; ms += STOP_POLL_MS) {
        bool any = false;

        pthread_mutex_lock(&us->mu);
        for (struct entry *e = us->all; e; e = e->next) {
            if (upload_is_whole(e->upload, 0))
                upload_no_more(e->upload);
            any = any || (e->kind == INODE_NODE_EXPORTS && upload_is_finishing(e->upload));
        }
        pthread_mutex_unlock(&us->mu);
        if (!any)
            return;
        usleep(STOP_POLL_MS * 1000);
    }
}

bool uploads_stop(struct uploads *us)
{
    finish_whole(us);
    pthread_mutex_lock(&us->mu);
    us->stopping = true;
    for (struct entry *e = us->all; e; e = e->next)
        upload_cancel(e->upload);
    pthread_cond_signal(&us->look);
    pthread_mutex_unlock(&us->mu);
    if (us->running)
        pthread_join(us->thread, NULL);
    us->running = false;
    for (int ms = 0; is_checked(us); ms += STOP_POLL_MS) {
        if (ms >= STOP_MS)
            return false;
        usleep(STOP_POLL_MS * 1000);
    }
    return true;
}

void uploads_free(struct uploads *us)
{
    if (!us)
        return;
    free_all(us->all);
    pthread_mutex_destroy(&us->mu);
    pthread_cond_destroy(&us->look);
    free(us);
}

static bool is_there(const struct entry *e, const struct uploads_dir *dir, const char *name)
{
    return e->kind == dir->kind && strcmp(e->node, dir->node) == 0 && strcmp(e->name, name) == 0;
}

/* us->mu held. */
static struct entry *find(struct uploads *us, const struct uploads_dir *dir, const char *name)
{
    int64_t now = clock_s();
    for (struct entry *e = us->all; e; e = e->next)
        if (e->named && !is_over(e, now) && is_there(e, dir, name))
            return e;
    return NULL;
}

static struct entry *by_number(struct uploads *us, uint64_t number)
{
    for (struct entry *e = us->all; e; e = e->next)
        if (e->number == number)
            return e;
    return NULL;
}

/* us->mu held.  What is published does not count: there may be many more instances. */
static bool is_full(struct uploads *us)
{
    unsigned n = 0;
    for (struct entry *e = us->all; e && n < MOST; e = e->next)
        n += !upload_is_done(e->upload);
    return n == MOST;
}

int uploads_add(struct uploads *us, const struct uploads_dir *dir, const char *name,
                struct upload *u, uint64_t *number)
{
    struct entry *e = calloc(1, sizeof *e), *old;

    if (!e || !(e->node = strdup(dir->node)) || !(e->name = strdup(name))) {
        if (e)
            free(e->node);
        free(e);
        return -ENOMEM;
    }
    e->kind = dir->kind;
    e->upload = u;
    e->idle_since = clock_s();
    pthread_mutex_lock(&us->mu);
    if (is_full(us)) {
        pthread_mutex_unlock(&us->mu);
        free(e->node);
        free(e->name);
        free(e);
        return -EMFILE;
    }
    old = find(us, dir, name);
    if (old)
        old->named = false;
    e->named = true;
    *number = e->number = us->next++;
    e->next = us->all;
    us->all = e;
    pthread_cond_signal(&us->look);
    pthread_mutex_unlock(&us->mu);
    return 0;
}

int uploads_again(struct uploads *us, uint64_t old, struct upload *u, uint64_t *number)
{
    CLEANUP_FREE char *node = NULL, *name = NULL;
    struct uploads_dir dir = {0};

    pthread_mutex_lock(&us->mu);
    const struct entry *e = by_number(us, old);
    if (e) {
        node = strdup(e->node);
        name = strdup(e->name);
        dir = (struct uploads_dir){e->kind, node};
    }
    pthread_mutex_unlock(&us->mu);
    if (!e)
        return -ESTALE;
    return node && name ? uploads_add(us, &dir, name, u, number) : -ENOMEM;
}

/* us->mu held.  What is published is there by itself, but for the name it was written under. */
static struct entry *find_staged(struct uploads *us, const struct uploads_dir *dir,
                                 const char *name)
{
    struct entry *e = find(us, dir, name);
    return e && (is_temporary(e) || !upload_is_done(e->upload)) ? e : NULL;
}

uint64_t uploads_find(struct uploads *us, const struct uploads_dir *dir, const char *name)
{
    LOCK_SCOPE(&us->mu);
    const struct entry *e = find_staged(us, dir, name);
    return e ? e->number : 0;
}

bool uploads_was(struct uploads *us, const struct uploads_dir *dir, const char *name)
{
    LOCK_SCOPE(&us->mu);
    const struct entry *e = find(us, dir, name);
    return e && upload_is_done(e->upload);
}

struct upload *uploads_get(struct uploads *us, uint64_t number)
{
    LOCK_SCOPE(&us->mu);
    const struct entry *e = by_number(us, number);
    return e ? upload_ref(e->upload) : NULL;
}

void uploads_opened(struct uploads *us, uint64_t number)
{
    LOCK_SCOPE(&us->mu);
    struct entry *e = by_number(us, number);
    if (!e)
        return;
    e->open++;
    e->begun = true;
    e->shown_to = 0;
}

void uploads_closed(struct uploads *us, uint64_t number)
{
    pthread_mutex_lock(&us->mu);
    struct entry *e = by_number(us, number);
    if (e) {
        e->open--;
        e->idle_since = clock_s();
    }
    pthread_cond_signal(&us->look);
    pthread_mutex_unlock(&us->mu);
}

int uploads_claim(struct uploads *us, uint64_t number, const void *writer)
{
    LOCK_SCOPE(&us->mu);
    struct entry *e = by_number(us, number);
    if (!e)
        return 0;
    if (!e->writer)
        e->writer = writer;
    return e->writer == writer ? 0 : -EBUSY;
}

int uploads_rename(struct uploads *us, const struct uploads_dir *dir, const char *from,
                   const char *to)
{
    char *name = strdup(to);
    if (!name)
        return -ENOMEM;
    LOCK_SCOPE(&us->mu);
    struct entry *e = find(us, dir, from), *old = find(us, dir, to);
    if (!e || e == old) {
        free(name);
        return e ? 0 : -ENOENT;
    }
    if (old)
        old->named = false;
    free(e->name);
    e->name = name;
    pthread_cond_signal(&us->look);
    return 0;
}

int uploads_remove(struct uploads *us, const struct uploads_dir *dir, const char *name)
{
    LOCK_SCOPE(&us->mu);
    struct entry *e = find_staged(us, dir, name);
    if (!e)
        return -ENOENT;
    e->named = false;
    pthread_cond_signal(&us->look);
    return 0;
}

void uploads_show(struct uploads *us, pid_t tid, uint64_t number)
{
    LOCK_SCOPE(&us->mu);
    struct entry *e = by_number(us, number);
    if (!e)
        return;
    e->shown_to = tid;
    e->shown_at = clock_s();
}

uint64_t uploads_shown(struct uploads *us, pid_t tid, const struct uploads_dir *dir,
                       const char *name)
{
    LOCK_SCOPE(&us->mu);
    int64_t now = clock_s();
    for (const struct entry *e = us->all; e; e = e->next)
        if (e->shown_to == tid && is_shown(e, now) && is_there(e, dir, name))
            return e->number;
    return 0;
}

void uploads_list(struct uploads *us,
                  void (*row)(void *arg, const char *node, const char *name, const char *text),
                  void *arg)
{
    char text[1200];

    LOCK_SCOPE(&us->mu);
    for (struct entry *e = us->all; e; e = e->next) {
        if (!e->named || upload_is_done(e->upload))
            continue;
        upload_text(e->upload, text, sizeof text);
        row(arg, e->node, e->name, text);
    }
}
