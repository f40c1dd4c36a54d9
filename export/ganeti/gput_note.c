/* gput_note.c - see gput_note.h.
 *
 *     [node2.example.com]
 *     stage = .NAME.put-xxxxxx
 *     aside = .NAME.old-xxxxxx
 *     published = True
 *
 * Who has it holds the flock of STATE/uploads.lock/NAME, a file of its own since the note is
 * replaced with each writing.  It stays, empty, for as long as there is a state directory.
 */
#include "export/ganeti/gput_note.h"

#include "export/names.h"
#include "export/statefile.h"

#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#define AREA      "uploads"
#define LOCKS     "uploads.lock"
#define MAX_BYTES (64 * 1024)

static int take_lock(const char *state_dir, const char *name)
{
    CLEANUP_CLOSE int dir = -1, fd = -1;
    CLEANUP_FREE char *path = NULL;

    if (asprintf(&path, "%s/" LOCKS, state_dir) < 0) {
        path = NULL;
        return -ENOMEM;
    }
    if (mkdir(path, 0700) < 0 && errno != EEXIST)
        return -errno;
    dir = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (dir < 0)
        return -errno;
    fd = openat(dir, name, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return -errno;
    while (flock(fd, LOCK_EX | LOCK_NB) < 0)
        if (errno != EINTR)
            return -errno;
    return STEAL_FD(fd);
}

/* One that cannot be understood is of no use to anybody: what it told of is found by its age. */
static int load(struct gput_note *n)
{
    CLEANUP_FREE char *text = NULL;
    struct err ignored;
    size_t len;
    int r = statefile_read(n->state_dir, AREA, n->name, MAX_BYTES, &text, &len);

    if (r == 0 && ini_parse(text, len, &n->ini, &ignored) == 0)
        return 0;
    return r == 0 || r == -ENOENT || r == -EFBIG ? ini_new(&n->ini) : r;
}

int gput_note_take(const char *state_dir, const char *name, struct gput_note **ret)
{
    CLEANUP_GPUT_NOTE struct gput_note *n = NULL;
    int r;

    if (!names_valid(name))
        return -EINVAL;
    n = calloc(1, sizeof *n);
    if (!n)
        return -ENOMEM;
    n->lock = -1;
    n->state_dir = strdup(state_dir);
    n->name = strdup(name);
    if (!n->state_dir || !n->name)
        return -ENOMEM;
    n->lock = take_lock(state_dir, name);
    if (n->lock < 0)
        return n->lock;
    r = load(n);
    if (r == 0)
        *ret = STEAL(n);
    return r;
}

void gput_note_release(struct gput_note *n)
{
    if (!n)
        return;
    ini_free(n->ini);
    if (n->lock >= 0)
        close(n->lock);
    free(n->state_dir);
    free(n->name);
    free(n);
}

static void get(const struct gput_note *n, const char *node, const char *key, char ret[256])
{
    const char *value = ini_get(n->ini, node, key);

    snprintf(ret, 256, "%s", value && strlen(value) < 256 ? value : "");
}

bool gput_note_get(const struct gput_note *n, const char *node, struct gput_left *ret)
{
    const char *published = ini_get(n->ini, node, "published");

    get(n, node, "stage", ret->stage);
    get(n, node, "aside", ret->aside);
    ret->published = published && !strcmp(published, "True");
    return *ret->stage || *ret->aside;
}

static int store(struct gput_note *n)
{
    CLEANUP_FREE char *text = NULL;
    size_t len;
    int r;

    if (!n->ini->n)
        return statefile_remove(n->state_dir, AREA, n->name);
    r = ini_format(n->ini, &text, &len);
    return r < 0 ? r : statefile_write(n->state_dir, AREA, n->name, text, len);
}

int gput_note_set(struct gput_note *n, const char *node, const struct gput_left *left,
                  struct err *err)
{
    int r = ini_set(n->ini, node, "stage", left->stage);

    if (r == 0)
        r = ini_set(n->ini, node, "aside", left->aside);
    if (r == 0)
        r = ini_set(n->ini, node, "published", left->published ? "True" : "False");
    if (r == 0)
        r = store(n);
    return r < 0 ? err_sys(err, r, "%s/" AREA "/%s", n->state_dir, n->name) : 0;
}

void gput_note_drop(struct gput_note *n, const char *node)
{
    for (size_t i = 0; i < n->ini->n; i++)
        if (!strcmp(n->ini->sections[i].name, node))
            ini_drop_section(n->ini, i--);
    store(n); /* if that fails it tells of what is not there any more */
}
