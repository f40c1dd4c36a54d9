/* options.c - the command line.
 *
 * One table says which -o options there are, of which type, and where their value goes; nothing is
 * handed on unseen.  What mount(8) and fstab(5) users write as a matter of course is in it too:
 * options that have a meaning in the kernel are remembered, those that only speak to mount(8) or
 * to the boot process are taken and dropped.  dev and suid are dropped as well: the tree has
 * neither devices nor programs, and is always mounted nodev,nosuid.
 */
#include "fs/options.h"

#include "export/throttle.h"
#include "lock/cleanup.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stddef.h>
#include <string.h>

enum type {
    T_IGNORE,  /* no value, no effect */
    T_IGNOREV, /* any value, no effect */
    T_SET,     /* bool becomes true */
    T_CLEAR,   /* bool becomes false */
    T_STRING,  /* char *, not empty */
    T_PATH,    /* likewise, made absolute: the daemon leaves this directory */
    T_LIST,    /* char **, each time one more */
    T_UINT,    /* unsigned, min..max */
    T_INT64,
    T_OCTAL,
    T_BYTES,  /* uint64_t, throttle_parse() */
    T_IOPRIO, /* "idle": bool becomes false; "none": true */
};

#define AT(member) offsetof(struct options, member)

static const struct spec {
    const char *name;
    enum type type;
    size_t at;
    uint64_t min, max;
} specs[] = {
    {"uid", T_UINT, AT(uid), 0, UINT_MAX - 1},
    {"gid", T_UINT, AT(gid), 0, UINT_MAX - 1},
    {"umask", T_OCTAL, AT(umask), 0, 0777},
    {"allow_other", T_SET, AT(allow_other), 0, 0},
    {"ro", T_SET, AT(ro), 0, 0},
    {"rw", T_CLEAR, AT(ro), 0, 0},
    {"noexec", T_SET, AT(noexec), 0, 0},
    {"exec", T_CLEAR, AT(noexec), 0, 0},
    {"noatime", T_SET, AT(noatime), 0, 0},
    {"atime", T_CLEAR, AT(noatime), 0, 0},
    {"nodiratime", T_SET, AT(nodiratime), 0, 0},
    {"diratime", T_CLEAR, AT(nodiratime), 0, 0},
    {"passthrough", T_SET, AT(passthrough), 0, 0},
    {"nopassthrough", T_CLEAR, AT(passthrough), 0, 0},
    {"fsname", T_STRING, AT(fsname), 0, 0},
    {"shutdown", T_SET, AT(shutdown), 0, 0},
    {"allow_remove_instance", T_SET, AT(allow_remove_instance), 0, 0},
    {"manage", T_SET, AT(manage), 0, 0},
    {"max_jobs", T_UINT, AT(max_jobs), 1, 1000},
    {"max_age", T_INT64, AT(max_age_s), 0, INT_MAX},
    {"linger", T_INT64, AT(linger_s), 0, INT_MAX},
    {"hold", T_INT64, AT(hold_s), 0, INT_MAX},
    {"keep", T_INT64, AT(keep_s), 1, INT_MAX},
    {"retry_after", T_INT64, AT(retry_after_s), 0, INT_MAX},
    {"lock_timeout", T_UINT, AT(lock_timeout_s), 0, INT_MAX},
    {"stall", T_UINT, AT(stall_s), 1, INT_MAX},
    {"bwlimit", T_BYTES, AT(bwlimit), 0, 0},
    {"nice", T_UINT, AT(nice), 0, 19},
    {"ioprio", T_IOPRIO, AT(busy_io), 0, 0},
    {"target_node", T_STRING, AT(target_node), 0, 0},
    {"credentials", T_PATH, AT(ganeti.credentials), 0, 0},
    {"cafile", T_PATH, AT(ganeti.cafile), 0, 0},
    {"insecure", T_SET, AT(ganeti.insecure), 0, 0},
    {"sshkey", T_PATH, AT(ganeti.sshkey), 0, 0},
    {"sshuser", T_STRING, AT(ganeti.sshuser), 0, 0},
    {"sshport", T_UINT, AT(ganeti.sshport), 1, 65535},
    {"known_hosts", T_PATH, AT(ganeti.known_hosts), 0, 0},
    {"export_dir", T_PATH, AT(ganeti.export_dir), 0, 0},
    {"nodedir", T_LIST, AT(ganeti.nodedirs), 0, 0},
    {"state_dir", T_PATH, AT(ganeti.state_dir), 0, 0},
    {"refresh", T_UINT, AT(ganeti.refresh_s), 1, 3600},
    {"default_permissions", T_IGNORE, 0, 0, 0}, /* always on */
    {"defaults", T_IGNORE, 0, 0, 0},
    {"dev", T_IGNORE, 0, 0, 0},
    {"nodev", T_IGNORE, 0, 0, 0},
    {"suid", T_IGNORE, 0, 0, 0},
    {"nosuid", T_IGNORE, 0, 0, 0},
    {"relatime", T_IGNORE, 0, 0, 0},
    {"norelatime", T_IGNORE, 0, 0, 0},
    {"strictatime", T_IGNORE, 0, 0, 0},
    {"async", T_IGNORE, 0, 0, 0},
    {"auto", T_IGNORE, 0, 0, 0},
    {"noauto", T_IGNORE, 0, 0, 0},
    {"user", T_IGNORE, 0, 0, 0},
    {"nouser", T_IGNORE, 0, 0, 0},
    {"users", T_IGNORE, 0, 0, 0},
    {"owner", T_IGNORE, 0, 0, 0},
    {"group", T_IGNORE, 0, 0, 0},
    {"nofail", T_IGNORE, 0, 0, 0},
    {"_netdev", T_IGNORE, 0, 0, 0},
    {"comment", T_IGNOREV, 0, 0, 0},
};

