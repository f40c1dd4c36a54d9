/* recover_internal.h - what the files behind recover.h share. */
#ifndef EXPORT_RECOVER_INTERNAL_H
#define EXPORT_RECOVER_INTERNAL_H

#include "export/recover.h"
#include "export/sums.h"

void recover_tell(const struct recovery *rc, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* May the node be asked without hanging with it?  0, -EHOSTDOWN, -EHOSTUNREACH. */
int recover_answers(const struct recovery *rc, const struct model_node *node, struct err *err);

bool recover_has_sums(const struct node_export_info *info);

#endif
