/* gnode_stage_parts.h - shared by gnode_stage.c and gnode_stage_publish.c. */
#ifndef EXPORT_GANETI_GNODE_STAGE_PARTS_H
#define EXPORT_GANETI_GNODE_STAGE_PARTS_H

#include "export/ganeti/gnode_stage.h"

#define GNODE_STAGE_FILES (MODEL_MAX_DISKS + 2)

struct gnode_stage {
    struct gnode_conn *c; /* counted */
    struct model_node node;
    char *name;
    struct gput_note *note;
    struct gput_left left; /* as noted */
    char *path;            /* of the stage; NULL: it was not made yet */
    bool published, unsynced;
    bool unsure; /* a rename may yet happen: the note stays */
    size_t nfiles;
    struct sftp_file *files[GNODE_STAGE_FILES];
};

/* EXPORT_DIR/ENTRY; the caller frees it. */
int gnode_stage_path(const struct gnode_stage *s, const char *entry, char **ret, struct err *err);
/* Both in EXPORT_DIR; replaces nothing. */
int gnode_stage_rename(struct gnode_stage *s, const char *from, const char *to, struct err *err);

#endif
