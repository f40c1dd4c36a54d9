/* state.c - see state.h.
 *
 * The reader keeps two places: the owner and the claim that the next `set` and `name`
 * lines belong to.  A line that cannot be understood closes both as far as it would have
 * replaced them, so that names never land in the wrong claim.
 */
#include "state.h"

#include <inttypes.h>
#include <string.h>

#define HEADER "gnt-lock 1 "

static const char *const mode_names[] = {"shared", "exclusive"};

static void print_claim(FILE *f, const struct claim *c)
{
    if (c->all)
        fputs("set\n", f);
    for (size_t i = 0; i < c->names.n; i++)
        fprintf(f, "name %s\n", c->names.v[i]);
}

static bool holder_busy(const struct holder *h)
{
    for (int level = 0; level < LOCK_LEVELS; level++)
        if (!holder_idle_at(h, (enum lock_level)level))
            return true;
    return h->waiting;
}

static void print_holder(FILE *f, const struct holder *h)
{
    fprintf(f, "owner %d %s\n", h->priority, h->description);
    for (int level = 0; level < LOCK_LEVELS; level++)
        for (int mode = LOCK_SHARED; mode <= LOCK_EXCLUSIVE; mode++) {
            const struct claim *c = &h->held[level][mode];

            if (claim_empty(c))
                continue;
            fprintf(f, "hold %s %s %" PRId64 "\n", lock_level_name(c->level), mode_names[mode],
                    h->since[level]);
            print_claim(f, c);
        }
    if (!h->waiting)
        return;
    fprintf(f, "%s %s %s %" PRId64 " %" PRIu64 " %" PRIu64 "\n", h->adding ? "add" : "wait",
            lock_level_name(h->want.level), mode_names[h->want.mode], h->want_since, h->ticket,
            h->serial);
    print_claim(f, &h->want);
}

int state_format(const struct table *t, int pid, char **text, size_t *len)
{
    CLEANUP_FREE char *buf = NULL;
    const struct holder *h;
    size_t size = 0;
    FILE *f = open_memstream(&buf, &size);
    bool failed;

    if (!f)
        return -ENOMEM;
    fprintf(f, HEADER "%d\n", pid);
    LIST_FOREACH(h, t, link)
    if (!h->foreign && holder_busy(h))
        print_holder(f, h);
    fputs("end\n", f);
    failed = ferror(f);
    if (fclose(f) != 0 || failed)
        return -ENOMEM;
    *text = STEAL(buf);
    *len = size;
    return 0;
}

struct reader {
    struct table *t;
    int pid;
    struct holder *owner; /* NULL: none yet, or its line was damaged */
    struct claim *claim;  /* NULL: likewise */
};

/* Takes a number that ends with the word; moves *p to the next word. */
static bool take_number(char **p, int64_t min, int64_t max, int64_t *ret)
{
    char *end;
    long long v;

    if (**p != '-' && (**p < '0' || **p > '9'))
        return false;
    errno = 0;
    v = strtoll(*p, &end, 10);
    if (errno || end == *p || (*end != ' ' && *end != '\0') || v < min || v > max)
        return false;
    *p = *end ? end + 1 : end;
    *ret = v;
    return true;
}

static bool take_word(char **p, const char *word)
{
    size_t len = strlen(word);

    if (strncmp(*p, word, len) != 0 || ((*p)[len] != ' ' && (*p)[len] != '\0'))
        return false;
    *p += len + ((*p)[len] == ' ');
    return true;
}

static bool take_level_mode(char **p, enum lock_level *level, enum lock_mode *mode)
{
    int l = 0, m = LOCK_SHARED;

    while (l < LOCK_LEVELS && !take_word(p, lock_level_name((enum lock_level)l)))
        l++;
    while (m <= LOCK_EXCLUSIVE && !take_word(p, mode_names[m]))
        m++;
    *level = (enum lock_level)l;
    *mode = (enum lock_mode)m;
    return l < LOCK_LEVELS && m <= LOCK_EXCLUSIVE;
}

