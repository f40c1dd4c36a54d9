/* exportini.h - config.ini of an export: written for an instance, read back from a directory. */
#ifndef EXPORT_EXPORTINI_H
#define EXPORT_EXPORTINI_H

#include "export/model.h"

#define EXPORTINI_FILE    "config.ini"
#define EXPORTINI_PAD     4096        /* size is a multiple of this (DESIGN §3) */
#define EXPORTINI_MAX     (96 * 1024) /* what the room at the head of the tar can hold */
#define EXPORTINI_VERSION 0

/* Renders config.ini, v3 keys and order (spec §7.3, §7.4), dumps "disk0.raw" ..., disk sizes in MiB
 * (what was given, at least the bytes rounded up), padded with comment lines to a multiple of
 * EXPORTINI_PAD.  source: primary node name.  timestamp: Unix seconds, when the data was taken.
 * -EINVAL (two keys that differ only by case, ...) and -EFBIG (over EXPORTINI_MAX) name the
 * culprit, class ERR_PREREQ.  The caller frees *text. */
int exportini_render(const struct model_instance *inst, int64_t timestamp, char **text, size_t *len,
                     struct err *err);

/* Comment lines up to the next multiple of EXPORTINI_PAD.  0, -ENOMEM. */
int exportini_pad(char **text, size_t *len);

/* A config.ini of whichever exporter as one of ours is: its dumps are called "disk0.raw" ..., it is
 * padded likewise, and says the same else.  -EINVAL, -EFBIG; what exportini_dumps() refuses.  The
 * caller frees *text. */
int exportini_normal(const struct ini *ini, char **text, size_t *len, struct err *err);

/* What a config.ini says about its dumps.  names[j] is NULL for a disk without dump. */
struct exportini_dumps {
    unsigned n; /* highest disk index + 1 */
    char *names[MODEL_MAX_DISKS];
    uint64_t size_mib[MODEL_MAX_DISKS];
};
void exportini_dumps_clear(struct exportini_dumps *d);

/* Reads them from a parsed config.ini: [export] version must be 0 (as int() reads it), [instance]
 * name present, dump names plain file names (names_valid_file), no two alike.  -EINVAL with the
 * reason. */
int exportini_dumps(const struct ini *ini, struct exportini_dumps *ret, struct err *err);

/* The instance that a config.ini tells of, of whichever exporter: what cannot be made out of it is
 * left out.  Its disks are those that it has dumps or sizes of, and lie nowhere (path NULL); it has
 * no primary node (""), and is down.  Takes ini.  0 or -ENOMEM. */
int exportini_instance(struct ini *ini_owned, const char *name, struct model_instance **ret);

/* [export] timestamp, Unix seconds; 0 when absent or not a number. */
int64_t exportini_timestamp(const struct ini *ini);

/* Does the text or instance carry secrets ([os_private] with at least one key)? */
bool exportini_has_secrets(const struct ini *ini);

#endif
