/* node_list.c - see node_list.h.  No state, any thread.
 *
 * Exports are foreign data: a symbolic link, a pipe or a directory in them is passed over, a
 * config.ini that cannot be used is reported and the rest of the export shown all the same.
 */
#include "export/node_list.h"

#include "export/exportini.h"
#include "export/fstype.h"
#include "export/names.h"
#include "export/node_ident.h"
#include "export/nodedir.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

int node_list_names(const struct model_node *node, struct strvec *ret, struct err *err)
{
    CLEANUP_STRVEC struct strvec names = {0};
    CLEANUP_CLOSEDIR DIR *dir = NULL;
    struct dirent *e;
    int fd, r;

    r = nodedir_open(node, false, &fd, err);
    if (r < 0)
        return r;
    dir = fdopendir(fd);
    if (!dir) {
        r = err_sys(err, -errno, "Cannot list %s", node->export_dir);
        close(fd);
        return r;
    }
    while ((errno = 0, e = readdir(dir))) {
        if (e->d_name[0] == '.' || strcmp(e->d_name, "lost+found") == 0)
            continue;
        if (strvec_add(&names, e->d_name) < 0)
            return err_sys(err, -ENOMEM, "Cannot list %s", node->export_dir);
    }
    if (errno)
        return err_sys(err, nodedir_errno(-errno), "Cannot list %s", node->export_dir);
    strvec_sort(&names);
    strvec_clear(ret);
    *ret = names;
    names = (struct strvec){0};
    return 0;
}

static void info_cleanup(struct node_export_info **info)
{
    node_export_info_free(*info);
}

static int add_file(struct node_export_info *info, size_t *alloc, const char *name,
                    const struct stat *st)
{
    if (info->nfiles == NODE_LIST_MAX_FILES)
        return -EOVERFLOW;
    if (info->nfiles == *alloc) {
        size_t more = *alloc ? *alloc * 2 : 16;
        struct node_export_file *files = realloc(info->files, more * sizeof *files);

        if (!files)
            return -ENOMEM;
        info->files = files;
        *alloc = more;
    }

    char *copy = strdup(name);

    if (!copy)
        return -ENOMEM;
    info->files[info->nfiles++] = (struct node_export_file){
        .name = copy,
        .size = (uint64_t)st->st_size,
        .blocks512 = (uint64_t)st->st_blocks,
        .mtime = st->st_mtim,
        .ino = st->st_ino,
    };
    return 0;
}