static const struct spec *find_spec(const char *name, size_t len)
{
    for (size_t i = 0; i < sizeof(specs) / sizeof(specs[0]); i++)
        if (strlen(specs[i].name) == len && memcmp(specs[i].name, name, len) == 0)
            return &specs[i];
    return NULL;
}

/* Digits only: strtoull() by itself takes blanks and signs, and wraps negatives around. */
static int parse_number(const char *s, int base, uint64_t min, uint64_t max, uint64_t *ret)
{
    if (!*s || s[strspn(s, base == 8 ? "01234567" : "0123456789")])
        return -EINVAL;
    errno = 0;
    unsigned long long v = strtoull(s, NULL, base);
    if (errno || v < min || v > max)
        return -ERANGE;
    *ret = v;
    return 0;
}

static int set_number(const struct spec *spec, const char *value, void *at, char *msg, size_t size)
{
    uint64_t v = 0;
    int base = spec->type == T_OCTAL ? 8 : 10;
    if (parse_number(value, base, spec->min, spec->max, &v) < 0) {
        const char *fmt = base == 8 ? "option '%s': '%s' is not an octal number from %jo to %jo"
                                    : "option '%s': '%s' is not a whole number from %ju to %ju";
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        snprintf(msg, size, fmt, spec->name, value, (uintmax_t)spec->min, (uintmax_t)spec->max);
#pragma GCC diagnostic pop
        return EXIT_USAGE;
    }
    if (spec->type == T_INT64)
        *(int64_t *)at = (int64_t)v;
    else
        *(unsigned *)at = (unsigned)v;
    return 0;
}

static int set_bytes(const struct spec *spec, const char *value, uint64_t *at, char *msg,
                     size_t size)
{
    int r = throttle_parse(value, at);
    if (r < 0)
        snprintf(msg, size, "option '%s': '%s' is %s", spec->name, value, throttle_refusal(r));
    return r < 0 ? EXIT_USAGE : 0;
}

static int set_ioprio(const struct spec *spec, const char *value, bool *at, char *msg, size_t size)
{
    *at = strcmp(value, "none") == 0;
    if (*at || strcmp(value, "idle") == 0)
        return 0;
    snprintf(msg, size, "option '%s': '%s' is neither 'idle' nor 'none'", spec->name, value);
    return EXIT_USAGE;
}

static int set_string(const struct spec *spec, const char *value, char **at, char *msg, size_t size)
{
    if (!*value) {
        snprintf(msg, size, "option '%s' needs a value", spec->name);
        return EXIT_USAGE;
    }
    char *copy = strdup(value);
    if (!copy) {
        snprintf(msg, size, "out of memory");
        return EXIT_OTHER;
    }
    free(*at);
    *at = copy;
    return 0;
}

static int set_path(const struct spec *spec, const char *value, char **at, char *msg, size_t size)
{
    CLEANUP_FREE char *here = NULL, *path = NULL;
    if (!*value || *value == '/')
        return set_string(spec, value, at, msg, size);
    here = getcwd(NULL, 0);
    if (here && asprintf(&path, "%s/%s", here, value) >= 0)
        return set_string(spec, path, at, msg, size);
    path = NULL;
    snprintf(msg, size, "option '%s': %s", spec->name, strerror(errno));
    return EXIT_OTHER;
}

static int add_string(const struct spec *spec, const char *value, char ***at, char *msg,
                      size_t size)
{
    size_t n = 0;
    while (*at && (*at)[n])
        n++;
    char **list = reallocarray(*at, n + 2, sizeof(*list));
    if (!list) {
        snprintf(msg, size, "out of memory");
        return EXIT_OTHER;
    }
    *at = list;
    list[n] = list[n + 1] = NULL;
    return set_string(spec, value, &list[n], msg, size);
}

