/* utf8.h - one character at a time, and the locale of them. */
#ifndef EXPORT_UTF8_H
#define EXPORT_UTF8_H

#include <locale.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Decodes the character at p (len > 0 bytes are there).  Returns its length in bytes, or 0 when it
 * is not well-formed (overlong, surrogate, truncated, beyond U+10FFFF). */
size_t utf8_next(const char *p, size_t len, uint32_t *cp);

/* White space as Unicode and Python's str.strip() see it. */
bool utf8_is_space(uint32_t cp);

/* For uselocale(3): the character set, for libraries that look at the thread's locale to convert
 * names.  0, which changes nothing, when the system has none. */
locale_t utf8_locale(void);

#endif
