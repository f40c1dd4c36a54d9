/* publish.h - a staged export becomes EXPORT_DIR/NAME, atomically and durably (DESIGN §5, spec §12
 * L5). */
#ifndef EXPORT_PUBLISH_H
#define EXPORT_PUBLISH_H

#include "export/stage.h"

/* node_ops.finalize_export: consumes the stage.  Up to the exchange a failure leaves the old export
 * and no staging.  If only the last step, making the exchange durable, fails, the new export is
 * published, the old one is kept hidden until the next export, and the error says so. */
int publish(struct node_stage *stage, int64_t t, struct node_export_id *ret, struct err *err);

#endif