static int read_owner(struct reader *r, char *p)
{
    CLEANUP_FREE struct holder *h = NULL;
    int64_t priority;

    r->owner = NULL;
    r->claim = NULL;
    if (!take_number(&p, LOCK_PRIO_HIGHEST, LOCK_PRIO_LOWEST, &priority))
        return 0;
    h = malloc(sizeof *h);
    if (!h)
        return -ENOMEM;
    holder_init(h);
    h->description = strdup(holder_description_valid(p) ? p : "(unreadable)");
    if (!h->description)
        return -ENOMEM;
    h->pid = r->pid;
    h->foreign = true;
    h->priority = (int)priority;
    r->owner = h;
    LIST_INSERT_HEAD(r->t, h, link);
    h = NULL;
    return 0;
}

static void read_hold(struct reader *r, char *p)
{
    enum lock_level level;
    enum lock_mode mode;
    int64_t since;

    r->claim = NULL;
    if (!r->owner || !take_level_mode(&p, &level, &mode) || !take_number(&p, 0, INT64_MAX, &since))
        return;
    r->claim = &r->owner->held[level][mode];
    r->owner->since[level] = since;
}

static void read_wait(struct reader *r, char *p, bool adding)
{
    enum lock_level level;
    enum lock_mode mode;
    int64_t since, ticket, serial;

    r->claim = NULL;
    if (!r->owner || r->owner->waiting || !take_level_mode(&p, &level, &mode) ||
        !take_number(&p, 0, INT64_MAX, &since) || !take_number(&p, 0, INT64_MAX, &ticket) ||
        !take_number(&p, 0, INT64_MAX, &serial))
        return;
    r->owner->waiting = true;
    r->owner->adding = adding;
    r->owner->want.level = level;
    r->owner->want.mode = mode;
    r->owner->want_since = since;
    r->owner->ticket = (uint64_t)ticket;
    r->owner->serial = (uint64_t)serial;
    r->claim = &r->owner->want;
}

static int read_line(struct reader *r, char *p)
{
    if (take_word(&p, "owner"))
        return read_owner(r, p);
    if (take_word(&p, "hold"))
        read_hold(r, p);
    else if (take_word(&p, "wait"))
        read_wait(r, p, false);
    else if (take_word(&p, "add"))
        read_wait(r, p, true);
    else if (take_word(&p, "set") && *p == '\0' && r->claim)
        r->claim->all = true;
    else if (take_word(&p, "name") && r->claim) {
        const char *name = p;

        if (claim_check(r->claim->level, &name, 1) == 0)
            return strvec_add(&r->claim->names, name);
    }
    return 0;
}

/* The names were appended as they came; claims want them sorted. */
static void sort_claims(struct table *t)
{
    struct holder *h;

    LIST_FOREACH(h, t, link)
    {
        for (int level = 0; level < LOCK_LEVELS; level++)
            for (int mode = LOCK_SHARED; mode <= LOCK_EXCLUSIVE; mode++)
                strvec_sort_unique(&h->held[level][mode].names);
        strvec_sort_unique(&h->want.names);
    }
}

static void move_all(struct table *from, struct table *to)
{
    struct holder *h;

    while ((h = LIST_FIRST(from))) {
        LIST_REMOVE(h, link);
        LIST_INSERT_HEAD(to, h, link);
    }
}

/* One line, len bytes without its newline. */
static int read_raw_line(struct reader *r, const char *text, size_t len)
{
    CLEANUP_FREE char *line = strndup(text, len);
    char *p = line;
    int64_t pid;

    if (!line)
        return -ENOMEM;
    if (strlen(line) != len)
        return 0; /* a NUL in it */
    if (strncmp(p, HEADER, strlen(HEADER)) != 0)
        return read_line(r, p);
    p += strlen(HEADER);
    if (take_number(&p, 0, INT32_MAX, &pid))
        r->pid = (int)pid;
    return 0;
}

int state_parse(const char *text, size_t len, struct table *t)
{
    CLEANUP_TABLE struct table fresh = LIST_HEAD_INITIALIZER(fresh);
    struct reader r = {.t = &fresh};
    const char *end = text + len, *nl;

    for (; (nl = memchr(text, '\n', (size_t)(end - text))); text = nl + 1) {
        size_t n = (size_t)(nl - text);
        int err;

        if (n == 3 && memcmp(text, "end", 3) == 0)
            break;
        err = read_raw_line(&r, text, n);
        if (err < 0)
            return err;
    }
    sort_claims(&fresh);
    move_all(&fresh, t);
    return 0;
}
