/* gnode_stage_publish.c - a stage takes the place of what has its name: gnode_stage_publish().
 *
 *            set_aside()                 rename               delete_old()
 *     NAME ---------------> (no NAME) -----------> NAME -----------------------> NAME
 *     .put <--------------- .put                   .old    .gone, then nothing
 *            put_back()     .old
 *
 * Each step is noted first.  put_back(): the second rename has failed; or its maker died, and
 * gnode_left.h does it.
 *
 * SFTP has no exchange, so for a moment between two renames nothing has the name, as when Ganeti
 * itself puts an export in place of another.  Renames replace nothing.  When an answer is lost the
 * node is looked at again: the name of the stage is there if and only if it was not published.
 *
 * A directory cannot be synced over SFTP; after the renames a file in it is, which on the usual
 * file systems takes them along.
 */
#include "export/ganeti/gnode_stage_parts.h"

#include "export/ganeti/gfile_handle.h"
#include "export/ganeti/gnode_remove.h"
#include "export/nodedir.h"

#include <string.h>

#define TRIES 3

static bool is_nothing(const struct node_export_id *id)
{
    return !id->size && !id->ino;
}

static int verify(struct gnode_stage *s, const struct node_export_id *there, struct err *err)
{
    struct node_export_id now;
    int r = gnode_stage_there(s, &now, err);

    if (r < 0)
        return r;
    if (now.size != there->size || now.hash != there->hash || now.ino != there->ino)
        return err_set(err, ERR_EXEC, ECODE_STATE, EBUSY,
                       "Another export of %s has come to node %s meanwhile", s->name, s->node.name);
    return 0;
}

/* Is it there?  1, 0, -errno: that cannot be told, for all that was tried. */
static int exists(struct gnode_stage *s, const char *entry)
{
    CLEANUP_FREE char *path = NULL;
    struct sftp_attrs attrs;
    struct err ignored;
    int r = gnode_stage_path(s, entry, &path, &ignored);

    for (int i = 0; i < TRIES && r != -ENOMEM; i++) {
        r = sftp_stat(s->c->s, path, false, &attrs, &ignored);
        if (r == 0 || r == -ENOENT)
            return r == 0;
    }
    return r;
}

/* What was set aside gets its name back.  0: it has it. */
static int put_back(struct gnode_stage *s)
{
    struct err ignored;
    int r = exists(s, s->left.aside);

    for (int i = 0; i < TRIES && r == 1; i++)
        r = gnode_stage_rename(s, s->left.aside, s->name, &ignored) == 0 ? 0
                                                                         : exists(s, s->left.aside);
    return r;
}

/* A rename has failed, or so it seems.  0: it was published all the same. */
static int settle(struct gnode_stage *s, int failure, struct err *err)
{
    int r = gfile_handle_lost(failure) ? exists(s, s->left.stage) : 1;

    if (r == 0)
        return 0;
    s->unsure = s->unsure || gfile_handle_lost(failure);
    if (r == 1)
        r = *s->left.aside ? put_back(s) : 0;
    if (r != 0)
        return err_prefix(err,
                          "Publishing %s on node %s has failed half way; what was there may be in "
                          "%s/%s, and gets its name back as soon as that can be done",
                          s->name, s->node.name, s->node.export_dir, s->left.aside);
    s->left.aside[0] = '\0';
    return failure;
}

static int set_aside(struct gnode_stage *s, struct err *err)
{
    int r = nodedir_fresh_name(s->left.aside, s->name, NODEDIR_OLD);

    if (r < 0)
        return err_sys(err, r, "%s", s->name);
    r = gput_note_set(s->note, s->node.name, &s->left, err);
    if (r < 0) {
        s->left.aside[0] = '\0';
        return r;
    }
    r = gnode_stage_rename(s, s->name, s->left.aside, err);
    if (r < 0 && settle(s, r, err) == 0)
        r = err_sys(err, -EIO, "%s: the staging directory has gone", s->name);
    return r;
}

/* As far as SFTP goes: see above. */
static void sync_names(struct gnode_stage *s)
{
    struct sftp_attrs attrs;
    struct err ignored;

    if (s->nfiles && sftp_fstat(s->files[0], &attrs, &ignored) == 0 &&
        sftp_set_mtime(s->files[0], attrs.mtime, &ignored) == 0)
        sftp_fsync(s->files[0], &ignored);
}

/* It is never put back from here on: first of all that is noted. */
static int delete_old(struct gnode_stage *s, struct err *err)
{
    CLEANUP_FREE char *path = NULL;
    char gone[NAME_MAX + 1];
    int r = gput_note_set(s->note, s->node.name, &s->left, err);

    if (r < 0 || !*s->left.aside)
        return r;
    sync_names(s);
    r = nodedir_fresh_name(gone, s->name, NODEDIR_GONE);
    if (r < 0)
        return err_sys(err, r, "%s", s->name);
    r = gnode_stage_rename(s, s->left.aside, gone, err);
    if (r == 0)
        r = gnode_stage_path(s, gone, &path, err);
    return r < 0 ? r : gnode_remove_dir(s->c->s, path, err);
}

int gnode_stage_publish(struct gnode_stage *s, const struct node_export_id *there,
                        struct err *warning, struct err *err)
{
    int r = verify(s, there, err);

    if (r == 0 && !is_nothing(there))
        r = set_aside(s, err);
    if (r < 0)
        return r;
    r = gnode_stage_rename(s, s->left.stage, s->name, err);
    if (r < 0)
        r = settle(s, r, err);
    gnode_cache_forget(&s->c->cache, s->name);
    if (r < 0)
        return r;
    s->published = s->left.published = true;
    if (delete_old(s, warning) < 0) {
        err_prefix(warning, "The old export on node %s could not be deleted", s->node.name);
    } else {
        warning->text[0] = '\0';
        gput_note_drop(s->note, s->node.name);
    }
    return 0;
}
