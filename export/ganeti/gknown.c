/* gknown.c - see gknown.h.
 *
 *     [expect]            a run that is under way
 *     t, since            Unix seconds
 *     [0123456789abcdef]  an export, by the hash of its config.ini
 *     size, t             of config.ini, bytes; the T that it is shown under
 *     sums                XXH128SUMS without its last line break
 *
 * What is read, decided upon and written is one step, under a lock on the directory, so two mounts
 * that see an export at the same moment agree.  Most questions are about exports that were asked
 * about before: their T is kept in memory, and believed for as long as nothing was written about
 * that name.
 */
#include "export/ganeti/gknown.h"

#include "export/ini.h"
#include "export/names.h"
#include "export/statefile.h"

#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <xxhash.h>

#define AREA      "exports"
#define MAX_BYTES (1024 * 1024)
#define KEEP      8 /* exports of one name that are remembered: those with the greatest T */
#define SKEW_S                                                                                     \
    300 /* by which a node's clock may be behind ours; Ganeti itself complains at 150              \
         */
#define BUCKETS 1024
#define MOST    65536 /* in memory; then it begins anew */

struct seen {
    struct seen *next;
    uint64_t key;
    int64_t t;
    uint64_t stamp; /* of what is on record, when it was read */
};

struct gknown {
    char *state_dir;
    pthread_mutex_t mu;
    struct seen *buckets[BUCKETS];
    size_t n;
};

int gknown_open(const char *state_dir, struct gknown **ret)
{
    struct gknown *k = calloc(1, sizeof *k);

    if (!k || !(k->state_dir = strdup(state_dir))) {
        free(k);
        return -ENOMEM;
    }
    pthread_mutex_init(&k->mu, NULL);
    statefile_sweep(state_dir, AREA);
    *ret = k;
    return 0;
}

static void forget_all(struct gknown *k)
{
    for (size_t i = 0; i < BUCKETS; i++) {
        while (k->buckets[i]) {
            struct seen *s = k->buckets[i];

            k->buckets[i] = s->next;
            free(s);
        }
    }
    k->n = 0;
}

void gknown_close(struct gknown *k)
{
    if (!k)
        return;
    forget_all(k);
    pthread_mutex_destroy(&k->mu);
    free(k->state_dir);
    free(k);
}

/* --- in memory --- */

static uint64_t key_of(const char *name, const struct node_export_id *id)
{
    uint64_t parts[] = {id->hash, id->size};

    return XXH3_64bits_withSeed(parts, sizeof parts, XXH3_64bits(name, strlen(name)));
}

/* mu held. */
static struct seen *find_seen(const struct gknown *k, uint64_t key)
{
    for (struct seen *s = k->buckets[key % BUCKETS]; s; s = s->next)
        if (s->key == key)
            return s;
    return NULL;
}

static void remember(struct gknown *k, uint64_t key, int64_t t, uint64_t stamp)
{
    struct seen *s = find_seen(k, key);

    if (s) {
        s->t = t;
        s->stamp = stamp;
        return;
    }
    if (k->n >= MOST)
        forget_all(k);
    s = calloc(1, sizeof *s);
    if (!s)
        return; /* it is asked for again */
    *s = (struct seen){k->buckets[key % BUCKETS], key, t, stamp};
    k->buckets[key % BUCKETS] = s;
    k->n++;
}

/* --- on record --- */

static int lock_area(const struct gknown *k)
{
    CLEANUP_CLOSE int fd = -1;
    CLEANUP_FREE char *path = NULL;

    if (asprintf(&path, "%s/" AREA, k->state_dir) < 0) {
        path = NULL;
        return -1;
    }
    if (mkdir(path, 0700) < 0 && errno != EEXIST)
        return -1;
    fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    while (fd >= 0 && flock(fd, LOCK_EX) < 0)
        if (errno != EINTR)
            return -1;
    return STEAL_FD(fd);
}

