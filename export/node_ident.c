/* node_ident.c - see node_ident.h.  No state, any thread. */
#include "export/node_ident.h"

#include "export/exportini.h"
#include "export/nodedir.h"

#include <sys/stat.h>
#include <xxhash.h>

/* Reads up to `size` bytes of fd; a file that shrank is taken as it is, the hash tells. */
static int read_text(int fd, size_t size, struct node_ident_config *config)
{
    CLEANUP_FREE char *text = malloc(size + 1);
    size_t len = 0;

    if (!text)
        return -ENOMEM;
    while (len < size) {
        ssize_t n = pread(fd, text + len, size - len, (off_t)len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        if (n == 0)
            break;
        len += (size_t)n;
    }
    text[len] = '\0';
    config->text = STEAL(text);
    config->len = len;
    return 0;
}

static int read_config(int export_fd, struct stat *st, struct node_ident_config *config)
{
    CLEANUP_CLOSE int fd = -1;
    int r = nodedir_open_file(export_fd, EXPORTINI_FILE, &fd);

    if (r < 0)
        return r;
    if (fstat(fd, st) < 0)
        return -errno;
    if (st->st_size > INI_MAX_BYTES)
        return -EFBIG;
    return read_text(fd, (size_t)st->st_size, config);
}

int node_ident_read(int export_fd, struct node_export_id *id, struct node_ident_config *config)
{
    struct stat dir, st;

    if (fstat(export_fd, &dir) < 0)
        return -errno;
    *config = (struct node_ident_config){0};
    config->error = read_config(export_fd, &st, config);
    if (config->error == -ENOMEM)
        return -ENOMEM;
    *id = (struct node_export_id){.dev = dir.st_dev, .ino = dir.st_ino};
    if (config->error == 0) {
        id->t = st.st_mtim.tv_sec;
        id->size = config->len;
        id->hash = XXH3_64bits(config->text, config->len);
    }
    return 0;
}

/* Is there certainly no config.ini, as opposed to one that cannot be read just now? */
static bool is_absent(int error)
{
    return error == -ENOENT || error == -ELOOP || error == -EINVAL || error == -EFBIG;
}

int node_ident_verify(int export_fd, const struct node_export_id *id)
{
    CLEANUP_IDENT_CONFIG struct node_ident_config config = {0};
    struct node_export_id now;
    int r = node_ident_read(export_fd, &now, &config);

    if (r < 0)
        return r;
    if (config.error < 0 && !is_absent(config.error))
        return config.error;
    return node_export_id_same_copy(&now, id) ? 0 : -ESTALE;
}
