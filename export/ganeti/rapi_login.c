/* rapi_login.c - the credentials file (rapi.h), as mount.cifs(8) reads it.
 *
 * Blanks before a key are skipped; of a value everything counts up to the end of its line.  No
 * state.
 */
#include "export/ganeti/rapi_parts.h"

#include "export/slurp.h"

#include <ctype.h>
#include <fcntl.h>
#include <string.h>

#define MAX_BYTES (16 * 1024)

static void free_secret(char *s)
{
    if (s)
        explicit_bzero(s, strlen(s));
    free(s);
}

void rapi_login_clear(struct rapi_login *l)
{
    free(l->user);
    free_secret(l->password);
    *l = (struct rapi_login){0};
}

int rapi_login_copy(const struct rapi_login *from, struct rapi_login *to)
{
    CLEANUP_LOGIN struct rapi_login copy = {0};

    if (from->user) {
        copy.user = strdup(from->user);
        copy.password = strdup(from->password);
        if (!copy.user || !copy.password)
            return -ENOMEM;
    }
    *to = copy;
    copy = (struct rapi_login){0};
    return 0;
}

bool rapi_login_same(const struct rapi_login *a, const struct rapi_login *b)
{
    if (!a->user || !b->user)
        return a->user == b->user;
    return !strcmp(a->user, b->user) && !strcmp(a->password, b->password);
}

static int check_file(const char *path, const struct stat *st, struct err *err)
{
    if (!S_ISREG(st->st_mode))
        return err_prereq(err, ECODE_INVAL, "%.512s: not a regular file", path);
    if (st->st_uid != geteuid() && st->st_uid != 0)
        return err_set(err, ERR_PREREQ, ECODE_INVAL, EACCES,
                       "%.512s: holds a password, but belongs to user %u, not to the one that this "
                       "runs as, nor to root",
                       path, (unsigned)st->st_uid);
    if (st->st_mode & 077)
        return err_set(err, ERR_PREREQ, ECODE_INVAL, EACCES,
                       "%.512s: holds a password, but its mode %03o lets others have it: chmod 600",
                       path, (unsigned)st->st_mode & 0777);
    return 0;
}

/* The field of *login that a key means; NULL and *known for one that is of no use here. */
static char **field(struct rapi_login *login, const char *key, bool *known)
{
    *known = true;
    if (!strcasecmp(key, "username") || !strcasecmp(key, "user"))
        return &login->user;
    if (!strcasecmp(key, "password") || !strcasecmp(key, "pass"))
        return &login->password;
    *known = !strcasecmp(key, "domain") || !strcasecmp(key, "dom");
    return NULL;
}

static int read_line(char *line, struct rapi_login *login, const char *path, unsigned number,
                     struct err *err)
{
    while (isblank((unsigned char)*line))
        line++;
    if (!*line || *line == '#')
        return 0;

    char *equals = strchr(line, '='), **place = NULL;
    bool known = false;

    if (equals) {
        *equals = '\0';
        place = field(login, line, &known);
    }
    if (!known)
        return err_prereq(err, ECODE_INVAL,
                          "%.512s: line %u is neither username=... nor password=...", path, number);
    if (!place)
        return 0;
    free_secret(*place);
    *place = strdup(equals + 1);
    return *place ? 0 : err_sys(err, -ENOMEM, "%.512s", path);
}

static int parse(char *text, struct rapi_login *login, const char *path, struct err *err)
{
    unsigned number = 0;
    char *line;
    int r = 0;

    while (r == 0 && (line = strsep(&text, "\n"))) {
        size_t len = strlen(line);

        if (len && line[len - 1] == '\r')
            line[len - 1] = '\0';
        r = read_line(line, login, path, ++number, err);
    }
    if (r < 0)
        return r;
    if (!login->user || !*login->user)
        return err_prereq(err, ECODE_INVAL, "%.512s: no username=... in it", path);
    if (!login->password)
        return err_prereq(err, ECODE_INVAL, "%.512s: no password=... in it", path);
    if (strchr(login->user, ':'))
        return err_prereq(err, ECODE_INVAL, "%.512s: a user's name with ':' in it", path);
    return 0;
}

static int read_fd(int fd, const char *path, struct rapi_login *login, struct err *err)
{
    char *text;
    size_t len;
    int r = slurp_fd(fd, MAX_BYTES, &text, &len);

    if (r < 0)
        return err_sys(err, r, "%.512s", path);
    if (memchr(text, '\0', len))
        r = err_prereq(err, ECODE_INVAL, "%.512s: not a text file", path);
    else
        r = parse(text, login, path, err);
    explicit_bzero(text, len);
    free(text);
    return r;
}

int rapi_login_read(const char *path, struct rapi_login *ret, struct stat *st, struct err *err)
{
    CLEANUP_LOGIN struct rapi_login login = {0};
    CLEANUP_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

    if (fd < 0 || fstat(fd, st) < 0)
        return err_sys(err, -errno, "%.512s", path);

    int r = check_file(path, st, err);

    if (r == 0)
        r = read_fd(fd, path, &login, err);
    if (r < 0)
        return r;
    *ret = login;
    login = (struct rapi_login){0};
    return 0;
}
