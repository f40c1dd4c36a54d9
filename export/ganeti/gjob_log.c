/* gjob_log.c - a job's log, line by line, and what it tells of how far the transfer is.
 *
 * Entries are [SERIAL, [SECONDS, MICROSECONDS], TYPE, MESSAGE], SERIALs grow.  A line is handed on
 * once, whatever is asked for again.  How far a disk is, is what is said of it last, as a part of
 * its size where a percentage is told (the dump may be of another size than the disk), and never
 * goes back.
 */
#include "export/ganeti/gjob_parts.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define PHASE_MAX  120
#define DETAIL_MAX 400 /* of a message that is no text */

void gjob_say(const struct lu_run *run, const char *fmt, ...)
{
    char line[1200];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(line, sizeof line, fmt, ap);
    va_end(ap);
    if (run->feedback)
        run->feedback(run->arg, line);
}

void gjob_log_init(struct gjob_log *l, const struct lu_run *run, const struct gjob_options *opt,
                   int64_t id)
{
    *l = (struct gjob_log){.run = run, .id = id};
    l->ndisks = opt->ndisks < MODEL_MAX_DISKS ? opt->ndisks : MODEL_MAX_DISKS;
    memcpy(l->size, opt->disk_bytes, l->ndisks * sizeof *l->size);
}

/* "12M", "1.5G", "2.0T" and what follows it. */
static bool amount(const char *p, double *bytes, const char **end)
{
    static const char units[] = "MGT";
    char *after;
    double d = strtod(p, &after);
    const char *unit = *after ? strchr(units, *after) : NULL;

    if (after == p || !unit || !isfinite(d) || d < 0)
        return false;
    *bytes = ldexp(d, 20 + 10 * (int)(unit - units));
    *end = after + 1;
    return true;
}

/* A part that is a percentage, of those after the amount. */
static bool percentage(const char *p, double *ret)
{
    while ((p = strchr(p, ','))) {
        char *end;
        unsigned long n = strtoul(++p, &end, 10);

        if (end != p && end[0] == '%' && (end[1] == '\0' || end[1] == ',')) {
            *ret = n > 100 ? 1 : (double)n / 100;
            return true;
        }
    }
    return false;
}

static uint64_t part_of(uint64_t size, double part)
{
    return part >= 1 ? size : (uint64_t)((double)size * part);
}

bool gjob_log_sent(const char *line, unsigned ndisks, const uint64_t *size, unsigned *disk,
                   uint64_t *bytes)
{
    unsigned d;
    int n = 0;
    double amount_sent, part;

    if (sscanf(line, "disk/%2u %n", &d, &n) != 1 || n == 0 || d >= ndisks)
        return false;
    line += n;
    if (strcmp(line, "finished sending data") == 0) {
        *disk = d;
        *bytes = size[d];
        return true;
    }
    if (strncmp(line, "sent ", 5) != 0 || !amount(line + 5, &amount_sent, &line))
        return false;
    *disk = d;
    if (percentage(line, &part))
        *bytes = part_of(size[d], part);
    else
        *bytes = amount_sent >= (double)size[d] ? size[d] : (uint64_t)amount_sent;
    return true;
}

static bool tell_progress(struct gjob_log *l, const char *line)
{
    uint64_t bytes, done = 0, total = 0;
    unsigned disk;

    if (!gjob_log_sent(line, l->ndisks, l->size, &disk, &bytes))
        return false;
    if (l->done[disk] < bytes)
        l->done[disk] = bytes;
    for (unsigned i = 0; i < l->ndisks; i++)
        if (__builtin_add_overflow(total, l->size[i], &total))
            return true;
        else
            done += l->done[i];
    if (l->run->progress)
        l->run->progress(l->run->arg, done, total);
    return true;
}

static void tell_phase(struct gjob_log *l, const char *line)
{
    char phase[PHASE_MAX];

    snprintf(phase, sizeof phase, "job %lld: %s", (long long)l->id, line);
    if (l->run->phase)
        l->run->phase(l->run->arg, phase);
}

static void read_line(struct gjob_log *l, const char *line)
{
    if (l->run->feedback)
        l->run->feedback(l->run->arg, line);
    if (!*l->failure &&
        (strstr(line, " failed to send data") || strstr(line, " failed to receive data")))
        snprintf(l->failure, sizeof l->failure, "%s", line);
    if (!tell_progress(l, line) && line[0] != ' ') /* " - INFO: ..." is no step */
        tell_phase(l, line);
}

static void read_text(struct gjob_log *l, const char *text)
{
    CLEANUP_FREE char *copy = strdup(text);
    char *rest = copy;

    for (char *line; (line = strsep(&rest, "\n"));)
        if (*line)
            read_line(l, line);
}

static void read_message(struct gjob_log *l, const char *type, const json_t *message)
{
    const json_t *part;
    size_t i;

    if (json_is_string(message)) {
        read_text(l, json_string_value(message));
    } else if (strcmp(type, "message-list") == 0 && json_is_array(message)) {
        json_array_foreach(message, i, part) if (json_is_string(part))
            read_text(l, json_string_value(part));
    } else {
        CLEANUP_FREE char *text = json_dumps(message, JSON_COMPACT | JSON_ENCODE_ANY);

        gjob_say(l->run, "%s: %.*s", type, DETAIL_MAX, text ? text : "?");
    }
}

void gjob_log_read(struct gjob_log *l, const json_t *oplog)
{
    const json_t *entry;
    size_t i;

    json_array_foreach(oplog, i, entry)
    {
        const json_t *serial = json_array_get(entry, 0);
        const json_t *seconds = json_array_get(json_array_get(entry, 1), 0);
        const char *type = json_string_value(json_array_get(entry, 2));
        const json_t *message = json_array_get(entry, 3);

        if (!json_is_integer(serial) || json_integer_value(serial) <= l->serial || !type ||
            !message)
            continue;
        l->serial = json_integer_value(serial);
        if (l->first == 0 && json_integer_value(seconds) > 0)
            l->first = json_integer_value(seconds);
        read_message(l, type, message);
    }
}
