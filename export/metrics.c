/* metrics.c - the mount's numbers in Prometheus' text exposition format.  See jobs.h. */
#include "export/jobs_internal.h"

#include <inttypes.h>

static void head(FILE *f, const char *name, const char *type, const char *help)
{
    fprintf(f, "# HELP gnt_exportfs_%s %s\n# TYPE gnt_exportfs_%s %s\n", name, help, name, type);
}

static void put_jobs(FILE *f, struct jobs *j)
{
    unsigned queued, running;

    LOCK_SCOPE(&j->mu);
    jobs_count(j, &queued, &running);
    head(f, "jobs", "gauge", "Jobs that wait or run.");
    fprintf(f, "gnt_exportfs_jobs{state=\"queued\"} %u\n", queued);
    fprintf(f, "gnt_exportfs_jobs{state=\"running\"} %u\n", running);
    fprintf(f, "gnt_exportfs_jobs{state=\"hung\"} %u\n", j->nhung);
    head(f, "jobs_ended_total", "counter", "Export jobs that ended, by result.");
    fprintf(f, "gnt_exportfs_jobs_ended_total{result=\"success\"} %" PRIu64 "\n", j->runs_ok);
    fprintf(f, "gnt_exportfs_jobs_ended_total{result=\"error\"} %" PRIu64 "\n", j->runs_failed);
    fprintf(f, "gnt_exportfs_jobs_ended_total{result=\"canceled\"} %" PRIu64 "\n",
            j->runs_canceled);
    fprintf(f, "gnt_exportfs_jobs_ended_total{result=\"superseded\"} %" PRIu64 "\n",
            j->runs_superseded);
    head(f, "removals_ended_total", "counter", "Removals of one copy that ended, by result.");
    fprintf(f, "gnt_exportfs_removals_ended_total{result=\"success\"} %" PRIu64 "\n",
            j->removals_ok);
    fprintf(f, "gnt_exportfs_removals_ended_total{result=\"error\"} %" PRIu64 "\n",
            j->removals_failed);
    head(f, "bytes_exported_total", "counter", "Disk bytes of successful exports.");
    fprintf(f, "gnt_exportfs_bytes_exported_total %" PRIu64 "\n", j->bytes_copied);
}

static void put_label(FILE *f, const char *name)
{
    /* node names are names_valid(): nothing in them needs escaping */
    fprintf(f, "{node=\"%s\"}", name);
}

static void put_nodes(FILE *f, const struct catalog *cat)
{
    head(f, "node_up", "gauge", "1 while the node's exports can be read.");
    for (size_t i = 0; i < cat->n; i++) {
        fputs("gnt_exportfs_node_up", f);
        put_label(f, cat->nodes[i].name);
        fprintf(f, " %d\n", cat->nodes[i].state <= NODE_DRAINED);
    }
    head(f, "node_free_bytes", "gauge", "Free bytes where the node keeps its exports.");
    for (size_t i = 0; i < cat->n; i++) {
        fputs("gnt_exportfs_node_free_bytes", f);
        put_label(f, cat->nodes[i].name);
        fprintf(f, " %" PRIu64 "\n", cat->nodes[i].space.free);
    }
    head(f, "node_exports", "gauge", "Exports that lie on the node.");
    for (size_t i = 0; i < cat->n; i++) {
        fputs("gnt_exportfs_node_exports", f);
        put_label(f, cat->nodes[i].name);
        fprintf(f, " %zu\n", cat->nodes[i].n);
    }
}

int jobs_metrics_text(struct jobs *j, char **text, size_t *len)
{
    CLEANUP_MODEL struct model *m = j->cluster->ops->model(j->cluster);
    struct catalog *cat = j->cluster->ops->catalog(j->cluster);
    FILE *f = open_memstream(text, len);

    if (!f) {
        catalog_unref(cat);
        return -ENOMEM;
    }
    head(f, "instances", "gauge", "Instances of the cluster.");
    fprintf(f, "gnt_exportfs_instances %zu\n", m->ninstances);
    put_jobs(f, j);
    head(f, "image_bytes_read_total", "counter", "Image bytes handed to readers by the daemon.");
    fprintf(f, "gnt_exportfs_image_bytes_read_total %" PRIuFAST64 "\n",
            atomic_load(&j->bytes_read));
    put_nodes(f, cat);
    catalog_unref(cat);
    return fclose(f) == 0 ? 0 : -ENOMEM;
}
