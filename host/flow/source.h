/* source.h - sources, native and in Lua. */
#ifndef PG_FLOW_SOURCE_H
#define PG_FLOW_SOURCE_H
#include "flow/stage.h"

/* Hears that a source has ended. */
typedef enum pg_status pg_source_over_fn(struct pg_stage *source,
                                         struct pg_error *err);

/* Asks all sources in turn, and passes on what they give, until each has ended,
 * nobody wants more of it, or sources are to give up.  `over` is called once
 * for each.  Thread: main, or the one that reads */
enum pg_status pg_sources_drive(struct pg_flow *flow, pg_source_over_fn *over,
                                struct pg_error *err);

/* Notes of which sources nobody wants more.  Answers: whether any is wanted.
 * Thread: main */
bool pg_sources_note_wanted(struct pg_flow *flow);
/* Ends the stages of all sources.  Thread: main */
enum pg_status pg_sources_end(struct pg_flow *flow, struct pg_error *err);
/* Shows how far they have come, when it is time.  Thread: main */
void pg_sources_show_progress(struct pg_flow *flow);

/* Passes on a batch of a source.  [take] batch.  Thread: main */
enum pg_status pg_source_emit(struct pg_stage *source, struct pg_batch *batch,
                              struct pg_error *err);

#endif
