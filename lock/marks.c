/* marks.c - see marks.h.
 *
 * The file `deleted` has a line `LEVEL SERIAL NAME` for each mark.
 */
#include "marks.h"

#include <inttypes.h>
#include <string.h>

#define FILE_NAME "deleted"

void marks_clear(struct marks *ms)
{
    for (size_t i = 0; i < ms->n; i++)
        free(ms->v[i].name);
    free(ms->v);
    *ms = (struct marks){0};
}

int marks_add(struct marks *ms, enum lock_level level, uint64_t before, const char *name)
{
    CLEANUP_FREE char *copy = strdup(name);
    struct mark *v = reallocarray(ms->v, ms->n + 1, sizeof *v);

    if (v)
        ms->v = v;
    if (!v || !copy)
        return -ENOMEM;
    v[ms->n++] = (struct mark){.level = level, .before = before, .name = STEAL(copy)};
    return 0;
}

static int parse_line(struct marks *ms, char *line)
{
    const char *name = NULL;
    uint64_t before;
    char *end;

    for (int l = 0; l < LOCK_LEVELS; l++) {
        const char *word = lock_level_name((enum lock_level)l);
        size_t len = strlen(word);

        if (strncmp(line, word, len) != 0 || line[len] != ' ')
            continue;
        before = strtoull(line + len + 1, &end, 10);
        name = end + 1;
        if (*end == ' ' && claim_check((enum lock_level)l, &name, 1) == 0)
            return marks_add(ms, (enum lock_level)l, before, name);
    }
    return 0;
}

int marks_load(struct statedir *sd, struct marks *ret)
{
    CLEANUP_MARKS struct marks ms = {0};
    CLEANUP_FREE char *text = NULL;
    char *line, *rest;
    size_t len;
    int r = statedir_read(sd, FILE_NAME, &text, &len);

    if (r < 0)
        return r;
    for (rest = text; (line = strsep(&rest, "\n"));) {
        r = parse_line(&ms, line);
        if (r < 0)
            return r;
    }
    *ret = ms;
    ms = (struct marks){0};
    return 0;
}

static bool meant(const struct mark *m, const struct holder *h)
{
    return h->waiting && !h->adding && h->want.level == m->level && h->serial < m->before &&
           claim_has(&h->want, m->name);
}

bool marks_hit(const struct marks *ms, const struct holder *h)
{
    for (size_t i = 0; i < ms->n; i++)
        if (meant(&ms->v[i], h))
            return true;
    return false;
}

static bool awaited(const struct mark *m, const struct table *t)
{
    const struct holder *h;

    LIST_FOREACH(h, t, link)
    if (h->foreign && meant(m, h))
        return true;
    return false;
}

bool marks_prune(struct marks *ms, const struct table *t)
{
    size_t kept = 0, n = ms->n;

    for (size_t i = 0; i < n; i++) {
        if (awaited(&ms->v[i], t))
            ms->v[kept++] = ms->v[i];
        else
            free(ms->v[i].name);
    }
    ms->n = kept;
    return kept < n;
}

int marks_save(struct statedir *sd, const struct marks *ms)
{
    CLEANUP_FREE char *text = NULL;
    size_t len = 0;
    FILE *f = open_memstream(&text, &len);
    bool failed;

    if (!f)
        return -ENOMEM;
    for (size_t i = 0; i < ms->n; i++)
        fprintf(f, "%s %" PRIu64 " %s\n", lock_level_name(ms->v[i].level), ms->v[i].before,
                ms->v[i].name);
    failed = ferror(f);
    if (fclose(f) != 0 || failed)
        return -ENOMEM;
    return statedir_replace(sd, FILE_NAME, text, len);
}