/* Changes with each writing; 0: there is nothing. */
static uint64_t stamp_of(const struct gknown *k, const char *name)
{
    CLEANUP_FREE char *path = NULL;
    struct stat st;

    if (asprintf(&path, "%s/" AREA "/%s", k->state_dir, name) < 0) {
        path = NULL;
        return 0;
    }
    if (!names_valid(name) || lstat(path, &st) < 0)
        return 0;

    const uint64_t parts[] = {st.st_ino, (uint64_t)st.st_mtim.tv_sec, (uint64_t)st.st_mtim.tv_nsec};

    return XXH3_64bits(parts, sizeof parts) | 1;
}

/* What cannot be read is as if there were nothing. */
static int load(const struct gknown *k, const char *name, struct ini **ret)
{
    CLEANUP_FREE char *text = NULL;
    struct err ignored;
    size_t len;

    if (statefile_read(k->state_dir, AREA, name, MAX_BYTES, &text, &len) == 0 &&
        ini_parse(text, len, ret, &ignored) == 0)
        return 0;
    return ini_new(ret);
}

static void store(const struct gknown *k, const char *name, const struct ini *ini)
{
    CLEANUP_FREE char *text = NULL;
    size_t len;

    if (ini_format(ini, &text, &len) == 0)
        statefile_write(k->state_dir, AREA, name, text, len);
}

static int64_t number(const struct ini *ini, const char *section, const char *key)
{
    const char *value = ini_get(ini, section, key);
    int64_t n = value ? strtoll(value, NULL, 10) : 0;

    return n > 0 ? n : 0;
}

static void drop_expected(struct ini *ini)
{
    for (size_t i = 0; i < ini->n; i++)
        if (!strcmp(ini->sections[i].name, "expect"))
            ini_drop_section(ini, i--);
}

/* Those with the least T go. */
static void prune(struct ini *ini)
{
    for (;;) {
        size_t n = 0, least = 0;
        int64_t t = INT64_MAX;

        for (size_t i = 0; i < ini->n; i++) {
            int64_t its = number(ini, ini->sections[i].name, "t");

            if (!strcmp(ini->sections[i].name, "expect"))
                continue;
            n++;
            if (its < t) {
                t = its;
                least = i;
            }
        }
        if (n <= KEEP)
            return;
        ini_drop_section(ini, least);
    }
}

static int64_t greatest(const struct ini *ini)
{
    int64_t t = 0;

    for (size_t i = 0; i < ini->n; i++) {
        int64_t its = number(ini, ini->sections[i].name, "t");

        if (strcmp(ini->sections[i].name, "expect") && its > t)
            t = its;
    }
    return t;
}

static void section_of(const struct node_export_id *id, char section[17])
{
    snprintf(section, 17, "%016" PRIx64, id->hash);
}

/* --- T --- */

static bool is_expected(const struct ini *ini, int64_t timestamp)
{
    int64_t since = number(ini, "expect", "since");

    return since && timestamp + SKEW_S >= since;
}

/* A clock that is ahead must not make an identity that none can follow. */
static int64_t first_t(struct ini *ini, const struct node_export_id *id, int64_t timestamp)
{
    int64_t now = time(NULL), last = greatest(ini), t = id->t < now ? id->t : now;

    if (is_expected(ini, timestamp)) {
        t = number(ini, "expect", "t");
        drop_expected(ini);
    }
    return t > last ? t : last + 1;
}

static void note_t(const struct gknown *k, const char *name, struct ini *ini,
                   const struct node_export_id *id, int64_t t)
{
    char section[17];

    section_of(id, section);
    if (ini_setf(ini, section, "size", "%" PRIu64, id->size) == 0 &&
        ini_setf(ini, section, "t", "%" PRId64, t) == 0) {
        prune(ini);
        store(k, name, ini);
    }
}

/* 0: nothing is noted of it. */
static int64_t noted_t(const struct ini *ini, const struct node_export_id *id)
{
    char section[17];

    section_of(id, section);
    return (uint64_t)number(ini, section, "size") == id->size ? number(ini, section, "t") : 0;
}

