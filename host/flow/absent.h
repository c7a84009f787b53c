/* absent.h - the columns that a decoder was asked for and never saw. */
#ifndef PG_FLOW_ABSENT_H
#define PG_FLOW_ABSENT_H
#include "flow/flow.h"
#include "flow/settle.h"
#include "flow/stream.h"

/* Adds to the result the columns of `stage` that did not come, and those that
 * its first stream has instead.  `first`: those that came in first steps, see
 * late.h.  `stream` may be NULL.  Thread: main, when nothing is decoded any
 * more.  Fails: PG_NO_MEMORY */
enum pg_status pg_absent_report(struct pg_stage *stage,
                                struct pg_settle *settle,
                                const struct pg_settle *first,
                                const struct pg_stream *stream,
                                struct pg_error *err);

/* No row was kept, so that only what a where reads was looked for: notes all
 * columns of the head.  False: no memory.  Thread: as above */
bool pg_absent_see_head(struct pg_stage *stage, struct pg_settle *settle,
                        const struct pg_stream *stream);

#endif
