/* ini_pack.c - ini_pack() of ini.h: a tree in one piece of memory.
 *
 *     struct ini | sections | entries of all sections | names, keys and values
 *
 * A cluster has thousands of trees that are kept and never changed, each of dozens of short
 * strings, of which malloc would make 32 bytes each.
 */
#include "export/ini.h"

#include <string.h>

struct room {
    struct ini_entry *entries;
    char *text;
};

static size_t text_of(const struct ini_section *s)
{
    size_t sum = strlen(s->name) + 1;

    for (size_t j = 0; j < s->n; j++)
        sum += strlen(s->entries[j].key) + strlen(s->entries[j].value) + 2;
    return sum;
}

static char *put_text(struct room *room, const char *text)
{
    char *at = room->text;

    room->text = stpcpy(at, text) + 1;
    return at;
}

static void put_section(struct room *room, const struct ini_section *from, struct ini_section *to)
{
    *to = *from;
    to->name = put_text(room, from->name);
    to->entries = room->entries;
    room->entries += from->n;
    for (size_t j = 0; j < from->n; j++)
        to->entries[j] = (struct ini_entry){.key = put_text(room, from->entries[j].key),
                                            .value = put_text(room, from->entries[j].value),
                                            .line = from->entries[j].line};
}

int ini_pack(struct ini **ini)
{
    const struct ini *from = *ini;
    size_t nentries = 0, text = 0, sections;
    struct ini *to;

    if (!from || from->packed)
        return 0;
    for (size_t i = 0; i < from->n; i++) {
        nentries += from->sections[i].n;
        text += text_of(&from->sections[i]);
    }
    /* no overflow: all of it is in memory already */
    sections = from->n * sizeof *to->sections;
    to = malloc(sizeof *to + sections + nentries * sizeof(struct ini_entry) + text);
    if (!to)
        return -ENOMEM;
    *to = (struct ini){.sections = (struct ini_section *)(to + 1), .n = from->n, .packed = true};

    struct room room = {.entries = (struct ini_entry *)(to->sections + to->n)};

    room.text = (char *)(room.entries + nentries);
    for (size_t i = 0; i < from->n; i++)
        put_section(&room, &from->sections[i], &to->sections[i]);
    ini_free(*ini);
    *ini = to;
    return 0;
}
