/* hook_output.c - see hook_output.h.  One thread at a time. */
#include "export/hook_output.h"

#include "export/hook_script.h"
#include "lock/cleanup.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

int hook_output_init(struct hook_output *out)
{
    *out = (struct hook_output){.kept = malloc(HOOK_SCRIPT_MAX)};
    return out->kept ? 0 : -ENOMEM;
}

void hook_output_clear(struct hook_output *out)
{
    free(out->kept);
    *out = (struct hook_output){0};
}

void hook_output_add(void *arg, const char *data, size_t n)
{
    struct hook_output *out = arg;
    size_t room = HOOK_SCRIPT_MAX - out->n;
    size_t keep = n < room ? n : room;

    memcpy(out->kept + out->n, data, keep);
    out->n += keep;
    out->total += n;
}

static bool is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Encodes as much as fits; returns how many bytes of src that were. */
static size_t encode(const char *src, size_t n, char *dst, size_t *dst_len)
{
    size_t used = 0, i;

    for (i = 0; i < n; i++) {
        unsigned char c = (unsigned char)src[i];
        bool printable = c >= 0x20 && c < 0x7f;

        if (used + (printable ? 1 : 4) > HOOK_SCRIPT_MAX)
            break;
        if (printable)
            dst[used++] = (char)c;
        else
            used += (size_t)sprintf(dst + used, "\\x%02x", c);
    }
    dst[used] = '\0';
    *dst_len = used;
    return i;
}

char *hook_output_text(const struct hook_output *out, const char *note)
{
    const char *src = out->kept;
    size_t n = out->n, len;
    uint64_t left = out->total - out->n;
    char *text = malloc(HOOK_SCRIPT_MAX + 1 + 256);

    if (!text)
        return NULL;
    while (n > 0 && is_blank(src[0]))
        src++, n--;
    while (left == 0 && n > 0 && is_blank(src[n - 1]))
        n--;
    left += n - encode(src, n, text, &len);
    if (left > 0)
        len += (size_t)sprintf(text + len, " [%" PRIu64 " more bytes left out]", left);
    if (note)
        snprintf(text + len, 200, "%s %s", len > 0 ? "" : "(no output)", note);

    char *fitted = realloc(text, strlen(text) + 1);

    return fitted ? fitted : text;
}
