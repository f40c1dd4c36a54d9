/* xxh3.h - XXH3 as fast as this processor can, for everything that hashes much.
 *
 * The library's plain functions are built for the least processor of its architecture; on x86 it
 * has others, which take what is there (AVX2, AVX-512) and are some four times as fast.  This
 * header puts them in the plain ones' place.
 *
 * PLAIN_XXH3: not.  A kernel that does not keep the wide registers from one thread to the next
 * spoils what they compute: user-mode-linux 6.1 does on processors with AMX, and some tests run on
 * it.
 */
#ifndef EXPORT_XXH3_H
#define EXPORT_XXH3_H

#include <stdint.h>
#if (defined(__x86_64__) || defined(__i386__)) && !defined(PLAIN_XXH3)
#include <xxh_x86dispatch.h>
#else
#include <xxhash.h>
#endif

/* XXH3_128bits_update() with so many zero bytes, of which there may be terabytes: some three times
 * as fast again.  The state must come from XXH3_128bits_reset(). */
void xxh3_zeros(XXH3_state_t *state, uint64_t len);

#endif
