/* journal_text.c - what is left of exports that were cut short, for people. */
#include "export/journal.h"

static void put_left(FILE *f, const char *of, const struct journal *note, const char *what,
                     const char *where, const char *error)
{
    fprintf(f, "recovery: %s%s%s: %s\n", of, what, where,
            *error            ? error
            : note->under_way ? "being put in order"
                              : "not tried yet");
}

void journal_put_left(FILE *f, const char *of, const struct journal *note)
{
    if (note->stopped && (*note->error || note->under_way))
        put_left(f, of, note, "the instance is to be started", "", note->error);
    if (note->everywhere)
        put_left(f, of, note, "a note was lost, and stages may lie on any node", "", note->error);
    for (unsigned i = 0; i < note->n; i++) {
        const struct journal_part *p = &note->parts[i];

        if (i > 0 || *p->error || p->hashing || note->under_way)
            put_left(f, of, note,
                     p->removing  ? "the instance was being removed after its export to "
                     : p->hashing ? "checksums are to be added on "
                     : p->t       ? "was published, or nearly so, on "
                                  : "a stage may lie on ",
                     p->target, p->error);
    }
}
