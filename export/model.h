/* model.h - the cluster's data at one moment: nodes, instances, disks.
 *
 * A model is immutable once published and reference counted, so readers need no lock (P4: every
 * metadata call answers from it).  When a file of the cluster changes a new model is made; parts
 * that did not change (struct model_instance) are shared between models and counted themselves.
 */
#ifndef EXPORT_MODEL_H
#define EXPORT_MODEL_H

#include "export/ini.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#define MODEL_MAX_DISKS 16
#define MODEL_MAX_NICS  8
#define MODEL_MIB       (1024ULL * 1024)

enum model_admin_state { ADMIN_DOWN, ADMIN_UP, ADMIN_OFFLINE };

struct model_disk {
    char *path;        /* absolute; file or block device */
    char *name;        /* NULL: none ("None" in config.ini) */
    char *mode;        /* "rw" or "ro" */
    uint64_t size_mib; /* disk{j}_size, or bytes rounded up to MiB when absent */
    bool size_given;
    uint64_t bytes;     /* length found when last looked at */
    uint64_t blocks512; /* st_blocks of it; bytes / 512 rounded up for a device */
    dev_t dev;
    ino_t ino;
    struct timespec mtime, ctime;
    bool is_block;
    /* a regular file whose file system has reflinks, or a logical volume, as far as that can be
     * told without trying */
    bool can_snapshot;
    int look_error; /* 0, or -errno of the last look at it (then bytes is size_mib's or 0) */
};

/* nic{i}_*; NULL means unset ("None") */
struct model_nic {
    char *mac, *ip, *network, *name, *mode, *link, *vlan;
};

/* The version of a file: two equal ones mean that it was not changed in between. */
struct model_stamp {
    dev_t dev;
    ino_t ino; /* 0: equal to nothing, whatever the times are, which hold */
    off_t size;
    struct timespec mtime, ctime;
};

struct model_instance {
    atomic_int refs;
    char *name;  /* the file's name without ".ini" */
    char *error; /* NULL, or why the file cannot be used: then only name and error are set */
    char *primary_node;
    enum model_admin_state admin_state;
    char *os; /* "" when OS-less */
    char *hypervisor;
    char *disk_template;
    char *tags;                     /* space separated, may be "" */
    uint64_t maxmem, minmem, vcpus; /* MiB, MiB, count */
    bool any_length; /* its dumps are a script's, which may write as much as it likes */
    unsigned ndisks, nnics;
    struct model_disk *disks;
    struct model_nic *nics;
    /* of the file: [hypervisor] [backend] [os] [os_private] are read from here.  What else it says
     * need not be there if it stands in the fields above. */
    struct ini *ini;
    char *texts;              /* NULL, or what all strings above lie in (model_instance_pack()) */
    struct model_stamp stamp; /* of the file that it was read from */
    /* NULL, or the instance (referenced) that owns all strings, nics and ini: this one is of the
     * same file and differs only in what its disks were found to be like */
    struct model_instance *owner;
};

struct model_node {
    char *name;
    bool offline, drained;
    bool same_fs;     /* its directory lies on the file system of the cluster's */
    char *export_dir; /* absolute */
    char *address;    /* where the node is reached; NULL: export_dir is this machine's */
    char *hooks_dir;  /* absolute */
    char *error;      /* NULL, or why node.ini cannot be used; such a node counts as offline */
};

struct model {
    atomic_int refs;
    uint64_t generation; /* grows with every change */
    char *name;          /* cluster name */
    char *master_node;
    char *error; /* NULL, or why cluster.ini could not be re-read (the last good data is kept), or
                  * which entries were passed over because of their names */
    size_t nnodes, ninstances;
    struct model_node *nodes;          /* sorted by name */
    struct model_instance **instances; /* sorted by name; includes those with an error */
    _Atomic uint64_t names[2];         /* model_names(), once it was asked for; 0: not yet */
};

struct model *model_ref(struct model *m);
void model_unref(struct model *m); /* NULL allowed */
struct model_instance *model_instance_ref(struct model_instance *i);
void model_instance_unref(struct model_instance *i);
/* A model that says the same but for its error (a copy of text).  0 or -ENOMEM. */
int model_copy_with_error(const struct model *m, const char *text, struct model **ret);
/* A model that says the same but for one instance of it, which inst takes the place of: the one of
 * that name.  inst is referenced.  0, -ENOENT, -ENOMEM. */
int model_copy_with_instance(const struct model *m, struct model_instance *inst,
                             struct model **ret);
/* An instance that says the same; its disks' facts are the caller's to change.  0 or -ENOMEM. */
int model_instance_copy(struct model_instance *i, struct model_instance **ret);
/* Do these two say the same?  Instances that are not shared do only if neither can be used, for the
 * same reason. */
bool model_same(const struct model *a, const struct model *b);
/* For makers of models: a copy of a node; releases what a node owns. */
int model_node_copy(const struct model_node *from, struct model_node *to); /* 0 or -ENOMEM */
void model_node_clear(struct model_node *n);
/* One disk or nic more, all zero; good until the next.  NULL: no memory. */
struct model_disk *model_add_disk(struct model_instance *i);
struct model_nic *model_add_nic(struct model_instance *i);
/* To be kept in few bytes: the last thing that a maker does to an instance, whose strings and ini
 * must not be changed afterwards.  Without memory it stays as it is. */
void model_instance_pack(struct model_instance *i);

/* A number for the list of the instances' names, of all or the usable ones: another list has
 * another.  Made once. */
uint64_t model_names(struct model *m, bool usable);

/* Exact full name; NULL when unknown. */
const struct model_instance *model_find_instance(const struct model *m, const char *name);
const struct model_node *model_find_node(const struct model *m, const char *name);

/* Expansion of a short name (spec §11); NULL when unknown or ambiguous. */
const struct model_instance *model_expand_instance(const struct model *m, const char *key);
const struct model_node *model_expand_node(const struct model *m, const char *key);

/* "up", "down", "offline". */
const char *model_admin_state_name(enum model_admin_state s);

static inline void model_cleanup(struct model **m)
{
    model_unref(*m);
}
#define CLEANUP_MODEL CLEANUP(model_cleanup)

#endif