/* One "name" or "name=value". */
static int set_option(struct options *opt, const char *text, char *msg, size_t size)
{
    size_t len = strcspn(text, "=");
    const char *value = text[len] ? text + len + 1 : NULL;
    if (strncmp(text, "x-", 2) == 0 || strncmp(text, "X-", 2) == 0)
        return 0;
    const struct spec *spec = find_spec(text, len);
    if (!spec) {
        snprintf(msg, size, "unknown option '%s'", text);
        return EXIT_USAGE;
    }
    bool wants_value = spec->type >= T_STRING;
    if (wants_value != (value != NULL) && spec->type != T_IGNOREV) {
        snprintf(msg, size, "option '%s' %s", spec->name,
                 wants_value ? "needs a value" : "takes no value");
        return EXIT_USAGE;
    }
    void *at = (char *)opt + spec->at;
    if (spec->at >= AT(ganeti))
        opt->ganeti_option = spec->name;
    switch (spec->type) {
    case T_IGNORE:
    case T_IGNOREV:
        return 0;
    case T_SET:
    case T_CLEAR:
        *(bool *)at = spec->type == T_SET;
        return 0;
    case T_STRING:
        return set_string(spec, value, at, msg, size);
    case T_PATH:
        return set_path(spec, value, at, msg, size);
    case T_LIST:
        return add_string(spec, value, at, msg, size);
    case T_BYTES:
        return set_bytes(spec, value, at, msg, size);
    case T_IOPRIO:
        return set_ioprio(spec, value, at, msg, size);
    default:
        return set_number(spec, value, at, msg, size);
    }
}

static int set_list(struct options *opt, const char *list, char *msg, size_t size)
{
    CLEANUP_FREE char *item = malloc(strlen(list) + 1);
    if (!item) {
        snprintf(msg, size, "out of memory");
        return EXIT_OTHER;
    }
    while (*list) {
        size_t n = 0;
        for (; *list && *list != ','; list++) {
            if (list[0] == '\\' && list[1])
                list++;
            item[n++] = *list;
        }
        item[n] = 0;
        list += *list == ',';
        int r = n ? set_option(opt, item, msg, size) : 0;
        if (r)
            return r;
    }
    return 0;
}

static int take_arguments(int argc, char **argv, struct options *opt, char *msg, size_t size)
{
    if (opt->help || opt->version)
        return 0;
    if (argc - optind != 2) {
        if (argc - optind > 2)
            snprintf(msg, size, "too many arguments: '%s'", argv[optind + 2]);
        else
            snprintf(msg, size,
                     "missing %s; usage: gnt-exportfs [-f] [-o OPTIONS] CLUSTER MOUNTPOINT",
                     argc == optind ? "CLUSTER and MOUNTPOINT" : "MOUNTPOINT");
        return EXIT_USAGE;
    }
    if (!argv[optind][0] || !argv[optind + 1][0]) {
        snprintf(msg, size, "CLUSTER and MOUNTPOINT must not be empty");
        return EXIT_USAGE;
    }
    if (opt->ganeti_option && strncmp(argv[optind], "ganeti:", 7) != 0) {
        snprintf(msg, size, "option '%s' is for a running Ganeti cluster only (ganeti:HOST)",
                 opt->ganeti_option);
        return EXIT_USAGE;
    }
    opt->cluster = strdup(argv[optind]);
    opt->mountpoint = strdup(argv[optind + 1]);
    if (opt->cluster && opt->mountpoint)
        return 0;
    snprintf(msg, size, "out of memory");
    return EXIT_OTHER;
}

int options_parse(int argc, char **argv, struct options *ret, char *msg, size_t msg_size)
{
    static const struct option longs[] = {
        {"foreground", no_argument, NULL, 'f'},    {"debug", no_argument, NULL, 'd'},
        {"help", no_argument, NULL, 'h'},          {"version", no_argument, NULL, 'V'},
        {"options", required_argument, NULL, 'o'}, {NULL, 0, NULL, 0}};
    *ret = (struct options){.uid = getuid(),
                            .gid = getgid(),
                            .umask = 0077,
                            .passthrough = true,
                            .max_jobs = 2,
                            .max_age_s = 3600,
                            .linger_s = 900,
                            .hold_s = 86400,
                            .retry_after_s = 600,
                            .lock_timeout_s = 1800,
                            .stall_s = 300,
                            .nice = 10};
    optind = 0; /* glibc: begin anew */
    opterr = 0;
    for (int c, r = 0; (c = getopt_long(argc, argv, ":fdhVo:", longs, NULL)) != -1;) {
        switch (c) {
        case 'f':
            ret->foreground = true;
            break;
        case 'd':
            ret->debug = ret->foreground = true;
            break;
        case 'h':
            ret->help = true;
            break;
        case 'V':
            ret->version = true;
            break;
        case 'o':
            r = set_list(ret, optarg, msg, msg_size);
            break;
        default:
            snprintf(msg, msg_size, c == ':' ? "option '%s' needs a value" : "unknown option '%s'",
                     argv[optind - 1]);
            r = EXIT_USAGE;
        }
        if (r)
            return r;
    }
    return take_arguments(argc, argv, ret, msg, msg_size);
}

void options_clear(struct options *opt)
{
    free(opt->cluster);
    free(opt->mountpoint);
    free(opt->fsname);
    free(opt->target_node);
    free(opt->ganeti.credentials);
    free(opt->ganeti.cafile);
    free(opt->ganeti.sshkey);
    free(opt->ganeti.sshuser);
    free(opt->ganeti.known_hosts);
    free(opt->ganeti.export_dir);
    free(opt->ganeti.state_dir);
    for (char **p = opt->ganeti.nodedirs; p && *p; p++)
        free(*p);
    free(opt->ganeti.nodedirs);
    *opt = (struct options){0};
}