static int64_t on_record(const struct gknown *k, const char *name, const struct node_export_id *id,
                         int64_t timestamp, uint64_t *stamp)
{
    CLEANUP_CLOSE __attribute__((unused)) int lock = lock_area(k);
    CLEANUP_INI struct ini *ini = NULL;
    int64_t t;

    if (load(k, name, &ini) < 0)
        return id->t;
    t = noted_t(ini, id);
    if (!t) {
        t = first_t(ini, id, timestamp);
        note_t(k, name, ini, id, t);
    }
    *stamp = stamp_of(k, name);
    return t;
}

int64_t gknown_t(struct gknown *k, const char *name, const struct node_export_id *id,
                 int64_t timestamp)
{
    uint64_t key = key_of(name, id), stamp;

    LOCK_SCOPE(&k->mu);

    const struct seen *s = find_seen(k, key);

    stamp = stamp_of(k, name);
    if (s && s->stamp == stamp)
        return s->t;

    int64_t t = on_record(k, name, id, timestamp, &stamp);

    remember(k, key, t, stamp);
    return t;
}

int64_t gknown_set_t(struct gknown *k, const char *name, const struct node_export_id *id, int64_t t)
{
    LOCK_SCOPE(&k->mu);

    CLEANUP_CLOSE __attribute__((unused)) int lock = lock_area(k);
    CLEANUP_INI struct ini *ini = NULL;
    int64_t before = 0;
    char section[17];

    if (load(k, name, &ini) == 0) {
        before = noted_t(ini, id);
        section_of(id, section);
        if (before)
            ini_set(ini, section, "sums", ""); /* its dumps may be others */
        note_t(k, name, ini, id, t);
    }
    remember(k, key_of(name, id), t, stamp_of(k, name));
    return before;
}

void gknown_expect(struct gknown *k, const char *name, int64_t t)
{
    LOCK_SCOPE(&k->mu);

    CLEANUP_CLOSE __attribute__((unused)) int lock = lock_area(k);
    CLEANUP_INI struct ini *ini = NULL;

    if (load(k, name, &ini) < 0)
        return;
    drop_expected(ini);
    if (ini_setf(ini, "expect", "t", "%" PRId64, t) == 0 &&
        ini_setf(ini, "expect", "since", "%" PRId64, (int64_t)time(NULL)) == 0)
        store(k, name, ini);
}

void gknown_unexpect(struct gknown *k, const char *name, int64_t t)
{
    LOCK_SCOPE(&k->mu);

    CLEANUP_CLOSE __attribute__((unused)) int lock = lock_area(k);
    CLEANUP_INI struct ini *ini = NULL;

    if (load(k, name, &ini) < 0 || number(ini, "expect", "t") != t)
        return;
    drop_expected(ini);
    store(k, name, ini);
}

/* --- checksums --- */

int gknown_sums(struct gknown *k, const char *name, const struct node_export_id *id, char **text,
                size_t *len)
{
    LOCK_SCOPE(&k->mu);

    CLEANUP_INI struct ini *ini = NULL;
    char section[17];
    const char *sums;
    int r = load(k, name, &ini);

    if (r < 0)
        return r;
    section_of(id, section);
    sums = ini_get(ini, section, "sums");
    if (!sums || !*sums || (uint64_t)number(ini, section, "size") != id->size)
        return -ENOENT;
    r = asprintf(text, "%s\n", sums);
    if (r < 0)
        return -ENOMEM;
    *len = (size_t)r;
    return 0;
}

void gknown_note_sums(struct gknown *k, const char *name, const struct node_export_id *id,
                      const char *text, size_t len)
{
    LOCK_SCOPE(&k->mu);

    CLEANUP_CLOSE __attribute__((unused)) int lock = lock_area(k);
    CLEANUP_INI struct ini *ini = NULL;
    CLEANUP_FREE char *value = len && text[len - 1] == '\n' ? strndup(text, len - 1) : NULL;
    char section[17];

    section_of(id, section);
    if (!value || load(k, name, &ini) < 0 || (uint64_t)number(ini, section, "size") != id->size)
        return; /* it is not known any more: newer ones have come */
    if (ini_set(ini, section, "sums", value) == 0)
        store(k, name, ini);
}
