/* publish_help.h - whole exports, told apart by a tag, staged and looked for. */
#ifndef TESTS_PUBLISH_HELP_H
#define TESTS_PUBLISH_HELP_H

#include "export/publish.h"
#include "export/published.h"
#include "tests/unit/node_help.h"

/* Fills a stage with config.ini and disk0.raw that hold the tag.  0 or -errno. */
__attribute__((unused)) static int stage_fill(struct node_stage *stage, const char *tag,
                                              struct err *err)
{
    static const char *const files[] = {"config.ini", "disk0.raw"};

    for (int i = 0; i < 2; i++) {
        int fd, r = stage_create(stage, files[i], &fd, err);

        if (r < 0)
            return r;
        dprintf(fd, "[export]\nversion = 0\ntag = %s\n", tag);
        close(fd);
    }
    return 0;
}

/* Stages, fills and publishes an export with this tag under the timestamp T.  0 or -errno. */
__attribute__((unused)) static int publish_tag(const char *tag, struct node_export_id *id,
                                               struct err *err)
{
    struct node_stage *stage;
    int r = stage_begin(&node, IN, &stage, err);

    if (r < 0)
        return r;
    r = stage_fill(stage, tag, err);
    if (r < 0) {
        stage_abort(stage);
        return r;
    }
    return publish(stage, T, id, err);
}

/* Is what lies under the name the whole export with this tag, and nothing else? */
__attribute__((unused)) static bool is_whole(const char *tag)
{
    char text[256], file[PATH_MAX];

    snprintf(text, sizeof text, "[export]\nversion = 0\ntag = %s\n", tag);
    snprintf(file, sizeof file, "%s/" IN, export_dir);
    if (count(file) != 2)
        return false;
    snprintf(file, sizeof file, "%s/" IN "/config.ini", export_dir);
    if (strcmp(get(file), text) != 0)
        return false;
    snprintf(file, sizeof file, "%s/" IN "/disk0.raw", export_dir);
    return strcmp(get(file), text) == 0;
}

#endif
