/* atoms.h - names that many things have, kept once.
 *
 * An instance's name is part of some fifteen nodes, the name of a dump of some ten thousand.  Equal
 * strings are one string here, counted.  Not thread safe: whoever has one locks it.
 */
#ifndef FS_ATOMS_H
#define FS_ATOMS_H

#include <stddef.h>

struct atom;

struct atoms { /* all zero: empty */
    struct atom **chains;
    size_t nchains, n;
};

/* The string that is equal to s, counted once more; NULL: no memory.  That of "" is not counted. */
const char *atoms_take(struct atoms *a, const char *s);
/* Gives back what atoms_take() gave; NULL allowed. */
void atoms_give(struct atoms *a, const char *s);
/* Frees all strings, whoever has them; afterwards it is empty. */
void atoms_clear(struct atoms *a);

#endif
