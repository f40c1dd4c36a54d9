/* atoms.c - a chained hash table that doubles when there are more strings than chains; without
 * memory to grow, chains get longer.
 */
#include "fs/atoms.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#define FEWEST_CHAINS 64 /* a power of two */

struct atom {
    struct atom *next;
    size_t taken;
    char text[];
};

static struct atom **chain_of(const struct atoms *a, const char *s)
{
    return &a->chains[XXH3_64bits(s, strlen(s)) & (a->nchains - 1)];
}

static void more_chains(struct atoms *a)
{
    struct atoms bigger = {.nchains = a->nchains ? a->nchains * 2 : FEWEST_CHAINS, .n = a->n};
    bigger.chains = calloc(bigger.nchains, sizeof(*bigger.chains));
    if (!bigger.chains)
        return;
    for (size_t c = 0; c < a->nchains; c++)
        for (struct atom *at = a->chains[c], *next; at; at = next) {
            struct atom **chain = chain_of(&bigger, at->text);
            next = at->next;
            at->next = *chain;
            *chain = at;
        }
    free(a->chains);
    *a = bigger;
}

/* The link that leads to it, or to where it would be; there must be chains. */
static struct atom **find(const struct atoms *a, const char *s)
{
    struct atom **p = chain_of(a, s);
    while (*p && strcmp((*p)->text, s) != 0)
        p = &(*p)->next;
    return p;
}

const char *atoms_take(struct atoms *a, const char *s)
{
    if (!*s)
        return "";
    if (a->n >= a->nchains)
        more_chains(a);
    if (!a->nchains)
        return NULL;
    struct atom **p = find(a, s);
    if (!*p) {
        size_t len = strlen(s) + 1;
        *p = calloc(1, sizeof(**p) + len);
        if (!*p)
            return NULL;
        memcpy((*p)->text, s, len);
        a->n++;
    }
    (*p)->taken++;
    return (*p)->text;
}

void atoms_give(struct atoms *a, const char *s)
{
    if (!s || !*s)
        return;
    struct atom **p = find(a, s), *at = *p;
    if (--at->taken)
        return;
    *p = at->next;
    free(at);
    a->n--;
}

void atoms_clear(struct atoms *a)
{
    for (size_t c = 0; c < a->nchains; c++)
        for (struct atom *at = a->chains[c], *next; at; at = next) {
            next = at->next;
            free(at);
        }
    free(a->chains);
    *a = (struct atoms){0};
}
