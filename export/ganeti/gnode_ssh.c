/* gnode_ssh.c - see gnode_ssh.h.  Pure.
 *
 * The administrator's ssh_config applies: jumps, proxies, agents.  What the connection must be is
 * given here, where it overrides that: no questions, host keys known as the cluster knows them and
 * no file of them changed, a dead peer noticed, nothing forwarded, shared with no other ssh.
 */
#include "export/ganeti/gnode_ssh.h"

#include "export/ganeti/gnode_conn.h"

#include <stdarg.h>
#include <string.h>

#define GANETI_KNOWN_HOSTS "/var/lib/ganeti/known_hosts"
#define WORD_CHARS         "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-"

static const char *const options[] = {
    "ssh",
    "-oBatchMode=yes",
    "-oStrictHostKeyChecking=yes",
    "-oUpdateHostKeys=no",
    "-oConnectTimeout=10",
    "-oServerAliveInterval=5",
    "-oServerAliveCountMax=3",
    "-oForwardX11=no",
    "-oForwardAgent=no",
    "-oClearAllForwardings=yes",
    "-oPermitLocalCommand=no",
    "-oControlMaster=no",
    "-oControlPath=none",
    "-oCompression=no",
    "-oEscapeChar=none",
    "-oCiphers=^aes128-gcm@openssh.com", /* a third faster than ssh's own first choice */
};

bool gnode_ssh_plain(const char *word)
{
    return *word && *word != '-' && strspn(word, WORD_CHARS) == strlen(word);
}

/* A host name, an IPv4 or an IPv6 address, that with its zone perhaps. */
static bool is_address(const char *address)
{
    return *address && *address != '-' && strspn(address, WORD_CHARS ":%") == strlen(address);
}

bool gnode_ssh_path(const char *path)
{
    for (const char *p = path; *p; p++)
        if ((unsigned char)*p < 0x20 || *p == '"' || *p == '\\' || *p == '%' || *p == '$')
            return false;
    return *path == '/';
}

static int __attribute__((format(printf, 2, 3))) add(struct strvec *sv, const char *fmt, ...)
{
    CLEANUP_FREE char *text = NULL;
    va_list ap;
    int n;

    va_start(ap, fmt);
    n = vasprintf(&text, fmt, ap);
    va_end(ap);
    if (n < 0) {
        text = NULL;
        return -ENOMEM;
    }
    return strvec_add(sv, text);
}

static int add_known_hosts(struct strvec *sv, const char *file)
{
    if (!file && access(GANETI_KNOWN_HOSTS, R_OK) == 0)
        file = GANETI_KNOWN_HOSTS;
    if (!file)
        return 0;

    int r = add(sv, "-oUserKnownHostsFile=\"%s\"", file);

    return r < 0 ? r : add(sv, "-oGlobalKnownHostsFile=/dev/null");
}

static int add_identity(struct strvec *sv, const char *file)
{
    int r = file ? add(sv, "-i%s", file) : 0;

    return r < 0 || !file ? r : add(sv, "-oIdentitiesOnly=yes");
}

int gnode_ssh_argv(const struct gnode *g, const char *address, struct strvec *ret)
{
    CLEANUP_STRVEC struct strvec sv = {0};
    int r = is_address(address) ? 0 : -EINVAL;

    if (r == 0)
        r = strvec_add_all(&sv, options, sizeof options / sizeof *options);
    if (r == 0)
        r = add(&sv, "-oHostKeyAlias=%s", g->cluster);
    if (r == 0)
        r = add_known_hosts(&sv, g->known_hosts);
    if (r == 0)
        r = add_identity(&sv, g->identity);
    if (r == 0)
        r = add(&sv, "-p%u", g->port);
    if (r == 0)
        r = add(&sv, "-l%s", g->user);
    if (r == 0)
        r = add(&sv, "-s");
    if (r == 0)
        r = add(&sv, "--");
    if (r == 0)
        r = add(&sv, "%s", address);
    if (r == 0)
        r = add(&sv, "sftp");
    if (r < 0)
        return r;
    strvec_clear(ret);
    *ret = sv;
    sv = (struct strvec){0};
    return 0;
}
