/* dir_export.c - instances/NAME/export/: the image as a directory.  Touching it exports now. */
#include "fs/classes.h"

#include <string.h>
#include <sys/stat.h>

#define DISK_NAME_SIZE 16 /* "disk4294967295" would fit, MODEL_MAX_DISKS is 16 */

static void disk_name(char buf[DISK_NAME_SIZE], unsigned disk)
{
    snprintf(buf, DISK_NAME_SIZE, "disk%hu.raw", (unsigned short)disk);
}

/* A published export of somebody else's may lack checksums. */
static bool has_sums(const struct jobs_view *view)
{
    return view->size[IMAGE_SUMS] > 0;
}

static int export_lookup(struct fs *fs, struct inode *dir, const char *name, struct inode **ret)
{
    struct jobs_view view;
    int r = jobs_view(fs->jobs, dir->instance, &view);
    if (r < 0)
        return r;
    if (strcmp(name, "config.ini") == 0)
        return file_image_lookup(fs, dir->instance, IMAGE_CONFIG, name, ret);
    if (strcmp(name, "XXH128SUMS") == 0 && has_sums(&view))
        return file_image_lookup(fs, dir->instance, IMAGE_SUMS, name, ret);
    for (unsigned d = 0; d < view.ndisks; d++) {
        char disk[DISK_NAME_SIZE];
        disk_name(disk, d);
        if (strcmp(name, disk) == 0)
            return file_image_lookup(fs, dir->instance, IMAGE_DISK((int)d), name, ret);
    }
    return -ENOENT;
}

static int export_list(struct fs *fs, struct inode *dir, struct dirlist *list)
{
    struct jobs_view view;
    const char *instance = dir->instance;
    int r = jobs_view(fs->jobs, instance, &view);
    if (r == 0)
        r = fs_list_add(list, INODE_IMAGE, instance, NULL, "config.ini", "config.ini");
    for (unsigned d = 0; r == 0 && d < view.ndisks; d++) {
        char disk[DISK_NAME_SIZE];
        disk_name(disk, d);
        r = fs_list_add(list, INODE_IMAGE, instance, NULL, disk, disk);
    }
    if (r == 0 && has_sums(&view))
        r = fs_list_add(list, INODE_IMAGE, instance, NULL, "XXH128SUMS", "XXH128SUMS");
    return r;
}

static int export_getattr(struct fs *fs, struct inode *i, struct stat *st)
{
    struct jobs_view view;
    if (jobs_view(fs->jobs, i->instance, &view) == 0)
        st->st_mtim.tv_sec = view.t;
    return 0;
}

static int export_touch(struct fs *fs, struct inode *i)
{
    struct err err;
    return jobs_touch(fs->jobs, i->instance, NULL, &err);
}

const struct node_class dir_export_class = {
    .type = S_IFDIR,
    .entry_timeout = 1,
    .attr_timeout = 1,
    .getattr = export_getattr,
    .lookup = export_lookup,
    .list = export_list,
    .create = dir_instance_refuse,
    .mkdir = dir_instance_refuse,
    .touch = export_touch,
};
