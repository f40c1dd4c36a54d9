/* rapi_trust.c - the certificates that -o cafile names (rapi.h).
 *
 * A file may hold authorities, or a server's own certificate, for which it need not be in force
 * what it says about the host's name: Ganeti makes its own with a name that is no cluster's.  That
 * is told by comparing certificates, whole ones.  No state.
 */
#include "export/ganeti/rapi_parts.h"

#include "export/slurp.h"

#include <ctype.h>
#include <fcntl.h>
#include <string.h>

#define MAX_BYTES (4 * 1024 * 1024)
#define BEGIN     "-----BEGIN CERTIFICATE-----"
#define END       "-----END CERTIFICATE-----"

void rapi_trust_clear(struct rapi_trust *t)
{
    free(t->pem);
    strvec_clear(&t->certs);
    t->pem = NULL;
}

/* The base64 of the next certificate, blanks left out.  NULL: there is none, or no memory. */
static char *next_cert(const char **text, bool *found)
{
    const char *p = strstr(*text, BEGIN), *end = p ? strstr(p, END) : NULL;
    size_t n = 0;
    char *ret;

    *found = end != NULL;
    if (!end)
        return NULL;
    *text = end + sizeof END - 1;
    p += sizeof BEGIN - 1;
    ret = calloc((size_t)(end - p) + 1, 1);
    for (; ret && p < end; p++)
        if (!isspace((unsigned char)*p))
            ret[n++] = *p;
    return ret;
}

static int collect(const char *text, struct rapi_trust *t)
{
    size_t len = strlen(text) + 1;
    const char *from = text;
    char *out;

    /* what follows from the text is no longer than it, but for line breaks that it may lack */
    for (;;) {
        bool found;
        CLEANUP_FREE char *cert = next_cert(&from, &found);

        if (!found)
            break;
        if (!cert || strvec_add(&t->certs, cert) < 0)
            return -ENOMEM;
        len += 3;
    }
    t->pem = out = malloc(len);
    if (!out)
        return -ENOMEM;
    *out = '\0';
    for (from = text; (from = strstr(from, BEGIN));) {
        const char *end = strstr(from, END);

        if (!end)
            break;
        end += sizeof END - 1;
        out = mempcpy(out, from, (size_t)(end - from));
        out = stpcpy(out, "\n");
        from = end;
    }
    return 0;
}

int rapi_trust_read(const char *path, struct rapi_trust *ret, struct err *err)
{
    CLEANUP_TRUST struct rapi_trust t = {0};
    CLEANUP_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    CLEANUP_FREE char *text = NULL;
    size_t len;
    int r = fd < 0 ? -errno : slurp_fd(fd, MAX_BYTES, &text, &len);

    if (r == 0)
        r = collect(text, &t);
    if (r < 0)
        return err_sys(err, r, "%.512s", path);
    if (!t.certs.n)
        return err_prereq(err, ECODE_INVAL, "%.512s: no certificate (PEM) in it", path);
    *ret = t;
    t = (struct rapi_trust){0};
    return 0;
}

/* Of the certificates of a chain the first is the server's own. */
bool rapi_trust_shown(const struct rapi_trust *t, CURL *curl)
{
    struct curl_certinfo *info = NULL;

    if (curl_easy_getinfo(curl, CURLINFO_CERTINFO, &info) != CURLE_OK || !info ||
        info->num_of_certs < 1)
        return false;
    for (struct curl_slist *l = info->certinfo[0]; l; l = l->next) {
        const char *from = l->data;
        bool found;

        if (strncmp(from, "Cert:", 5) != 0)
            continue;

        CLEANUP_FREE char *cert = next_cert(&from, &found);

        return cert && strvec_has(&t->certs, cert);
    }
    return false;
}

bool rapi_trust_is_hashed(void)
{
    const char *capath = curl_version_info(CURLVERSION_NOW)->capath;
    CLEANUP_CLOSEDIR DIR *d = capath ? opendir(capath) : NULL;
    struct dirent *e;

    while (d && (e = readdir(d)))
        if (strlen(e->d_name) == 10 && !strcmp(e->d_name + 8, ".0"))
            return true;
    return false;
}
