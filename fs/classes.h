/* classes.h - the kinds of files in the tree, each in the source file of its name. */
#ifndef FS_CLASSES_H
#define FS_CLASSES_H

#include "fs/fs.h"
#include "fs/uploads.h"

extern const struct node_class dir_root_class, dir_instances_class, dir_instance_class,
    dir_export_class, dir_images_class, dir_nodes_class, dir_node_class, dir_nodeexports_class,
    dir_nodeexport_class, dir_nodeimages_class, dir_upload_class;
extern const struct node_class file_config_class, file_text_class, file_params_class,
    file_log_class, file_image_class, file_imagetar_class, file_nodefile_class, file_nodetar_class,
    file_upload_class;
extern const struct node_class link_class;

/* node_class.create and .mkdir where nothing can be made: -EPERM, or -ENOENT in the directory of an
 * instance that has gone, in which the kernel believes a moment longer. */
int dir_instance_refuse(struct fs *fs, struct inode *dir, const char *name, struct inode **ret);

/* Looked up by their directories; -errno as jobs.h says, referenced. */
int file_text_lookup(struct fs *fs, enum inode_kind kind, const char *instance, const char *node,
                     struct inode **ret);
int file_log_lookup(struct fs *fs, const char *instance, struct inode **ret);
/* A file of an instance's image in its version of the moment; file: number of image.h. */
int file_image_lookup(struct fs *fs, const char *instance, int file, const char *name,
                      struct inode **ret);
int file_nodetar_lookup(struct fs *fs, const struct model_node *node,
                        const struct catalog_export *exp, struct inode **ret);

/* What is being written (uploads.h): its node; a new one, for the instance that its name tells:
 * -ENOENT, -EPERM, errors of jobs_write_check(); another name for it, of the same instance: -EPERM.
 */
int file_upload_node(struct fs *fs, const struct uploads_dir *dir, uint64_t number,
                     struct inode **ret);
int file_upload_create(struct fs *fs, const struct uploads_dir *dir, const char *name,
                       struct inode **ret);
int file_upload_rename(struct fs *fs, const struct uploads_dir *dir, const char *from,
                       const char *to);
/* Version of the node of a file of the upload of that number. */
uint64_t file_upload_version(uint64_t number, int file);
/* node_class.staged of images: what was written here just now may get its times. */
bool file_upload_was(struct fs *fs, struct inode *i);
/* node_class.write_to of images that are there already. */
int file_upload_write_to(struct fs *fs, struct inode *i, pid_t tid, int flags);

/* The greatest T of all images (promises them all): what `status` must be newer than. */
int64_t file_image_newest(struct fs *fs);

#endif
