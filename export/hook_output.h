/* hook_output.h - what a hook script writes, bounded, and as the text that results carry
 * (hook_script.h tells the form). */
#ifndef EXPORT_HOOK_OUTPUT_H
#define EXPORT_HOOK_OUTPUT_H

#include <stddef.h>
#include <stdint.h>

struct hook_output {
    char *kept; /* the first bytes */
    size_t n;
    uint64_t total; /* bytes written in all */
};

/* The struct owns a buffer until hook_output_clear().  0 or -ENOMEM. */
int hook_output_init(struct hook_output *out);
void hook_output_clear(struct hook_output *out);

/* More of it.  arg: struct hook_output; a sink of child_drain(). */
void hook_output_add(void *arg, const char *data, size_t n);

/* The text, with a blank and `note` appended to it, or to "(no output)" when it is empty (NULL: no
 * note).  The caller frees it.  NULL when out of memory. */
char *hook_output_text(const struct hook_output *out, const char *note);

#endif
