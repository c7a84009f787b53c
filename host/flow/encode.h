/* encode.h - encoders of plugins. */
#ifndef PG_FLOW_ENCODE_H
#define PG_FLOW_ENCODE_H
#include "flow/stage.h"

/* May several instances encode side by side, batch by batch? */
bool pg_encode_is_stateless(const struct pg_stage *stage);

/* Appends the batch to the text of the stage.  [take] batch */
enum pg_status pg_encode_append(struct pg_stage *stage, struct pg_batch *batch,
                                struct pg_error *err);
/* Takes that text away; the caller owns it. */
struct pg_text pg_encode_take(struct pg_stage *stage);

#endif