static int read_files(int export_fd, struct node_export_info *info)
{
    CLEANUP_CLOSE int fd = openat(export_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    CLEANUP_CLOSEDIR DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    struct dirent *e;
    struct stat st;
    size_t alloc = 0;
    int r = 0;

    if (!dir)
        return -errno;
    fd = -1; /* the stream's now */
    while (r == 0 && (errno = 0, e = readdir(dir))) {
        if (e->d_name[0] == '.')
            continue;
        if (fstatat(export_fd, e->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0) {
            if (errno != ENOENT) /* else removed meanwhile */
                return -errno;
            continue;
        }
        if (S_ISREG(st.st_mode))
            r = add_file(info, &alloc, e->d_name, &st);
    }
    if (r == 0 && errno && !e)
        r = -errno;
    if (r < 0)
        return r;
    node_export_files_sort(info->files, info->nfiles);

    /* a catalog keeps them, of thousands of exports */
    struct node_export_file *fitting =
        info->nfiles ? realloc(info->files, info->nfiles * sizeof *fitting) : NULL;

    if (fitting)
        info->files = fitting;
    return 0;
}

/* The story of a file that nodedir_open_file() or node_ident_read() refused. */
static int tell_refusal(struct err *err, int r, const char *dir, const char *file)
{
    if (r == -ELOOP || r == -EINVAL)
        return err_set(err, ERR_EXEC, ECODE_NONE, -r, "Cannot open %s/%s: it is %s", dir, file,
                       r == -ELOOP ? "a symbolic link" : "not a regular file");
    return err_sys(err, nodedir_errno(r), "Cannot open %s/%s", dir, file);
}

static int read_config(int export_fd, const char *name, struct node_export_info *info)
{
    CLEANUP_IDENT_CONFIG struct node_ident_config config = {0};
    struct err err;
    int r = node_ident_read(export_fd, &info->id, &config);

    if (r < 0)
        return r;
    r = config.error;
    if (r < 0)
        tell_refusal(&err, r, name, EXPORTINI_FILE);
    else
        r = ini_parse(config.text, config.len, &info->config, &err);
    if (r == -ENOMEM)
        return r;
    if (r < 0) {
        info->config_error = strdup(err.text);
        return info->config_error ? 0 : -ENOMEM;
    }
    info->timestamp = exportini_timestamp(info->config);
    return 0;
}

int node_list_info(const struct model_node *node, const char *name, struct node_export_info **ret,
                   struct err *err)
{
    CLEANUP(info_cleanup) struct node_export_info *info = NULL;
    CLEANUP_CLOSE int exports_fd = -1, fd = -1;
    struct stat st;
    int r = nodedir_open(node, false, &exports_fd, err);

    if (r == 0)
        r = nodedir_open_export(node, exports_fd, name, &fd, err);
    if (r < 0)
        return r;
    info = calloc(1, sizeof *info);
    r = info ? 0 : -ENOMEM;
    if (r == 0 && fstat(fd, &st) < 0)
        r = -errno;
    if (r == 0)
        r = read_config(fd, name, info);
    if (r == 0)
        r = read_files(fd, info);
    if (r < 0)
        return err_sys(err, nodedir_errno(r), "Cannot read the export %s/%s", node->export_dir,
                       name);
    info->published = st.st_mtim.tv_sec;
    *ret = STEAL(info);
    return 0;
}

int node_list_open(const struct model_node *node, const char *name, const char *file,
                   struct node_file **ret, struct err *err)
{
    CLEANUP_CLOSE int exports_fd = -1, fd = -1;
    int file_fd;
    int r;

    if (!names_valid_file(file))
        return err_set(err, ERR_EXEC, ECODE_INVAL, EINVAL, "Bad file name '%s'", file);
    r = nodedir_open(node, false, &exports_fd, err);
    if (r == 0)
        r = nodedir_open_export(node, exports_fd, name, &fd, err);
    if (r < 0)
        return r;
    r = nodedir_open_file(fd, file, &file_fd);
    if (r < 0) {
        tell_refusal(err, r, name, file);
        return err_prefix(err, "%s", node->export_dir);
    }
    r = node_file_local(file_fd, node->name, ret);
    return r < 0 ? err_sys(err, r, "Opening %s/%s/%s", node->export_dir, name, file) : 0;
}

static uint64_t bytes(uint64_t blocks, uint64_t block_size)
{
    uint64_t sum;

    return __builtin_mul_overflow(blocks, block_size, &sum) ? UINT64_MAX : sum;
}

/* EXPORT_DIR, or the directory that it will be made in. */
static int open_space(const struct model_node *node, int *ret_fd, struct err *err)
{
    CLEANUP_FREE char *parent = NULL;
    int r = nodedir_open(node, false, ret_fd, err);
    char *slash;

    if (r != -ENOENT)
        return r;
    parent = strdup(node->export_dir);
    slash = parent ? strrchr(parent, '/') : NULL;
    if (!slash || slash == parent)
        return r;
    *slash = '\0';
    *ret_fd = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return *ret_fd < 0 ? r : 0; /* the first story is the better one */
}

int node_list_space(const struct model_node *node, struct node_space *ret, struct err *err)
{
    CLEANUP_CLOSE int fd = -1;
    struct statvfs space;
    struct statfs fs;
    struct stat st;
    int r = open_space(node, &fd, err);

    if (r < 0)
        return r;
    if (fstatvfs(fd, &space) < 0 || fstatfs(fd, &fs) < 0 || fstat(fd, &st) < 0)
        return err_sys(err, nodedir_errno(-errno), "Cannot tell the space of %s", node->export_dir);
    *ret = (struct node_space){
        .free = bytes(space.f_bavail, space.f_frsize),
        .total = bytes(space.f_blocks, space.f_frsize),
        .dev = st.st_dev,
        .read_only = (space.f_flag & ST_RDONLY) || fstype_is_emergency_ro(&fs, st.st_dev),
        .remote = fstype_is_remote(&fs),
        .can_reflink = fstype_can_reflink(&fs),
    };
    return 0;
}
