/* joblog.c - see joblog.h. */
#include "export/joblog.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void append(struct joblog *l, const char *s, size_t n)
{
    if (l->len + n + 1 > l->alloc) {
        size_t alloc = (l->len + n + 1) * 2;
        char *text = realloc(l->text, alloc);

        if (!text)
            return;
        l->text = text;
        l->alloc = alloc;
    }
    memcpy(l->text + l->len, s, n);
    for (size_t i = l->len; i < l->len + n; i++)
        if ((unsigned char)l->text[i] < 0x20 || l->text[i] == 0x7f)
            l->text[i] = '?';
    l->len += n;
    l->text[l->len] = '\0';
}

void joblog_add(struct joblog *l, const char *message)
{
    char stamp[32];
    time_t now = time(NULL);
    struct tm tm;
    size_t n = strlen(message), end;

    if (l->full)
        return;
    if (l->len + n > JOBLOG_MAX_BYTES) {
        l->full = 1;
        message = "(the log is full, further lines are dropped)";
        n = strlen(message);
    }
    strftime(stamp, sizeof stamp, "%Y-%m-%d %H:%M:%S ", localtime_r(&now, &tm));
    end = l->len;
    append(l, stamp, strlen(stamp));
    append(l, message, n);
    append(l, " ", 1); /* its place is the newline's */
    if (l->len > end)
        l->text[l->len - 1] = '\n';
}

void joblog_clear(struct joblog *l)
{
    free(l->text);
    *l = (struct joblog){0};
}
