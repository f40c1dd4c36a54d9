/* classes.h - the kinds of files in the tree, each in the source file of its name. */
#ifndef FS_CLASSES_H
#define FS_CLASSES_H

#include "fs/fs.h"

extern const struct node_class dir_root_class, dir_instances_class, dir_instance_class,
    dir_export_class, dir_images_class, dir_nodes_class, dir_node_class, dir_nodeexports_class,
    dir_nodeexport_class, dir_nodeimages_class;
extern const struct node_class file_text_class, file_params_class, file_log_class, file_image_class,
    file_imagetar_class, file_nodefile_class, file_nodetar_class, file_upload_class;
extern const struct node_class link_class;

/* Looked up by their directories; -errno as jobs.h says, referenced. */
int file_text_lookup(struct fs *fs, enum inode_kind kind, const char *instance, const char *node,
                     struct inode **ret);
int file_log_lookup(struct fs *fs, const char *instance, struct inode **ret);
/* A file of an instance's image in its version of the moment; file: number of image.h. */
int file_image_lookup(struct fs *fs, const char *instance, int file, const char *name,
                      struct inode **ret);
int file_nodetar_lookup(struct fs *fs, const struct model_node *node,
                        const struct catalog_export *exp, struct inode **ret);

/* The greatest T of all images (promises them all): what `status` must be newer than. */
int64_t file_image_newest(struct fs *fs);

#endif
