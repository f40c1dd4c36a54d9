/* node_ops.c - what every implementation of the seam shares: see node_ops.h. */
#include "export/node_ops.h"

#include <string.h>

#include "export/ini.h"

bool node_export_id_same(const struct node_export_id *a, const struct node_export_id *b)
{
    /* ino 0: a node that does not tell */
    if (a->ino && a->dev == b->dev && a->ino == b->ino)
        return true;
    /* size 0 stands for "no config.ini": nothing that two copies could have in common */
    return a->size > 0 && a->t == b->t && a->size == b->size && a->hash == b->hash;
}

bool node_export_id_same_copy(const struct node_export_id *a, const struct node_export_id *b)
{
    return a->t == b->t && a->size == b->size && a->hash == b->hash &&
           (a->size > 0 || (a->dev == b->dev && a->ino == b->ino));
}

struct node_export_id node_export_id_older_than(int64_t t)
{
    return (struct node_export_id){.t = t};
}

bool node_export_id_is_older_than(const struct node_export_id *id)
{
    return !id->dev && !id->ino && !id->size && !id->hash;
}

static int compare_files(const void *a, const void *b)
{
    return strcmp(((const struct node_export_file *)a)->name,
                  ((const struct node_export_file *)b)->name);
}

void node_export_files_sort(struct node_export_file *files, size_t n)
{
    if (n > 1)
        qsort(files, n, sizeof *files, compare_files);
}

void node_export_info_free(struct node_export_info *info)
{
    if (!info)
        return;
    for (size_t i = 0; i < info->nfiles; i++)
        free(info->files[i].name);
    free(info->files);
    free(info->config_error);
    ini_free(info->config);
    free(info);
}

void node_hook_results_clear(struct node_hook_results *r)
{
    for (size_t i = 0; i < r->n; i++) {
        free(r->r[i].script);
        free(r->r[i].output);
    }
    free(r->r);
    *r = (struct node_hook_results){0};
}
